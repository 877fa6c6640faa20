"""The page cache: what is kept, what is given back when, and what a replay does without a network."""

import asyncio
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from agent.browsing.config import CacheConfig
from agent.browsing.errors import CacheUnavailable, FetchFailed
from agent.browsing.fetching.cache import KEPT_FETCHES, CachedBrowser, CachedFetcher, CacheMode, PageCache, address_of
from agent.browsing.page import Element, Link, Page
from agent.browsing.testing import FakeWeb, page_of
from agent.ledger.blobs import FolderBlobs

URL = "https://example.org/a"
NOW = datetime(2026, 11, 1, 12, 0, tzinfo=UTC)
"""When the pages of ``page_of`` are fetched."""


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


class FakeBrowser(FakeWeb):
    """Opens pages as ``FakeWeb`` fetches them."""

    async def open(self, url: str, *, browser: bool = False) -> Page:
        page = await self.fetch(url)
        return page.model_copy(update={"tier": "browser"}) if browser else page

    async def click(self, ref: str) -> Page:
        raise FetchFailed("stale", f"{ref} is gone")

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        raise FetchFailed("stale", f"{ref} is gone")

    async def select(self, ref: str, value: str) -> Page:
        raise FetchFailed("stale", f"{ref} is gone")


def cache_of(home: Path, mode: CacheMode = "live", clock: Clock | None = None) -> PageCache:
    return PageCache(
        home / "pages.db", FolderBlobs(home / "blobs"), mode=mode, max_age=timedelta(hours=1), clock=clock or Clock()
    )


def a_page(text: str = "It boils. 热水\U0001f600", url: str = URL, minutes: int = 0, **other: object) -> Page:
    page = page_of(text, url=url, links=(Link(text="x", url="https://example.org/b", offset=0),))
    return page.model_copy(update={"fetched_at": NOW + timedelta(minutes=minutes), **other})


async def test_live_always_fetches_and_the_newest_is_replayed(tmp_path: Path) -> None:
    web = FakeWeb({URL: a_page("first")})
    live = CachedFetcher(cache := cache_of(tmp_path), web)
    await live.fetch(URL)
    web.pages[URL] = a_page("second", minutes=5)
    assert (await live.fetch(URL)).text == "second"
    await cache.close()

    replay = CachedFetcher(cache := cache_of(tmp_path, "replay"), FakeWeb({}))
    assert await replay.fetch(URL) == a_page("second", minutes=5)
    await cache.close()


async def test_a_page_that_is_young_enough_is_not_fetched_again(tmp_path: Path) -> None:
    clock, web = Clock(), FakeWeb({URL: a_page()})
    fetcher = CachedFetcher(cache := cache_of(tmp_path, "cache", clock), web)

    assert await fetcher.fetch(URL) == a_page()
    clock.now += timedelta(minutes=59)
    assert await fetcher.fetch(URL) == a_page()
    assert len(web.fetched) == 1
    clock.now += timedelta(minutes=2)
    await fetcher.fetch(URL)
    assert len(web.fetched) == 2
    await cache.close()


async def test_an_age_may_be_as_long_as_the_clock_can_go_back(tmp_path: Path) -> None:
    for age in (float("inf"), float("nan"), 1e11):
        with pytest.raises(ValidationError):
            CacheConfig(mode="cache", max_age_seconds=age)
    longest = CacheConfig(mode="cache", max_age_seconds=10 * 365 * 24 * 3600)
    cache = PageCache(
        tmp_path / "pages.db",
        FolderBlobs(tmp_path / "blobs"),
        mode=longest.mode,
        max_age=timedelta(seconds=longest.max_age_seconds),
    )

    assert await cache.get(URL, opened=False) is None
    await cache.close()


