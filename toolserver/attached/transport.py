"""Ways to an attached server, with limits on what it may send."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from mcp.client.streamable_http import streamable_http_client

from toolserver.attached.config import HttpServer
from toolserver.sandbox import Sandbox
from toolserver.streams import line_streams

LONGEST_LINE: Final = 16 * 1024 * 1024
"""Bytes of one message."""

MOST_BYTES: Final = 64 * 1024 * 1024
"""Bytes a server may send for one message of ours."""

_STEP: Final = 65536
_ACCEPTED_CODINGS: Final = re.compile(r"(identity)?", re.IGNORECASE)


@asynccontextmanager
async def program_streams(
    sandbox: Sandbox, argv: tuple[str, ...], env: Mapping[str, str], started: Callable[[str], None]
) -> AsyncIterator[Any]:
    """Give the message streams of a server that is a program in a sandbox; ``started`` is told its output's id.

    Raises:
        ToolServerError: it cannot be started.
    """
    reader, writer, output = await sandbox.program(argv, env)
    started(output)
    buffer, received = bytearray(), 0

    async def next_line() -> bytes:
        nonlocal received
        while (end := buffer.find(b"\n")) < 0:
            piece = await reader.read(_STEP)
            received += len(piece)
            if not piece or len(buffer) > LONGEST_LINE or received > MOST_BYTES:
                writer.close()
                return b""
            buffer.extend(piece)
        line = bytes(buffer[: end + 1])
        del buffer[: end + 1]
        return line

    async def send(line: bytes) -> None:
        nonlocal received
        received = 0
        writer.write(line)
        await writer.drain()

    try:
        async with line_streams(next_line, send) as streams:
            yield streams
    finally:
        writer.close()


@asynccontextmanager
async def http_streams(config: HttpServer, headers: Mapping[str, str]) -> AsyncIterator[Any]:
    """Give the message streams of a server that is reached over HTTP. No request of it goes to another host."""
    timeout = httpx2.Timeout(config.start_seconds, read=config.seconds + config.start_seconds)
    async with (
        httpx2.AsyncClient(
            headers={**headers, "Accept-Encoding": "identity"},
            transport=_OneHost(config.url),
            timeout=timeout,
            trust_env=False,
            follow_redirects=False,
        ) as client,
        _client_streams(config.url, client) as streams,
    ):
        yield streams


def _client_streams(url: str, client: httpx2.AsyncClient) -> AbstractAsyncContextManager[Any]:
    return streamable_http_client(url, http_client=client, max_sse_event_size=LONGEST_LINE)


class _OneHost(httpx2.AsyncHTTPTransport):
    """Requests to one origin, with answers of bounded size."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._origin = _origin(url)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request."""
        if _origin(str(request.url)) != self._origin:
            raise httpx2.ConnectError("the server leads to another host")
        response = await super().handle_async_request(request)
        if not _ACCEPTED_CODINGS.fullmatch(response.headers.get("content-encoding", "")):
            await response.aclose()
            raise httpx2.ReadError("the server sent a coding that was not asked for")
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = _Bounded(response.stream)
        return response


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for piece in self._stream:
            received += len(piece)
            if received > MOST_BYTES:
                raise httpx2.ReadError("the server sends more than it may")
            yield piece
            await asyncio.sleep(0)

    async def aclose(self) -> None:
        await self._stream.aclose()


def _origin(url: str) -> tuple[str, str | None, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
