"""An open browsing sandbox: a sandbox of its own, in which nothing runs but the program that gets pages.

It has no network but its egress proxy. That program is started at the first request, and anew after it has ended.
"""

import asyncio
import contextlib
import itertools
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from msgspec import DecodeError, ValidationError, json

import toolserver
from toolserver.browsing import wire
from toolserver.browsing.settings import BrowsingSettings
from toolserver.deployment.bubblewrap import PACKAGE_FOLDER
from toolserver.deployment.config import AutoSandbox, DockerSandbox, Limits, LocalSandbox, SandboxConfig
from toolserver.egress.gateway import EgressGateway, Listener
from toolserver.egress.profiles import NoEgress, OpenEgress
from toolserver.errors import BrowsingBroken, PageFailed, SandboxUnavailable
from toolserver.images.context import browsing_tag
from toolserver.line_wire import LONGEST_LINE, Cancel, Piece
from toolserver.opening import open_sandbox
from toolserver.sandbox import ProgramStreams, Sandbox

START_SECONDS: Final = 60.0
ASK_SECONDS: Final = 900.0
"""How long the program may take to answer; it has limits of its own for each page, but pages wait for their host."""

CANCEL_SECONDS: Final = 10.0
"""How long it may take to answer when what was asked is taken back."""

_STEP: Final = 256 * 1024
_ANSWER: Final = json.Decoder(wire.Answer)


class Got(NamedTuple):
    """A page and the bytes it was made of."""

    page: wire.PageAnswer
    raw: bytes


class GotFile(NamedTuple):
    """A file of the web."""

    file: wire.FileAnswer
    raw: bytes


@dataclass
class _Waiting:
    done: "asyncio.Future[wire.Done]"
    limit: int
    data: bytearray = field(default_factory=bytearray)


class _Running:
    """The running program, and who waits for its answers."""

    def __init__(self, streams: ProgramStreams, ready: wire.Ready) -> None:
        self.ready = ready
        self._streams = streams
        self._waiting: dict[int, _Waiting] = {}
        self._ids = itertools.count(1)
        self._reading = asyncio.ensure_future(self._read())

    @property
    def ended(self) -> bool:
        """Whether it answers no more."""
        return self._reading.done()

    async def ask(self, call: wire.Call, limit: int) -> tuple[wire.Done, bytes]:
        """Ask, and return what came of it."""
        number = next(self._ids)
        waiting = _Waiting(asyncio.get_running_loop().create_future(), limit)
        self._waiting[number] = waiting
        try:
            if self.ended:
                raise BrowsingBroken("the browsing program has ended; ask again")
            await self._send(wire.Ask(id=number, call=call))
            finished, _ = await asyncio.wait({waiting.done}, timeout=ASK_SECONDS)
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
            raise BrowsingBroken("the browsing program sent an answer with a part missing; ask again")
        return done, bytes(waiting.data)

    async def _give_up(self, number: int, waiting: _Waiting) -> None:
        """Take back what was asked; a program that does not even answer to that is ended."""
        await self._send(Cancel(id=number))
        finished, _ = await asyncio.wait({waiting.done}, timeout=CANCEL_SECONDS)
        if finished:
            raise PageFailed("timeout", f"there was no answer within {ASK_SECONDS:g} s; ask for fewer pages at a time")
        await self.leave()
        raise BrowsingBroken(f"the browsing program did not answer within {ASK_SECONDS:g} s; ask again")

    async def leave(self) -> None:
        """Hang up; the program ends with the connection."""
        self._reading.cancel()
        await asyncio.wait({self._reading})

    async def _send(self, request: wire.Request) -> None:
        # that it has ended is noticed where its answers are read
        with contextlib.suppress(ConnectionError):
            self._streams.writer.write(json.encode(request) + b"\n")
            await self._streams.writer.drain()

    async def _read(self) -> None:
        try:
            buffer = bytearray()
            while line := await _line(self._streams.reader, buffer):
                self._take(_ANSWER.decode(line))
        except (DecodeError, ValidationError, ConnectionError, BrowsingBroken):
            return  # whoever waits is told below
        finally:
            self._streams.writer.close()
            for waiting in self._waiting.values():
                if not waiting.done.done():
                    waiting.done.set_exception(BrowsingBroken("the browsing program ended at a request; ask again"))

    def _take(self, answer: wire.Answer) -> None:
        waiting = None if isinstance(answer, wire.Ready) else self._waiting.get(answer.id)
        if waiting is None or waiting.done.done():
            return
        if isinstance(answer, Piece):
            waiting.data += answer.data
            if len(waiting.data) > waiting.limit:
                # of the others' answers nothing is wrong
                waiting.data.clear()
                waiting.done.set_exception(PageFailed("too_large", "what came is larger than it may be; open another"))
        elif isinstance(answer, wire.Done):
            waiting.done.set_result(answer)