async def test_the_address_that_answered_and_other_fragments_find_the_page_too(tmp_path: Path) -> None:
    moved = a_page(final_url="https://example.org/moved")
    fetcher = CachedFetcher(cache := cache_of(tmp_path, "cache"), FakeWeb({URL: moved}))
    await fetcher.fetch(URL)

    for url in ("https://example.org/moved", "https://EXAMPLE.org/a#part"):
        assert (await fetcher.fetch(url)).url == url
    with pytest.raises(FetchFailed):
        await fetcher.fetch("https://example.org/a/")
    await cache.close()


async def test_failures_are_not_kept(tmp_path: Path) -> None:
    web = FakeWeb({URL: FetchFailed("timeout", "slow")})
    fetcher = CachedFetcher(cache := cache_of(tmp_path, "cache"), web)
    with pytest.raises(FetchFailed):
        await fetcher.fetch(URL)
    web.pages[URL] = a_page()

    assert await fetcher.fetch(URL) == a_page()
    await cache.close()


async def test_a_replay_never_fetches_and_says_what_is_missing(tmp_path: Path) -> None:
    web = FakeWeb({URL: a_page()})
    fetcher = CachedFetcher(cache := cache_of(tmp_path, "replay"), web)

    with pytest.raises(FetchFailed) as failure:
        await fetcher.fetch(URL)
    await cache.close()

    assert failure.value.kind == "not_found"
    assert "browsing.cache.mode is replay" in str(failure.value)
    assert web.fetched == []


async def test_a_page_whose_text_has_gone_or_was_changed_is_fetched_again(tmp_path: Path) -> None:
    web = FakeWeb({URL: a_page()})
    fetcher = CachedFetcher(cache := cache_of(tmp_path, "cache"), web)
    name = (await fetcher.fetch(URL)).text_sha256
    blob = tmp_path / "blobs" / name[:2] / name[2:]

    for damage in (blob.unlink, lambda: blob.write_text("forged")):
        damage()
        assert await fetcher.fetch(URL) == a_page()
    assert len(web.fetched) == 3
    await cache.close()


async def test_a_browser_is_not_given_what_was_only_read_as_text(tmp_path: Path) -> None:
    fetcher = CachedFetcher(cache := cache_of(tmp_path, "cache"), FakeWeb({URL: a_page("as text")}))
    browser = CachedBrowser(cache, web := FakeBrowser({URL: a_page("as rendered")}))

    await fetcher.fetch(URL)
    assert (await browser.open(URL)).text == "as rendered"
    assert (await browser.open(URL)).text == "as rendered"
    assert len(web.fetched) == 1
    await cache.close()


async def test_what_can_be_handled_comes_from_the_browser_itself(tmp_path: Path) -> None:
    button = Element(ref="e1", role="button", name="Go")
    handled = a_page(elements=(button,), tier="browser")
    browser = CachedBrowser(cache := cache_of(tmp_path, "cache"), web := FakeBrowser({URL: handled}))

    for _ in range(2):
        assert (await browser.open(URL)).elements == (button,)
    assert len(web.fetched) == 2
    await cache.close()
    browser = CachedBrowser(cache := cache_of(tmp_path, "replay"), web)
    assert (await browser.open(URL)).elements == ()
    assert len(web.fetched) == 2
    await cache.close()


async def test_old_fetches_of_an_address_are_forgotten(tmp_path: Path) -> None:
    cache = cache_of(tmp_path)
    for minute in range(KEPT_FETCHES + 5):
        await cache.put(a_page(f"version {minute}", minutes=minute), opened=False)
    await cache.put(a_page("other", url="https://example.org/other"), opened=False)
    await cache.close()

    import sqlite3

    with sqlite3.connect(tmp_path / "pages.db") as connection:
        counts = dict(connection.execute("SELECT address, count(*) FROM fetches GROUP BY address").fetchall())
    connection.close()
    assert counts == {URL: KEPT_FETCHES, "https://example.org/other": 1}


