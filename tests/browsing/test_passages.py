from hypothesis import given
from hypothesis import strategies as st

from agent.browsing.passages import MOST, OVERLAP, Excerpt, windows
from tests.browsing.builders import document_of


def prose(count: int) -> str:
    return " ".join(f"This is the sentence with the number {index} of a text." for index in range(1, count + 1))


def test_a_long_text_is_cut_into_overlapping_windows_of_similar_size() -> None:
    found = [(window.first, window.last) for window in windows(document_of(prose(20)))]

    assert found == [(1, 8), (7, 14), (13, 20)]


def test_a_short_text_is_one_passage() -> None:
    assert [(window.first, window.last) for window in windows(document_of(prose(10)))] == [(1, 10)]


def test_a_passage_does_not_cross_a_heading_and_knows_what_it_stands_under() -> None:
    text = f"# Guide\n\n{prose(2)}\n\n## Install\n\n{prose(2)}\n"

    assert list(windows(document_of(text))) == [(1, 3, "Guide"), (4, 6, "Guide > Install")]


def test_a_heading_with_nothing_under_it_joins_what_follows() -> None:
    text = f"# Guide\n\n## Install\n\n{prose(2)}\n"

    assert [(window.first, window.last) for window in windows(document_of(text))] == [(1, 4)]


@given(st.integers(min_value=1, max_value=80), st.integers(min_value=1, max_value=900))
def test_windows_hold_every_sentence_in_order(count: int, length: int) -> None:
    document = document_of("\n".join(f"- {index} {'x' * length}" for index in range(count)))

    found = list(windows(document))

    assert {number for window in found for number in range(window.first, window.last + 1)} == set(range(1, count + 1))
    assert all(window.last - window.first < MOST + OVERLAP for window in found)
    assert [window.first for window in found] == sorted({window.first for window in found})


def test_an_excerpt_is_shown_as_numbered_lines() -> None:
    excerpt = Excerpt(document="d", title="t", location="l", sentences=((3, "A hard\nwrapped line."), (4, "Next.")))

    assert excerpt.text == "[3] A hard wrapped line.\n[4] Next."
