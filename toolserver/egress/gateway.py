"""The manager's end of the proxy: one process for all its sandboxes, started when first needed, again when it dies."""

import asyncio
import contextlib
import itertools
import logging
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from msgspec.structs import replace
from pydantic import BaseModel

import toolserver
from toolserver.egress.events import ANSWER, Close, Closed, EgressEvent, Open, Opened, Told
from toolserver.egress.policy import Policy
from toolserver.egress.profiles import Reaching, reach
from toolserver.errors import SandboxUnavailable
from toolserver.protocol import SandboxDescription
from toolserver.secrets import Secret

log = logging.getLogger(__name__)

SOCKET_NAME: Final = "egress.sock"
"""The socket's name, in the folder of the node's socket."""

START_SECONDS: Final = 30.0
RESTART_PAUSES: Final = (0.0, 0.1, 0.5, 2.0)
"""Seconds before each further start of a proxy that keeps dying; the last one for all that follow."""

_LINE: Final = 1024 * 1024

_PASSED_ON: Final = ("PATH", "SSL_CERT_FILE", "SSL_CERT_DIR", "LANG", "TMPDIR")
"""Variables of ours that the proxy gets; all others may hold what is none of its business."""

Listener = Callable[[EgressEvent], None]


@dataclass
class _Door:
    order: Open
    listener: Listener | None
    opened: "asyncio.Future[str | None]"


class EgressGateway:
    """Lets sandboxes out through one proxy process.

    Args:
        secrets: secrets by name; those that are for ``http`` can be used in requests.
    """

    def __init__(self, secrets: Mapping[str, Secret] | None = None) -> None:
        self._secrets = dict(secrets or {})
        self._doors: dict[str, _Door] = {}
        self._numbers = itertools.count(1)
        self._holders = 0
        self._process: asyncio.subprocess.Process | None = None
        self._running: asyncio.Task[None] | None = None

    @property
    def process_id(self) -> int | None:
        """The process id of the running proxy."""
        return None if self._process is None else self._process.pid

    async def open(self, egress: Reaching, folder: Path, listener: Listener | None = None) -> "EgressDoor":
        """Let the sandbox out whose node's socket lies in a folder.

        Args:
            egress: what it may reach.
            folder: where the socket is put; closed to all but us and the sandbox.
            listener: is given every request when it has ended.

        Raises:
            SandboxUnavailable: the proxy cannot be started or cannot listen there.
            SecretUnavailable: a secret that may be used has no value.
        """
        name = str(next(self._numbers))
        policy = await asyncio.to_thread(Policy.of, egress, self._secrets)
        opened: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        door = _Door(Open(id=name, socket=str(folder / SOCKET_NAME), policy=policy), listener, opened)
        self._doors[name] = door
        try:
            if not self._start() and self._process is not None:
                await self._send(door.order)
            async with asyncio.timeout(START_SECONDS):
                problem = await opened
            if problem is not None:
                raise SandboxUnavailable(f"the egress proxy cannot let the sandbox out: {problem}")
        except BaseException as error:
            # nobody else knows of this door; it is closed also where we are cancelled once more
            await asyncio.shield(self.let_in(name))
            if isinstance(error, TimeoutError):
                raise SandboxUnavailable(f"the egress proxy did not start within {START_SECONDS:g} s") from error
            raise
        return EgressDoor(self, name, egress)

    def hold(self) -> None:
        """Keep the proxy running, from now on, also while nobody is let out; so the next one need not wait for it."""
        self._holders += 1
        self._start()

    async def let_go(self) -> None:
        """Keep it running no longer; to be called once for each ``hold``."""
        self._holders -= 1
        if not self._needed:
            await self.close()

    @property
    def _needed(self) -> bool:
        return bool(self._doors) or self._holders > 0

    def _start(self) -> bool:
        """Start the proxy; returns False where it is running."""
        if self._running is not None and not self._running.done():
            return False
        self._running = asyncio.ensure_future(self._run())
        return True

    async def close(self) -> None:
        """End the proxy; no sandbox is let out any more."""
        self._doors.clear()
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.wait({running})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def let_in(self, name: str) -> None:
        """Close the door of that name; it may be closed already."""
        if self._doors.pop(name, None) is None:
            return
        if self._needed:
            await self._send(Close(id=name))
        else:
            await self.close()

    async def _send(self, order: BaseModel) -> None:
        if self._process is None or self._process.stdin is None:
            return  # whoever starts it gives the orders that hold then
        # a proxy that has just died is started again, with all orders
        with contextlib.suppress(ConnectionError):
            self._process.stdin.write(order.model_dump_json().encode() + b"\n")
            await self._process.stdin.drain()

    async def _run(self) -> None:
        """Keep a proxy running as long as there is a sandbox to let out."""
        for deaths in itertools.count():
            await asyncio.sleep(RESTART_PAUSES[min(deaths, len(RESTART_PAUSES) - 1)])
            process = None
            try:
                process = self._process = await self._started()
                for door in list(self._doors.values()):
                    await self._send(door.order)
                await self._listen(process)
            except OSError as error:
                self._fail(error.strerror or str(error))
            finally:
                if process is not None:
                    await self._ended(process)
            if not self._needed:
                return

    async def _started(self) -> asyncio.subprocess.Process:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        return await asyncio.create_subprocess_exec(
            *(sys.executable, "-s", "-P", "-m", "toolserver.egress"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env={**environment, "PYTHONPATH": str(Path(toolserver.__path__[0]).parent)},
            limit=_LINE,
            # an interrupt at a terminal is for us, who then end it in good order
            start_new_session=True,
        )

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        while line := await process.stdout.readline():
            self._hear(ANSWER.validate_json(line))

    def _hear(self, answer: Opened | Closed | Told) -> None:
        door = self._doors.get(answer.id)
        match answer:
            case Opened() if door is not None and not door.opened.done():
                door.opened.set_result(answer.problem)
            case Told() if door is not None and door.listener is not None:
                try:
                    door.listener(answer.event)
                except Exception:
                    # it belongs to one sandbox, and the others need the proxy
                    log.exception("what is told of a request to the outside could not be taken down")
            case _:
                pass  # of a sandbox that is not let out any more

    def _fail(self, problem: str) -> None:
        for door in self._doors.values():
            if not door.opened.done():
                door.opened.set_result(problem)

    async def _ended(self, process: asyncio.subprocess.Process) -> None:
        if self._process is process:
            self._process = None
        if process.stdin is not None:
            process.stdin.close()
        try:
            async with asyncio.timeout(2):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@dataclass(frozen=True)
class EgressDoor:
    """A sandbox that is let out."""

    gateway: EgressGateway
    name: str
    egress: Reaching

    async def close(self) -> None:
        """Let it out no longer; a proxy that has nobody else to let out ends."""
        await self.gateway.let_in(self.name)

    def described(self, description: SandboxDescription) -> SandboxDescription:
        """Return the description of the sandbox with what it can reach."""
        if description.weak:
            return description
        isolation = f"{description.isolation} {reach(self.egress)}"
        return replace(description, network=self.egress.profile, isolation=isolation)
