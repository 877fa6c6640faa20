"""The page cache: pages that were fetched, in one SQLite file beside the blobs that hold their texts."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import ValidationError
from pydantic_core import from_json
from sqlalchemy import (
    Boolean,
    Column,
    Double,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    event,
    func,
    insert,
    or_,
    select,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from agent.browsing.errors import CacheUnavailable, FetchFailed
from agent.browsing.page import Page
from agent.browsing.ports import Browser, Fetcher
from agent.domain.errors import LedgerUnavailable
from agent.ledger.blobs import BlobStore

CacheMode = Literal["live", "cache", "replay"]

KEPT_FETCHES = 10
"""Fetches of one address that are kept; older ones are forgotten, though not their blobs."""
MOST_BYTES = 1024**3
"""What the file may hold before the pages that were fetched longest ago are forgotten."""
_FORGOTTEN_AT_ONCE = 0.1
"""Share of all fetches."""
_BUSY_SECONDS = 10

log = logging.getLogger(__name__)

_metadata = MetaData()
_fetches = Table(
    "fetches",
    _metadata,
    Column("id", Integer, primary_key=True),
    Column("address", Text, nullable=False),
    Column("final_address", Text, nullable=False),
    Column("opened", Boolean, nullable=False),
    Column("fetched_at", Double, nullable=False),
    Column("raw_sha256", String(64), nullable=False),
    Column("text_sha256", String(64), nullable=False),
    Column("page", Text, nullable=False),
    Index("fetches_by_address", "address", "fetched_at"),
    Index("fetches_by_final_address", "final_address", "fetched_at"),
)


class PageCache:
    """Keeps pages by their addresses. Several processes may use one file at the same time.

    A page's text is a blob; its raw bytes are one where whoever fetched it kept them. Failures are not kept. In the
    mode ``live``, which never reads the file, one that cannot be written is told once and stops nobody.

    Args:
        path: the file; made at the first use.
        blobs: where texts are.
        mode: ``live`` gives nothing back, ``cache`` gives pages that are young enough, ``replay`` gives any.
        max_age: of pages in the mode ``cache``.
        clock: tells the time, in UTC.
        most_bytes: what the file may hold.
    """

    def __init__(
        self,
        path: Path,
        blobs: BlobStore,
        *,
        mode: CacheMode = "live",
        max_age: timedelta = timedelta(days=1),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        most_bytes: int = MOST_BYTES,
    ) -> None:
        self.mode = mode
        self._path = path
        self._blobs = blobs
        self._max_age = max_age
        self._clock = clock
        self._most_bytes = most_bytes
        self._told = False
        self._engine: AsyncEngine | None = None
        self._opening = asyncio.Lock()

    async def close(self) -> None:
        """Close the file. The cache may be used again afterwards."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await engine.dispose()

    async def get(self, url: str, *, opened: bool) -> Page | None:
        """Return the newest kept page of an address that may be used now, as if it had just been asked for.

        Its elements are gone, since no browser has it open, and its time is when it was fetched.

        Args:
            url: the address; see ``address_of`` for what of it counts.
            opened: the page is for a browser, so that one which was only read as text will not do, nor one that had
                elements to be handled. A replay takes either.
        """
        if self.mode == "live":
            return None
        address = address_of(url)
        wanted = select(_fetches.c.page, _fetches.c.text_sha256).where(
            or_(_fetches.c.address == address, _fetches.c.final_address == address)
        )
        if self.mode == "cache":
            wanted = wanted.where(_fetches.c.fetched_at >= (self._clock() - self._max_age).timestamp())
            if opened:
                wanted = wanted.where(_fetches.c.opened)
        async with self._connected() as connection:
            rows = (await connection.execute(wanted.order_by(_fetches.c.fetched_at.desc(), _fetches.c.id.desc()))).all()
        for row in rows:
            page = await self._restored(row.page, row.text_sha256)
            if page is not None and not (self.mode == "cache" and opened and page.elements):
                return page.model_copy(update={"url": url, "elements": ()})
        return None

    async def put(self, page: Page, *, opened: bool) -> None:
        """Keep a page as it was fetched, under the address that was asked for and the one that answered.

        Raises:
            CacheUnavailable: the file cannot be written, and the mode is not ``live``.
        """
        try:
            await self._put(page, opened=opened)
        except CacheUnavailable as error:
            if self.mode != "live":
                raise
            if not self._told:
                self._told = True
                log.warning("pages are not kept: %s", error)

    async def _put(self, page: Page, *, opened: bool) -> None:
        await self._blobs.put(page.text.encode("utf-8", "surrogatepass"))
        address = address_of(page.url)
        row = {
            "address": address,
            "final_address": address_of(page.final_url),
            "opened": opened,
            "fetched_at": page.fetched_at.timestamp(),
            "raw_sha256": page.raw_sha256,
            "text_sha256": page.text_sha256,
            "page": page.model_dump_json(exclude={"text"}),
        }
        newest = (
            select(_fetches.c.id)
            .where(_fetches.c.address == address)
            .order_by(_fetches.c.fetched_at.desc(), _fetches.c.id.desc())
            .limit(KEPT_FETCHES)
        )
        async with self._connected() as connection:
            await connection.execute(insert(_fetches), row)
            await connection.execute(
                delete(_fetches).where(_fetches.c.address == address, _fetches.c.id.not_in(newest))
            )
            await self._forget(connection)
            await connection.commit()

    async def _forget(self, connection: AsyncConnection) -> None:
        """Delete what was fetched longest ago where the file holds too much; its place is used for new pages."""
        while await _used_bytes(connection) > self._most_bytes:
            count = (await connection.execute(select(func.count()).select_from(_fetches))).scalar_one()
            if count <= 1:
                return
            oldest = (
                select(_fetches.c.id)
                .order_by(_fetches.c.fetched_at, _fetches.c.id)
                .limit(min(max(int(count * _FORGOTTEN_AT_ONCE), 1), count - 1))
            )
            await connection.execute(delete(_fetches).where(_fetches.c.id.in_(oldest)))

    async def _restored(self, stored: str, text_sha256: str) -> Page | None:
        """Return a kept page; None where its text has gone or another version of the product kept it."""
        try:
            text = (await self._blobs.get(text_sha256)).decode("utf-8", "surrogatepass")
            return Page.model_validate({**_json(stored), "text": text})
        except (LedgerUnavailable, ValidationError, ValueError):
            return None

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        try:
            engine = await self._ready()
            async with engine.connect() as connection:
                yield connection
        except (DBAPIError, sqlite3.Error, OSError) as error:
            cause = str(getattr(error, "orig", None) or error).splitlines()[0]
            raise CacheUnavailable(
                f"the page cache {self._path} cannot be used ({cause}); if it is damaged, delete it"
            ) from error

    async def _ready(self) -> AsyncEngine:
        async with self._opening:
            if self._engine is None:
                await asyncio.to_thread(self._path.parent.mkdir, parents=True, exist_ok=True)
                engine = create_async_engine(URL.create("sqlite+aiosqlite", database=str(self._path)))
                event.listen(engine.sync_engine, "connect", lambda connection, _record: _prepare(connection))
                try:
                    async with engine.begin() as connection:
                        # one process makes the tables, and others wait for it
                        await connection.exec_driver_sql("BEGIN IMMEDIATE")
                        await connection.run_sync(_metadata.create_all)
                except BaseException:
                    await engine.dispose()
                    raise
                self._engine = engine
            return self._engine


