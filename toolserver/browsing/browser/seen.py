"""What a browser saw of a page."""

from toolserver.protocol import Fact


class SeenElement(Fact):
    """Something on a page that can be clicked or filled in.

    Attributes:
        ref: names it in this snapshot; no other snapshot of the session has the same.
        role: what it is, such as ``button``, ``textbox``, ``combobox``.
        name: what it is called on the page.
        value: what it holds; of a password only whether it is filled in.
        options: what can be chosen, the first 40.
    """

    ref: str
    role: str
    name: str = ""
    value: str = ""
    options: tuple[str, ...] = ()


class SeenDownload(Fact):
    """A file that a page gave.

    Attributes:
        name: as the page suggests, without folders.
        path: where it was put.
        url: where it came from.
        size: bytes.
        sha256: of its content.
    """

    name: str
    path: str
    url: str
    size: int
    sha256: str


class Seen(Fact):
    """A page after an action.

    Attributes:
        url: the address in the address bar.
        status: of the answer that brought the document; None where no request did.
        title: as the page says.
        html: what can be seen of it, without what is hidden; empty where a download came instead of a page.
        elements: what can be clicked or filled in.
        hidden: how many elements and texts were left out since nobody sees them.
        notes: what happened besides, one line each: dialogs, popups, what was cut off.
        downloads: files that came.
    """

    url: str
    status: int | None
    title: str
    html: str
    elements: tuple[SeenElement, ...] = ()
    hidden: int = 0
    notes: tuple[str, ...] = ()
    downloads: tuple[SeenDownload, ...] = ()
