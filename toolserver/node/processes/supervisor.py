"""The node's side of running programs: start one, wait for it, end it with everything it started."""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import toolserver
from toolserver.errors import ToolFailure
from toolserver.node.processes.memory import OomCounter
from toolserver.node.processes.supervision import GREETING_BYTES
from toolserver.node.waiting import to_the_end

STREAM_LIMIT: Final = 8 * 1024 * 1024
"""Bytes of each output stream that are kept on disk."""

KILL_PATIENCE: Final = 15.0
"""Seconds after which a supervising process that does not answer is killed itself; above its own limit of ten."""

TRIES: Final = 5
"""How many supervising processes a command is given to, one after the other, as long as none has begun."""

GREETING_SECONDS: Final = 5.0
"""After so long without a word a supervising process counts as stopped, by a program of the sandbox."""

PIPE: Final = "pipe"

_NEXT_SECONDS: Final = 0.005


@dataclass(frozen=True)
class Command:
    """What to run.

    Attributes:
        argv: the program as an absolute path, then its arguments.
        cwd: folder to start in.
        env: the whole environment.
        output: existing folder that receives the streams (see ``capture``).
        stdin: a file, ``PIPE`` for later input, or None for nothing.
    """

    argv: Sequence[str]
    cwd: Path
    env: Mapping[str, str]
    output: Path
    stdin: Path | str | None = None


@dataclass(frozen=True)
class Ended:
    """How a command ended; everything it started is gone.

    Attributes:
        code: exit code; None when a signal ended it.
        signal: number of the signal that ended it.
        seconds: wall time.
        killed: we ended it.
        timed_out: we ended it because its time was over.
        out_of_memory: the kernel ended it for want of memory.
        strays: processes it had left running, which were ended with it.
        left: processes that could not be ended (stuck in the kernel); 0 unless something is badly wrong.
        totals: bytes written to standard output and standard error, kept or not.
        lost: how many of these a full disk did not take.
    """

    code: int | None
    signal: int | None
    seconds: float
    killed: bool = False
    timed_out: bool = False
    out_of_memory: bool = False
    strays: int = 0
    left: int = 0
    totals: tuple[int, int] = (0, 0)
    lost: tuple[int, int] = (0, 0)


