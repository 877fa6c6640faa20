"""The program of a sandbox for pages: one browser, one visit after the other, each in a context of its own."""

import asyncio
from pathlib import Path
from typing import Final

from toolserver.browsing.browser.launching import Engine
from toolserver.pages.visiting import visited
from toolserver.pages.wire import MOST_BYTES, MOST_FILES, MOST_STEPS, Visit, Visited

NOWHERE: Final = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""Pages reach nothing but what serves them; the sandbox has no network besides."""

PROFILE: Final = ".browser"


class Visitor:
    """Opens pages. A browser that does not let go of one is ended, and another started for the next.

    Args:
        folder: an empty one of its own.
        at_once: visits at the same time.
    """

    def __init__(self, folder: Path, at_once: int = 2) -> None:
        self._engine = Engine(folder / PROFILE, proxy=None, flags=(NOWHERE,))
        self._places = asyncio.Semaphore(at_once)

    async def visit(self, call: Visit) -> tuple[Visited, bytes]:
        """Return what becomes of a visit, and its pictures one after the other.

        Raises:
            ValueError: it asks for more than is done.
            BrowsingBroken: there is no browser.
        """
        if len(call.files) > MOST_FILES or sum(map(len, call.files.values())) > MOST_BYTES:
            raise ValueError(f"a site has at most {MOST_FILES} files and {MOST_BYTES:,} bytes")
        if len(call.steps) > MOST_STEPS:
            raise ValueError(f"a journey has at most {MOST_STEPS} steps")
        async with self._places:
            browser = await self._engine.browser()
            try:
                return await visited(browser, call)
            except Exception as error:  # whatever is wrong with the browser, the next visit has another one
                await self._engine.close()
                reason = " ".join(str(error).split())[:200] or type(error).__name__
                return Visited(stopped=f"the page brought the browser down: {reason}"), b""

    async def close(self) -> None:
        """End the browser."""
        await self._engine.close()
