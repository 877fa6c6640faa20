"""Programs in a sandbox that a host talks to in lines: started, asked several things at a time, given up, left."""

import asyncio
import contextlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Generic, Literal, Protocol, TypeVar

from msgspec import DecodeError, Struct, ValidationError, json

import toolserver
from toolserver.deployment.bubblewrap import PACKAGE_FOLDER
from toolserver.deployment.config import AutoSandbox, DockerSandbox, LocalSandbox, SandboxConfig
from toolserver.errors import SandboxUnavailable, ToolServerError
from toolserver.line_wire import LONGEST_LINE, Cancel, Piece
from toolserver.sandbox import ProgramStreams, Sandbox

START_SECONDS: Final = 120.0
CANCEL_SECONDS: Final = 10.0
"""How long a program may take to answer when what was asked is taken back."""

_STEP: Final = 256 * 1024


class DoneLike(Protocol):
    """The last message of an answer: the id of what was asked, and how many bytes came in pieces."""

    @property
    def id(self) -> int: ...  # noqa: D102 - see the class

    @property
    def size(self) -> int: ...  # noqa: D102


ReadyT = TypeVar("ReadyT", bound=Struct)
DoneT = TypeVar("DoneT", bound=DoneLike)


@dataclass(frozen=True)
class Language(Generic[ReadyT, DoneT]):
    """What a kind of program speaks, and what is said when it fails.

    Attributes:
        name: in messages, such as ``the browsing program``.
        module: of Python that it is.
        answers: decodes its lines.
        ready, done: the types of its first message, and of the last one of an answer.
        ask: makes a request of an id and a call.
        ask_seconds: how long it may take to answer.
        broken: the error of a program that failed or ended.
        refused: the error of an answer that took too long or is too large; takes which and a message.
    """

    name: str
    module: str
    answers: json.Decoder[Any]
    ready: type[ReadyT]
    done: type[DoneT]
    ask: Callable[[int, Any], Struct]
    ask_seconds: float
    broken: Callable[[str], ToolServerError]
    refused: Callable[[Literal["timeout", "too_large"], str], ToolServerError]


@dataclass
class _Waiting(Generic[DoneT]):
    done: "asyncio.Future[DoneT]"
    limit: int
    data: bytearray = field(default_factory=bytearray)


class RunningProgram(Generic[ReadyT, DoneT]):
    """A running program, and who waits for its answers.

    Attributes:
        ready: what it says about itself.
    """

    def __init__(self, language: Language[ReadyT, DoneT], streams: ProgramStreams, ready: ReadyT) -> None:
        self.ready = ready
        self._language = language
        self._streams = streams
        self._waiting: dict[int, _Waiting[DoneT]] = {}
        self._ids = itertools.count(1)
        self._reading = asyncio.ensure_future(self._read())

    @property
    def ended(self) -> bool:
        """Whether it answers no more."""
        return self._reading.done()

    async def ask(self, call: Any, limit: int) -> tuple[DoneT, bytes]:
        """Ask, and return what came of it with the bytes that belong to it, at most ``limit``.

        Raises:
            ToolServerError: as the language says.
        """
        number = next(self._ids)
        waiting = _Waiting[DoneT](asyncio.get_running_loop().create_future(), limit)
        self._waiting[number] = waiting
        try:
            if self.ended:
                raise self._language.broken(f"{self._language.name} has ended; ask again")
            await self._send(self._language.ask(number, call))
            finished, _ = await asyncio.wait({waiting.done}, timeout=self._language.ask_seconds)
            if not finished:
                await self._give_up(number, waiting)
            done = await waiting.done
        except asyncio.CancelledError:
            if not self.ended:
                await self._send(Cancel(id=number))
            raise
        finally:
            self._waiting.pop(number, None)
        if done.size != len(waiting.data):
            raise self._language.broken(f"{self._language.name} sent an answer with a part missing; ask again")
        return done, bytes(waiting.data)

    async def leave(self) -> None:
        """Hang up; the program ends with the connection."""
        self._reading.cancel()
        await asyncio.wait({self._reading})

    async def _give_up(self, number: int, waiting: _Waiting[DoneT]) -> None:
        """Take back what was asked; a program that does not even answer to that is ended."""
        seconds = f"{self._language.ask_seconds:g} s"
        await self._send(Cancel(id=number))
        finished, _ = await asyncio.wait({waiting.done}, timeout=CANCEL_SECONDS)
        if finished:
            raise self._language.refused("timeout", f"there was no answer within {seconds}; ask for less at a time")
        await self.leave()
        raise self._language.broken(f"{self._language.name} did not answer within {seconds}; ask again")

    async def _send(self, request: Struct) -> None:
        # that it has ended is noticed where its answers are read
        with contextlib.suppress(ConnectionError):
            self._streams.writer.write(json.encode(request) + b"\n")
            await self._streams.writer.drain()

    async def _read(self) -> None:
        try:
            buffer = bytearray()
            while line := await next_line(self._streams.reader, buffer):
                self._take(self._language.answers.decode(line))
        except (DecodeError, ValidationError, ConnectionError):
            return  # whoever waits is told below
        finally:
            self._streams.writer.close()
            for waiting in self._waiting.values():
                if not waiting.done.done():
                    error = self._language.broken(f"{self._language.name} ended at a request; ask again")
                    waiting.done.set_exception(error)

    def _take(self, answer: Any) -> None:
        waiting = None if isinstance(answer, self._language.ready) else self._waiting.get(answer.id)
        if waiting is None or waiting.done.done():
            return
        if isinstance(answer, Piece):
            waiting.data += answer.data
            if len(waiting.data) > waiting.limit:
                # of the others' answers nothing is wrong
                waiting.data.clear()
                message = "what came is larger than it may be; ask for less"
                waiting.done.set_exception(self._language.refused("too_large", message))
        elif isinstance(answer, self._language.done):
            waiting.done.set_result(answer)


