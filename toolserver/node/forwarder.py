"""The sandbox's end of the way out: a port of its own loopback, from which bytes are carried to the proxy's socket.

A sandbox has no network, so this port is all that programs can connect to. What they ask for is decided on the other
side of the socket.
"""

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Final

USUAL_PORT: Final = 3128

RETRY_SECONDS: Final = 5.0
"""How long a proxy is waited for that is just being started again."""

CONNECTIONS: Final = 64

_PIECE: Final = 64 * 1024

_GONE: Final = (
    b"HTTP/1.1 502 egress failed: the proxy is not there\r\nx-plumbline-egress: failed\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class Forwarder:
    """Carries bytes to the proxy and back.

    Attributes:
        port: of 127.0.0.1; programs use it as an HTTP proxy.
    """

    def __init__(self, proxy: Path) -> None:
        """Take a port; ``proxy`` is the socket, which need not be there yet."""
        self._proxy = proxy
        self._listening = _listening()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.port: int = self._listening.getsockname()[1]

    async def start(self) -> None:
        """Begin to carry."""
        self._server = await asyncio.start_server(self._accept, sock=self._listening)

    async def close(self) -> None:
        """Give the port back and drop all connections."""
        if self._server is not None:
            self._server.close()
        self._listening.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= CONNECTIONS:
            writer.close()
            return
        task = asyncio.ensure_future(self._carry(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            proxy = await self._connected()
            if proxy is None:
                writer.write(_GONE)
                return
            ways = (
                asyncio.ensure_future(_pour(reader, proxy[1])),
                asyncio.ensure_future(_pour(proxy[0], writer)),
            )
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
            finally:
                for way in ways:
                    way.cancel()
                # that either side hangs up is how connections end
                await asyncio.gather(*ways, return_exceptions=True)
                proxy[1].close()
        finally:
            writer.close()

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + RETRY_SECONDS
        while loop.time() < deadline:
            with contextlib.suppress(OSError):
                return await asyncio.open_unix_connection(self._proxy, limit=_PIECE)
            await asyncio.sleep(0.1)
        return None


async def _pour(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while piece := await reader.read(_PIECE):
        writer.write(piece)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


def _listening() -> socket.socket:
    for port in (USUAL_PORT, 0):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", port), backlog=CONNECTIONS)
    raise OSError("no port of 127.0.0.1 can be had")
