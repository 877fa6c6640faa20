"""The world of a run: what its sessions search, fetch and browse, as the settings say."""

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agent.browsing.config import BrowsingConfig
from agent.browsing.corpus import Corpus
from agent.browsing.courtesy import Courtesy, Turns
from agent.browsing.fetching.cache import CachedBrowser, CachedFetcher, PageCache
from agent.browsing.fetching.lazy import LazyWeb, Web
from agent.browsing.fetching.routes import NoCorpus, RoutedBrowser, RoutedFetcher
from agent.browsing.fetching.web import KeepBytes, SandboxedWeb
from agent.browsing.ports import Browser, Fetcher, World
from agent.browsing.search.building import build_search
from agent.browsing.search.corpus import CorpusFetcher
from agent.browsing.search.person import Ask
from agent.domain.errors import SandboxUnavailable
from agent.ledger.blobs import BlobStore
from agent.runtime.settings import Settings
from toolserver.client import (
    BrowsingSandbox,
    EgressEvent,
    EgressGateway,
    NoEgress,
    OpenEgress,
    SandboxConfig,
    ToolServerError,
    open_browsing,
)


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
    courtesy: Courtesy | None = None,
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
        courtesy: what the runs of this process keep to together; None for a run that is alone.
        on_egress: given every request to the outside.
        ask: reaches a person who searches, where the settings name one.
        environment: where keys are taken from.

    Raises:
        ConfigurationError: a key or a library is missing, or there is nothing to search.
    """
    rests = None if courtesy is None else courtesy.rests
    search = build_search(config, corpus=corpus, ask=ask, environment=environment, rests=rests)
    pages = open_pages(
        config,
        settings=settings,
        home=home,
        run_id=run_id,
        corpus=corpus,
        blobs=blobs,
        gateway=gateway,
        courtesy=courtesy,
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
    courtesy: Courtesy | None = None,
    on_egress: Callable[[EgressEvent], None] | None = None,
) -> Pages:
    """Return what gets pages, without any search; the arguments are those of ``open_world``."""

    async def open_web() -> Web:
        own = EgressGateway(settings.secrets) if gateway is None else None
        try:
            sandbox = await open_browsing(
                browsing_sandbox(config, settings),
                # a sandbox of its own for each process that works on the run
                f"{run_id[:40].lower()}-web-{secrets.token_hex(4)}",
                state_dir=home / "sandboxes",
                gateway=gateway or own,
                settings=config.web,
                on_egress=on_egress,
            )
        except BaseException as error:
            if own is not None:
                await own.close()
            if isinstance(error, ToolServerError):
                raise SandboxUnavailable(f"pages cannot be fetched: {error}") from error
            raise
        turns = None if courtesy is None else courtesy.turns
        return _OwnGateway(sandbox, blobs.put, own, kept_bytes=config.cache.kept_bytes, turns=turns)

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


class _OwnGateway(SandboxedWeb):
    """The web through a gateway that is closed with it, where there is one."""

    def __init__(
        self,
        sandbox: BrowsingSandbox,
        keep: KeepBytes,
        gateway: EgressGateway | None,
        *,
        kept_bytes: int,
        turns: Turns | None,
    ) -> None:
        super().__init__(sandbox, keep, kept_bytes=kept_bytes, turns=turns)
        self._gateway = gateway

    async def close(self) -> None:
        try:
            await super().close()
        finally:
            if self._gateway is not None:
                await self._gateway.close()


def browsing_sandbox(config: BrowsingConfig, settings: Settings) -> SandboxConfig:
    """Return where pages are fetched, with a way out to the public internet and to the private hosts of the settings.

    What the settings allow the programs of runs, such as a package index alone, is not what browsing needs; so only a
    sandbox that is set for browsing keeps its own egress profile and limits.
    """
    base = config.sandbox
    if base is None:
        kind = type(settings.sandbox)
        base = kind.model_validate(settings.sandbox.model_dump(exclude={"limits", "egress"}, exclude_unset=True))
    egress = base.egress
    if isinstance(egress, NoEgress):
        egress = OpenEgress()
    hosts = (*egress.hosts, *config.private_hosts)
    return base.model_copy(update={"egress": egress.model_copy(update={"hosts": hosts})})
