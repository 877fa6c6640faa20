"""Trying all ways in both tiers, with nothing but the proxy between them and the canary.

No sandbox is around them here: what holds then holds by the proxy alone.
"""

import asyncio
import contextlib
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Literal

from toolserver.browsing.browser.launching import Engine
from toolserver.browsing.browser.session import BrowserSession
from toolserver.browsing.browser.visit import BrowserLimits
from toolserver.browsing.settings import BrowsingSettings
from toolserver.browsing.texts import TextTier
from toolserver.egress.door import Door
from toolserver.egress.events import EgressEvent
from toolserver.egress.policy import Policy, resolved
from toolserver.egress.profiles import EgressLimits, HostRule, OpenEgress
from toolserver.errors import PageFailed
from toolserver.escapes.canary import SECRET, Canary, canary
from toolserver.escapes.ways import REBOUND, SPELLINGS, TRAP, leading, loading, slug
from toolserver.forms import Form
from toolserver.node.forwarder import Forwarder
from toolserver.testing_web import HostileWeb, hostile_web

Mode = Literal["refused", "allowed", "direct"]
"""How the canary is kept away: not in the policy; in the policy, as a control; no proxy at all, as another one."""

PUBLIC: Final = "2000::1"
"""An address of the public internet that nobody has."""

LATE_SECONDS: Final = 1.5
"""What a page begins late is waited for."""

_SETTINGS: Final = BrowsingSettings(delay_seconds=0, page_seconds=6)


class Trial(Form):
    """What came of all ways in one tier.

    Attributes:
        tier: which way pages were got.
        mode: how the canary was kept away.
        pages: pages that were opened.
        reached: how often each way reached the canary.
        read: the canary's secret was read in a page.
        refused: requests that the proxy refused.
    """

    tier: Literal["text", "browser"]
    mode: Mode
    pages: int
    reached: dict[str, int]
    read: bool
    refused: int


async def try_text(mode: Literal["refused", "allowed"]) -> Trial:
    """Try all ways in plain requests."""
    async with _canary_and_web() as (bird, web), _proxied(web, bird, mode) as (proxy, told):
        texts = TextTier(_SETTINGS, f"http://{proxy}")

        async def fetch(url: str) -> str:
            return (await texts.fetch(url)).page.text

        try:
            read, pages = await _all_pages(fetch, web, bird)
        finally:
            await texts.close()
        return _trial("text", mode, pages, bird, told, read=read)


async def try_browser(mode: Mode, *, spellings: bool = True) -> Trial:
    """Try all ways in a real browser.

    Args:
        mode: how the canary is kept away.
        spellings: also open every spelling of its address; pages try them in any case.

    Raises:
        BrowsingBroken: there is no browser.
    """
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="plb-escapes-"))
    try:
        async with _canary_and_web() as (bird, web), _proxied(web, bird, mode) as (proxy, told):
            engine = Engine(folder / "arriving", proxy=None if mode == "direct" else proxy)
            limits = BrowserLimits(load_seconds=6, settle_seconds=2)
            session = BrowserSession(engine, folder / "files", limits=limits)

            async def look(url: str) -> str:
                seen = await session.open(url)
                if url.endswith("/loading"):
                    await asyncio.sleep(LATE_SECONDS)
                    # pictures are left out when a page is read
                    await session.screenshot()
                return seen.html

            try:
                read, pages = await _all_pages(look, web, bird, spellings=spellings)
            finally:
                await session.close()
                await engine.close()
            return _trial("browser", mode, pages, bird, told, read=read)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _all_pages(
    get: Callable[[str], Awaitable[str]], web: HostileWeb, bird: Canary, *, spellings: bool = True
) -> tuple[bool, int]:
    """Open every page; returns whether the secret was read, and how many pages there were."""
    direct = [f"http://{host}:{bird.port}/open-{slug(name)}" for name, host in SPELLINGS.items()]
    direct += [f"https://127.0.0.1:{bird.port}/open-tls", *[f"http://{REBOUND}:{bird.port}/open-rebound"] * 2]
    direct += [f"http://{TRAP}:{bird.port}/open-trap"]
    urls = [web.url(path) for path in (*leading(bird.port), "/loading")] + (direct if spellings else [])
    read = False
    for url in urls:
        # that a page cannot be had is what is wanted
        with contextlib.suppress(PageFailed):
            read = SECRET in await get(url) or read
    return read, len(urls)


def _trial(
    tier: Literal["text", "browser"],
    mode: Mode,
    pages: int,
    bird: Canary,
    told: Sequence[EgressEvent],
    *,
    read: bool,
) -> Trial:
    reached = Counter(path.partition("?")[0].lstrip("/") or "root" for path in bird.reached)
    refused = sum(event.decision == "refused" for event in told)
    return Trial(tier=tier, mode=mode, pages=pages, reached=dict(sorted(reached.items())), read=read, refused=refused)


@asynccontextmanager
async def _canary_and_web() -> AsyncIterator[tuple[Canary, HostileWeb]]:
    async with canary() as bird, hostile_web({}) as web:
        web.pages |= leading(bird.port) | loading(bird.port)
        yield bird, web


@asynccontextmanager
async def _proxied(web: HostileWeb, bird: Canary, mode: Mode) -> AsyncIterator[tuple[str, list[EgressEvent]]]:
    """Give a proxy that allows the site, and the canary in the control; names are its own."""
    rules = [web.rule]
    if mode == "allowed":
        hosts = ("127.0.0.1", "localhost", "::1", REBOUND, TRAP)
        rules = [HostRule(host=host, ports=(web.port, bird.port), private=True) for host in hosts]
    # with its port open for the public internet, nothing but its address keeps the canary away
    egress = OpenEgress(
        hosts=tuple(rules),
        ports=(80, 443, bird.port),
        limits=EgressLimits(head_seconds=1, requests_per_second=500, burst=2000, connections=128),
    )
    told: list[EgressEvent] = []
    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="plb-"))
    door = Door(Policy.of(egress, {}), told.append, _Names().resolve)
    await door.open(folder / "egress.sock")
    forwarder = Forwarder(folder / "egress.sock")
    await forwarder.start()
    try:
        yield f"127.0.0.1:{forwarder.port}", told
    finally:
        await forwarder.close()
        await door.close()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


class _Names:
    """A name server of whoever attacks: it says something else each time."""

    def __init__(self) -> None:
        self._asked = 0

    async def resolve(self, host: str, port: int) -> list[str]:
        if host == REBOUND:
            self._asked += 1
            return [PUBLIC] if self._asked == 1 else ["127.0.0.1"]
        if host == TRAP:
            return ["127.0.0.1", PUBLIC]
        return await resolved(host, port)
