"""What travels between a host and the program of a browsing sandbox: one JSON object a line, several calls at a time.

The program begins with ``Ready``. Each ``Ask`` is answered by any number of ``Piece``, which are bytes that belong to
the answer in order, and one ``Done``.
"""

from typing import Final, Literal

from msgspec import field

from toolserver.errors import FailureKind
from toolserver.line_wire import Cancel, Piece
from toolserver.protocol import Fact, Form


class Fetch(Form, tag="fetch"):
    """Get a page by a plain request."""

    url: str


class Open(Form, tag="open"):
    """Go to an address in the browser."""

    url: str


class Click(Form, tag="click"):
    """Click an element of the browser's last snapshot."""

    ref: str


class TypeText(Form, tag="type_text"):
    """Replace a field's content in the browser, and press Enter if asked to."""

    ref: str
    text: str
    submit: bool = False


class Select(Form, tag="select"):
    """Choose an option in the browser by its visible text."""

    ref: str
    value: str


class Screenshot(Form, tag="screenshot"):
    """Take a picture of what the browser shows; its PNG bytes come in pieces."""


class Download(Form, tag="download"):
    """Get a file by a plain request, whatever it is; its bytes come in pieces."""

    url: str


class Take(Form, tag="take"):
    """Hand over a file that a page gave, and delete it; its bytes come in pieces."""

    path: str


Call = Fetch | Open | Click | TypeText | Select | Screenshot | Download | Take
BROWSER_CALLS: Final = (Open, Click, TypeText, Select, Screenshot)


class Ask(Form, tag="ask"):
    """Do something; ``id`` names it in the answers and is used once."""

    id: int
    call: Call


class PageLink(Fact):
    """A link; ``offset`` is where its text begins, in code points of the page's text."""

    text: str
    url: str
    offset: int


class PageAnchor(Fact):
    """A place of a page that an address can point to by its fragment; ``offset`` as in ``PageLink``."""

    name: str
    offset: int


class PageElement(Fact):
    """Something that can be clicked or filled in; ``ref`` names it in this snapshot only, ``options`` it offers."""

    ref: str
    role: str
    name: str = ""
    value: str = ""
    options: tuple[str, ...] = ()


class Extractor(Fact):
    """What made the text of a page out of its bytes."""

    name: str
    version: str
    options: dict[str, str] = field(default_factory=dict)


class DownloadedFile(Fact):
    """A file that a page handed over.

    Attributes:
        path: where it lies in the sandbox's workspace until it is taken.
        name: what the page called it; never a path.
        size: bytes.
        sha256: of its content.
    """

    path: str
    name: str
    size: int
    sha256: str


class PageAnswer(Fact):
    """A page as it was got; its bytes come in pieces.

    Attributes:
        url: the address that was asked for.
        final_url: the address that answered, after redirects.
        retrieved_at: when, ISO 8601 in UTC.
        tier: by a plain request, by a real browser, or out of a PDF document.
        status: of the HTTP answer; 0 where there was none.
        content_type: as the server says, without parameters.
        text: with line feeds only; links, anchors and whoever quotes point into it by offsets in code points.
        by_line: each line is a sentence, as in code.
        notes: what whoever browses should know beside the text, such as a dialog that the page opened.
        downloads: files that the page handed over.
        needs_browser: a real browser would probably show more.
    """

    url: str
    final_url: str
    retrieved_at: str
    tier: Literal["text", "browser", "pdf"]
    status: int
    content_type: str
    title: str
    text: str
    extractor: Extractor
    by_line: bool = False
    links: tuple[PageLink, ...] = ()
    anchors: tuple[PageAnchor, ...] = ()
    elements: tuple[PageElement, ...] = ()
    notes: tuple[str, ...] = ()
    downloads: tuple[DownloadedFile, ...] = ()
    needs_browser: bool = False


class FileAnswer(Fact):
    """A file as it was got; its bytes come in pieces."""

    url: str
    final_url: str
    content_type: str
    name: str


class Failure(Fact):
    """Why there is no page.

    Attributes:
        message: one line that says what to do.
        needs_browser: a real browser might get it.
        retry_after: seconds after which the server wants to be asked again.
    """

    kind: FailureKind
    message: str
    needs_browser: bool = False
    retry_after: float | None = None


class Ready(Fact, tag="ready"):
    """The program can be asked; ``no_browser`` says why there is no real browser, if there is none."""

    version: str
    no_browser: str | None = None


class Done(Fact, tag="done"):
    """What came of a call: at most one of a page, a file, a failure, and an error of the program itself.

    Attributes:
        size: bytes that were sent in pieces.
    """

    id: int
    page: PageAnswer | None = None
    file: FileAnswer | None = None
    failure: Failure | None = None
    error: str | None = None
    size: int = 0


Request = Ask | Cancel
Answer = Ready | Piece | Done
