"""Read a document as text and tables; what is printed is the text, what is answered has the tables as well."""

import csv
import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final

from toolserver.errors import ToolFailure
from toolserver.node.workers.serving import one_line, serve
from toolserver.node.workers.zips import opened_zip
from toolserver.node.workspace import Workspace, shown

MAX_FILE: Final = 256 * 1024 * 1024
MAX_TEXT_FILE: Final = 64 * 1024 * 1024
MAX_UNPACKED: Final = 256 * 1024 * 1024
MAX_CELL: Final = 4_000
MAX_COLUMNS: Final = 1_000
MAX_ANSWER: Final = 4_000_000
"""Characters of all text that is answered, whatever range was asked for."""

Rows = list[list[str]]


@dataclass(frozen=True)
class Wanted:
    """The part of a document that is wanted: ``count`` units from ``start``, of one sheet."""

    name: str
    start: int
    count: int | None
    sheet: str | None

    def range(self, default: int) -> tuple[int, int]:
        """Return the first unit, counted from zero, and the one behind the last."""
        return self.start - 1, self.start - 1 + (self.count or default)


@dataclass
class Part:
    """A part as it is answered: text, or a table with ``rows``."""

    name: str
    text: str = ""
    rows: Rows | None = None

    def size(self) -> int:
        """Return how many characters it has."""
        return len(self.text) + sum(len(cell) + 1 for row in self.rows or () for cell in row)

    def shown(self) -> str:
        """Return the part as text."""
        table = "\n".join("\t".join(cell.replace("\n", " ") for cell in row) for row in self.rows or ())
        return f"[{self.name}]\n{self.text}{table}"


@dataclass
class Content:
    """What was read: units ``start`` to ``end`` of ``total``, which is None where only reading on would tell."""

    format: str
    unit: str
    start: int
    end: int = 0
    total: int | None = None
    sheets: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)


def read(request: dict[str, Any], _folder: Path) -> dict[str, Any]:
    """Print the wanted part of a document and return it."""
    path = request.pop("path")
    wanted = Wanted(shown(path), **request)
    with Workspace(Path.cwd()).open_file(path) as file:
        if file.seek(0, 2) > MAX_FILE:
            raise ToolFailure("too_large", f"{wanted.name}: larger than {MAX_FILE >> 20} MiB")
        file.seek(0)
        content = _reader(path, file)(file, wanted)
    if content.start > max(content.end, 1):
        raise ToolFailure("no_such_part", f"start: {wanted.name} has {content.end} {content.unit}s")
    sys.stdout.write("\n\n".join(part.shown() for part in content.parts) + "\n")
    return asdict(content)


def _reader(path: str, file: BinaryIO) -> Callable[[BinaryIO, Wanted], Content]:
    readers = {
        ".pdf": _pdf,
        ".docx": _docx,
        ".xlsx": _xlsx,
        ".xlsm": _xlsx,
        ".csv": _csv,
        ".tsv": _csv,
        ".html": _html,
        ".htm": _html,
    }
    suffix = Path(path).suffix.lower()
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"%PDF-"):
        return _pdf
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        text = "is encrypted, or of an old format of Office; give it without a password as docx or xlsx"
        raise ToolFailure("encrypted", f"{shown(path)}: {text}")
    if suffix not in readers:
        raise ToolFailure("unknown_format", f"{shown(path)}: is none of {', '.join(readers)}; read_file reads text")
    return readers[suffix]


def _pdf(file: BinaryIO, wanted: Wanted) -> Content:
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        if error.err_code in {pypdfium2.raw.FPDF_ERR_PASSWORD, pypdfium2.raw.FPDF_ERR_SECURITY}:
            raise ToolFailure("encrypted", f"{wanted.name}: is encrypted; give it without a password") from error
        raise ToolFailure("damaged", f"{wanted.name}: {one_line(error)}") from error
    first, end = wanted.range(20)
    content = Content("pdf", "page", wanted.start, min(end, len(document)), len(document))
    for index in range(first, content.end):
        try:
            text = document[index].get_textpage().get_text_bounded().replace("\r\n", "\n")
        except pypdfium2.PdfiumError as error:
            text = f"[this page is damaged: {one_line(error)}]"
        text = text if text.strip() else "[no text on this page; it may be a picture]"
        if not _added(content, Part(f"page {index + 1}", text), index):
            break
    return content


