"""The world of a run: opened when it is needed, closed with the run, and one browser for all of its sessions."""

import pytest

from agent.browsing.errors import FetchFailed
from agent.browsing.page import Page
from agent.browsing.ports import World
from agent.browsing.testing import FakeSearch, FakeWeb, page_of
from agent.domain.errors import ConfigurationError, ReplayDivergence
from agent.execution.world import RunWorld

PAGES = {url: page_of(f"This is {url}.", url=url) for url in ("https://example.org/a", "https://example.org/b")}
A, B = PAGES


class OneTab:
    """A browser with one page. Implements ``Browser``."""

    def __init__(self) -> None:
        self.shown = ""

    async def open(self, url: str, *, browser: bool = False) -> Page:
        self.shown = url
        return PAGES[url]

    async def click(self, ref: str) -> Page:
        return PAGES[self.shown]

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        return PAGES[self.shown]

    async def select(self, ref: str, value: str) -> Page:
        return PAGES[self.shown]


class Opening:
    """Counts how often a world is opened and closed."""

    def __init__(self, browser: OneTab | None) -> None:
        self.browser = browser
        self.opened = self.closed = 0

    async def __call__(self) -> World:
        self.opened += 1
        return World(fetcher=FakeWeb(PAGES), search=FakeSearch(()), browser=self.browser, close=self.close)

    async def close(self) -> None:
        self.closed += 1


async def test_it_is_opened_once_when_something_is_asked_of_it_and_closed_if_it_was_opened() -> None:
    opening = Opening(None)
    world = RunWorld(opening)
    one, two = world.seat(), world.seat()
    assert opening.opened == 0
    assert (await one.open(A), await two.fetch(B), await one.search("x")) == (PAGES[A], PAGES[B], ())
    await world.close()
    await world.close()
    assert (opening.opened, opening.closed) == (1, 1)


async def test_a_session_handles_no_page_that_another_one_has_opened() -> None:
    world = RunWorld(Opening(OneTab()))
    one, two = world.seat(), world.seat()
    await one.open(A)
    assert await one.click("e1") == PAGES[A]
    await two.open(B)
    for handled in (one.click("e1"), one.type_text("e1", "x", submit=True), one.select("e1", "x")):
        with pytest.raises(FetchFailed) as stale:
            await handled
        assert stale.value.kind == "stale"
    assert await two.click("e1") == PAGES[B]


async def test_without_a_browser_nothing_can_be_handled() -> None:
    seat = RunWorld(Opening(None)).seat()
    await seat.open(A)
    with pytest.raises(FetchFailed, match="not opened in a browser"):
        await seat.click("e1")


async def test_a_replay_and_a_run_that_may_not_browse_say_so() -> None:
    async def nothing() -> World | None:
        return None

    with pytest.raises(ReplayDivergence):
        await RunWorld().seat().search("x")
    with pytest.raises(ConfigurationError, match="--web"):
        await RunWorld(nothing).seat().search("x")
