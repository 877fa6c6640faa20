"""What fetches is opened when the first page is asked for, and once more when it was lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from agent.browsing.errors import FetchFailed
from agent.browsing.page import Page
from agent.browsing.ports import Browser, Fetcher
from agent.domain.errors import SandboxUnavailable

_NOT_OPEN = "the browser does not have this page open any more; open it again"


class Web(Fetcher, Browser, Protocol):
    """Gets pages by plain requests (``fetch``) or in a browser (``open`` and what follows)."""

    async def close(self) -> None:
        """Free what is behind it."""


class LazyWeb:
    """Opens the web at its first use, once, however many pages are asked for at the same time. Implements ``Web``.

    A session over local documents so needs no sandbox. Where the sandbox is lost at a page, that page is asked for once
    more in a new one; what was open in a lost browser is stale.
    """

    def __init__(self, opener: Callable[[], Awaitable[Web]]) -> None:
        self._opener = opener
        self._web: Web | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    async def fetch(self, url: str) -> Page:
        """Return the page of an address; see ``Fetcher.fetch``."""
        return await self._again_if_lost(lambda web: web.fetch(url))

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Go to an address; see ``Browser.open``."""
        return await self._again_if_lost(lambda web: web.open(url, browser=browser))

    async def click(self, ref: str) -> Page:
        """Click an element; see ``Browser.click``."""
        return await self._stale_if_lost(lambda web: web.click(ref))

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Replace a field's content; see ``Browser.type_text``."""
        return await self._stale_if_lost(lambda web: web.type_text(ref, text, submit=submit))

    async def select(self, ref: str, value: str) -> Page:
        """Choose an option; see ``Browser.select``."""
        return await self._stale_if_lost(lambda web: web.select(ref, value))

    async def close(self) -> None:
        """Free what was opened; nothing can be fetched afterwards."""
        async with self._opening:
            self._closed = True
            web, self._web = self._web, None
        if web is not None:
            await web.close()

    async def _again_if_lost(self, get: Callable[[Web], Awaitable[Page]]) -> Page:
        web = await self._opened()
        try:
            return await get(web)
        except SandboxUnavailable:
            await self._drop(web)
        return await get(await self._opened())

    async def _stale_if_lost(self, handle: Callable[[Web], Awaitable[Page]]) -> Page:
        web = self._web
        # a session that was resumed handles elements of a page that this browser has never opened
        if web is None:
            raise FetchFailed("stale", _NOT_OPEN)
        try:
            return await handle(web)
        except SandboxUnavailable as error:
            # whether it was done before the loss is unknown, so it is not done again
            await self._drop(web)
            raise FetchFailed("stale", _NOT_OPEN) from error

    async def _opened(self) -> Web:
        async with self._opening:
            if self._closed:
                raise FetchFailed("unreachable", "browsing has ended; begin another session")
            if self._web is None:
                self._web = await self._opener()
            return self._web

    async def _drop(self, lost: Web) -> None:
        async with self._opening:
            # another page may have met the loss first
            if self._web is not lost:
                return
            self._web = None
        await lost.close()
