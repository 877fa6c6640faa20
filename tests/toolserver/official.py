"""How the official MCP client talks over a connection to a node."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from toolserver.connection import Connect
from toolserver.streams import Streams, line_streams


@asynccontextmanager
async def official_transport(connect: Connect) -> AsyncIterator[Streams]:
    """Give a new connection in the form the official client talks to."""
    reader, writer = await connect()

    async def send(line: bytes) -> None:
        writer.write(line)
        await writer.drain()

    async with line_streams(reader.readline, send) as streams:
        yield streams
    writer.close()