class BrowsingSandbox:
    """Gets pages by way of a browsing sandbox. Several calls may run at once; those of the browser wait for each other.

    Attributes:
        sandbox: the sandbox itself.
        settings: how its program behaves towards the web.
    """

    def __init__(self, sandbox: Sandbox, settings: BrowsingSettings) -> None:
        self.sandbox = sandbox
        self.settings = settings
        self._running: _Running | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> wire.Ready:
        """Start the program, unless it is running, and return what it says about itself.

        Raises:
            SandboxLost: the sandbox is gone.
            BrowsingBroken: the program cannot be started.
        """
        return (await self._program()).ready

    async def fetch(self, url: str) -> Got:
        """Get a page by a plain request.

        Raises:
            PageFailed: there is none to read.
            SandboxLost: the sandbox is gone.
            BrowsingBroken: the program failed.
        """
        return await self._page(wire.Fetch(url=url))

    async def open(self, url: str) -> Got:
        """Go to an address in the browser; raises like ``fetch``."""
        return await self._page(wire.Open(url=url))

    async def click(self, ref: str) -> Got:
        """Click an element of the browser's last snapshot; raises like ``fetch``."""
        return await self._page(wire.Click(ref=ref))

    async def type_text(self, ref: str, text: str, *, submit: bool = False) -> Got:
        """Replace a field's content, and press Enter if asked to; raises like ``fetch``."""
        return await self._page(wire.TypeText(ref=ref, text=text, submit=submit))

    async def select(self, ref: str, value: str) -> Got:
        """Choose an option by its visible text; raises like ``fetch``."""
        return await self._page(wire.Select(ref=ref, value=value))

    async def screenshot(self) -> bytes:
        """Return what the browser shows, as PNG; raises like ``fetch``."""
        return (await self._asked(wire.Screenshot(), self.settings.answer_bytes))[1]

    async def download(self, url: str) -> GotFile:
        """Get a file by a plain request, whatever it is; raises like ``fetch``."""
        done, data = await self._asked(wire.Download(url=url), self.settings.answer_bytes)
        if done.file is None:
            raise BrowsingBroken("the browsing program answered with something else than a file")
        return GotFile(done.file, data)

    async def downloaded(self, file: wire.DownloadedFile) -> bytes:
        """Return a file that a page handed over in the browser; it is deleted there. Raises like ``fetch``."""
        return (await self._asked(wire.Take(path=file.path), self.settings.download_bytes))[1]

    async def close(self) -> None:
        """End the program and the sandbox with all its files."""
        if self._running is not None:
            await self._running.leave()
        await self.sandbox.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _page(self, call: wire.Call) -> Got:
        done, data = await self._asked(call, self.settings.answer_bytes)
        if done.page is None:
            raise BrowsingBroken("the browsing program answered with something else than a page")
        return Got(done.page, data)

    async def _asked(self, call: wire.Call, limit: int) -> tuple[wire.Done, bytes]:
        program = await self._program()
        done, data = await program.ask(call, limit)
        if done.failure is not None:
            failure = done.failure
            raise PageFailed(
                failure.kind,
                failure.message,
                needs_browser=failure.needs_browser,
                retry_after=failure.retry_after,
            )
        if done.error is not None:
            raise BrowsingBroken(f"the browsing program failed: {done.error}")
        return done, data

    async def _program(self) -> _Running:
        async with self._starting:
            if self._running is None or self._running.ended:
                self._running = await self._started()
            return self._running

    async def _started(self) -> _Running:
        # in a sandbox that isolates nothing the package lies where it lies for us
        weak = self.sandbox.description.network == "host"
        packages = Path(toolserver.__path__[0]).parent if weak else PACKAGE_FOLDER
        argv = ("python", "-s", "-P", "-m", "toolserver.browsing", self.settings.model_dump_json())
        streams = await self.sandbox.program(argv, {"PYTHONPATH": str(packages), "PYTHONDONTWRITEBYTECODE": "1"})
        try:
            async with asyncio.timeout(START_SECONDS):
                ready = _ANSWER.decode(await _line(streams.reader, bytearray()))
        except (DecodeError, ValidationError, TimeoutError) as error:
            streams.writer.close()
            said = await self.sandbox.call(f"said-{streams.output}", "read_output", {"id": streams.output})
            last = said.text.strip().splitlines()[-1:] or ["it said nothing"]
            raise BrowsingBroken(f"the browsing program cannot be started: {last[0][:300]}") from error
        if not isinstance(ready, wire.Ready):
            streams.writer.close()
            raise BrowsingBroken("the browsing program began with something else than that it is ready")
        return _Running(streams, ready)


