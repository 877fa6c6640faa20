"""A sandbox served on standard input and output."""

import asyncio
import os
import sys
from typing import Final

from toolserver.errors import SandboxUnavailable
from toolserver.protocol import MAX_LINE
from toolserver.serving.server import ServedSandbox, mcp_server
from toolserver.streams import line_streams

STDOUT: Final = 1
STDERR: Final = 2


async def serve_stdio(served: ServedSandbox) -> None:
    """Serve until standard input ends. Whatever else prints to standard output meanwhile goes to standard error.

    Raises:
        SandboxUnavailable: standard input is no pipe, socket or terminal.
    """
    stdin = asyncio.StreamReader(limit=MAX_LINE)
    loop = asyncio.get_running_loop()
    try:
        reading, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    except (ValueError, OSError) as error:
        raise SandboxUnavailable(f"standard input must be a pipe to serve on it: {error}") from error
    wire = os.dup(STDOUT)
    os.dup2(STDERR, STDOUT)

    async def next_line() -> bytes:
        try:
            return await stdin.readuntil(b"\n")
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return b""

    async def send(line: bytes) -> None:
        await asyncio.to_thread(_write_all, wire, line)

    server = mcp_server(served)
    try:
        async with line_streams(next_line, send) as (incoming, outgoing):
            await server.run(incoming, outgoing, server.create_initialization_options())
    finally:
        reading.close()
        os.dup2(wire, STDOUT)
        os.close(wire)


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
