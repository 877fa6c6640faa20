"""The world of a run: what its sessions search, fetch and browse, as the settings say."""

import os
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
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
            for one in (cache, search, web):
                stack.push_async_callback(one.close)

    return World(fetcher=fetcher, search=search.backend, browser=browser, close=close)
