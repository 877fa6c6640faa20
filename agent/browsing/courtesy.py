"""What sites and services may ask of a whole process: one request to a site at a time, and rests after a rate limit."""

import asyncio
import time
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

MOST_SITES = 2000
"""Sites that are remembered; above, those that nobody waits for and that may be asked again are forgotten."""


@dataclass
class _Site:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    asking: int = 0
    free_at: float = 0.0


class Turns:
    """Lets one at a time ask a site, with a pause after each.

    Args:
        delay_seconds: the pause.
    """

    def __init__(self, delay_seconds: float = 0.0) -> None:
        self._delay_seconds = delay_seconds
        self._sites: dict[str, _Site] = {}

    @asynccontextmanager
    async def turn(self, url: str) -> AsyncIterator[None]:
        """Wait until the site of an address may be asked, and keep others waiting for the length of the block."""
        site = self._site(url)
        site.asking += 1
        try:
            async with site.turn:
                await asyncio.sleep(max(site.free_at - time.monotonic(), 0))
                try:
                    yield
                finally:
                    site.free_at = time.monotonic() + self._delay_seconds
        finally:
            site.asking -= 1

    def _site(self, url: str) -> _Site:
        site = self._sites.setdefault(_site_of(url), _Site())
        if len(self._sites) > MOST_SITES:
            now = time.monotonic()
            self._sites = {
                name: one for name, one in self._sites.items() if one is site or one.asking or one.free_at > now
            }
        return site


@dataclass(frozen=True)
class Courtesy:
    """What all runs of a process keep to together.

    Attributes:
        turns: at sites.
        rests: until when a search backend is left alone, by its name, in seconds of ``time.monotonic``.
    """

    turns: Turns
    rests: MutableMapping[str, float] = field(default_factory=dict)


def _site_of(url: str) -> str:
    """Return scheme, host and port of an address in lower case; an address without a host stands for itself."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return url
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower() if parts.netloc else url
