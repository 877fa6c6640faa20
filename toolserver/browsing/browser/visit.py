"""What happens in a browser while an action is under way."""

import asyncio
import hashlib
import re
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from toolserver.browsing.browser.failures import READABLE, content_type
from toolserver.browsing.browser.seen import SeenDownload
from toolserver.forms import Form

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Dialog, Download, Frame, Page, Request, Response

T = TypeVar("T")

NOTES: Final = 10
POPUPS: Final = 3

ENDLESS: Final = 40
"""Dialogs during one action after which no more are answered."""

FEW_DIALOGS: Final = """
(() => {
  let shown = 0;
  for (const name of ["alert", "confirm", "prompt", "print"]) {
    const show = window[name].bind(window);
    window[name] = (...given) => {
      if (++shown > 5) throw new Error("too many dialogs");
      return show(...given);
    };
  }
})();
"""
"""Ends scripts of a page that show dialogs without end; the browser has no way of its own to."""

LONG_REQUEST_SECONDS: Final = 3.0
"""A request that takes longer, such as one that waits for news, is not waited for."""

_POLL_SECONDS: Final = 0.1
_UNSAFE: Final = re.compile(r"[^\w.()+ -]+")


class BrowserLimits(Form):
    """How much of a page is taken, and how long is waited for it.

    Attributes:
        load_seconds: for an address to answer and its document to be parsed.
        answer_seconds: for a page to let a question through; a script that runs longer without pause is ended.
        quiet_seconds: without change or request, after which a page has settled.
        settle_seconds: after which a page that never settles is read as it is.
        action_seconds: for one action as a whole, downloads not counted.
        page_bytes: of a document.
        loaded_bytes: of all that a page loads during one action.
        characters: of the HTML that is handed on.
        nodes: of the document that are looked at.
        elements: that can be handled.
        download_bytes: of one file.
        download_seconds: for one file.
        downloads: files of one action.
    """

    load_seconds: float = 25
    answer_seconds: float = 5
    quiet_seconds: float = 0.3
    settle_seconds: float = 6
    action_seconds: float = 60
    page_bytes: int = 10 * 1024 * 1024
    loaded_bytes: int = 60 * 1024 * 1024
    characters: int = 6_000_000
    nodes: int = 300_000
    elements: int = 80
    download_bytes: int = 100 * 1024 * 1024
    download_seconds: float = 60
    downloads: int = 3


