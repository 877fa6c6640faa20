"""How lines reach a node: over a unix socket, a session for each connection, or over standard input and output."""

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import Final

from toolserver.node.node import Node
from toolserver.node.server import Session
from toolserver.protocol import MAX_LINE

_PROGRAM: Final = b'{"program":'
"""Begins the first line of a connection that is to become the streams of a program."""

log = logging.getLogger(__name__)


class SocketServer:
    """Serves a node on a unix socket."""

    def __init__(self, path: Path, node: Node) -> None:
        self._path = path
        self._node = node
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.Task[None]] = set()
        self._last_left = asyncio.get_running_loop().time()

    async def start(self) -> None:
        """Begin to listen; only the owner of the process may connect."""
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._accept, self._path, limit=MAX_LINE)
        finally:
            os.umask(before)

    async def close(self) -> None:
        """Stop listening and drop all clients."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)
        for task in self._clients:
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def idle_seconds(self) -> float:
        """Return for how long no client has been connected."""
        return 0.0 if self._clients else asyncio.get_running_loop().time() - self._last_left

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._clients.add(task)
        task.add_done_callback(self._left)

    def _left(self, task: asyncio.Task[None]) -> None:
        self._clients.discard(task)
        self._last_left = asyncio.get_running_loop().time()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def send(line: bytes) -> None:
            writer.write(line)
            await writer.drain()

        try:
            first = await _next_line(reader)
            if first.startswith(_PROGRAM):
                await self._node.programs.serve(first, reader, writer)
            else:
                unread = [first]
                await Session(self._node, send).run(lambda: _next_of(unread, reader))
        except Exception:  # one client's fault must not end the node
            log.exception("a connection failed")
        finally:
            writer.close()


async def serve_stdio(node: Node) -> None:
    """Serve one client on standard input and output, until the input ends."""
    writing = asyncio.Lock()

    async def send(line: bytes) -> None:
        async with writing:
            await asyncio.to_thread(_print, line)

    await Session(node, send).run(lambda: asyncio.to_thread(sys.stdin.buffer.readline, MAX_LINE))


def _print(line: bytes) -> None:
    sys.stdout.buffer.write(line)
    sys.stdout.buffer.flush()


async def _next_of(unread: list[bytes], reader: asyncio.StreamReader) -> bytes:
    return unread.pop() if unread else await _next_line(reader)


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """Return the next line; empty at the end and where a line is longer than we take."""
    try:
        return await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return b""
