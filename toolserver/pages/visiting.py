"""Opens the pages of one site in a browser, looks at them and goes journeys through them, within limits.

Pages are hostile: whatever they do, a visit ends, and says why it was given up.
"""

import asyncio
import contextlib
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from toolserver.browsing.browser.visit import FEW_DIALOGS
from toolserver.browsing.browser.world import Moved, Stuck, World
from toolserver.pages.serving import Serving
from toolserver.pages.stepping import Travelling
from toolserver.pages.wire import MOST_ELEMENTS, MOST_PAGES, WIDTHS, PageLooked, StepDone, Visit, Visited

if TYPE_CHECKING:
    from playwright.async_api import (
        Browser,
        BrowserContext,
        CDPSession,
        ConsoleMessage,
        Dialog,
        Page,
        Request,
        Response,
    )

FACTS: Final = Path(__file__).parent / "facts.js"

VISIT_SECONDS: Final = 60.0
LOAD_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 5.0
"""How long a script of a page may keep the browser from answering."""

SETTLE_SECONDS: Final = 2.0
QUIET_SECONDS: Final = 0.1
CLOSE_SECONDS: Final = 5.0

_FRAMES: Final = 0.05
_HEIGHT: Final = 900
_TALLEST: Final = 4000
_MANY: Final = 50
_ENDLESS_DIALOGS: Final = 40
_LONGEST_TREE: Final = 60_000
_ROLE: Final = re.compile(r"^\s*- ([a-z]+)\b", re.MULTILINE)

_THROWN: Final = """
(() => {
  new Image().src = "/nowhere-at-all.png";
  console.error("planted");
})();
"""


class GivenUp(Exception):
    """A page broke a limit. The message says which, in one line."""


