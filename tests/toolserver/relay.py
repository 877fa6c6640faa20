"""A unix socket that leads to a node and breaks its connections, as a network would."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from toolserver.client import SandboxDescription
from toolserver.connection import Streams, connect_to_socket
from toolserver.testing import DESCRIPTION


@dataclass(frozen=True)
class Behind:
    """A place whose socket is a relay's."""

    socket: Path
    description: SandboxDescription = DESCRIPTION

    async def connect(self) -> Streams:
        """Connect to the relay."""
        return await connect_to_socket(self.socket)

    async def gone(self) -> bool:
        return False

    async def close(self, *, keep_workspace: bool) -> None:
        """Leave the node alone; it belongs to somebody else."""


class Relay:
    """Passes bytes between clients and a node; ``break_all`` drops every connection at once."""

    def __init__(self, node: Path) -> None:
        self._node = node
        self._open: set[asyncio.StreamWriter] = set()
        self.broken = 0

    def break_all(self) -> None:
        """Drop all connections without a goodbye."""
        self.broken += len(self._open)
        for writer in self._open:
            writer.transport.abort()
        self._open.clear()

    async def break_at_random(self, seed: int) -> None:
        """Keep dropping connections until cancelled."""
        chance = random.Random(seed)  # noqa: S311 - a test that can be repeated
        while True:
            await asyncio.sleep(chance.uniform(0.001, 0.03))
            self.break_all()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass one client's bytes on."""
        node_reader, node_writer = await asyncio.open_unix_connection(self._node)
        self._open |= {writer, node_writer}
        await asyncio.wait(
            [asyncio.ensure_future(_pass_on(reader, node_writer)), asyncio.ensure_future(_pass_on(node_reader, writer))]
        )


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()


@asynccontextmanager
async def relay_to(node: Path, folder: Path) -> AsyncIterator[tuple[Relay, Behind]]:
    """Run a relay; give it and a place that is reached through it."""
    relay = Relay(node)
    path = folder / "relay.sock"
    server = await asyncio.start_unix_server(relay.serve, path)
    try:
        yield relay, Behind(path)
    finally:
        server.close()
        relay.break_all()
