"""A session in a real browser: one page, and what can be done on it.

Everything that comes back was computed in a script world of ours, from what a reader of the page would see.
"""

import asyncio
import contextlib
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from msgspec import convert

from toolserver.browsing.browser import failures
from toolserver.browsing.browser.keeping import Files
from toolserver.browsing.browser.launching import Engine
from toolserver.browsing.browser.seen import Seen, SeenDownload, SeenElement
from toolserver.browsing.browser.tab import Tab
from toolserver.browsing.browser.visit import BrowserLimits, Visit
from toolserver.browsing.browser.world import TAKE_SECONDS, Moved, Stuck
from toolserver.errors import BrowsingBroken, PageFailed

if TYPE_CHECKING:
    from playwright.async_api import Browser

LONGEST_KEYED: Final = 200
"""Characters that are typed key by key; a longer text is put in at once."""

TAKE_MILLISECONDS: Final = 8000
"""How long the document is looked at; what was not reached by then is missing."""

_TRIES: Final = 4
_START_SECONDS: Final = 0.15
"""How long a click may take to begin what it brings about."""
_FILE_SECONDS: Final = 5.0
"""How long a file that comes instead of a page may take to be told of, once the page has been given up for it."""

_NO_PAGE: Final = "no page is open in the browser; open one"
_CRASHED: Final = "the page crashed the browser, which was started anew; open another page"

Do = Callable[[Tab], Awaitable[None]]