class Site:
    """One visit: the pages of a site in a browser context of their own. Use as ``async with Site.opened(...)``."""

    def __init__(self, context: "BrowserContext", page: "Page", session: "CDPSession", serving: Serving, call: Visit):
        self.page = page
        self._context = context
        self._session = session
        self._serving = serving
        self._call = call
        self._script = FACTS.read_text(encoding="utf-8")
        self._dialogs = 0
        self.errors: list[str] = []
        self.failed: list[str] = []
        self.notes: list[str] = []
        self._crashed = False
        self._listen()

    @classmethod
    @contextlib.asynccontextmanager
    async def opened(cls, browser: "Browser", serving: Serving, call: Visit) -> "AsyncIterator[Site]":
        """Open an empty page in a fresh context and close it afterwards."""
        dead = any(change.name == "dead" for change in call.changes)
        context = await browser.new_context(
            viewport={"width": WIDTHS[0], "height": _HEIGHT},
            accept_downloads=False,
            service_workers="block",
            permissions=[],
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="UTC",
            java_script_enabled=not dead,
        )
        try:
            await context.add_init_script(FEW_DIALOGS)
            if any(change.name == "throw_error" for change in call.changes):
                await context.add_init_script(_THROWN)
            page = await context.new_page()
            yield cls(context, page, await context.new_cdp_session(page), serving, call)
        finally:
            async with asyncio.timeout(CLOSE_SECONDS):
                await context.close()

    async def load(self, path: str) -> None:
        """Open a page of the site, with what is spoilt in it.

        Raises:
            GivenUp: it does not load, or is too large.
        """
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as Late

        try:
            await self.page.goto(f"{self._serving.origin}/{path}", wait_until="load", timeout=LOAD_SECONDS * 1000)
        except Late:
            raise GivenUp(f"{path} did not load within {LOAD_SECONDS:g} s; a script may run without end") from None
        except Error as error:
            raise GivenUp(f"{path} cannot be opened: {_line(str(error))}") from None
        await self.settle()
        if self._serving.path_of(self.page.url) is None:
            raise GivenUp(f"{path} went away to {_line(self.page.url)[:100]}; stay on the page")
        await self.spoil()

    async def spoil(self) -> None:
        """Make the changes of this visit in the page as it is now."""
        for change in self._call.changes:
            if change.name in ("drop_elements", "add_elements"):
                await self._multiply(change.role, change.text, twice=change.name == "add_elements")
            elif change.name != "throw_error":
                await self.ask("sabotage", change.name, change.text)

    async def settle(self) -> None:
        """Wait until the page is the same for a moment; one that always changes is taken as it is.

        Raises:
            GivenUp: its scripts let nothing through, its process died, or it has too many elements.
        """
        last, since = None, asyncio.get_running_loop().time()
        until = since + SETTLE_SECONDS
        while (now := asyncio.get_running_loop().time()) < until:
            pulse = await self.ask("pulse")
            if pulse != last or not str(pulse).startswith("complete"):
                last, since = pulse, now
            elif now - since >= QUIET_SECONDS:
                break
            await asyncio.sleep(QUIET_SECONDS / 3)
        count = await self.ask("elements")
        if isinstance(count, int) and count > MOST_ELEMENTS:
            raise GivenUp(f"the page has {count:,} elements; no more than {MOST_ELEMENTS:,} are looked at")

    async def ask(self, function: str, *given: Any) -> Any:
        """Return what a function of ``facts.js`` says of the page.

        Raises:
            GivenUp: the page's scripts let nothing through, or its process died.
        """
        if self._crashed:
            raise GivenUp("the page's process died; it may have used up the memory")
        if self._dialogs > _ENDLESS_DIALOGS:
            raise GivenUp("the page shows dialogs without end")
        for attempt in (1, 2, 3):
            world = World(self._session, self._script, ANSWER_SECONDS)
            try:
                return await world.call(function, *given)
            except Moved as moved:
                if attempt == 3:
                    raise GivenUp(f"the page cannot be read: {_line(str(moved))}") from None
                await asyncio.sleep(QUIET_SECONDS)
            except Stuck:
                raise GivenUp(f"a script of the page ran for over {ANSWER_SECONDS:g} s without pause") from None
        raise AssertionError

    async def looked(self, path: str) -> tuple[PageLooked, list[dict[str, str]]]:
        """Return what the page that is open is like, and its links to other pages of the site."""
        files = list(self._call.files)
        seen = await self.ask("look", files)
        overflow: dict[int, float] = {}
        wide: dict[int, str] = {}
        for width in WIDTHS:
            await self.page.set_viewport_size({"width": width, "height": _HEIGHT})
            # scripts that draw for a width do so in the next frames
            await asyncio.sleep(_FRAMES)
            found = await self.ask("overflow")
            overflow[width] = float(found["pixels"])
            if found["pixels"]:
                wide[width] = found["what"]
        await self.page.set_viewport_size({"width": WIDTHS[0], "height": _HEIGHT})
        tree = await _soon(self.page.locator("html").aria_snapshot(timeout=ANSWER_SECONDS * 1000))
        links, colours = seen["links"], seen["contrast"]
        return PageLooked(
            path=path,
            title=seen["title"],
            language=seen["language"],
            text=seen["text"],
            headings=tuple((level, text) for level, text in seen["headings"]),
            elements=seen["elements"],
            links=links["all"],
            outside=links["outside"],
            broken_links=tuple(links["broken"]),
            unlabelled=tuple(seen["unlabelled"]),
            doubled_ids=tuple(seen["doubled"]),
            texts=colours["measured"],
            unmeasured=colours["unmeasured"],
            faint=tuple(colours["faint"]),
            overflow=overflow,
            wide=wide,
            roles=dict(Counter(_ROLE.findall(tree))),
            tree=tree[:_LONGEST_TREE],
        ), links["near"]

    async def picture(self, width: int) -> bytes:
        """Return a picture of the page in a window of a width, as PNG, cut off below."""
        await self.page.set_viewport_size({"width": width, "height": _HEIGHT})
        await self.settle()
        height = await self.ask("height")
        clip = {"x": 0, "y": 0, "width": width, "height": min(max(int(height), 100), _TALLEST)}
        return bytes(await _soon(self.page.screenshot(clip=clip, full_page=True, timeout=LOAD_SECONDS * 1000)))  # type: ignore[arg-type]

    async def _multiply(self, role: str, text: str, *, twice: bool) -> None:
        """Take the elements of a role out of the page, or put each in twice."""
        found = self.page.get_by_role(role, name=text or None)  # type: ignore[arg-type]
        code = (
            "all => all.forEach(one => one.after(one.cloneNode(true)))"
            if twice
            else "all => all.forEach(o => o.remove())"
        )
        await _soon(found.evaluate_all(code))

    def _listen(self) -> None:
        self.page.on("pageerror", lambda error: _add(self.errors, f"uncaught: {error}"))
        self.page.on("console", self._on_console)
        self.page.on("requestfailed", self._on_failed)
        self.page.on("response", self._on_response)
        self.page.on("crash", self._on_crash)
        self.page.on("download", lambda _: _add(self.notes, "the page gave a file to download, which was refused"))
        self._context.on("dialog", self._on_dialog)
        self._context.on("page", self._on_page)

    def _on_console(self, message: "ConsoleMessage") -> None:
        # what could not be loaded is told by its request
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            _add(self.errors, f"console: {message.text}")

    def _on_failed(self, request: "Request") -> None:
        why = request.failure or "it failed"
        # a page that was left, and a file that it wanted to hand over
        if "ERR_ABORTED" not in why:
            _add(self.failed, f"{self._told(request.url)}: {why}")

    def _on_response(self, response: "Response") -> None:
        if response.status >= 400:
            _add(self.failed, f"{self._told(response.url)}: there is no such file")

    def _on_crash(self, _: "Page") -> None:
        self._crashed = True

    async def _on_dialog(self, dialog: "Dialog") -> None:
        from playwright.async_api import Error

        self._dialogs += 1
        _add(self.notes, f"the page showed a dialog ({dialog.type}), which was dismissed: {dialog.message}")
        with contextlib.suppress(Error):
            await dialog.dismiss()

    async def _on_page(self, page: "Page") -> None:
        if page is not self.page:
            _add(self.notes, "the page opened a window, which was closed")
            await page.close()

    def _told(self, url: str) -> str:
        path = self._serving.path_of(url)
        return f"{url[:150]} (on another site, which nothing here reaches)" if path is None else path[:150]


