"""A pool of warm sandboxes, which are started before anybody asks for them."""

import asyncio
import contextlib
import logging
import time
from collections import deque
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from toolserver.deployment.config import SandboxConfig
from toolserver.deployment.ownership import hand_out
from toolserver.deployment.pooled import AliasedPlace, assign, new_pooled, reap_pooled
from toolserver.errors import SandboxUnavailable, ToolServerError
from toolserver.opening import open_sandbox
from toolserver.sandbox import Sandbox

CHECK_SECONDS: Final = 5.0
"""How often waiting sandboxes are asked whether they are well, and have as long to say so at most."""

REST_SECONDS: Final = 0.1
"""How long after a hand-out the next sandbox is started, so that several hand-outs are not slowed by it."""

LONGEST_PAUSE: Final = 60.0

log = logging.getLogger(__name__)


class SandboxPool:
    """Keeps sandboxes ready and hands them out under any id.

    Args:
        config: of all sandboxes.
        size: how many are kept ready.
        state_dir: as for ``open_sandbox``.
        idle_seconds: after so long without a hand-out the waiting ones end; the next hand-out fills the pool again.
    """

    def __init__(self, config: SandboxConfig, size: int, state_dir: Path, *, idle_seconds: float = 600.0) -> None:
        self._config = config
        self._size = size
        self._state_dir = state_dir
        self._idle_seconds = idle_seconds
        self._ready: deque[Sandbox] = deque()
        self._changed = asyncio.Event()
        self._closing = False
        self._asked = time.monotonic()
        self._keeper: asyncio.Task[None] | None = None

    @property
    def ready(self) -> int:
        """How many sandboxes wait."""
        return len(self._ready)

    async def __aenter__(self) -> Self:
        # a pool on an engine that does not answer hands out nothing, and opening a sandbox then says why
        with contextlib.suppress(SandboxUnavailable):
            await reap_pooled(self._state_dir)
        self._keeper = asyncio.create_task(self._keep(), name="sandbox pool")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all waiting sandboxes; those handed out are not the pool's any more."""
        self._closing = True
        self._changed.set()
        if self._keeper is not None:
            # one that is being started is waited for, so that nothing of it stays
            await asyncio.wait({self._keeper})
        await self._drop_all()

    async def open(self, sandbox_id: str) -> Sandbox:
        """Open a sandbox under an id: the one that is there already, else a waiting one, else a new one.

        Raises:
            SandboxUnavailable: it cannot be opened.
        """
        self._asked = time.monotonic()
        try:
            while self._ready and not (self._state_dir / sandbox_id).exists():
                sandbox = self._ready.popleft()
                if not await _well(sandbox):
                    await self._drop(sandbox)
                elif await asyncio.to_thread(assign, self._state_dir, sandbox.id, sandbox_id):
                    hand_out(self._state_dir / sandbox.id)
                    sandbox.become(sandbox_id, AliasedPlace(sandbox.place, self._state_dir / sandbox_id))
                    return sandbox
                else:
                    self._ready.appendleft(sandbox)
                    break
        finally:
            self._changed.set()
        return await open_sandbox(self._config, sandbox_id, state_dir=self._state_dir)

    async def _keep(self) -> None:
        pause = 1.0
        while not self._closing:
            self._changed.clear()
            await self._look_after()
            if time.monotonic() - self._asked > self._idle_seconds:
                await self._drop_all()
            elif len(self._ready) < self._size:
                if (rest := self._asked + REST_SECONDS - time.monotonic()) > 0:
                    await asyncio.sleep(rest)
                try:
                    await self._start()
                except ToolServerError as error:
                    log.warning("no sandbox could be started for the pool: %s", error)
                    await self._wait(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
                else:
                    pause = 1.0
                continue
            await self._wait(min(CHECK_SECONDS, self._idle_seconds))

    async def _wait(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)

    async def _start(self) -> None:
        pooled_id = await asyncio.to_thread(new_pooled, self._state_dir, self._config.kind)
        sandbox = await open_sandbox(self._config, pooled_id, state_dir=self._state_dir)
        self._ready.append(sandbox)

    async def _look_after(self) -> None:
        for sandbox in tuple(self._ready):
            if not await _well(sandbox) and sandbox in self._ready:
                self._ready.remove(sandbox)
                await self._drop(sandbox)

    async def _drop(self, sandbox: Sandbox) -> None:
        try:
            await sandbox.close()
        except ToolServerError as error:
            log.warning("sandbox %s of the pool could not be ended: %s", sandbox.id, error)

    async def _drop_all(self) -> None:
        while self._ready:
            await self._drop(self._ready.popleft())


async def _well(sandbox: Sandbox) -> bool:
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            await sandbox.health()
    except (ToolServerError, TimeoutError):
        return False
    return True
