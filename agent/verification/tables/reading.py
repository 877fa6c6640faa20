"""Reads the tables of a text: CSV and TSV files, and tables in Markdown. Standard library only."""

import csv
import io
import re
from collections.abc import Iterator, Sequence

from agent.domain.base import Fact

LONGEST = 2_000_000
"""Characters of a text that is read."""
MOST_CELLS = 100_000
"""Cells of a table that are kept."""
MOST_COLUMNS = 200
_SEPARATOR = re.compile(r"[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*")
_CELL_BORDER = re.compile(r"(?<!\\)\|")
_NUMBER_ONLY = re.compile(r"[-+]?[\d.,]+")
_PLACE = re.compile(r"\.(csv|tsv|tab)(?::\d+)?$", re.IGNORECASE)


class Row(Fact):
    """A row of a table. ``line`` is its line in the text, counted from 1."""

    line: int
    cells: tuple[str, ...]


class Table(Fact):
    """A table with a header.

    Attributes:
        header: names of the columns.
        rows: those with as many cells as the header.
        bad: lines of the rows that have another number of cells, which are left out.
        cut: there are more rows than are kept, so that nothing can be said of all of them.
        first, last: lines of the text that the table takes up.
    """

    header: tuple[str, ...]
    rows: tuple[Row, ...]
    bad: tuple[int, ...] = ()
    cut: bool = False
    first: int
    last: int


def is_table_file(location: str) -> bool:
    """Whether a path or address is that of a CSV or TSV file, whose lines are no sentences."""
    return _PLACE.search(location.split("?")[0]) is not None


def read_tables(text: str, location: str = "") -> tuple[Table, ...]:
    """Return the tables of a text.

    Args:
        text: the whole text.
        location: its path or address; its ending tells whether it is a CSV or TSV file.

    Returns:
        tables with a header; none where the text is too long, is no table, or cannot be read.
    """
    if len(text) > LONGEST:
        return ()
    kind = _PLACE.search(location.split("?")[0])
    if kind is not None:
        table = _separated(text.removeprefix("\ufeff"), tabs=kind[1].lower() != "csv")
        return (table,) if table is not None else ()
    return tuple(_markdown(text.split("\n")))


def _separated(text: str, *, tabs: bool) -> Table | None:
    first = text.split("\n", 1)[0]
    delimiter = "\t" if tabs else max(",;\t", key=lambda sign: (first.count(sign), sign == ","))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    lines: list[Row] = []
    begin = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                lines.append(Row(line=begin, cells=tuple(cell.strip() for cell in cells)))
            begin = reader.line_num + 1
            if len(lines) > MOST_CELLS:
                break
    except csv.Error:
        return None
    return _table(lines, last=begin - 1)


def _markdown(lines: Sequence[str]) -> Iterator[Table]:
    at = 0
    while at + 1 < len(lines):
        if "|" not in lines[at] or "|" not in lines[at + 1] or not _SEPARATOR.fullmatch(lines[at + 1].rstrip("\r")):
            at += 1
            continue
        end = at + 2
        while end < len(lines) and "|" in lines[end]:
            end += 1
        rows = [Row(line=at + 1, cells=_cells(lines[at]))]
        rows.extend(Row(line=number + 1, cells=_cells(lines[number])) for number in range(at + 2, end))
        table = _table(rows, last=end)
        if table is not None:
            yield table
        at = end


def _cells(line: str) -> tuple[str, ...]:
    inner = line.strip()
    inner = inner.removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return tuple(part.strip().strip("*_`").replace("\\|", "|").strip() for part in _CELL_BORDER.split(inner))


def _table(lines: Sequence[Row], *, last: int) -> Table | None:
    """Return a table whose first line is its header; None where that is none."""
    if len(lines) < 2:
        return None
    header = lines[0].cells
    most = MOST_CELLS // max(len(header), 1)
    named = [name for name in header if name and not _NUMBER_ONLY.fullmatch(name)]
    if not named or not 2 <= len(header) <= MOST_COLUMNS:
        return None
    rows = [row for row in lines[1 : most + 1] if len(row.cells) == len(header)]
    bad = tuple(row.line for row in lines[1 : most + 1] if len(row.cells) != len(header))
    return Table(
        header=header,
        rows=tuple(rows),
        bad=bad,
        cut=len(lines) > most + 1,
        first=lines[0].line,
        last=last,
    )