async def _line(reader: asyncio.StreamReader, buffer: bytearray) -> bytes:
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


def browsing_limits() -> Limits:
    """Return what a browsing sandbox may use: a browser has many processes, files and much memory of its own."""
    return Limits(memory_mb=4096, pids=512, tmp_mb=1024, file_mb=512, disk_mb=1024, open_files=4096)


def browsing_config(config: SandboxConfig) -> SandboxConfig:
    """Return the configuration of a browsing sandbox beside a sandbox like this one.

    Limits that were not given are those of ``browsing_limits``, and where nothing may be reached, the public internet
    may: to browse is to reach it. In Docker it is the image of browsing sandboxes, unless another one was named.
    """
    update: dict[str, Any] = {
        "limits": config.limits if "limits" in config.model_fields_set else browsing_limits(),
        "egress": OpenEgress() if isinstance(config.egress, NoEgress) else config.egress,
    }
    if isinstance(config, DockerSandbox) and config.image is None:
        update["image"] = browsing_tag()
    return config.model_copy(update=update)


async def _placed(config: SandboxConfig) -> LocalSandbox | DockerSandbox:
    """Return where a browsing sandbox is to run: with ``auto`` in Docker where the image for it is there."""
    if not isinstance(config, AutoSandbox):
        return config
    from toolserver.engine import Engine

    shared = config.model_dump(exclude={"kind", "engine_seconds"})
    try:
        async with Engine.connect(config.engine_seconds) as engine:
            if await engine.image(browsing_tag()) is not None:
                return DockerSandbox(**shared)
    except SandboxUnavailable:
        # then it runs where runs of this machine run
        return LocalSandbox(**shared)
    return LocalSandbox(**shared)


async def open_browsing(
    config: SandboxConfig,
    sandbox_id: str,
    *,
    state_dir: Path,
    gateway: EgressGateway | None = None,
    settings: BrowsingSettings | None = None,
    on_egress: Listener | None = None,
) -> BrowsingSandbox:
    """Open a browsing sandbox; see ``browsing_config`` for what of a configuration it takes.

    Nobody comes back to it: when this process is gone, a later one removes it.

    Args:
        config: of the sandbox that it stands beside.
        sandbox_id: as for ``open_sandbox``; not the id of another sandbox.
        state_dir: folder for files of local sandboxes and for locks.
        gateway: lets it out.
        settings: how its program behaves towards the web.
        on_egress: is given every request to the outside when it has ended.

    Raises:
        SandboxUnavailable: it cannot be started, or is not as the configuration wants it.
    """
    placed = browsing_config(await _placed(browsing_config(config)))
    sandbox = await open_sandbox(
        placed, sandbox_id, state_dir=state_dir, gateway=gateway, on_egress=on_egress, keep=False
    )
    return BrowsingSandbox(sandbox, settings or BrowsingSettings())
