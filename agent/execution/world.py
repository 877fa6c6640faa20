"""What a run can browse: how it is set up, and opening it only when something has to be had from outside."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Literal

from agent.browsing.errors import FetchFailed
from agent.browsing.page import Page
from agent.browsing.ports import Browser, SearchResult, World
from agent.browsing.profile import DEFAULT, BrowseProfile
from agent.domain.base import Fact
from agent.domain.errors import ConfigurationError, ReplayDivergence


class Browsing(Fact):
    """How a run researches the web, recorded with its setting.

    Attributes:
        profile: limits of one session.
        after_reading: what a branch may do unasked once it has read pages. ``ask``: nothing but reading. ``contained``:
            also what stays in the sandbox; what can send something to others is asked about all the same.
    """

    profile: BrowseProfile = DEFAULT
    after_reading: Literal["ask", "contained"] = "ask"


async def _nowhere() -> World | None:
    raise ReplayDivergence("something was to be browsed that was not recorded")


class RunWorld:
    """The world of one run, which its sessions share.

    Args:
        opener: opens it, when something has to be had from outside for the first time; a re-run over what is recorded
            opens nothing.
    """

    def __init__(self, opener: Callable[[], Awaitable[World | None]] = _nowhere) -> None:
        self._opener = opener
        self._opening = asyncio.Lock()
        self._turn = asyncio.Lock()
        self._world: World | None = None
        self._shown_to: WorldSeat | None = None

    def seat(self) -> "WorldSeat":
        """Return the world as one session uses it."""
        return WorldSeat(self)

    async def close(self) -> None:
        """Free what was opened."""
        async with self._opening:
            world, self._world = self._world, None
        if world is not None:
            await world.close()

    async def opened(self) -> World:
        """Return the open world.

        Raises:
            ConfigurationError: there is nothing that this run may browse.
        """
        async with self._opening:
            if self._world is None:
                self._world = await self._opener()
            if self._world is None:
                raise ConfigurationError("the run may not browse; allow the web by --web")
            return self._world

    @asynccontextmanager
    async def browser_of(self, seat: "WorldSeat", *, opens: bool) -> AsyncIterator[Browser | None]:
        """Give a session the browser for one action; there is one browser, and it shows the page of one session.

        Raises:
            FetchFailed: of kind ``stale``, where another session has opened a page since.
        """
        world = await self.opened()
        if world.browser is None:
            yield None
            return
        async with self._turn:
            if not opens and self._shown_to is not seat:
                raise FetchFailed("stale", "the browser shows another page by now; open this one again")
            self._shown_to = seat
            yield world.browser


class WorldSeat:
    """A run's world as one session uses it. Implements ``Fetcher``, ``SearchBackend`` and ``Browser``."""

    def __init__(self, world: RunWorld) -> None:
        self._world = world

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return pages that fit a query; see ``SearchBackend.search``."""
        return await (await self._world.opened()).search.search(query)

    async def fetch(self, url: str) -> Page:
        """Return the page of an address; see ``Fetcher.fetch``."""
        return await (await self._world.opened()).fetcher.fetch(url)

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Go to an address, in the browser where there is one; see ``Browser.open``."""
        async with self._world.browser_of(self, opens=True) as shared:
            if shared is not None:
                return await shared.open(url, browser=browser)
            if browser:
                raise FetchFailed("unreachable", "there is no real browser here; open it without")
            return await self.fetch(url)

    async def click(self, ref: str) -> Page:
        """Click an element; see ``Browser.click``."""
        async with self._world.browser_of(self, opens=False) as browser:
            return await _there(browser).click(ref)

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Replace a field's content; see ``Browser.type_text``."""
        async with self._world.browser_of(self, opens=False) as browser:
            return await _there(browser).type_text(ref, text, submit=submit)

    async def select(self, ref: str, value: str) -> Page:
        """Choose an option; see ``Browser.select``."""
        async with self._world.browser_of(self, opens=False) as browser:
            return await _there(browser).select(ref, value)


def _there(browser: Browser | None) -> Browser:
    if browser is None:
        raise FetchFailed("stale", "this page was not opened in a browser, so nothing on it can be handled")
    return browser