class Process:
    """A running command.

    Args:
        supervisor: id of its supervising process.
        reader: what that process tells.
        writer: what it is told.
    """

    def __init__(self, supervisor: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._supervisor = supervisor
        self._ended = asyncio.ensure_future(self._watch())

    @property
    def running(self) -> bool:
        """Whether the command has not ended yet."""
        return not self._ended.done()

    @property
    def ended(self) -> Ended | None:
        """How the command ended; None while it runs.

        Raises:
            ToolFailure: the program could not be started.
        """
        return self._ended.result() if self._ended.done() else None

    async def ended_within(self, seconds: float) -> Ended | None:
        """Wait a while and return how the command ended; None when it still runs."""
        await asyncio.wait({self._ended}, timeout=seconds)
        return self.ended

    async def wait(self) -> Ended:
        """Return how the command ended, once it has.

        Raises:
            ToolFailure: the program cannot be started.
        """
        return await asyncio.shield(self._ended)

    async def kill(self) -> Ended:
        """End the command and everything it started; return once all of it is gone."""
        self._tell({"kill": True})
        if await self.ended_within(KILL_PATIENCE) is None:
            # stopped by what it supervises; the spawner ends its orphans
            os.kill(self._supervisor, signal.SIGKILL)
        return await self.wait()

    def send_input(self, text: str, *, close: bool) -> None:
        """Give text to the command's standard input; ``close`` ends it."""
        self._tell({"input": text, "close": close})

    def _tell(self, order: Mapping[str, Any]) -> None:
        if self.running:
            self._writer.write(json.dumps(order).encode() + b"\n")

    async def _watch(self) -> Ended:
        memory = OomCounter()
        try:
            # then all is gone but the supervising process, whose end nobody need wait for
            line = await self._reader.readline()
        except ConnectionError:
            line = b""
        finally:
            self._writer.close()
        if not line:
            return Ended(code=None, signal=signal.SIGKILL, seconds=0.0, killed=True)
        ending = json.loads(line)
        if "error" in ending:
            raise ToolFailure("cannot_start", ending["error"])
        return _ended(ending, out_of_memory=memory.rose())


class Supervisor:
    """Starts commands through a small process that forks fast and knows every descendant.

    Args:
        spawner: one that was forked before (see ``spawner.fork``), as its process id and socket.
    """

    def __init__(self, spawner: tuple[int, socket.socket] | None = None) -> None:
        self._spawner: tuple[int, socket.socket] | None = spawner
        self._next: socket.socket | None = None
        self._closed = False

    def prepare(self) -> None:
        """Have a supervising process wait for the next command, so that the command need not wait for it."""
        if self._next is None and not self._closed:
            self._next = self._new()

    async def start(self, command: Command) -> Process:
        """Start a command.

        When the caller is cancelled, what was started is ended before the cancellation goes on.

        Raises:
            ToolFailure: the supervising processes were killed or stopped, one after the other, before they began.
        """
        starting = asyncio.ensure_future(self._started(command))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            with contextlib.suppress(ToolFailure):
                process = await to_the_end(_result_of(starting))
                await to_the_end(process.kill())
            raise

    async def _started(self, command: Command) -> Process:
        for _ in range(TRIES):
            ours, self._next = self._next or self._new(), None
            try:
                supervisor = await _greeted(ours, _request(command))
                if supervisor is not None:
                    # forking the next one shall not compete with the command that begins now
                    asyncio.get_running_loop().call_later(_NEXT_SECONDS, self.prepare)
                    return Process(supervisor, *(await asyncio.open_connection(sock=ours)))
            except BaseException:
                ours.close()
                raise
            ours.close()
        text = f"nothing was started: {TRIES} supervising processes were killed or stopped before they began"
        raise ToolFailure("cannot_start", text)

    async def run(self, command: Command, seconds: float) -> Ended:
        """Run a command to its end, at most ``seconds`` long.

        When the caller is cancelled, the command and everything it started is ended before the cancellation goes on.

        Raises:
            ToolFailure: the program cannot be started.
        """
        process = await self.start(command)
        try:
            async with asyncio.timeout(seconds):
                return await process.wait()
        except TimeoutError:
            return replace(await to_the_end(process.kill()), timed_out=True)
        except asyncio.CancelledError:
            await to_the_end(process.kill())
            raise

    def close(self) -> None:
        """End the spawner; supervising processes end with the connections of their commands."""
        self._closed = True
        if self._next is not None:
            self._next.close()
            self._next = None
        self._end_spawner()

    def _end_spawner(self) -> None:
        if self._spawner is not None:
            process, post = self._spawner
            self._spawner = None
            post.close()
            os.waitpid(process, 0)

    def _new(self) -> socket.socket:
        """Return the control socket of a new supervising process, which waits for its command."""
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        try:
            with theirs:
                self._hand_over(theirs)
        except BaseException:
            ours.close()
            raise
        return ours

    def _hand_over(self, theirs: socket.socket) -> None:
        for last_try in (False, True):
            spawner = self._ready_spawner()
            try:
                socket.send_fds(spawner, [b"x"], [theirs.fileno()])
                return
            except ConnectionError:
                # a program of the sandbox killed it
                self._end_spawner()
                if last_try:
                    raise

    def _ready_spawner(self) -> socket.socket:
        if self._spawner is None:
            ours, theirs = socket.socketpair()
            with theirs:
                process = os.posix_spawn(
                    sys.executable,
                    [sys.executable, "-I", "-S", "-c", _SPAWN, str(_package_root()), str(theirs.fileno())],
                    {"PATH": os.defpath},
                    file_actions=[
                        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
                        (os.POSIX_SPAWN_DUP2, theirs.fileno(), theirs.fileno()),
                    ],
                    setsid=True,
                )
            self._spawner = process, ours
        return self._spawner[1]


def _request(command: Command) -> bytes:
    request = {
        "argv": list(command.argv),
        "cwd": str(command.cwd),
        "env": dict(command.env),
        "output": str(command.output),
        "stdin": None if command.stdin is None else str(command.stdin),
        "limit": STREAM_LIMIT,
    }
    return json.dumps(request).encode() + b"\n"


async def _greeted(control: socket.socket, request: bytes) -> int | None:
    """Give a request to a supervising process and return its id; None when it will certainly not begin.

    It begins only once its greeting is sent. A greeting that did not come before its connection ended, or before we
    would take no more, was never sent.
    """
    loop = asyncio.get_running_loop()
    greeting = b""
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            await loop.sock_sendall(control, request)
            while len(greeting) < GREETING_BYTES:
                piece = await loop.sock_recv(control, GREETING_BYTES - len(greeting))
                if not piece:
                    return None
                greeting += piece
    except ConnectionError:
        return None
    except TimeoutError:
        # it may be stopped: from now on it cannot send, and what it sent before is here
        control.shutdown(socket.SHUT_RD)
        with contextlib.suppress(OSError):
            greeting += control.recv(GREETING_BYTES - len(greeting))
        if len(greeting) < GREETING_BYTES:
            return None
    return int(json.loads(greeting)["supervisor"])


async def _result_of(task: "asyncio.Future[Process]") -> Process:
    return await task


_SPAWN: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from toolserver.node.processes.spawner import main; main(int(sys.argv[2]))"
)


def _package_root() -> Path:
    return Path(toolserver.__path__[0]).parent


def _ended(report: Mapping[str, Any], *, out_of_memory: bool) -> Ended:
    status = report["status"]
    code = None if status is None else os.waitstatus_to_exitcode(status)
    by_signal = code is None or code < 0
    return Ended(
        code=None if by_signal else code,
        signal=-code if code is not None and by_signal else None,
        seconds=report["seconds"],
        killed=report["killed"],
        out_of_memory=out_of_memory and code == -signal.SIGKILL and not report["killed"],
        strays=report["strays"],
        left=report["left"],
        totals=(report["totals"][0], report["totals"][1]),
        lost=(report["lost"][0], report["lost"][1]),
    )
