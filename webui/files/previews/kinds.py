"""What previews look like, told apart by ``kind``."""

from typing import Annotated, Literal

from pydantic import Field

from agent.domain.base import Fact


class TextPreview(Fact):
    """A piece of a text file.

    Attributes:
        form: ``markdown`` may be rendered, ``code`` coloured by its ``language``, ``text`` is plain.
        offset: bytes of the file before this piece.
        next: offset of the next piece; None at the end.
        size: bytes of the whole file.
        note: one line where not all of it could be read as text; else empty.
    """

    kind: Literal["text"] = "text"
    form: Literal["text", "code", "markdown"]
    language: str = ""
    text: str
    offset: int
    next: int | None
    size: int
    note: str = ""


class TablePreview(Fact):
    """Some rows of a file of separated values; cells that are too long are cut.

    Attributes:
        columns: the names in the first row of the file.
        rows: from row ``first`` on, counted from 1 after the names.
        next: offset of the next rows in the file; None at the end.
        note: one line where something is wrong with the file, or is left out; else empty.
    """

    kind: Literal["table"] = "table"
    delimiter: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: int
    next: int | None
    size: int
    note: str = ""


class CellOutput(Fact):
    """What a cell of a notebook gave: a text, an error with its traceback, or a picture by its address."""

    form: Literal["text", "error", "picture"]
    text: str = ""
    address: str = ""


class NotebookCell(Fact):
    """A cell of a notebook."""

    form: Literal["code", "markdown", "raw"]
    source: str
    count: int | None = None
    outputs: tuple[CellOutput, ...] = ()


class NotebookPreview(Fact):
    """A notebook with its outputs. ``note`` says in one line what is left out; empty where nothing is."""

    kind: Literal["notebook"] = "notebook"
    language: str
    cells: tuple[NotebookCell, ...]
    note: str = ""


class PdfPreview(Fact):
    """A page of a PDF document as a picture.

    Attributes:
        address: of the page's picture; ``?page=`` asks for another one, counted from 1.
        width, height: of the picture in pixels.
    """

    kind: Literal["pdf"] = "pdf"
    pages: int
    page: int
    address: str
    width: int
    height: int


class ImagePreview(Fact):
    """A picture of a kind in which nothing can run, by its address."""

    kind: Literal["image"] = "image"
    address: str
    media_type: str
    width: int
    height: int


class ModelPreview(Fact):
    """A solid.

    Attributes:
        address: of a GLB that a viewer can load.
        source: ``itself``; ``beside``: a GLB of the same name; ``converted``: it is made when it is asked for, in a CAD
            sandbox, which may take half a minute or fail with a reason.
        beside: path of that GLB; else empty.
    """

    kind: Literal["model"] = "model"
    address: str
    source: Literal["itself", "beside", "converted"]
    beside: str = ""


class FramePreview(Fact):
    """A page or a drawing that is shown in a sandboxed frame, where no script runs and nothing is loaded.

    Attributes:
        address: for the frame.
        text: its source; ``next`` as for texts.
    """

    kind: Literal["frame"] = "frame"
    address: str
    language: Literal["html", "svg"]
    text: str
    next: int | None
    size: int
    note: str = ""


class NoPreview(Fact):
    """Why there is no preview, in one line; the file can be downloaded all the same."""

    kind: Literal["none"] = "none"
    reason: str
    size: int


Preview = Annotated[
    TextPreview | TablePreview | NotebookPreview | PdfPreview | ImagePreview | ModelPreview | FramePreview | NoPreview,
    Field(discriminator="kind"),
]
