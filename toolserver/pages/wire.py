"""What travels between a host and the program that opens pages: one JSON object a line.

The program begins with ``Ready``. Each ``Ask`` is answered by any number of ``Piece``, the bytes of a picture in order,
and one ``Done``.
"""

from typing import Annotated, Final, Literal

from msgspec import Meta, field

from toolserver.line_wire import Cancel, Piece
from toolserver.protocol import Fact, Form

WIDTHS: Final = (1280, 360)
"""Of windows, in pixels: a computer's and a telephone's."""

MOST_FILES: Final = 200
MOST_BYTES: Final = 20_000_000
"""Of one site: files, and bytes of all together."""

MOST_STEPS: Final = 60
MOST_PAGES: Final = 10
"""Pages of one site that are looked at."""

MOST_ELEMENTS: Final = 20_000
"""Of one page; larger ones are not looked at."""

ChangeName = Literal[
    "dead",
    "blank",
    "throw_error",
    "break_link",
    "widen",
    "fade_text",
    "strip_labels",
    "duplicate_id",
    "drop_text",
    "add_text",
    "drop_elements",
    "add_elements",
]
"""How a page can be spoilt."""

_Text = Annotated[str, Meta(max_length=2000)]


class Step(Form):
    """One step of a journey: something a person does, or something that has to be so then.

    Attributes:
        do: ``open`` a page by its path, ``back``, ``click``, ``type`` (replaces what stands there), ``choose`` an
            option by its text, ``press`` a key, ``wait`` seconds; ``see`` and ``not_see`` a text or an element,
            ``count`` elements or rows, ``value`` of a field.
        role: of an element as assistive technology names it, such as ``button``.
        name: its accessible name, whole.
        text: what is typed, chosen or seen; of ``value`` what the field holds.
        number: of ``count``; else which of several elements of that role and name, from 1.
        seconds: of ``wait``.
    """

    do: Literal["open", "back", "click", "type", "choose", "press", "wait", "see", "not_see", "count", "value"]
    role: _Text = ""
    name: _Text = ""
    text: _Text = ""
    key: _Text = ""
    path: _Text = ""
    number: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    seconds: Annotated[float, Meta(ge=0, le=10)] = 0.0


class Change(Form):
    """A sabotage of every page as it is opened; see ``sabotage`` in ``facts.js``, and ``dead``, which is made here.

    Attributes:
        text, role: what it is about, where it is about something.
    """

    name: ChangeName
    text: _Text = ""
    role: _Text = ""


class Visit(Form, tag="visit"):
    """Serve files and open a page of them.

    Attributes:
        files: by path, with slashes.
        start: the page that is opened first.
        changes: what is spoilt in every page.
        steps: a journey from the first page on; without one, all pages are looked at.
        pictures: take one of the first page at each of ``WIDTHS``, or of where a journey ended.
    """

    files: dict[str, bytes]
    start: str = "index.html"
    changes: tuple[Change, ...] = ()
    steps: tuple[Step, ...] = ()
    pictures: bool = False


class Ask(Form, tag="ask"):
    """Do something; ``id`` names it in the answers and is used once."""

    id: int
    call: Visit


class PageLooked(Fact):
    """What one page is like, once it was opened.

    Attributes:
        path: in the site.
        language: as the page declares it.
        text: what can be seen, white space apart.
        headings: level and text.
        elements: of the document.
        links: how many there are; ``outside`` those that lead to other sites, which nobody follows.
        broken_links: those that lead nowhere, each with the reason.
        unlabelled: fields, buttons, links and pictures without a name.
        doubled_ids: ids that several elements have.
        texts: pieces of text whose contrast was measured; ``unmeasured`` those that stand on pictures.
        faint: pieces of text with too little contrast (WCAG 2.2, 1.4.3), each with its ratio.
        overflow: pixels by which it is wider than the window, by its width.
        wide: what is too wide, for each width.
        roles: how many visible elements there are of each role.
        tree: what assistive technology is told, as YAML.
    """

    path: str
    title: str = ""
    language: str = ""
    text: str = ""
    headings: tuple[tuple[int, str], ...] = ()
    elements: int = 0
    links: int = 0
    outside: int = 0
    broken_links: tuple[str, ...] = ()
    unlabelled: tuple[str, ...] = ()
    doubled_ids: tuple[str, ...] = ()
    texts: int = 0
    unmeasured: int = 0
    faint: tuple[str, ...] = ()
    overflow: dict[int, float] = field(default_factory=dict)
    wide: dict[int, str] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    tree: str = ""


class StepDone(Fact):
    """What became of a step; ``detail`` says why it failed."""

    ok: bool
    detail: str = ""


class Visited(Fact):
    """What became of a visit.

    Attributes:
        pages: that were looked at, the first first.
        errors: uncaught exceptions, and what the page itself wrote to the console as errors.
        failed: requests that came to nothing, with the reason; those to other sites too.
        steps: as far as they were gone.
        notes: what happened besides, such as dialogs and windows.
        stopped: why the page was given up; empty where it was not.
        picture_sizes: bytes of each picture; they come in pieces, one after the other.
        browser: its version.
    """

    pages: tuple[PageLooked, ...] = ()
    errors: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    steps: tuple[StepDone, ...] = ()
    notes: tuple[str, ...] = ()
    stopped: str = ""
    picture_sizes: tuple[int, ...] = ()
    browser: str = ""


class Done(Fact, tag="done"):
    """What came of a call: a visit, or an error of the program itself."""

    id: int
    visited: Visited | None = None
    error: str | None = None
    size: int = 0


class Ready(Fact, tag="ready"):
    """The program can be asked; ``no_browser`` says why there is no browser, if there is none."""

    version: str
    no_browser: str | None = None


Request = Ask | Cancel
Answer = Ready | Piece | Done