class LineProgram(Generic[ReadyT, DoneT]):
    """The program of a sandbox. It is started at the first call, and anew after it has ended."""

    def __init__(self, sandbox: Sandbox, language: Language[ReadyT, DoneT], settings: str) -> None:
        """Take a sandbox, and the settings that its program is given as its one argument."""
        self._sandbox = sandbox
        self._language = language
        self._settings = settings
        self._running: RunningProgram[ReadyT, DoneT] | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> RunningProgram[ReadyT, DoneT]:
        """Start the program, unless it is running.

        Raises:
            SandboxLost: the sandbox is gone.
            ToolServerError: the program cannot be started; which error it is, the language says.
        """
        async with self._starting:
            if self._running is None or self._running.ended:
                self._running = await self._started()
            return self._running

    async def ask(self, call: Any, limit: int) -> tuple[DoneT, bytes]:
        """Ask the program; see ``RunningProgram.ask``, and ``start`` for what else is raised."""
        return await (await self.start()).ask(call, limit)

    async def leave(self) -> None:
        """End the program, if it runs."""
        if self._running is not None:
            await self._running.leave()

    async def _started(self) -> RunningProgram[ReadyT, DoneT]:
        # in a sandbox that isolates nothing the package lies where it lies for us
        weak = self._sandbox.description.network == "host"
        packages = Path(toolserver.__path__[0]).parent if weak else PACKAGE_FOLDER
        argv = ("python", "-s", "-P", "-m", self._language.module, self._settings)
        streams = await self._sandbox.program(argv, {"PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"})
        try:
            async with asyncio.timeout(START_SECONDS):
                ready = self._language.answers.decode(await next_line(streams.reader, bytearray()))
        except (DecodeError, ValidationError, TimeoutError) as error:
            streams.writer.close()
            said = await self._sandbox.call(f"said-{streams.output}", "read_output", {"id": streams.output})
            last = said.text.strip().splitlines()[-1:] or ["it said nothing"]
            raise self._language.broken(f"{self._language.name} cannot be started: {last[0][:300]}") from error
        if not isinstance(ready, self._language.ready):
            streams.writer.close()
            raise self._language.broken(f"{self._language.name} began with something else than that it is ready")
        return RunningProgram(self._language, streams, ready)


async def next_line(reader: asyncio.StreamReader, buffer: bytearray) -> bytes:
    """Return the next line; empty at the end. ``buffer`` keeps what was read after it."""
    looked = 0
    while (end := buffer.find(b"\n", looked)) < 0:
        looked = len(buffer)
        piece = await reader.read(_STEP)
        if not piece or len(buffer) > LONGEST_LINE:
            return b""
        buffer += piece
    line = bytes(buffer[: end + 1])
    del buffer[: end + 1]
    return line


async def placed(config: SandboxConfig, image: str) -> LocalSandbox | DockerSandbox:
    """Return where a sandbox with an image of its own is to run: with ``auto`` in Docker where that image is there.

    Raises:
        SandboxUnavailable: it is not there, and a local sandbox is not allowed.
    """
    if not isinstance(config, AutoSandbox):
        return config
    from toolserver.engine import Engine

    shared = config.model_dump(exclude={"kind", "engine_seconds", "or_local"})
    try:
        async with Engine.connect(config.engine_seconds) as engine:
            if await engine.image(image) is not None:
                return DockerSandbox(**shared)
    except SandboxUnavailable:
        if not config.or_local:
            raise
        # then it runs where runs of this machine run
        return LocalSandbox(**shared)
    if not config.or_local:
        raise SandboxUnavailable(
            f"a local sandbox is not allowed here, and the image {image} is not there; "
            "build it with plumbline toolserver image build, and --browsing or --cad for those"
        )
    return LocalSandbox(**shared)
