"""Headings of Markdown text, and of web pages, whose headings are stored in Markdown's way."""

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


def heading_path(found: Sequence[Heading], offset: int) -> str:
    """Return the titles above an offset from the highest level down, such as ``Guide > Install``."""
    path: list[Heading] = []
    for heading in found:
        if heading.start > offset:
            break
        path = [above for above in path if above.level < heading.level] + [heading]
    return " > ".join(heading.title for heading in path)
