"""The sentences of a Markdown or plain text with the part they play in it."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

from agent.verification.extraction.plain import plain, without_heading_marks, without_marker, without_quoting
from agent.verification.sentences import split_sentences

Role = Literal["prose", "item", "heading", "quotation", "row", "header", "program", "code"]


class Passage(NamedTuple):
    """A sentence and where it stands.

    Attributes:
        start: code-point offset in the text; it ends before ``end``.
        role: ``program`` is a whole fenced block, ``code`` an indented line of code, ``header`` a table's first row.
        text: what it says, without marks of Markdown; of a program, the fence with all its lines.
        indent: columns before a list item.
        cells: of a table row.
        header: the cells of the first row of its table; empty where the table has none.
    """

    start: int
    end: int
    role: Role
    text: str
    indent: int = 0
    cells: tuple[str, ...] = ()
    header: tuple[str, ...] = ()


_FENCE = re.compile(r"(`{3,}|~{3,})")
_HEADING = re.compile(r"#{1,6}\s+\S")
_UNDERLINED = re.compile(r"[^\n]+\n\s*(?:=+|-{2,})\s*$")
_SEPARATOR = re.compile(r"[^\n]+\n\s*\|?\s*:?-+:?\s*(?:\|\s*:?-*:?\s*)*$")
_ITEM = re.compile(r"(?:[-*+\u2022\u2023\u25e6]|\(?\d{1,3}[.)]|\(?[A-Za-z]\))\s+\S")
_CODE = re.compile(r"(?:import|from|def|class|return|elif|else)\b|.*(?:[{}=$\\]|\w\([^)\d]|\w\(\)|;\s*$)")
_INDENT = 4
_LINE_WINDOW = 200


def passages(text: str) -> tuple[Passage, ...]:
    """Return the sentences of a text in order; together with white space and fences they hold all of it."""
    return tuple(_passages(text))


def _passages(text: str) -> Iterator[Passage]:
    role: Role = "prose"
    header: tuple[str, ...] = ()
    table_end = -1
    fence: tuple[int, str] | None = None
    last_end = 0
    for start, end in split_sentences(text):
        raw = text[start:end]
        opening = _FENCE.match(raw)
        if fence is not None:
            # the longest a fence can be is the text: it ends with its own mark, or not at all
            if opening:
                yield Passage(fence[0], end, "program", text[fence[0] : end])
                fence = None
            last_end = end
            continue
        if opening and _indent(text, start) is not None:
            fence = (start, opening[1])
            last_end = end
            continue
        indent = _indent(text, start)
        role = role if indent is None else _role(raw, indent)
        if role in ("row", "header"):
            cells = _cells(raw)
            # rows of one table stand on neighbouring lines
            if role == "header":
                header = cells
            elif text[table_end:start].count("\n") != 1 or table_end < 0:
                header = ()
            table_end = end
            yield Passage(start, end, role, plain(raw.split("\n", 1)[0]), cells=cells, header=header)
        else:
            yield Passage(start, end, role, _plain(raw, role), indent or 0)
        last_end = end
    if fence is not None:
        yield Passage(fence[0], last_end, "program", text[fence[0] : last_end])


def _indent(text: str, start: int) -> int | None:
    """Return how far a sentence is from the beginning of its line; None where something stands before it."""
    before = text[max(0, start - _LINE_WINDOW) : start]
    line = before[max(before.rfind("\n"), before.rfind("\f")) + 1 :]
    return len(line.expandtabs(_INDENT)) if not line.strip() else None


def _role(raw: str, indent: int) -> Role:
    if _HEADING.match(raw) or (_UNDERLINED.match(raw) and not raw.startswith("|")):
        return "heading"
    if raw.startswith(">"):
        return "quotation"
    if _is_row(raw):
        return "header" if _SEPARATOR.match(raw) else "row"
    if _ITEM.match(raw):
        return "item"
    return "code" if indent >= _INDENT and _CODE.match(raw) else "prose"


def _is_row(raw: str) -> bool:
    if "\n" in raw and not _SEPARATOR.match(raw):
        # several lines that belong together are a paragraph, whatever stands in them
        return False
    line = raw.split("\n", 1)[0]
    return line.startswith("|") or (line.count(" | ") >= 1 and "`" not in line) or "\t" in line


def _cells(raw: str) -> tuple[str, ...]:
    line = raw.split("\n", 1)[0].strip()
    parts = line.strip("|").split("|") if "|" in line else line.split("\t")
    return tuple(plain(part) for part in parts)


def _plain(raw: str, role: Role) -> str:
    if role == "heading":
        return plain(without_heading_marks(raw))
    if role == "quotation":
        return plain(without_quoting(raw))
    return plain(without_marker(raw)) if role == "item" else plain(raw)
