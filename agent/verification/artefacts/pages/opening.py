"""A sandbox for pages that is opened when the first page is, and anew when it was lost."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Final

from agent.domain.errors import SandboxUnavailable
from agent.verification.artefacts.world import TrialImpossible
from toolserver.client import (
    BrowsingBroken,
    PageFailed,
    PageSandbox,
    PageVisit,
    PageVisited,
    SandboxLost,
    ToolServerError,
)

_LOSSES: Final = 2

Opener = Callable[[], Awaitable[PageSandbox | None]]


class PageBench:
    """Opens pages in a sandbox. Implements ``Browser``.

    Args:
        opener: opens the sandbox; None where there is to be none.
    """

    def __init__(self, opener: Opener) -> None:
        self._opener = opener
        self._opening = asyncio.Lock()
        self._sandbox: PageSandbox | None = None

    async def visit(self, call: PageVisit) -> tuple[PageVisited, bytes]:
        """Return what becomes of a visit, and its pictures.

        Raises:
            SandboxUnavailable: there is no sandbox, no browser in it, or it cannot be opened.
            TrialImpossible: the visit cannot be made, or ends the sandbox each time.
        """
        for _ in range(_LOSSES):
            sandbox = await self._opened()
            try:
                return await sandbox.visit(call)
            except (SandboxLost, BrowsingBroken):
                # a page may have brought it down; others are not to suffer for it
                await self._left(sandbox)
            except PageFailed as error:
                raise TrialImpossible(f"the page cannot be opened: {error}") from None
        raise TrialImpossible("the sandbox was lost each time while this page was open")

    async def close(self) -> None:
        """End the sandbox, if it was opened."""
        if self._sandbox is not None:
            await self._left(self._sandbox)

    async def _opened(self) -> PageSandbox:
        async with self._opening:
            if self._sandbox is None:
                self._sandbox = await self._ready()
            return self._sandbox

    async def _ready(self) -> PageSandbox:
        try:
            opened = await self._opener()
        except ToolServerError as error:
            raise SandboxUnavailable(f"pages cannot be opened: {error}") from error
        if opened is None:
            raise SandboxUnavailable("pages are opened in a sandbox, and there is none; choose --sandbox auto")
        try:
            obstacle = (await opened.start()).no_browser
        except ToolServerError as error:
            obstacle = str(error)
        if obstacle is not None:
            await opened.close()
            raise SandboxUnavailable(f"pages cannot be opened: {obstacle}")
        return opened

    async def _left(self, sandbox: PageSandbox) -> None:
        async with self._opening:
            if self._sandbox is not sandbox:
                return  # someone else has left it already
            self._sandbox = None
            # one that is gone already has nothing left to end
            with contextlib.suppress(ToolServerError):
                await sandbox.close()
