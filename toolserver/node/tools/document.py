"""Read documents of the workspace as text and tables."""

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, convert
from msgspec.structs import replace

from toolserver.node.asking import ask_worker
from toolserver.node.machine import Machine
from toolserver.node.outputs import as_text
from toolserver.node.toolbox import Answer, Tool
from toolserver.node.workspace import shown
from toolserver.protocol import Fact, Form

SHOWN_CHARACTERS: Final = 40_000


class ReadDocument(Form):
    """Read a PDF, DOCX, XLSX, CSV, TSV or HTML file of the workspace as text and tables.

    It is read in units: pages of a PDF, rows of a sheet or table, paragraphs of a DOCX, lines of HTML.
    """

    path: Annotated[str, Meta(description="Document, relative to the workspace.")]
    start: Annotated[int, Meta(ge=1, le=10_000_000, description="First unit to read.")] = 1
    count: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)] | None, Meta(description="How many units; by default as many as fit.")
    ] = None
    sheet: Annotated[
        Annotated[str, Meta(max_length=200)] | None, Meta(description="Sheet of an XLSX file; by default the first.")
    ] = None
    seconds: Annotated[float, Meta(gt=0, le=600, description="Time limit.")] = 60


class DocumentPart(Fact):
    """A page, paragraph or table. ``rows`` are the cells of a table as text; ``text`` is empty then."""

    name: str
    text: str
    rows: tuple[tuple[str, ...], ...] | None


class DocumentContent(Fact):
    """What was read of a document.

    Attributes:
        format: of the file.
        unit: what ``start``, ``end`` and ``total`` count.
        start: first unit that was asked for.
        end: last unit that was read.
        total: units of the document; None where that is not known yet.
        sheets: names of the sheets of a workbook.
        parts: what was read, as much as is shown.
        output: id under which ``read_output`` shows all of what was read; None when it is all here.
    """

    format: Literal["pdf", "docx", "xlsx", "csv", "tsv", "html"]
    unit: Literal["page", "paragraph", "row", "line"]
    start: int
    end: int
    total: int | None
    sheets: tuple[str, ...]
    parts: tuple[DocumentPart, ...]
    output: str | None = None


class DocumentTool:
    """Reads documents."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(ReadDocument, self.read, effects=("reads",)),)

    async def read(self, form: ReadDocument) -> Answer:
        """Read a part of a document."""
        request = {"path": form.path, "start": form.start, "count": form.count, "sheet": form.sheet}
        with self._machine.outputs.recording() as output:
            answer, ended = await ask_worker(self._machine, "document", request, output, form.seconds)
            read = convert(answer, DocumentContent)
            text = as_text(output.kept("stdout"))
        fits = len(text) <= SHOWN_CHARACTERS and len(text.encode()) == ended.totals[0]
        read = replace(read, output=None if fits else output.id, parts=_fitting(read.parts))
        if fits:
            output.discard()
        else:
            self._machine.outputs.tidy()
        return Answer(_told(form, read, text), read)


def _told(form: ReadDocument, read: DocumentContent, text: str) -> str:
    units = f"{read.unit}s {read.start} to {read.end}" + ("" if read.total is None else f" of {read.total}")
    lines = [f"{shown(form.path)}: {read.format}, {units}"]
    if len(read.sheets) > 1:
        lines.append(f"[sheets: {', '.join(shown(name) for name in read.sheets)}]"[:2000])
    lines.append(text[:SHOWN_CHARACTERS].rstrip("\n"))
    if read.output is not None:
        lines.append(f'[... cut; read_output(id="{read.output}") shows all of it, or ask for fewer {read.unit}s ...]')
    if read.total is None or read.end < read.total:
        lines.append(f"[read on with start={read.end + 1}]")
    return "\n".join(lines)


def _fitting(parts: tuple[DocumentPart, ...]) -> tuple[DocumentPart, ...]:
    """Return the parts as far as they are shown."""
    room, fitting = SHOWN_CHARACTERS, []
    for part in parts:
        rows = []
        for row in part.rows or ():
            room -= sum(len(cell) + 1 for cell in row)
            if room < 0:
                break
            rows.append(row)
        text = part.text[: max(room, 0)]
        room -= len(text)
        fitting.append(DocumentPart(name=part.name, text=text, rows=None if part.rows is None else tuple(rows)))
        if room <= 0:
            break
    return tuple(fitting)
