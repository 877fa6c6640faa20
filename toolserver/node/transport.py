"""MCP over a unix socket: a line of JSON for each message, one session for each connection."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.server.lowlevel import Server
from mcp.shared.message import SessionMessage

from toolserver.protocol import MAX_LINE

Incoming = SessionMessage | Exception
Streams = tuple[MemoryObjectReceiveStream[Incoming], MemoryObjectSendStream[SessionMessage]]

log = logging.getLogger(__name__)


class SocketServer:
    """Serves MCP on a unix socket, a session for each connection."""

    def __init__(self, path: Path, make_server: Callable[[], Server[Any]]) -> None:
        self._path = path
        self._make_server = make_server
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
        server = self._make_server()
        try:
            async with message_streams(reader, writer) as (incoming, outgoing):
                await server.run(incoming, outgoing, server.create_initialization_options())
        except Exception:  # one client's fault must not end the node
            log.exception("a connection failed")
        finally:
            writer.close()


@asynccontextmanager
async def message_streams(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[Streams]:
    """Give the message streams of a connection, in the form the MCP library serves and talks to."""
    to_server, incoming = anyio.create_memory_object_stream[Incoming](0)
    outgoing, from_server = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        async with to_server:
            while line := await _next_line(reader):
                try:
                    message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError as error:
                    await to_server.send(error)
                else:
                    await to_server.send(SessionMessage(message))

    async def write() -> None:
        async with from_server:
            async for item in from_server:
                writer.write(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                await writer.drain()

    with to_server, incoming, outgoing, from_server:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_until_closed, read)
            tasks.start_soon(_until_closed, write)
            yield incoming, outgoing
            tasks.cancel_scope.cancel()


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """Return the next line; empty at the end and where a line is longer than we take."""
    try:
        return await reader.readuntil(b"\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
        return b""


async def _until_closed(work: Callable[[], Any]) -> None:
    try:
        await work()
    except (ConnectionError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        return  # the other side left; the server sees the end of its stream
