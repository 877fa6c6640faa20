"""MCP messages as lines of JSON over any pair of byte streams, in the form the MCP library serves and talks to."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import anyio
import mcp_types as types
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage

Incoming = SessionMessage | Exception
Streams = tuple[MemoryObjectReceiveStream[Incoming], MemoryObjectSendStream[SessionMessage]]


@asynccontextmanager
async def line_streams(
    next_line: Callable[[], Awaitable[bytes]], send: Callable[[bytes], Awaitable[None]]
) -> AsyncIterator[Streams]:
    """Give message streams over a connection of lines.

    Args:
        next_line: returns the next line; empty at the end.
        send: takes a line with its end.
    """
    to_us, incoming = anyio.create_memory_object_stream[Incoming](0)
    outgoing, from_us = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        async with to_us:
            while line := await next_line():
                if not line.strip():
                    continue
                try:
                    message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError as error:
                    await to_us.send(error)
                else:
                    await to_us.send(SessionMessage(message))

    async def write() -> None:
        async with from_us:
            async for item in from_us:
                await send(item.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")

    with to_us, incoming, outgoing, from_us:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(_until_closed, read)
            tasks.start_soon(_until_closed, write)
            yield incoming, outgoing
            tasks.cancel_scope.cancel()


async def _until_closed(work: Callable[[], Awaitable[None]]) -> None:
    try:
        await work()
    except (ConnectionError, anyio.BrokenResourceError, anyio.ClosedResourceError):
        return  # the other side left; who listens sees the end of the stream
