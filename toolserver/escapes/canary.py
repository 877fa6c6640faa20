"""A server on loopback that nobody may reach, and that notes everybody who does."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

SECRET: Final = "the-canary-sings"  # noqa: S105 - is looked for in what is read
HEAD_SECONDS: Final = 2.0


@dataclass
class Canary:
    """What was reached.

    Attributes:
        port: of 127.0.0.1 and ``::1``, for TCP and UDP.
        reached: one entry for each connection or datagram: the path of a request, ``/tls``, ``/tcp`` or ``/udp``.
    """

    port: int
    reached: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Note a connection and what it asks for."""
        place = len(self.reached)
        self.reached.append("/tcp")
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            async with asyncio.timeout(HEAD_SECONDS):
                begin = await reader.read(4096)
            if begin.startswith(b"\x16\x03"):
                self.reached[place] = "/tls"
            elif b" HTTP/1" in begin:
                self.reached[place] = begin.split(b" ", 2)[1].decode("latin-1")
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\naccess-control-allow-origin: *\r\n"
                    b"connection: close\r\n\r\n<p>Whoever reads this has been where nobody may go: " + SECRET.encode()
                )
                await writer.drain()
        writer.close()


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, canary: Canary) -> None:
        self._canary = canary

    def datagram_received(self, data: bytes, addr: object) -> None:
        self._canary.reached.append("/udp")


@asynccontextmanager
async def canary() -> AsyncIterator[Canary]:
    """Give a canary for the length of a block."""
    loop = asyncio.get_running_loop()
    made = Canary(0)
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    servers = [server]
    if socket.has_ipv6:
        with contextlib.suppress(OSError):
            servers.append(await asyncio.start_server(made.serve, "::1", made.port))
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(made), ("127.0.0.1", made.port))
    try:
        yield made
    finally:
        transport.close()
        for one in servers:
            one.close()
