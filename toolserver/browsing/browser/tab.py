"""A browser context and the page shown in it. After something went wrong it is closed and another one opened."""

import asyncio
import base64
import contextlib
import time
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Final, Self

from toolserver.browsing.browser.keeping import Files
from toolserver.browsing.browser.visit import FEW_DIALOGS, BrowserLimits, Visit, Watch
from toolserver.browsing.browser.world import SCRIPT, Moved, Stuck, World

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, CDPSession, Page

WIDTH: Final = 1280
HEIGHT: Final = 900
"""Size of the window, in pixels."""
SHOT_HEIGHT: Final = 4000
"""Pixels of the page; what lies lower is not in the picture."""
SHOT_SCALE: Final = 0.5
SHOT_SECONDS: Final = 20.0
PICTURE_SECONDS: Final = 3.0
CLOSE_SECONDS: Final = 10.0

POLL_SECONDS: Final = 0.1

_BROWSER: Final = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
)
_STOP_SECONDS: Final = 2.0


class Tab:
    """The page of a session. Made by ``open``.

    Attributes:
        context: cookies, storage and cache, shared with no other tab.
        watch: what happens in it.
        page: what is shown.
        status: of the answer that brought the document; None where no request did.
    """

    def __init__(
        self, context: "BrowserContext", control: "CDPSession", files: Files, limits: BrowserLimits, script: str
    ) -> None:
        self.context = context
        self.watch = Watch(context, files, limits, self._guarded)
        self.status: int | None = None
        self._control = control
        self._limits = limits
        self._script = script
        self._untouched = True
        self._guards: dict[Page, asyncio.Task[CDPSession]] = {}
        self._shown: tuple[Page, CDPSession] | None = None
        self._pictures = False
        self._tasks: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, browser: "Browser", files: Files, limits: BrowserLimits, agent: str = "") -> Self:
        """Return a fresh tab with an empty page.

        Args:
            browser: in which it is.
            files: takes what pages give.
            limits: how much is taken, how long is waited.
            agent: what servers are told about who asks, after the browser's own words.
        """
        version = browser.version.partition(".")[0]
        context = await browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            accept_downloads=True,
            service_workers="block",
            permissions=[],
            user_agent=f"{_BROWSER.format(version=version)} {agent}".strip(),
        )
        await context.add_init_script(FEW_DIALOGS)
        control = await browser.new_browser_cdp_session()
        tab = cls(context, control, files, limits, await asyncio.to_thread(_script))
        await tab._show_new()
        return tab

    @property
    def page(self) -> "Page":
        """What is shown."""
        return self._now[0]

    @property
    def world(self) -> World:
        """Our own script world in the page."""
        return World(self._now[1], self._script, self._limits.answer_seconds)

    @property
    def _now(self) -> "tuple[Page, CDPSession]":
        if self._shown is None:
            raise Moved("the tab has no page yet")
        return self._shown

    async def show(self, page: "Page") -> None:
        """Make a page what is shown."""
        session = await self._guarded(page)
        self._shown = page, session
        self.watch.page = page

    async def renew(self) -> None:
        """Show an empty page, and close all others of this tab without asking them.

        A page that was left may go on: what it opened would have a hand on the page that comes after it in the same
        window, and a handler of its own could keep it from being left.
        """
        if self._untouched:
            self._untouched = False
            return
        await self._show_new()
        await self._close_others()

    async def _show_new(self) -> None:
        self.watch.making = True
        try:
            page = await self.context.new_page()
        finally:
            self.watch.making = False
        self._guards.clear()
        self.status = None
        await self.show(page)

    async def _close_others(self) -> None:
        """Close all pages but the one that is shown, also such as never got so far that the driver told of them."""
        shown = (await self._now[1].send("Target.getTargetInfo"))["targetInfo"]
        targets = (await self._control.send("Target.getTargets"))["targetInfos"]
        for target in targets:
            ours = target.get("browserContextId") == shown["browserContextId"] and target["type"] == "page"
            if ours and target["targetId"] != shown["targetId"]:
                await _closed(self._control, target["targetId"])

    async def _guarded(self, page: "Page") -> "CDPSession":
        """Return the DevTools session of a page, whose loading is watched from the first call on."""
        if page not in self._guards:
            self._guards[page] = asyncio.ensure_future(self._guard(page))
        return await asyncio.shield(self._guards[page])

    async def _guard(self, page: "Page") -> "CDPSession":
        session = await self.context.new_cdp_session(page)
        sent: set[str] = set()
        session.on("Fetch.requestPaused", lambda event: self._decide(session, event))
        session.on("Network.requestWillBeSent", lambda event: self._on_sent(sent, event))
        session.on("Network.dataReceived", lambda event: self._on_data(session, sent, event))
        # only what is not read; the proxy decides about everything
        patterns = [{"urlPattern": "*", "resourceType": kind} for kind in ("Image", "Font", "Media")]
        await session.send("Fetch.enable", {"patterns": patterns})
        await session.send("Network.enable", {"maxTotalBufferSize": 0, "maxResourceBufferSize": 0})
        return session

    async def settle(self, visit: Visit) -> None:
        """Wait until nothing changes and nothing is being loaded, but not for ever.

        Raises:
            Stuck: a script of the page cannot be ended.
        """
        began = quiet_since = time.monotonic()
        last = None
        interrupted = False
        while (now := time.monotonic()) - began < self._limits.settle_seconds:
            if visit.crashed or visit.too_large:
                return
            try:
                pulse = await self.world.call("pulse")
            except Moved:
                pulse = None
            except Stuck:
                if interrupted:
                    raise
                interrupted = True
                visit.note("a script of the page ran without pause and was ended")
                await self.world.interrupt()
                continue
            if pulse is None or pulse["parsing"] or pulse != last or self.watch.busy:
                last, quiet_since = pulse, time.monotonic()
            elif now - quiet_since >= self._limits.quiet_seconds:
                return
            await asyncio.sleep(POLL_SECONDS)
        visit.note("the page kept changing and was read as it was at the time")

    async def follow(self, visit: Visit) -> None:
        """Show the page that was opened last, if it has anything to show, and close all others."""
        from playwright.async_api import Error

        # whatever opens from here on is closed at once
        visit.wants_popups = False
        opened = [page for page in visit.popups if not page.is_closed()]
        chosen = None
        if opened:
            with contextlib.suppress(Error):
                await opened[-1].wait_for_load_state("domcontentloaded", timeout=self._limits.load_seconds * 1000)
            if visit.too_large:
                return
            chosen = opened[-1] if opened[-1].url != "about:blank" and not opened[-1].is_closed() else None
        closing = [page for page in opened if page is not chosen]
        if chosen is not None:
            visit.note("what was clicked opened in a new window, which is shown now")
            closing.append(self.page)
            await self.show(chosen)
            self.status = None
            visit.take_window(chosen)
            await self.settle(visit)
        elif closing:
            visit.note("the page opened a window, which was closed")
        for page in closing:
            with contextlib.suppress(Error):
                await page.close()

    async def stop_loading(self) -> None:
        """Take what has come as the page."""
        await self._stop(self._now[1])

    async def _stop(self, session: "CDPSession") -> None:
        from playwright.async_api import Error

        # a page whose scripts do not pause cannot be asked to; it is found out by what follows
        with contextlib.suppress(Error, TimeoutError):
            async with asyncio.timeout(_STOP_SECONDS):
                await session.send("Page.stopLoading")

    async def shot(self, *, pictures: bool) -> bytes:
        """Return the page as a PNG of half its size, cut off below.

        Args:
            pictures: load the pictures that were left out when the page was read.

        Raises:
            Moved, Stuck, TimeoutError: it cannot be taken.
        """
        if pictures:
            await self._load_pictures()
        size = await self.world.call("size")
        clip = {"x": 0, "y": 0, "width": WIDTH, "height": min(size["height"], SHOT_HEIGHT), "scale": SHOT_SCALE}
        async with asyncio.timeout(SHOT_SECONDS):
            shot = await self._now[1].send(
                "Page.captureScreenshot", {"format": "png", "captureBeyondViewport": True, "clip": clip}
            )
        return base64.b64decode(shot["data"])

    async def close(self) -> bool:
        """Forget the page and all that it left; returns False where the browser has died or does not let go of it."""
        for task in self._tasks:
            task.cancel()
        await self.watch.close()
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._control.detach()
                await self.context.close()
        except Exception:  # noqa: BLE001 - when what drives the browser has ended, there is nothing more special
            return False
        return True

    def _decide(self, session: "CDPSession", event: dict[str, Any]) -> None:
        wanted = self._pictures and event.get("resourceType") == "Image"
        method = "Fetch.continueRequest" if wanted else "Fetch.failRequest"
        more = {} if wanted else {"errorReason": "BlockedByClient"}
        self._in_background(session.send(method, {"requestId": event["requestId"], **more}))

    def _on_sent(self, sent: set[str], event: dict[str, Any]) -> None:
        sent.add(event["requestId"])
        if event.get("type") == "Document" and event["requestId"] == event.get("loaderId"):
            self.watch.visit.document = event["requestId"]

    def _on_data(self, session: "CDPSession", sent: set[str], event: dict[str, Any]) -> None:
        visit, limits = self.watch.visit, self._limits
        visit.received += event["dataLength"]
        # what a window asked for before it could be watched is its document
        if event["requestId"] == visit.document or event["requestId"] not in sent:
            visit.document_received += event["dataLength"]
        if visit.document_received > limits.page_bytes and not visit.downloads and not visit.too_large:
            visit.cut_off()
            self._in_background(self._stop(session))
        elif visit.received > limits.loaded_bytes:
            visit.note("the page loaded more than is taken, so loading was stopped")
            self._in_background(self._stop(session))

    def _in_background(self, work: Awaitable[Any]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # the page may have gone meanwhile, and then nothing is to be done

    async def _load_pictures(self) -> None:
        self._pictures = True
        try:
            await self.world.call("unpictured")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(PICTURE_SECONDS):
                    await self._pictures_loaded()
        finally:
            self._pictures = False

    async def _pictures_loaded(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            if not await self.world.call("loading"):
                return


async def _closed(control: "CDPSession", target: str) -> None:
    from playwright.async_api import Error

    # it may have gone by itself meanwhile
    with contextlib.suppress(Error):
        await control.send("Target.closeTarget", {"targetId": target})


def _script() -> str:
    return SCRIPT.read_text(encoding="utf-8")
