"""Programs whose standard input and output are a connection to the node, for servers that run in a sandbox.

A connection whose first line is a ``ProgramRequest`` becomes the program's streams after one ``ProgramStarted`` line of
ours. The program ends with the connection, and the connection with the program.
"""

import asyncio
import contextlib
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from msgspec import DecodeError, json

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.processes.supervisor import Command, Process
from toolserver.node.waiting import to_the_end
from toolserver.protocol import ProgramRequest, ProgramStarted

PIECE: Final = 65536
START_SECONDS: Final = 15.0
GRACE_SECONDS: Final = 2.0
"""How long a program may take to end once its input has ended."""

_WORKER: Final = Path(__file__).parent / "workers" / "stdio.py"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Programs:
    """Starts programs for connections."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def serve(self, line: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Turn a connection that began with a request into the streams of its program, until either ends."""
        try:
            request = json.decode(line, type=ProgramRequest)
        except (DecodeError, UnicodeDecodeError) as error:
            await _answer(writer, ProgramStarted(error=f"not a request: {error}"))
            return
        output = self._machine.outputs.create()
        async with _meeting_point() as (path, met):
            process = await self._machine.supervisor.start(
                Command(
                    argv=(sys.executable, "-I", "-S", str(_WORKER), path, *request.argv),
                    cwd=self._machine.workspace.root,
                    env={**self._machine.environment.variables(), **request.env},
                    output=output.folder,
                )
            )
            try:
                streams = await _met(met, process)
                if streams is None:
                    await _answer(writer, ProgramStarted(error=f"{request.argv[0]} could not be started"))
                    return
                await _answer(writer, ProgramStarted(output=output.id))
                await _relay((reader, writer), streams, process)
            finally:
                with contextlib.suppress(ToolFailure):
                    await to_the_end(process.kill())


@asynccontextmanager
async def _meeting_point() -> AsyncIterator[tuple[str, "asyncio.Future[Streams]"]]:
    """Give a socket that only this user can connect to, and whoever connects first."""
    import tempfile  # most sandboxes never need it

    folder = Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="stdio-"))
    met: asyncio.Future[Streams] = asyncio.get_running_loop().create_future()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if met.done():
            writer.close()
        else:
            met.set_result((reader, writer))

    server = await asyncio.start_unix_server(accept, folder / "s")
    try:
        yield str(folder / "s"), met
    finally:
        server.close()
        if met.done():
            met.result()[1].close()
        met.cancel()
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _met(met: "asyncio.Future[Streams]", process: Process) -> Streams | None:
    """Return the program's streams; None when it ended before it had them."""
    ending = asyncio.ensure_future(process.ended_within(START_SECONDS))
    try:
        both: set[asyncio.Future[Any]] = {met, ending}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        ending.cancel()
    return met.result() if met.done() else None


async def _relay(outside: Streams, inside: Streams, process: Process) -> None:
    """Carry bytes both ways until the program ends or whoever talks to it leaves."""
    inward = asyncio.ensure_future(_copy(outside[0], inside[1]))
    outward = asyncio.ensure_future(_copy(inside[0], outside[1]))
    try:
        await asyncio.wait({inward, outward}, return_when=asyncio.FIRST_COMPLETED)
        if inward.done() and not outward.done():
            with contextlib.suppress(OSError):
                inside[1].write_eof()
            await asyncio.wait({outward}, timeout=GRACE_SECONDS)
    finally:
        for task in (inward, outward):
            task.cancel()
        await asyncio.gather(inward, outward, return_exceptions=True)


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while piece := await source.read(PIECE):
            target.write(piece)
            await target.drain()


async def _answer(writer: asyncio.StreamWriter, answer: ProgramStarted) -> None:
    with contextlib.suppress(ConnectionError):
        writer.write(json.encode(answer) + b"\n")
        await writer.drain()
