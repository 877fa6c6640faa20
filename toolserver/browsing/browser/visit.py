"""What happens in a browser while an action is under way."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, Final, TypeVar

from toolserver.browsing.browser.failures import READABLE, content_type
from toolserver.browsing.browser.keeping import Files
from toolserver.browsing.browser.seen import SeenDownload
from toolserver.forms import Form

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Dialog, Download, Frame, Page, Request, Response

T = TypeVar("T")

NOTES: Final = 10
POPUPS: Final = 3
ANSWERS: Final = 30
"""Navigations of other windows that are remembered for the one that is shown in the end."""

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
        all_download_bytes: of all files of a session.
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
    all_download_bytes: int = 500 * 1024 * 1024
    download_seconds: float = 60
    downloads: int = 3


class Visit:
    """Keeps what one action brings.

    Attributes:
        response: the last answer to a navigation of the page.
        failure: the browser's error text for the last navigation that failed, and its address.
        popups: pages that were opened and may be shown.
        wants_popups: such pages are kept, a few of them; others are closed at once, and so are all once it is over.
        crashed: the page's process died.
        downloads: tasks that give a file, or None where it was given up.
        received: bytes by request of the browser.
        document: the browser's name of the request for the document.
        too_large: more came than is taken.
        over: set then; nobody need wait for the rest.
        only_files: a file came instead of the page that was asked for.
        file_came: set when the first file begins to come.
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
        self.file_came = asyncio.Event()
        self._notes: list[str] = []
        self._elsewhere: list[tuple[Request, Response | None]] = []

    @property
    def notes(self) -> tuple[str, ...]:
        """What happened besides, one line each."""
        return tuple(self._notes)

    def cut_off(self) -> None:
        """Take down that more came than is taken."""
        self.too_large = True
        self.over.set()

    def went_elsewhere(self, request: "Request", response: "Response | None") -> None:
        """Take down how a navigation of another window ended; without an answer it failed."""
        if self.wants_popups:
            self._elsewhere = [*self._elsewhere[-ANSWERS:], (request, response)]

    def take_window(self, page: "Page") -> None:
        """Make what is known of a window's last navigation what is known of the page."""
        self.response, self.failure = None, None
        for request, response in self._elsewhere:
            frame = frame_of(request)
            if frame is None or frame.page is not page or frame.parent_frame is not None:
                continue
            self.response = response
            self.failure = None if response is not None else (request.url, request.failure or "it failed")

    def note(self, text: str) -> None:
        """Take something down, in one line; after ten nothing more."""
        line = " ".join(text.split())[:300]
        if len(self._notes) < NOTES and line not in self._notes:
            self._notes.append(line)


class Watch:
    """Listens to a browser context and tells the visit of the moment.

    Args:
        context: the context.
        files: takes what pages give.
        limits: how much is taken.
        on_window: is given each window that may be shown, as soon as it is known.

    Attributes:
        page: what is shown; of all other pages nothing is told, and no files are taken, but of windows that may be.
        making: a page of ours is being made; what opens meanwhile is closed by whoever makes it.
    """

    def __init__(
        self,
        context: "BrowserContext",
        files: Files,
        limits: BrowserLimits,
        on_window: "Callable[[Page], Awaitable[object]]",
    ) -> None:
        self.visit = Visit()
        self.page: Page | None = None
        self.making = False
        self._files = files
        self._limits = limits
        self._on_window = on_window
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

    def over(self, visit: Visit) -> None:
        """Take nothing more for a visit, and close the windows that it has left."""
        visit.wants_popups = False
        for page in visit.popups:
            if page is not self.page and not page.is_closed():
                self._later(page.close())

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
        if self.making:
            return
        if self.visit.wants_popups and len(self.visit.popups) < POPUPS:
            self.visit.popups.append(page)
            self._later(self._guarded(page))
        else:
            self._later(self._turned_away(page, self.visit))

    async def _turned_away(self, page: "Page", visit: Visit) -> None:
        # a page that has been left may open some too
        if await page.opener() is self.page:
            visit.note("the page opened a window, which was closed")
        await page.close()

    async def _guarded(self, page: "Page") -> None:
        await self._on_window(page)

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
        elif request.is_navigation_request():
            self.visit.went_elsewhere(request, None)

    def _on_response(self, response: "Response") -> None:
        if not self._of_the_page(response.request):
            if response.request.is_navigation_request():
                self.visit.went_elsewhere(response.request, response)
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
        frame = frame_of(request)
        return frame if frame is not None and frame.page is self.page else None

    async def _answer(self, dialog: "Dialog") -> None:
        """Dismiss a dialog; leaving a page is agreed to."""
        visit = self.visit
        if dialog.type == "beforeunload":
            await dialog.accept()
            return
        if not self._concerns(dialog.page):
            await dialog.dismiss()
            return
        visit.dialogs += 1
        visit.note(f"the page showed a dialog ({dialog.type}), which was dismissed: {dialog.message}")
        if visit.dialogs > ENDLESS:
            # one that stays open keeps the page from going on, and the action fails
            return
        await dialog.dismiss()

    def _on_download(self, download: "Download") -> None:
        visit = self.visit
        if not self._concerns(download.page):
            # of a page that has been left, so that it is nothing that the one that is shown gave
            self._later(download.cancel())
            return
        visit.too_large = False  # a file may be larger than a page
        visit.file_came.set()
        if len(visit.downloads) >= self._limits.downloads:
            visit.note("more files came than are taken")
            self._later(download.cancel())
            return
        visit.downloads.append(self._later(self._files.keep(download, visit.note)))

    def _concerns(self, page: "Page | None") -> bool:
        """Whether what a page does is told: the page that is shown, and windows that may be."""
        return page is not None and (page is self.page or page in self.visit.popups)


def frame_of(request: "Request") -> "Frame | None":
    """Return the frame for which a request is made; None while its page is being made, and when that is gone."""
    from playwright.async_api import Error

    try:
        return request.frame
    except Error:
        return None


def _is_file(response: "Response") -> bool:
    """Return whether an answer becomes a file and not a page."""
    attached = response.headers.get("content-disposition", "").strip().lower().startswith("attachment")
    return attached or not content_type(response).startswith(READABLE)
