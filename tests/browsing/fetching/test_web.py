"""A session over real pages: fetched in a browsing sandbox, read, pointed at, quoted and recorded."""

import contextlib
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest
import pytest_asyncio

from agent.browsing.actions import Open, Quote
from agent.browsing.errors import FetchFailed
from agent.browsing.fetching.web import SandboxedWeb
from agent.browsing.quotes import check_quote
from agent.browsing.session import Session, StoredPage
from agent.browsing.testing import FakeSearch, MemoryEffects
from agent.domain.errors import ServiceError
from toolserver.client import BrowsingSettings, LocalSandbox, OpenEgress, open_browsing
from toolserver.testing_web import Answer, HostileWeb, hostile_web

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENTRIES = "".join(
    f"<dl><dt id='harbour.gate{n}'>harbour.gate{n}(width)</dt><dd><p>Open gate number {n} to the given width in "
    f"metres.</p><p>New in version 3.{n}.</p></dd></dl>"
    for n in range(200)
)


class Reading:
    """The web, what fetches it, and the bytes that were kept."""

    def __init__(self, web: HostileWeb) -> None:
        self.web = web
        self.kept: dict[str, bytes] = {}
        self.pages: SandboxedWeb

    async def keep(self, data: bytes) -> None:
        self.kept[sha256(data).hexdigest()] = data

    def session(self, effects: MemoryEffects, *paths: str) -> Session:
        urls = tuple(self.web.url(path) for path in paths)
        return Session("?", fetcher=self.pages, search=FakeSearch([]), effects=effects, urls=urls)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reading(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Reading]:
    async with contextlib.AsyncExitStack() as stack:
        web = await stack.enter_async_context(hostile_web())
        docs = f"<html><head><title>Gates</title></head><body><main><h1>Gates</h1>{ENTRIES}</main></body></html>"
        web.pages["/docs"] = Answer(docs.encode())
        made = Reading(web)
        sandbox = await open_browsing(
            LocalSandbox(egress=OpenEgress(hosts=(web.rule,))),
            "reading",
            state_dir=tmp_path_factory.mktemp("reading"),
            settings=BrowsingSettings(delay_seconds=0, page_seconds=5),
        )
        made.pages = SandboxedWeb(sandbox, made.keep)
        stack.push_async_callback(made.pages.close)
        yield made


async def test_an_address_with_a_fragment_opens_where_it_points_and_its_entry_can_be_quoted(reading: Reading) -> None:
    effects = MemoryEffects()
    session = reading.session(effects, "/docs")

    opened = await session.do(Open(url=reading.web.url("/docs#harbour.gate150")))
    assert opened.ok, opened.message
    view = session.state.page
    assert view is not None
    assert "harbour.gate150(width)\n\nOpen gate number 150 to the given width" in view.text

    await session.do(Quote(text="New in version 3.150."))
    [quoted] = session.state.kept[0].quotes
    assert check_quote(quoted.quote, view.page.text) == "valid"
    assert (quoted.status, quoted.content_type, quoted.tier) == (200, "text/html", "text")
    assert quoted.extractor is not None
    assert quoted.extractor.name == "plumbline-html"
    assert sha256(reading.kept[quoted.raw_sha256]).hexdigest() == quoted.raw_sha256


async def test_a_recorded_session_is_the_same_without_a_web(reading: Reading) -> None:
    effects = MemoryEffects()
    first = reading.session(effects, "/docs")
    await first.do(Open(url=reading.web.url("/docs#harbour.gate42")))
    asked = len(reading.web.asked)

    again = reading.session(MemoryEffects(replay=effects), "/docs")
    await again.do(Open(url=reading.web.url("/docs#harbour.gate42")))

    assert again.state == first.state
    assert len(reading.web.asked) == asked


async def test_what_is_no_page_is_an_observation_with_its_kind(reading: Reading) -> None:
    session = reading.session(MemoryEffects(), "/challenge", "/private/page", "/words")

    opened = [await session.do(Open(url=url)) for url in session.state.known_urls]

    assert sorted(one.kind for one in opened) == ["challenge", "robots", "word_list"]


async def test_a_failure_keeps_what_helps_to_try_again(reading: Reading) -> None:
    with pytest.raises(FetchFailed) as busy:
        await reading.pages.fetch(reading.web.url("/busy"))
    with pytest.raises(FetchFailed) as shell:
        await reading.pages.fetch(reading.web.url("/shell"))

    assert (busy.value.kind, busy.value.retry_after) == ("rate_limited", 120.0)
    assert (shell.value.kind, shell.value.needs_browser) == ("empty", True)


async def test_a_sandbox_that_is_gone_is_an_error_and_no_observation(reading: Reading, tmp_path: Path) -> None:
    lost = await open_browsing(LocalSandbox(egress=OpenEgress(hosts=(reading.web.rule,))), "lost", state_dir=tmp_path)
    await lost.close()

    with pytest.raises(ServiceError):
        await SandboxedWeb(lost).fetch(reading.web.url("/good"))


async def test_pages_of_older_records_load() -> None:
    old = (
        '{"url":"https://example.org/","final_url":"https://example.org/","title":"T","fetched_at":"2026-01-01T00:00:00Z",'
        '"tier":"text","raw_sha256":"00","text_sha256":"00","sentences":[[0,3]],"links":[],"elements":[]}'
    )

    loaded = StoredPage.model_validate_json(old)

    assert (loaded.status, loaded.content_type, loaded.extractor, loaded.anchors) == (0, "", None, ())