class BrowserSession:
    """One session's page. Actions come one after the other.

    Args:
        engine: the browser.
        folder: where files that pages give wait for the host; of its own.
        proxy: the proxy's host and port, to learn why something could not be reached; None where there is none.
        limits: how much is taken, how long is waited.
        agent: what servers are told about who asks, after the browser's own words.

    Attributes:
        engine: the browser.
    """

    def __init__(
        self,
        engine: Engine,
        folder: Path,
        *,
        proxy: str | None = None,
        limits: BrowserLimits | None = None,
        agent: str = "",
    ) -> None:
        self.engine = engine
        self._proxy = proxy
        self._limits = limits or BrowserLimits()
        self._files = Files(
            folder,
            engine.downloads,
            file_bytes=self._limits.download_bytes,
            all_bytes=self._limits.all_download_bytes,
            seconds=self._limits.download_seconds,
        )
        self._agent = agent
        self._acting = asyncio.Lock()
        self._tab: Tab | None = None
        self._begun = False
        # a program that is started anew gives none of the references that were told before
        self._series = secrets.token_hex(2)
        self._next_ref = 1

    async def open(self, url: str) -> Seen:
        """Go to an address and return what is seen there.

        Raises:
            PageFailed: there is no page to read; ``kind`` says why.
            BrowsingBroken: there is no browser.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise PageFailed("refused_address", f"{url[:200]} is not opened; only http and https addresses are")
        return await self._act(lambda tab: self._go(tab, url), follow=False)

    async def take(self, path: Path) -> bytes:
        """Return the content of a file that a page gave, and delete it.

        Raises:
            PageFailed: it is not there any more.
        """
        return await self._files.take(path)

    async def click(self, ref: str) -> Seen:
        """Click an element of the last snapshot and return what is seen afterwards.

        Raises:
            PageFailed: see ``open``; of kind ``stale`` where the element is gone.
        """

        async def do(tab: Tab) -> None:
            spot = await _on_element(tab, "spot", ref)
            if spot is None:
                # something lies above it, or it is in a frame: told to it directly
                await _on_element(tab, "click", ref)
            else:
                await tab.page.mouse.click(spot["x"], spot["y"])
            await asyncio.sleep(_START_SECONDS)

        return await self._handled(do)

    async def type_text(self, ref: str, text: str, *, submit: bool = False) -> Seen:
        """Replace a field's content, press Enter if asked to, and return what is seen afterwards.

        Raises:
            PageFailed: see ``click``.
        """

        async def do(tab: Tab) -> None:
            how = await _on_element(tab, "ready", ref, text)
            if how in ("none", "readonly"):
                raise PageFailed("stale", f"nothing can be typed into {ref}; choose a field")
            keyboard = tab.page.keyboard
            if how == "keys":
                await keyboard.press("Delete")
                if len(text) <= LONGEST_KEYED:
                    await keyboard.type(text)
                else:
                    await keyboard.insert_text(text)
            if submit:
                await keyboard.press("Enter")
                await asyncio.sleep(_START_SECONDS)

        return await self._handled(do)

    async def select(self, ref: str, value: str) -> Seen:
        """Choose an option by its visible text and return what is seen afterwards.

        Raises:
            PageFailed: see ``click``.
        """

        async def do(tab: Tab) -> None:
            done = await _on_element(tab, "choose", ref, value)
            if done != "done":
                why = {"none": f"{ref} has no options", "disabled": f"the option {value!r} cannot be chosen now"}
                raise PageFailed("stale", why.get(done, f"{ref} has no option {value!r}; see what it offers"))
            await asyncio.sleep(_START_SECONDS)

        return await self._handled(do)

    async def screenshot(self, *, pictures: bool = True) -> bytes:
        """Return the page as a PNG of half its size, cut off below.

        Args:
            pictures: load the pictures that were left out when the page was read.

        Raises:
            PageFailed: no page is open, or no picture of it can be made.
        """
        from playwright.async_api import Error

        async with self._acting:
            if self._tab is None:
                raise PageFailed("stale", _NO_PAGE)
            try:
                return await self._tab.shot(pictures=pictures)
            except (Error, Moved, Stuck, TimeoutError) as error:
                raise PageFailed("timeout", "no picture of this page can be taken; go on without") from error

    async def close(self) -> None:
        """Forget the page and all that it left: cookies, storage, files. The session can be used again, afresh."""
        async with self._acting:
            await self._discard()
            await self._files.clear()

    async def _handled(self, do: Do) -> Seen:
        if self._tab is None:
            raise PageFailed("stale", _NO_PAGE)
        return await self._act(do, follow=True)

    async def _act(self, do: Do, *, follow: bool) -> Seen:
        """Do something in the page, wait until it has settled, and return what is seen then.

        Args:
            do: what is done.
            follow: whether a page that opens on the way becomes the page.
        """
        from playwright.async_api import Error

        async with self._acting:
            tab = await self._ready()
            visit = tab.watch.begin(popups=follow)
            try:
                async with asyncio.timeout(self._limits.action_seconds):
                    if not follow:
                        await tab.renew()
                        # what the page before did meanwhile is none of the next one's
                        visit = tab.watch.begin(popups=False)
                    await do(tab)
                    return await self._outcome(tab, visit, follow=follow)
            except PageFailed as failed:
                if visit.crashed or visit.too_large or failed.kind == "timeout":
                    await self._discard()
                raise
            except Stuck as error:
                await self._discard()
                raise PageFailed("timeout", "the scripts of this page never pause; open another page") from error
            except TimeoutError as error:
                await self._discard()
                limit = self._limits.action_seconds
                raise PageFailed("timeout", f"the page was not ready after {limit:g} s; open another page") from error
            except Exception as error:
                # that what drives the browser has ended is told by nothing more special than Exception
                if not isinstance(error, Error | Moved) and type(error) is not Exception:
                    raise
                crashed = visit.crashed or not self.engine.running
                await self._discard()
                reason = _CRASHED if crashed else f"the page went away: {str(error).splitlines()[0][:200]}"
                raise PageFailed("unreachable", reason) from error
            finally:
                tab.watch.over(visit)

    async def _outcome(self, tab: Tab, visit: Visit, *, follow: bool) -> Seen:
        await tab.settle(visit)
        if visit.popups:
            await tab.follow(visit)
        downloads = [kept for kept in [await task for task in visit.downloads] if kept is not None]
        if visit.too_large:
            raise PageFailed("too_large", f"the page has more than {self._limits.page_bytes:,} bytes; open another")
        if visit.crashed:
            raise PageFailed("unreachable", _CRASHED)
        if tab.page.url.startswith("chrome-error:") or (visit.failure is not None and not visit.downloads):
            url, reason = visit.failure or (tab.page.url, "it failed")
            raise await self._why(url, reason)
        if visit.response is not None:
            tab.status = visit.response.status
            failure = failures.of_answer(visit.response, readable=failures.READABLE if not visit.downloads else ("",))
            if failure is not None:
                raise failure
        if visit.only_files or (tab.page.url == "about:blank" and visit.downloads):
            return _files_only(visit, downloads)
        return await self._seen(tab, visit, downloads)

    async def _why(self, url: str, reason: str) -> PageFailed:
        if "ERR_TUNNEL_CONNECTION_FAILED" in reason and self._proxy is not None:
            refusal = await failures.asked(self._proxy, url)
            if refusal is not None:
                return refusal
        return failures.of_network(reason, url)

    async def _go(self, tab: Tab, url: str) -> None:
        from playwright.async_api import Error
        from playwright.async_api import TimeoutError as Late

        visit = tab.watch.visit
        try:
            await _arrived(tab, url, visit, self._limits.load_seconds)
        except Late as error:
            if visit.too_large:
                return
            if visit.response is None or tab.page.url == "about:blank":
                raise PageFailed("timeout", f"{url} did not answer in time; open another page") from error
            visit.note("the page was still loading when it was read")
            await tab.stop_loading()
        except Error as error:
            text = str(error)
            if visit.crashed:
                raise
            if "ERR_ABORTED" in text or "Download is starting" in text or "interrupted" in text:
                # a file instead of a page, or a page that sent us on at once
                await _file_told(visit, _FILE_SECONDS if "Download is starting" in text else _START_SECONDS)
                visit.only_files = bool(visit.downloads)
                if visit.downloads or visit.too_large or "interrupted" in text:
                    visit.failure = None
                    return
            raise await self._why(url, text) from error
        refusal = failures.of_refusal(visit.response) if visit.response is not None else None
        if refusal is not None:
            raise refusal

    async def _seen(self, tab: Tab, visit: Visit, downloads: list[SeenDownload]) -> Seen:
        limits = self._limits
        most = {
            "characters": limits.characters,
            "nodes": limits.nodes,
            "elements": limits.elements,
            "milliseconds": TAKE_MILLISECONDS,
        }
        taken = await self._taken(tab, visit, most)
        self._next_ref += len(taken["elements"])
        if not taken["url"].startswith(("http:", "https:")):
            raise PageFailed("refused_address", f"the page led to {taken['url'][:60]}, which is not opened")
        if taken["truncated"]:
            visit.note("the page is longer than is read; its end is missing")
        return Seen(
            url=taken["url"],
            status=tab.status,
            title=taken["title"],
            html=taken["html"],
            elements=convert(taken["elements"], tuple[SeenElement, ...]),
            hidden=taken["hidden"],
            notes=visit.notes,
            downloads=tuple(downloads),
        )

    async def _taken(self, tab: Tab, visit: Visit, most: dict[str, int]) -> dict[str, Any]:
        given = (f"e{self._series}-", self._next_ref, most)
        for _ in range(_TRIES - 1):
            try:
                return dict(await tab.world.call("take", *given, seconds=TAKE_SECONDS))
            except Moved:
                # it went on to another document just now
                await tab.settle(visit)
        return dict(await tab.world.call("take", *given, seconds=TAKE_SECONDS))

    async def _ready(self) -> Tab:
        """Return the tab, in a browser that runs."""
        if not self._begun:
            # an earlier program may have left some
            await self._files.clear()
            self._begun = True
        browser = await self.engine.browser()
        if self._tab is not None and (self._tab.context.browser is not browser or self._tab.page.is_closed()):
            await self._discard()
            browser = await self.engine.browser()
        if self._tab is None:
            try:
                self._tab = await Tab.open(browser, self._files, self._limits, self._agent)
            except Exception:  # noqa: BLE001 - it has died, and nobody has told yet
                await self.engine.close()
                self._tab = await self._opened(await self.engine.browser())
        return self._tab

    async def _opened(self, browser: "Browser") -> Tab:
        try:
            return await Tab.open(browser, self._files, self._limits, self._agent)
        except Exception as error:
            await self.engine.close()
            raise BrowsingBroken(f"the browser shows no page: {str(error).splitlines()[0][:200]}") from error

    async def _discard(self) -> None:
        """Forget the tab; the next action begins in a fresh one."""
        tab, self._tab = self._tab, None
        if tab is not None and not await tab.close():
            await self.engine.close()


async def _file_told(visit: Visit, seconds: float) -> None:
    """Wait until the browser tells of a file, but not for ever."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await visit.file_came.wait()


