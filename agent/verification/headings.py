"""Headings of Markdown text, and of web pages, whose headings are stored in Markdown's way."""

import bisect
import re
from collections.abc import Sequence
from typing import NamedTuple

_MARK = re.compile(
    r"^ {0,3}(?:(?P<fence>```|~~~)|(?P<hashes>\#{1,6})[ \t]+(?P<title>\S[^\n]*)"
    r"|(?P<text>[^\s\-=#>|*+`~][^\n]{0,200})\n {0,3}(?P<line>=+|-{2,})[ \t]*$)",
    re.MULTILINE,
)


class Heading(NamedTuple):
    """A heading: where its line starts, its level (1 is the highest) and its text."""

    start: int
    level: int
    title: str


def headings(text: str) -> tuple[Heading, ...]:
    """Return the headings of a text in order; lines inside code fences are none."""
    found: list[Heading] = []
    fenced = False
    for match in _MARK.finditer(text):
        if match["fence"]:
            fenced = not fenced
        elif not fenced:
            level = len(match["hashes"]) if match["hashes"] else 1 + (match["line"][0] == "-")
            title = (match["title"] or match["text"]).strip().rstrip("#").rstrip()
            found.append(Heading(match.start(), level, title))
    return tuple(found)


def heading_paths(found: Sequence[Heading]) -> tuple[str, ...]:
    """Return for each heading the titles from the highest level down to itself, such as ``Guide > Install``."""
    paths: list[str] = []
    above: list[Heading] = []
    for heading in found:
        above = [other for other in above if other.level < heading.level] + [heading]
        paths.append(" > ".join(other.title for other in above))
    return tuple(paths)


def path_at(found: Sequence[Heading], paths: Sequence[str], offset: int) -> str:
    """Return the path of the last heading at or before an offset; empty before the first."""
    position = bisect.bisect_right(found, offset, key=lambda heading: heading.start)
    return paths[position - 1] if position else ""
