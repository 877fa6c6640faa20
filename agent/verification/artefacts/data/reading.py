"""Reading data files into tables, and writing tables again: CSV, TSV, JSON and JSONL.

Nothing is guessed in silence: what had to be is a fault of the table, and a table with faults is never accepted.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final, Literal

from agent.verification.artefacts.data.cells import Cell
from agent.verification.artefacts.world import BuildFailed

Format = Literal["csv", "tsv", "json", "jsonl"]

LARGEST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 1_000
MOST_CELLS: Final = 4_000_000

_FORMATS: Final[Mapping[str, Format]] = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_MARKS: Final = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SHOWN_LINES: Final = 5


@dataclass(frozen=True)
class Table:
    """A data file that was read.

    Attributes:
        name: path of the file.
        encoding: that its bytes were read with.
        header: names of the columns; of JSON, all keys in the order in which they appear.
        rows: each as long as the header.
        faults: what is wrong with the file as such, in a line each.
        whole: False where cells may stand in the wrong column or hold the wrong characters, so that no measure counts.
    """

    name: str
    format: Format
    encoding: str
    header: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    faults: tuple[str, ...] = ()
    whole: bool = True

    @property
    def typed(self) -> bool:
        """Whether the format tells numbers from text."""
        return self.format in ("json", "jsonl")

    def place(self, column: str) -> int | None:
        """Return the place of a column, the first of that name; None where there is none."""
        return self.header.index(column) if column in self.header else None


def read_table(name: str, data: bytes) -> Table:
    """Read a data file.

    Raises:
        BuildFailed: it is of no format that is read here, too large, empty, or cannot be taken apart.
    """
    form = _FORMATS.get(PurePosixPath(name).suffix.lower())
    if form is None:
        raise BuildFailed(f"{name} is no data file that can be checked; write {', '.join(_FORMATS)}")
    if len(data) > LARGEST_BYTES:
        raise BuildFailed(f"{name} has {len(data)} bytes; at most {LARGEST_BYTES} are checked")
    text, encoding, faults = _decoded(name, data)
    try:
        if form in ("csv", "tsv"):
            header, rows, more = _delimited(name, text, "\t" if form == "tsv" else _delimiter(text))
        else:
            header, rows, more = _objects(name, text, lines=form == "jsonl")
    except RecursionError:
        raise BuildFailed(f"{name} is nested too deeply; write a flat list of objects") from None
    if not any(header):
        raise BuildFailed(f"{name} has no columns")
    _limit(name, header, rows)
    return Table(
        name=name,
        format=form,
        encoding=encoding,
        header=header,
        rows=rows,
        faults=(*faults, *more),
        whole=not faults and not any(fault.startswith("rows with") for fault in more),
    )


def written(table: Table) -> bytes:
    """Return the bytes of a table, in UTF-8 and its own format."""
    if table.typed:
        objects = [dict(zip(table.header, row, strict=True)) for row in table.rows]
        if table.format == "json":
            return json.dumps(objects, ensure_ascii=False).encode()
        return "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in objects).encode()
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter="\t" if table.format == "tsv" else ",", lineterminator="\r\n")
    writer.writerow(table.header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in table.rows)
    return out.getvalue().encode()


def _decoded(name: str, data: bytes) -> tuple[str, str, tuple[str, ...]]:
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text, faults = data.decode(encoding), ()
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise BuildFailed(f"{name} is no {encoding}, as its first bytes say") from None
        encoding, fault = "cp1252", f"it is not UTF-8 (byte {error.start}); write it in UTF-8"
        return data.decode("cp1252", "replace"), encoding, (fault,)
    if "\0" in text:
        raise BuildFailed(f"{name} holds zero bytes, so it is no text; write it in UTF-8")
    return text, encoding, faults


def _delimiter(text: str) -> str:
    """Return what separates the cells of a CSV file, by its first line: mostly a comma, in some countries ``;``."""
    first = text.split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _delimited(name: str, text: str, delimiter: str) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...], list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[tuple[Cell, ...]] = []
    ragged: list[int] = []
    header: tuple[str, ...] | None = None
    try:
        for cells in reader:
            if not cells:
                continue
            if header is None:
                header = tuple(cell.strip() for cell in cells)
                continue
            if len(cells) != len(header):
                ragged.append(reader.line_num)
            rows.append(tuple([*cells, *[None] * (len(header) - len(cells))][: len(header)]))
            if len(rows) > MOST_ROWS:
                break
    except csv.Error as error:
        raise BuildFailed(f"{name}, line {reader.line_num}, cannot be read: {error}") from None
    if header is None:
        raise BuildFailed(f"{name} is empty")
    faults = [f"rows with more or fewer cells than the header: {_lines(ragged)}"] if ragged else []
    return header, tuple(rows), faults


def _objects(name: str, text: str, *, lines: bool) -> tuple[tuple[str, ...], tuple[tuple[Cell, ...], ...], list[str]]:
    faults: list[str] = []
    if lines:
        numbered = [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]
        objects = [_json(f"{name}, line {number},", line, faults) for number, line in numbered[: MOST_ROWS + 1]]
    else:
        whole = _json(f"{name}", text, faults)
        if not isinstance(whole, list):
            raise BuildFailed(f"{name} holds no list; write a list of objects, one for each row")
        objects = whole
    if not objects:
        raise BuildFailed(f"{name} is empty")
    header: dict[str, None] = {}
    for number, one in enumerate(objects, 1):
        if not isinstance(one, dict):
            raise BuildFailed(f"{name}: row {number} is no object; write one object for each row")
        header.update(dict.fromkeys(one))
        if len(header) > MOST_COLUMNS:
            break
    _limit(name, tuple(header), objects)
    rows = tuple(tuple(_cell(one.get(key), faults) for key in header) for one in objects)
    return tuple(header), rows, list(dict.fromkeys(faults))


def _json(where: str, text: str, faults: list[str]) -> Any:
    def pairs(items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) != len(items):
            faults.append(f"{where} has an object with the same key twice")
        return made

    def constant(value: str) -> str:
        faults.append(f"{where} has {value}, which is no JSON")
        return value

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except ValueError as error:
        raise BuildFailed(f"{where} is no JSON: {error}") from None


def _cell(value: Any, faults: list[str]) -> Cell:
    cell = value if value is None or isinstance(value, str | int | float) else json.dumps(value, sort_keys=True)
    if isinstance(cell, str):
        whole = cell.encode("utf-8", "replace").decode()
        if whole != cell:
            faults.append("a text holds half a character")
        return whole
    return cell


def _limit(name: str, header: Sequence[str], rows: Sequence[Any]) -> None:
    if len(rows) > MOST_ROWS or len(header) > MOST_COLUMNS or len(rows) * len(header) > MOST_CELLS:
        raise BuildFailed(
            f"{name} is too large; at most {MOST_ROWS} rows, {MOST_COLUMNS} columns and {MOST_CELLS} cells are checked"
        )


def _lines(numbers: Iterable[int]) -> str:
    every = list(numbers)
    more = f" and {len(every) - _SHOWN_LINES} more" if len(every) > _SHOWN_LINES else ""
    return f"line {', '.join(map(str, every[:_SHOWN_LINES]))}{more}"