def _docx(file: BinaryIO, wanted: Wanted) -> Content:
    import docx
    from docx.opc.exceptions import OpcError
    from docx.table import Table
    from lxml.etree import LxmlError

    opened_zip(file, wanted.name, MAX_UNPACKED)
    file.seek(0)
    try:
        blocks = list(docx.Document(file).iter_inner_content())
        first, end = wanted.range(1_000)
        content = Content("docx", "paragraph", wanted.start, min(end, len(blocks)), len(blocks))
        for index in range(first, content.end):
            block = blocks[index]
            if isinstance(block, Table):
                rows = [[_cell(cell.text) for cell in row.cells[:MAX_COLUMNS]] for row in block.rows]
                part = Part(f"paragraph {index + 1}: table", rows=rows)
            else:
                style = block.style.name if block.style is not None else None
                heading = f": {style}" if style and style.startswith(("Heading", "Title")) else ""
                part = Part(f"paragraph {index + 1}{heading}", block.text)
            if part.size() and not _added(content, part, index):
                break
    except (OpcError, LxmlError, KeyError, ValueError, AttributeError, IndexError, zipfile.BadZipFile) as error:
        raise ToolFailure("damaged", f"{wanted.name}: {one_line(error)}") from error
    return content


def _xlsx(file: BinaryIO, wanted: Wanted) -> Content:
    import openpyxl

    opened_zip(file, wanted.name, MAX_UNPACKED)
    file.seek(0)
    try:
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        names = [sheet.title for sheet in book.worksheets]
        if wanted.sheet is not None and wanted.sheet not in names:
            raise ToolFailure("no_such_part", f"sheet: the sheets are {', '.join(map(repr, names))}"[:1000])
        sheet = next(sheet for sheet in book.worksheets if wanted.sheet in {None, sheet.title})
        # the size that a sheet claims may be false
        sheet.reset_dimensions()
        values = ([_value(value) for value in row[:MAX_COLUMNS]] for row in sheet.iter_rows(values_only=True))
        content = _table("xlsx", f"sheet {sheet.title!r}", values, wanted)
    except (ToolFailure, MemoryError):
        raise
    except Exception as error:  # openpyxl raises whatever its parsers do
        raise ToolFailure("damaged", f"{wanted.name}: {one_line(error)}") from error
    content.sheets = names
    return content


def _csv(file: BinaryIO, wanted: Wanted) -> Content:
    text = _text(file, wanted)
    tabs = wanted.name.lower().endswith(".tsv")
    delimiter = "\t" if tabs else max(",;\t|", key=text[:4096].partition("\n")[0].count)
    csv.field_size_limit(16 * 1024 * 1024)
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        cells = ([_cell(cell) for cell in row[:MAX_COLUMNS]] for row in rows)
        return _table("tsv" if tabs else "csv", "table", cells, wanted)
    except csv.Error as error:
        raise ToolFailure("damaged", f"{wanted.name}: {one_line(error)}") from error


def _html(file: BinaryIO, wanted: Wanted) -> Content:
    from toolserver.node.workers.markup import text_of

    lines = text_of(_text(file, wanted)).splitlines()
    first, end = wanted.range(1_000)
    content = Content("html", "line", wanted.start, min(end, len(lines)), len(lines))
    text = "\n".join(lines[first : content.end])
    if text:
        content.parts.append(Part(f"lines {first + 1} to {content.end}", text[:MAX_ANSWER]))
    return content


def _table(kind: str, name: str, rows: Iterator[list[str]], wanted: Wanted) -> Content:
    first, end = wanted.range(500)
    content = Content(kind, "row", wanted.start)
    part, size = Part(name, rows=[]), 0
    taken: Rows = []
    number = 0
    for number, row in enumerate(islice(rows, end), 1):
        content.end = number
        if number > first:
            size += sum(len(cell) + 1 for cell in row)
            if size > MAX_ANSWER:
                content.end = number - 1
                return _finished(content, part, taken, first)
            taken.append(row)
    if next(rows, None) is None:
        content.total = number
    return _finished(content, part, taken, first)


def _finished(content: Content, part: Part, rows: Rows, first: int) -> Content:
    part.rows = rows
    part.name = f"{part.name}, rows {first + 1} to {content.end}"
    if rows:
        content.parts.append(part)
    return content


def _added(content: Content, part: Part, index: int) -> bool:
    """Add a part unless the answer would become too long; the first one is cut instead."""
    if sum(added.size() for added in content.parts) + part.size() > MAX_ANSWER:
        if content.parts:
            content.end = index
            return False
        part.text, part.rows = part.text[:MAX_ANSWER], None if part.rows is None else part.rows[:1000]
    content.parts.append(part)
    return True


def _text(file: BinaryIO, wanted: Wanted) -> str:
    data = file.read(MAX_TEXT_FILE + 1)
    if len(data) > MAX_TEXT_FILE:
        raise ToolFailure("too_large", f"{wanted.name}: larger than {MAX_TEXT_FILE >> 20} MiB")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _value(value: object) -> str:
    if value is None:
        return ""
    return _cell(str(value.isoformat() if hasattr(value, "isoformat") else value))


def _cell(text: str) -> str:
    return re.sub(r"[\x00-\x08\x0b-\x1f]", "\ufffd", text[:MAX_CELL].replace("\r", ""))


if __name__ == "__main__":
    serve(read)