class CachedFetcher:
    """Gets pages from the cache where it may, else from a fetcher. Implements ``Fetcher``."""

    def __init__(self, cache: PageCache, fetcher: Fetcher) -> None:
        self._cache = cache
        self._fetcher = fetcher

    async def fetch(self, url: str) -> Page:
        """Return the page of an address.

        Raises:
            FetchFailed: there is none to read; in a replay, none that was kept.
        """
        return await _through(self._cache, url, self._fetcher.fetch, opened=False)


class CachedBrowser:
    """Opens pages from the cache where it may, else in a browser. Implements ``Browser``.

    A page from the cache is not open in the browser, so nothing on it can be handled.
    """

    def __init__(self, cache: PageCache, browser: Browser) -> None:
        self._cache = cache
        self._browser = browser

    async def open(self, url: str, *, browser: bool = False) -> Page:
        """Go to an address; one that is wanted in the real browser comes from the cache only in a replay.

        Raises:
            FetchFailed: there is none to read; in a replay, none that was kept.
        """
        if browser and self._cache.mode != "replay":
            page = await self._browser.open(url, browser=True)
            await self._cache.put(page, opened=True)
            return page
        return await _through(self._cache, url, self._browser.open, opened=True)

    async def click(self, ref: str) -> Page:
        """Click an element; see ``Browser.click``."""
        return await self._browser.click(ref)

    async def type_text(self, ref: str, text: str, *, submit: bool) -> Page:
        """Replace a field's content; see ``Browser.type_text``."""
        return await self._browser.type_text(ref, text, submit=submit)

    async def select(self, ref: str, value: str) -> Page:
        """Choose an option; see ``Browser.select``."""
        return await self._browser.select(ref, value)


async def _through(cache: PageCache, url: str, get: Callable[[str], Any], *, opened: bool) -> Page:
    kept = await cache.get(url, opened=opened)
    if kept is not None:
        return kept
    if cache.mode == "replay":
        raise FetchFailed("not_found", f"{url} is not in the page cache, and browsing.cache.mode is replay")
    page: Page = await get(url)
    await cache.put(page, opened=opened)
    return page


def address_of(url: str) -> str:
    """Return an address as pages are kept under it: without its fragment, its host in lower case.

    A fragment that begins with ``/`` or ``!`` stays: applications in a page show another page for each of them.
    """
    bare, _, fragment = url.strip().partition("#")
    kept = f"#{fragment}" if fragment.startswith(("/", "!")) else ""
    try:
        parts = urlsplit(bare)
    except ValueError:
        return bare + kept
    lower = parts._replace(scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/")
    return lower.geturl() + kept


def _json(text: str) -> dict[str, Any]:
    value = from_json(text)
    if not isinstance(value, dict):
        raise ValueError("a kept page is a JSON object")
    return value


async def _used_bytes(connection: AsyncConnection) -> int:
    pages, free, size = [
        int((await connection.exec_driver_sql(f"PRAGMA {name}")).scalar_one())
        for name in ("page_count", "freelist_count", "page_size")
    ]
    return (pages - free) * size


def _prepare(connection: Any) -> None:
    cursor = connection.cursor()
    for pragma in (f"busy_timeout={_BUSY_SECONDS * 1000}", "journal_mode=WAL", "synchronous=NORMAL"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