class Visit:
    """Keeps what one action brings.

    Attributes:
        response: the last answer to a navigation of the page.
        failure: the browser's error text for the last navigation that failed, and its address.
        popups: pages that were opened and may be shown.
        wants_popups: such pages are kept, a few of them; others are closed at once.
        crashed: the page's process died.
        downloads: tasks that give a file, or None where it was given up.
        received: bytes by request of the browser.
        document: the browser's name of the request for the document.
        too_large: more came than is taken.
        over: set then; nobody need wait for the rest.
        only_files: a file came instead of the page that was asked for.
    """

    def __init__(self) -> None:
        self.response: Response | None = None
        self.failure: tuple[str, str] | None = None
        self.popups: list[Page] = []
        self.wants_popups = False
        self.crashed = False
        self.downloads: list[asyncio.Task[SeenDownload | None]] = []
        self.dialogs = 0
        self.received = 0
        self.document: str | None = None
        self.document_received = 0
        self.too_large = False
        self.over = asyncio.Event()
        self.only_files = False
        self._notes: list[str] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened besides, one line each."""
        return tuple(self._notes)

    def cut_off(self) -> None:
        """Take down that more came than is taken."""
        self.too_large = True
        self.over.set()

    def note(self, text: str) -> None:
        """Take something down, in one line; after ten nothing more."""
        line = " ".join(text.split())[:300]
        if len(self._notes) < NOTES and line not in self._notes:
            self._notes.append(line)


class Watch:
    """Listens to a browser context and tells the visit of the moment.

    Args:
        context: the context.
        folder: where downloads are put.
        arriving: where the browser writes them before.
        limits: how much is taken.
    """

    def __init__(
        self,
        context: "BrowserContext",
        folder: Path,
        arriving: Path,
        limits: BrowserLimits,
    ) -> None:
        self.visit = Visit()
        self.page: Page | None = None
        self._folder = folder
        self._arriving = arriving
        self._limits = limits
        self._tasks: set[asyncio.Task[Any]] = set()
        self._under_way: dict[Request, float] = {}
        context.on("page", self._on_page)
        context.on("dialog", lambda dialog: self._later(self._answer(dialog)))
        context.on("request", self._on_request)
        context.on("requestfinished", self._on_end)
        context.on("requestfailed", self._on_failed)
        context.on("response", self._on_response)

    @property
    def busy(self) -> bool:
        """Whether the page waits for something that may come soon."""
        now = time.monotonic()
        return any(now - since < LONG_REQUEST_SECONDS for since in self._under_way.values())

    def begin(self, *, popups: bool) -> Visit:
        """Begin with another action and return what keeps what it brings; without ``popups`` these are closed."""
        self.visit = Visit()
        self.visit.wants_popups = popups
        # nobody waits for requests of before
        self._under_way.clear()
        return self.visit

    async def close(self) -> None:
        """End what is under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _later(self, work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # the page may have gone; whoever waits for the page learns of it

    def _on_page(self, page: "Page") -> None:
        page.on("download", self._on_download)
        page.on("crash", self._on_crash)
        if self.page is None:
            return
        if self.visit.wants_popups and len(self.visit.popups) < POPUPS:
            self.visit.popups.append(page)
        else:
            self.visit.note("the page opened a window, which was closed")
            self._later(page.close())

    def _on_crash(self, page: "Page") -> None:
        if page is self.page:
            self.visit.crashed = True

    def _on_request(self, request: "Request") -> None:
        waited = request.resource_type not in ("image", "font", "media", "websocket", "eventsource", "ping")
        if waited and self._frame_of(request) is not None:
            self._under_way[request] = time.monotonic()

    def _on_end(self, request: "Request") -> None:
        self._under_way.pop(request, None)

    def _on_failed(self, request: "Request") -> None:
        self._under_way.pop(request, None)
        if self._of_the_page(request):
            self.visit.failure = (request.url, request.failure or "it failed")

    def _on_response(self, response: "Response") -> None:
        if not self._of_the_page(response.request):
            return
        self.visit.response = response
        self.visit.failure = None
        length = response.headers.get("content-length", "")
        if length.isdecimal() and int(length) > self._limits.page_bytes and not _is_file(response):
            self.visit.cut_off()

    def _of_the_page(self, request: "Request") -> bool:
        """Whether a request is for the document of the page that is shown."""
        frame = self._frame_of(request)
        return request.is_navigation_request() and frame is not None and frame.parent_frame is None

    def _frame_of(self, request: "Request") -> "Frame | None":
        """Return the frame of the page that is shown for which a request is made; None for all other requests."""
        from playwright.async_api import Error

        try:
            frame = request.frame
        except Error:
            return None  # its page is still being made, or gone
        return frame if frame.page is self.page else None

    async def _answer(self, dialog: "Dialog") -> None:
        """Dismiss a dialog; leaving a page is agreed to."""
        visit = self.visit
        if dialog.type == "beforeunload":
            await dialog.accept()
            return
        visit.dialogs += 1
        visit.note(f"the page showed a dialog ({dialog.type}), which was dismissed: {dialog.message}")
        if visit.dialogs > ENDLESS:
            # one that stays open keeps the page from going on, and the action fails
            return
        await dialog.dismiss()

    def _on_download(self, download: "Download") -> None:
        visit = self.visit
        visit.too_large = False  # a file may be larger than a page
        if len(visit.downloads) >= self._limits.downloads:
            visit.note("more files came than are taken")
            self._later(download.cancel())
            return
        visit.downloads.append(self._later(self._kept(download, visit)))

    async def _kept(self, download: "Download", visit: Visit) -> SeenDownload | None:
        """Wait for a file and put it into the folder; gives it up where it is too large or takes too long."""
        from playwright.async_api import Error

        name = _UNSAFE.sub("_", re.split(r"[\\/]", download.suggested_filename)[-1]).strip("_ .")[-120:] or "download"
        coming = asyncio.ensure_future(download.path())
        deadline = time.monotonic() + self._limits.download_seconds
        problem = ""
        while not coming.done() and not problem:
            await asyncio.wait({coming}, timeout=_POLL_SECONDS)
            if await asyncio.to_thread(_size, self._arriving) > self._limits.download_bytes:
                problem = f"it has more than {self._limits.download_bytes:,} bytes"
            elif time.monotonic() > deadline:
                problem = f"it did not come within {self._limits.download_seconds:g} s"
        if problem:
            await download.cancel()
        try:
            path = await coming
        except Error as error:
            visit.note(f"the file {name} was not taken: {problem or str(error).splitlines()[0]}")
            return None
        kept = await asyncio.to_thread(_moved, Path(path), self._folder, name)
        digest, size = await asyncio.to_thread(_digest, kept)
        if size > self._limits.download_bytes:
            await asyncio.to_thread(kept.unlink)
            visit.note(f"the file {name} was not taken: it has more than {self._limits.download_bytes:,} bytes")
            return None
        return SeenDownload(name=name, path=str(kept), url=download.url, size=size, sha256=digest)


def _is_file(response: "Response") -> bool:
    """Return whether an answer becomes a file and not a page."""
    attached = response.headers.get("content-disposition", "").strip().lower().startswith("attachment")
    return attached or not content_type(response).startswith(READABLE)


def _size(folder: Path) -> int:
    """Return the size of the largest file in a folder; 0 where there is none."""
    sizes = [0]
    for path in folder.iterdir():
        try:
            sizes.append(path.stat().st_size)
        except FileNotFoundError:
            continue  # it has just been moved
    return max(sizes)


def _moved(path: Path, folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    place = folder / name
    number = 1
    while place.exists():
        number += 1
        place = folder / f"{number}-{name}"
    return path.rename(place)


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