async def test_a_page_kept_by_another_version_is_fetched_again(tmp_path: Path) -> None:
    import sqlite3

    web = FakeWeb({URL: a_page()})
    fetcher = CachedFetcher(cache := cache_of(tmp_path, "cache"), web)
    await fetcher.fetch(URL)
    with sqlite3.connect(tmp_path / "pages.db") as connection:
        connection.execute("""UPDATE fetches SET page = '{"of": "the future"}'""")
    connection.close()

    assert await fetcher.fetch(URL) == a_page()
    assert len(web.fetched) == 2
    await cache.close()


async def test_a_file_that_is_no_cache_stops_nobody_who_does_not_read_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "pages.db").write_bytes(b"no database at all" * 100)
    live = CachedFetcher(cache := cache_of(tmp_path), FakeWeb({URL: a_page()}))

    assert [await live.fetch(URL), await live.fetch(URL)] == [a_page(), a_page()]
    await cache.close()

    assert [record.levelname for record in caplog.records if "pages.db" in record.getMessage()] == ["WARNING"]


async def test_of_too_many_pages_the_ones_fetched_longest_ago_are_forgotten(tmp_path: Path) -> None:
    most = 400_000
    cache = PageCache(tmp_path / "pages.db", FolderBlobs(tmp_path / "blobs"), most_bytes=most)
    for number in range(60):
        links = tuple(Link(text="x" * 100, url=f"https://example.org/{n}", offset=0) for n in range(60))
        page = a_page(url=f"{URL}/{number}", minutes=number, links=links)
        await cache.put(page, opened=False)
    await cache.close()

    assert (tmp_path / "pages.db").stat().st_size < 1.2 * most
    replay = cache_of(tmp_path, "replay")
    kept = [number for number in range(60) if await replay.get(f"{URL}/{number}", opened=False)]
    await replay.close()
    assert kept == list(range(kept[0], 60))
    assert 10 < len(kept) < 59


async def test_a_file_that_is_no_cache_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "pages.db").write_bytes(b"no database at all" * 100)
    cache = cache_of(tmp_path, "cache")

    with pytest.raises(CacheUnavailable) as failure:
        await cache.put(a_page(), opened=False)
    await cache.close()

    assert "pages.db" in str(failure.value)
    assert "\n" not in str(failure.value)


WRITER = """
import asyncio, sys
from pathlib import Path
from agent.browsing.fetching.cache import PageCache
from agent.browsing.testing import page_of
from agent.ledger.blobs import FolderBlobs

async def main(home, name):
    cache = PageCache(home / "pages.db", FolderBlobs(home / "blobs"))
    sys.stdin.readline()
    for number in range(20):
        await cache.put(page_of(f"{name} {number}", url=f"https://example.org/{name}/{number}"), opened=False)
    await cache.close()

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


async def test_several_processes_use_one_cache_at_the_same_time(tmp_path: Path) -> None:
    names = ("a", "b")
    writers = [
        await asyncio.create_subprocess_exec(
            sys.executable, "-c", WRITER, str(tmp_path), name, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for name in names
    ]
    endings = await asyncio.gather(*(writer.communicate(b"go\n") for writer in writers))
    assert [(writer.returncode, error) for writer, (_, error) in zip(writers, endings, strict=True)] == [(0, b"")] * 2

    replay = CachedFetcher(cache := cache_of(tmp_path, "replay"), FakeWeb({}))
    for name in names:
        for number in range(20):
            assert (await replay.fetch(f"https://example.org/{name}/{number}")).text == f"{name} {number}"
    await cache.close()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("HTTPS://Example.org#x", "https://example.org/"),
        ("https://example.org/A?b=1#x", "https://example.org/A?b=1"),
        ("http://[broken#x", "http://[broken"),
        ("https://example.org/app#/users", "https://example.org/app#/users"),
        ("https://example.org/app#!users", "https://example.org/app#!users"),
    ],
)
def test_addresses_are_kept_in_one_form(url: str, address: str) -> None:
    assert address_of(url) == address
