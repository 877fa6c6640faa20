"""Pages of files of separated values, each read from where the one before it ended."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from webui.files.previews.kinds import NoPreview, TablePreview
from webui.files.previews.pieces import piece_of

ROWS: Final = 200
"""Rows of a page."""

_PAGE: Final = 2_000_000
"""Bytes that a page takes from the file at most."""

_LONGEST_LINE: Final = 500_000
_COLUMNS: Final = 200
_CELL: Final = 2_000
"""Characters of a cell that are shown."""

_SIGNS: Final = ",;\t|"


class _Lines:
    """Lines of a file as text, counting the bytes of those that were given out."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._encoding = encoding
        self.read = 0
        self.too_long = False

    def __iter__(self) -> Iterator[str]:
        while line := self._file.readline(_LONGEST_LINE):
            self.read += len(line)
            if len(line) == _LONGEST_LINE and not line.endswith(b"\n"):
                self.too_long = True
                return
            yield line.decode(self._encoding, "replace").replace("\ufeff", "")


def table_preview(place: Path, name: str, offset: int, first: int) -> TablePreview | NoPreview:
    """Return rows of a file from an offset on, which is 0 or was returned as ``next``. Blocking.

    Args:
        place: the file.
        name: its name; ``.tsv`` tells its delimiter.
        offset: where the rows begin, in bytes.
        first: number of the row there, counted from 1 after the names.
    """
    size = place.stat().st_size
    start = piece_of(place, 0)
    if start is None:
        return NoPreview(reason="its content is no text, so it is no table", size=size)
    delimiter = "\t" if name.lower().endswith(".tsv") else _delimiter(start.text)
    encoding = "utf-8" if "UTF-8" not in start.note else "cp1252"
    try:
        columns, begin, broken = _rows(place, encoding, delimiter, 0, 1)
        at = offset if 0 < offset <= size else begin
        rows, end, broken_later = _rows(place, encoding, delimiter, at, ROWS)
    except csv.Error as error:
        return NoPreview(reason=f"it is no table that can be read: {error}", size=size)
    names = columns[0] if columns else ()
    widest = max(map(len, (names, *rows)), default=0)
    notes = [broken or broken_later]
    if widest > _COLUMNS:
        notes.append(f"{widest - _COLUMNS} more columns are not shown")
    elif uneven := sum(len(row) != len(names) for row in rows):
        notes.append(f"{uneven} of these {len(rows)} rows have not as many cells as there are names of columns")
    return TablePreview(
        delimiter=delimiter,
        columns=_cells(names),
        rows=tuple(_cells(row) for row in rows),
        first=first if at != begin else 1,
        next=end if end < size and rows else None,
        size=size,
        note="; ".join(note for note in notes if note),
    )


def _rows(
    place: Path, encoding: str, delimiter: str, offset: int, limit: int
) -> tuple[list[tuple[str, ...]], int, str]:
    """Return rows from an offset on, where they end, and what is wrong with them."""
    rows: list[tuple[str, ...]] = []
    with place.open("rb") as file:
        file.seek(offset)
        lines = _Lines(file, encoding)
        for row in csv.reader(lines, delimiter=delimiter):
            if row:
                rows.append(tuple(row))
            if len(rows) == limit or lines.read >= _PAGE:
                break
    note = f"a line of more than {_LONGEST_LINE:,} bytes is left out, and what follows it" if lines.too_long else ""
    # a quote that is never closed swallows all that follows it
    if rows and any(cell.count("\n") > ROWS for cell in rows[-1]):
        note = note or "a cell has very many lines; a quotation mark may be missing"
    return rows, offset + lines.read if not lines.too_long else place.stat().st_size, note


def _delimiter(text: str) -> str:
    """Return the sign that parts the first lines most evenly."""
    lines = [line for line in text.split("\n")[:20] if line]

    def evenness(sign: str) -> tuple[int, int]:
        counts = [line.count(sign) for line in lines]
        return (sum(count == counts[0] for count in counts) if counts and counts[0] else 0, -_SIGNS.index(sign))

    return max(_SIGNS, key=evenness)


def _cells(row: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(cell if len(cell) <= _CELL else f"{cell[:_CELL]}…" for cell in row[:_COLUMNS])
