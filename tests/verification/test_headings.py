from agent.verification.headings import heading_paths, headings, path_at

TEXT = """# Guide

Intro.

## Install ##
```
# a comment, no heading
```
Setext
------
text

# Other
"""


def test_headings_are_found_with_their_levels_outside_code_fences() -> None:
    assert [(heading.level, heading.title) for heading in headings(TEXT)] == [
        (1, "Guide"),
        (2, "Install"),
        (2, "Setext"),
        (1, "Other"),
    ]


def test_a_place_stands_under_the_headings_above_it() -> None:
    found = headings(TEXT)
    paths = heading_paths(found)

    assert path_at(found, paths, TEXT.index("a comment")) == "Guide > Install"
    assert path_at(found, paths, len(TEXT)) == "Other"


def test_before_the_first_heading_there_is_no_path() -> None:
    assert path_at((), (), 5) == ""
