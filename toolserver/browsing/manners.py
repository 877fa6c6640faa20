"""Manners towards sites: what their robots.txt asks for, and one request to a host at a time with a pause between.

After RFC 9309: a robots.txt that is not there (4xx) allows everything, one that cannot be had (5xx, no connection)
allows nothing for now.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from toolserver.browsing.settings import BrowsingSettings
from toolserver.errors import FailureKind, PageFailed

ROBOTS_BYTES: Final = 500 * 1024
"""Bytes of a robots.txt that are read; RFC 9309 asks for as many."""

RETRY_SECONDS: Final = 60.0
"""How long a robots.txt that could not be had is not asked for again."""

MOST_SITES: Final = 2000
"""Sites that are remembered; the ones asked for longest ago are forgotten first."""

_SAID_AS_IS: Final[tuple[FailureKind, ...]] = ("refused_address", "not_found", "rate_limited")
"""Failures of which whoever browses should hear as they are: no such host, or no way there, or not now."""

RobotsFile = Callable[[str], Awaitable[tuple[int, str]]]
"""Gets a robots.txt: returns its status and text, and raises ``PageFailed`` where it cannot be had."""


@dataclass
class _Site:
    """What is known of a site: scheme, host and port."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    rules: Protego | None = None
    refusal: str | None = None
    kind: FailureKind = "robots"
    until: float = 0.0
    next_at: float = 0.0
    delay: float = 0.0


class Manners:
    """Keeps to what sites ask for, for as long as the sandbox lives.

    Args:
        settings: how to behave.
        robots_file: gets a robots.txt.
    """

    def __init__(self, settings: BrowsingSettings, robots_file: RobotsFile) -> None:
        self._settings = settings
        self._robots_file = robots_file
        self._sites: dict[str, _Site] = {}

    async def require_permission(self, url: str) -> None:
        """Raise where a page may not be asked for.

        Raises:
            PageFailed: of kind ``robots``, or why the site cannot be reached at all.
        """
        if not self._settings.robots:
            return
        site = self._site(url)
        async with site.lock:
            if site.rules is None and (site.refusal is None or time.monotonic() > site.until):
                await self._look(site, origin_of(url))
        if site.rules is None:
            raise PageFailed(site.kind, site.refusal or "")
        if not site.rules.can_fetch(url, self._settings.robot):
            raise PageFailed(
                "robots", f"the robots.txt of {urlsplit(url).netloc} does not allow this page; open another"
            )

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait until a host may be asked again, and keep others waiting for the length of the block."""
        site = self._site(url)
        async with site.turn:
            await asyncio.sleep(max(site.next_at - time.monotonic(), 0))
            try:
                yield
            finally:
                site.next_at = time.monotonic() + max(site.delay, self._settings.delay_seconds)

    def _site(self, url: str) -> _Site:
        origin = origin_of(url)
        site = self._sites.pop(origin, None) or _Site()
        self._sites[origin] = site
        if len(self._sites) > MOST_SITES:
            oldest = next(iter(self._sites))
            if not self._sites[oldest].turn.locked():
                del self._sites[oldest]
        return site

    async def _look(self, site: _Site, origin: str) -> None:
        try:
            async with self.turn(origin):
                status, text = await self._robots_file(f"{origin}/robots.txt")
        except PageFailed as failed:
            site.until = time.monotonic() + max(RETRY_SECONDS, failed.retry_after or 0.0)
            site.kind, site.refusal = failed.kind, str(failed)
            if failed.kind not in _SAID_AS_IS:
                site.kind = "unreachable"
                site.refusal = f"the robots.txt of {origin} cannot be had: {failed}"
            return
        if status >= 500 or status == 429:
            site.refusal, site.kind = (
                f"the robots.txt of {origin} answered {status}, so nothing may be read; try later",
                "robots",
            )
            site.until = time.monotonic() + RETRY_SECONDS
            return
        site.rules = Protego.parse(text if status < 300 else "")
        asked = site.rules.crawl_delay(self._settings.robot) or 0.0
        site.delay = min(asked, self._settings.longest_delay_seconds)


def origin_of(url: str) -> str:
    """Return scheme, host and port of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
