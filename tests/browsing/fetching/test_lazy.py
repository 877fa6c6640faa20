"""What fetches is opened when it is needed, once, and again when it was lost."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from agent.browsing.errors import FetchFailed
from agent.browsing.fetching.lazy import LazyWeb
from agent.browsing.page import Page
from agent.browsing.testing import FakeWeb, page_of
from agent.domain.errors import SandboxUnavailable

URL = "https://example.org/a"


class Sandbox(FakeWeb):
    """A web that can be lost."""

    def __init__(self, page: Page) -> None:
        super().__init__({URL: page})
        self.lost = False
        self.closed = False

    async def fetch(self, url: str) -> Page:
        await asyncio.sleep(0)
        if self.lost:
            raise SandboxUnavailable("the browsing sandbox was lost")
        return await super().fetch(url)

    async def open(self, url: str, *, browser: bool = False) -> Page:
        return await self.fetch(url)

    async def click(self, ref: str) -> Page:
        return await self.fetch(URL)

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        return await self.fetch(URL)

    async def select(self, ref: str, value: str) -> Page:
        return await self.fetch(URL)

    async def close(self) -> None:
        self.closed = True


class Opener:
    """Opens sandboxes and remembers them."""

    def __init__(self, *, lost: int = 0) -> None:
        self.opened: list[Sandbox] = []
        self._lost = lost

    async def __call__(self) -> Sandbox:
        await asyncio.sleep(0.01)
        sandbox = Sandbox(page_of(f"from sandbox {len(self.opened) + 1}"))
        sandbox.lost = len(self.opened) < self._lost
        self.opened.append(sandbox)
        return sandbox


async def test_many_pages_open_one_sandbox() -> None:
    opener = Opener()
    web = LazyWeb(opener)
    assert opener.opened == []

    await asyncio.gather(*(web.fetch(URL) for _ in range(5)), web.open(URL))

    assert len(opener.opened) == 1
    await web.close()
    assert opener.opened[0].closed
    with pytest.raises(FetchFailed):
        await web.fetch(URL)
    assert len(opener.opened) == 1


async def test_a_sandbox_that_could_not_be_opened_is_tried_again_at_the_next_page() -> None:
    opener, failures = Opener(), [SandboxUnavailable("no room")]

    async def open_web() -> Sandbox:
        if failures:
            raise failures.pop()
        return await opener()

    web = LazyWeb(open_web)
    with pytest.raises(SandboxUnavailable, match="no room"):
        await web.fetch(URL)
    assert (await web.fetch(URL)).text == "from sandbox 1"


async def test_pages_are_asked_for_once_more_in_a_new_sandbox_when_theirs_was_lost() -> None:
    opener = Opener(lost=1)
    web = LazyWeb(opener)

    pages = await asyncio.gather(*(web.fetch(URL) for _ in range(3)))

    assert {page.text for page in pages} == {"from sandbox 2"}
    assert [sandbox.closed for sandbox in opener.opened] == [True, False]


async def test_a_second_loss_in_a_row_is_an_error() -> None:
    with pytest.raises(SandboxUnavailable):
        await LazyWeb(Opener(lost=2)).fetch(URL)


@pytest.mark.parametrize(
    "handle",
    [
        lambda web: web.click("e1"),
        lambda web: web.type_text("e1", "x", submit=True),
        lambda web: web.select("e1", "x"),
    ],
)
async def test_elements_of_a_page_that_is_not_open_are_stale_and_nothing_is_done_twice(
    handle: Callable[[LazyWeb], Awaitable[Page]],
) -> None:
    opener = Opener()
    web = LazyWeb(opener)
    with pytest.raises(FetchFailed) as before:
        await handle(web)
    await web.open(URL)
    assert await handle(web)
    opener.opened[0].lost = True
    with pytest.raises(FetchFailed) as after:
        await handle(web)

    assert (before.value.kind, after.value.kind) == ("stale", "stale")
    assert len(opener.opened) == 1
    assert (await web.open(URL)).text == "from sandbox 2"
