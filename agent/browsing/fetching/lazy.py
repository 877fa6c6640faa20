"""What fetches is opened when the first page is asked for: a session over local documents needs no sandbox."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from agent.browsing.errors import FetchFailed
from agent.browsing.page import Page
from agent.browsing.ports import Browser, Fetcher


class Web(Fetcher, Browser, Protocol):
    """Gets pages by plain requests (``fetch``) or in a browser (``open`` and what follows)."""

    async def close(self) -> None:
        """Free what is behind it."""


class LazyWeb:
    """Opens the web at its first use, once, however many pages are asked for at the same time. Implements ``Web``."""

    def __init__(self, opener: Callable[[], Awaitable[Web]]) -> None:
        self._opener = opener
        self._web: Web | None = None
        self._opening = asyncio.Lock()
        self._closed = False

    async def fetch(self, url: str) -> Page:
        """Return the page of an address; see ``Fetcher.fetch``."""
        return await (await self._opened()).fetch(url)

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Go to an address; see ``Browser.open``."""
        return await (await self._opened()).open(url, browser=browser)

    async def click(self, ref: str) -> Page:
        """Click an element; see ``Browser.click``."""
        return await self._with_page().click(ref)

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Replace a field's content; see ``Browser.type_text``."""
        return await self._with_page().type_text(ref, text, submit=submit)

    async def select(self, ref: str, value: str) -> Page:
        """Choose an option; see ``Browser.select``."""
        return await self._with_page().select(ref, value)

    async def close(self) -> None:
        """Free what was opened; nothing can be fetched afterwards."""
        async with self._opening:
            self._closed = True
            web, self._web = self._web, None
        if web is not None:
            await web.close()

    async def _opened(self) -> Web:
        async with self._opening:
            if self._closed:
                raise FetchFailed("unreachable", "browsing has ended; begin another session")
            if self._web is None:
                self._web = await self._opener()
            return self._web

    def _with_page(self) -> Web:
        # a session that was resumed handles elements of a page that this browser has never opened
        if self._web is None:
            raise FetchFailed("stale", "the browser does not have this page open any more; open it again")
        return self._web