async def visited(browser: "Browser", call: Visit) -> tuple[Visited, bytes]:
    """Return what becomes of a visit, and its pictures.

    Raises:
        TimeoutError: the browser does not let go of the page, so it has to be ended.
    """
    pages: list[PageLooked] = []
    steps: list[StepDone] = []
    pictures: list[bytes] = []
    stopped = ""
    async with Serving(call.files) as serving, Site.opened(browser, serving, call) as site:
        try:
            async with asyncio.timeout(VISIT_SECONDS):
                await site.load(call.start)
                if call.steps:
                    steps = await Travelling(site, serving).all(call.steps)
                else:
                    pages = await _looked_at(site, call)
                if call.pictures:
                    if not call.steps and site.page.url != f"{serving.origin}/{call.start}":
                        await site.load(call.start)
                    pictures = [await site.picture(width) for width in WIDTHS[: 1 if call.steps else None]]
        except GivenUp as reason:
            stopped = str(reason)
        except TimeoutError:
            stopped = f"the visit took more than {VISIT_SECONDS:g} s"
    answer = Visited(
        pages=tuple(pages),
        errors=tuple(site.errors),
        failed=tuple(site.failed),
        steps=tuple(steps),
        notes=tuple(site.notes),
        stopped=stopped,
        picture_sizes=tuple(map(len, pictures)),
        browser=browser.version,
    )
    return answer, b"".join(pictures)


async def _looked_at(site: Site, call: Visit) -> list[PageLooked]:
    """Look at the first page and at all others of the site, and find out which links lead to places that are there."""
    others = sorted(path for path in call.files if path.endswith((".html", ".htm")) and path != call.start)
    pages: list[PageLooked] = []
    near: list[list[dict[str, str]]] = []
    anchors: dict[str, set[str]] = {}
    for path in (call.start, *others[: MOST_PAGES - 1]):
        if pages:
            await site.load(path)
        page, links = await site.looked(path)
        pages.append(page)
        near.append(links)
        anchors[path] = set(await site.ask("anchors"))
    return [_with_places(page, links, anchors) for page, links in zip(pages, near, strict=True)]


def _with_places(page: PageLooked, links: list[dict[str, str]], anchors: dict[str, set[str]]) -> PageLooked:
    from msgspec.structs import replace

    lost = [
        f"{link['told']} to {link['href']!r}: there is no such place on that page"
        for link in links
        if link["fragment"] not in ("", "top")
        and link["path"] in anchors
        and link["fragment"] not in anchors[link["path"]]
    ]
    return replace(page, broken_links=(*page.broken_links, *lost)) if lost else page


async def _soon(work: Awaitable[Any]) -> Any:
    """Return what the browser's driver gives.

    Raises:
        GivenUp: it does not answer.
    """
    from playwright.async_api import Error

    try:
        async with asyncio.timeout(LOAD_SECONDS):
            return await work
    except (Error, TimeoutError) as error:
        raise GivenUp(f"the browser cannot read the page: {_line(str(error)) or 'no answer'}") from None


def _add(lines: list[str], text: str) -> None:
    line = _line(text)
    if len(lines) < _MANY and line not in lines:
        lines.append(line)


def _line(text: str) -> str:
    return " ".join(text.split())[:300]