async def _arrived(tab: Tab, url: str, visit: Visit, seconds: float) -> None:
    """Return when the document is there, or more of it has come than is taken."""
    going = asyncio.ensure_future(tab.page.goto(url, wait_until="domcontentloaded", timeout=seconds * 1000))
    over = asyncio.ensure_future(visit.over.wait())
    try:
        await asyncio.wait({going, over}, return_when=asyncio.FIRST_COMPLETED)
        if going.done():
            going.result()
    finally:
        for task in (going, over):
            task.cancel()
        await asyncio.gather(going, over, return_exceptions=True)


async def _on_element(tab: Tab, function: str, ref: str, *arguments: Any) -> Any:
    try:
        answer = await tab.world.with_element(function, ref, *arguments)
    except Moved:
        answer = {"stale": True}
    if "stale" in answer:
        raise PageFailed("stale", f"the element {ref} is no longer on the page; look at the page as it is now")
    return answer["value"]


def _files_only(visit: Visit, downloads: list[SeenDownload]) -> Seen:
    if not downloads:
        raise PageFailed("too_large", f"{'; '.join(visit.notes) or 'the file did not come'}; open another page")
    first = downloads[0]
    return Seen(url=first.url, status=None, title=first.name, html="", notes=visit.notes, downloads=tuple(downloads))
