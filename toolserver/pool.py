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
from toolserver.deployment.pooled import AliasedPlace, assign, forget_pooled, new_pooled, reap_pooled
from toolserver.egress.gateway import EgressGateway, Listener
from toolserver.egress.profiles import NoEgress
from toolserver.errors import SandboxUnavailable, ToolServerError
from toolserver.opening import let_out, open_closed, open_sandbox
from toolserver.sandbox import Sandbox

CHECK_SECONDS: Final = 5.0
"""How often waiting sandboxes are asked whether they are well, and have as long to say so at most."""

PROMPT_SECONDS: Final = 1.0
"""One that does not answer within so long is not handed out. On a busy machine a new one would be no sooner there."""

REST_SECONDS: Final = 0.1
"""How long after a hand-out the next sandbox is started, so that several hand-outs are not slowed by it."""

LONGEST_PAUSE: Final = 60.0

log = logging.getLogger(__name__)


class SandboxPool:
    """Keeps sandboxes ready and hands them out under any id.

    One that may reach the outside waits without a way out, and gets it when it is handed out.

    Args:
        config: of all sandboxes.
        size: how many are kept ready.
        state_dir: as for ``open_sandbox``.
        idle_seconds: after so long without a hand-out the waiting ones end; the next hand-out fills the pool again.
        gateway: as for ``open_sandbox``; by default the pool's sandboxes share one without secrets.
    """

    def __init__(
        self,
        config: SandboxConfig,
        size: int,
        state_dir: Path,
        *,
        idle_seconds: float = 600.0,
        gateway: EgressGateway | None = None,
    ) -> None:
        self._config = config
        self._size = size
        self._state_dir = state_dir
        self._idle_seconds = idle_seconds
        self._gateway = gateway or EgressGateway()
        self._reaches = not isinstance(config.egress, NoEgress)
        self._ready: deque[Sandbox] = deque()
        self._changed = asyncio.Event()
        self._closing = False
        self._asked = self._idle_since = time.monotonic()
        self._keepers: tuple[asyncio.Task[None], ...] = ()
        self._endings: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> int:
        """How many sandboxes wait."""
        return len(self._ready)

    async def __aenter__(self) -> Self:
        # a pool on an engine that does not answer hands out nothing, and opening a sandbox then says why
        with contextlib.suppress(SandboxUnavailable):
            await reap_pooled(self._state_dir)
        if self._reaches and self._size > 0:
            self._gateway.hold()
        self._keepers = (
            asyncio.create_task(self._fill(), name="filling the sandbox pool"),
            asyncio.create_task(self._look_after(), name="looking after the sandbox pool"),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all waiting sandboxes; those handed out are not the pool's any more."""
        self._closing = True
        self._changed.set()
        filling, looking = self._keepers
        looking.cancel()
        # one that is being started is waited for, so that nothing of it stays
        await asyncio.wait({filling, looking})
        self._drop_all()
        while self._endings:
            await asyncio.wait(self._endings)
        if self._reaches and self._size > 0:
            await self._gateway.let_go()

    async def open(self, sandbox_id: str, on_egress: Listener | None = None) -> Sandbox:
        """Open a sandbox under an id: the one that is there already, else a waiting one, else a new one.

        Args:
            sandbox_id: as for ``open_sandbox``.
            on_egress: likewise.

        Raises:
            SandboxUnavailable: it cannot be opened.
            SecretUnavailable: a secret that it may use has no value.
        """
        self._asked = self._idle_since = time.monotonic()
        try:
            sandbox = await self._handed_out(sandbox_id)
        finally:
            self._changed.set()
        if sandbox is None:
            return await open_sandbox(
                self._config, sandbox_id, state_dir=self._state_dir, gateway=self._gateway, on_egress=on_egress
            )
        await let_out(sandbox, self._config.egress, self._gateway, on_egress)
        return sandbox

    async def _handed_out(self, sandbox_id: str) -> Sandbox | None:
        """Take a waiting sandbox that is well; None where there is none, or a sandbox of that id already."""
        while self._ready and not (self._state_dir / sandbox_id).exists():
            sandbox = self._ready.popleft()
            try:
                if not await _well(sandbox, PROMPT_SECONDS):
                    self._end(sandbox)
                    continue
                giving = asyncio.ensure_future(asyncio.to_thread(self._give, sandbox, sandbox_id))
                try:
                    given = await asyncio.shield(giving)
                finally:
                    # a thread goes on when we are cancelled; what it writes must be there to be removed
                    await asyncio.wait({giving})
            except BaseException:
                self._end(sandbox)
                raise
            if given:
                return sandbox
            self._ready.appendleft(sandbox)
        return None

    def _give(self, sandbox: Sandbox, sandbox_id: str) -> bool:
        """Write down under which id a sandbox is handed out; returns False where there is one of that id. Blocks."""
        if not assign(self._state_dir, sandbox.id, sandbox_id):
            return False
        hand_out(self._state_dir / sandbox.id)
        sandbox.become(sandbox_id, AliasedPlace(sandbox.place, self._state_dir / sandbox_id))
        return True

    async def _fill(self) -> None:
        pause = 1.0
        while not self._closing:
            self._changed.clear()
            if time.monotonic() - self._idle_since > self._idle_seconds:
                self._drop_all()
            elif len(self._ready) < self._size:
                if (rest := self._asked + REST_SECONDS - time.monotonic()) > 0:
                    await asyncio.sleep(rest)
                try:
                    await self._start()
                except (ToolServerError, OSError) as error:
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
        try:
            sandbox = await open_closed(self._config, pooled_id, self._state_dir)
        except BaseException:
            await asyncio.shield(forget_pooled(self._state_dir, pooled_id, self._config.kind))
            raise
        self._ready.append(sandbox)
        # where starting takes longer than waiting may, none would ever be there
        self._idle_since = time.monotonic()

    async def _look_after(self) -> None:
        """Ask waiting sandboxes from time to time whether they are well; a hand-out does not wait for this."""
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            waiting = tuple(self._ready)
            answers = await asyncio.gather(*(_well(sandbox, CHECK_SECONDS) for sandbox in waiting))
            for sandbox, well in zip(waiting, answers, strict=True):
                if not well and sandbox in self._ready:
                    self._ready.remove(sandbox)
                    self._end(sandbox)
                    self._changed.set()

    def _end(self, sandbox: Sandbox) -> None:
        """End a sandbox in the background: one that does not answer takes its time."""
        ending = asyncio.ensure_future(_ended(sandbox))
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    def _drop_all(self) -> None:
        while self._ready:
            self._end(self._ready.popleft())


async def _well(sandbox: Sandbox, seconds: float) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await sandbox.health()
    except (ToolServerError, TimeoutError):
        return False
    return True


async def _ended(sandbox: Sandbox) -> None:
    try:
        await sandbox.close()
    except ToolServerError as error:
        log.warning("sandbox %s of the pool could not be ended: %s", sandbox.id, error)
