"""The world of a run: what its sessions search, fetch and browse, as the settings say."""

import os
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agent.browsing.config import BrowsingConfig
from agent.browsing.corpus import Corpus
from agent.browsing.fetching.cache import CachedBrowser, CachedFetcher, PageCache
from agent.browsing.fetching.lazy import LazyWeb, Web
from agent.browsing.fetching.routes import NoCorpus, RoutedBrowser, RoutedFetcher
from agent.browsing.ports import Browser, Fetcher, World
from agent.browsing.search.building import build_search
from agent.browsing.search.corpus import CorpusFetcher
from agent.browsing.search.person import Ask
from agent.domain.errors import ConfigurationError
from agent.ledger.blobs import BlobStore
from agent.runtime.settings import Settings
from toolserver.client import EgressEvent, EgressGateway


@dataclass(frozen=True)
class Pages:
    """What gets pages. ``browser`` is None where settings want none; ``close`` frees what is behind."""

    fetcher: Fetcher
    browser: Browser | None
    close: Callable[[], Awaitable[None]]


async def open_world(
    config: BrowsingConfig,
    *,
    settings: Settings,
    home: Path,
    run_id: str,
    corpus: Corpus | None,
    blobs: BlobStore,
    gateway: EgressGateway | None = None,
    on_egress: Callable[[EgressEvent], None] | None = None,
    ask: Ask | None = None,
    environment: Mapping[str, str] = os.environ,
) -> World:
    """Return what the sessions of a run can reach. Closing it frees all that was opened.

    The sandbox that fetches is opened when the first page is asked for, so that a run over local documents has none.

    Args:
        config: the settings of browsing; ``settings.browsing`` unless a command overrides it.
        settings: all settings.
        home: the user's data folder, where the page cache is.
        run_id: the run.
        corpus: the task's own index; it is not closed with the world.
        blobs: where raw answers are kept.
        gateway: the process's way out; None opens one with the sandbox.
        on_egress: given every request to the outside.
        ask: reaches a person who searches, where the settings name one.
        environment: where keys are taken from.

    Raises:
        ConfigurationError: a key or a library is missing, or there is nothing to search.
    """
    search = build_search(config, corpus=corpus, ask=ask, environment=environment)
    pages = open_pages(
        config,
        settings=settings,
        home=home,
        run_id=run_id,
        corpus=corpus,
        blobs=blobs,
        gateway=gateway,
        on_egress=on_egress,
    )

    async def close() -> None:
        try:
            await pages.close()
        finally:
            await search.close()

    return World(fetcher=pages.fetcher, search=search.backend, browser=pages.browser, close=close)


def open_pages(
    config: BrowsingConfig,
    *,
    settings: Settings,
    home: Path,
    run_id: str,
    corpus: Corpus | None,
    blobs: BlobStore,
    gateway: EgressGateway | None = None,
    on_egress: Callable[[EgressEvent], None] | None = None,
) -> Pages:
    """Return what gets pages, without any search; the arguments are those of ``open_world``."""

    async def open_web() -> Web:
        raise ConfigurationError("pages of the web cannot be fetched by this version; give the run documents")

    web = LazyWeb(open_web)
    cache = PageCache(
        home / "pages.db",
        blobs,
        mode=config.cache.mode,
        max_age=timedelta(seconds=config.cache.max_age_seconds),
    )
    documents: Fetcher = NoCorpus() if corpus is None else CorpusFetcher(corpus)
    fetcher: Fetcher = RoutedFetcher(corpus=documents, web=CachedFetcher(cache, web))
    browser: Browser | None = None
    if config.browser != "never":
        browser = RoutedBrowser(corpus=documents, web=CachedBrowser(cache, web))

    async def close() -> None:
        async with AsyncExitStack() as stack:
            for one in (cache, web):
                stack.push_async_callback(one.close)

    return Pages(fetcher, browser, close)
