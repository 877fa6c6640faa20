"""Servers and requests for tests of the egress proxy: everything is real and on loopback."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from toolserver.egress.door import Door
from toolserver.egress.events import EgressEvent
from toolserver.egress.policy import Policy, Resolve, resolved
from toolserver.egress.profiles import AllowListEgress, EgressLimits, HostRule, default_index
from toolserver.secrets import Secret

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def served(handler: Handler, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Give the port of a server for the length of a block."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
                await handler(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(accept, host, 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def answering(body: bytes, *headers: str, status: str = "200 OK") -> Handler:
    """Return a handler that answers every request alike."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()

    return handle


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with the head of the request, in the body and in a header, in pieces of three bytes."""
    head = await reader.readuntil(b"\r\n\r\n")
    shown = head.replace(b"\r\n", b" | ")
    writer.write(b"HTTP/1.1 200 OK\r\nx-seen: " + shown + b"\r\nconnection: close\r\n\r\n")
    for start in range(0, len(head), 3):
        writer.write(head[start : start + 3])
        await writer.drain()


@asynccontextmanager
async def door(
    folder: Path,
    *rules: HostRule,
    resolve: Resolve = resolved,
    limits: EgressLimits | None = None,
    secrets: dict[str, Secret] | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[Path, list[EgressEvent]]]:
    """Give the socket of a door, and the list to which its events are added."""
    told: list[EgressEvent] = []
    policy = Policy.of(AllowListEgress(hosts=rules, limits=limits or EgressLimits()), secrets or {})
    opened = Door(policy, told.append, resolve, (lambda: tls) if tls is not None else None)
    path = folder / "egress.sock"
    await opened.open(path)
    try:
        yield path, told
    finally:
        await opened.close()


async def said(path: Path, request: bytes, seconds: float = 60) -> bytes:
    """Return everything that comes back for some bytes."""
    async with asyncio.timeout(seconds):
        reader, writer = await asyncio.open_unix_connection(path)
        try:
            writer.write(request)
            return await reader.read()
        except ConnectionError:
            return b""
        finally:
            writer.close()


async def got(path: Path, url: str, *headers: str, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
    """Make a request in absolute form; return the status and the whole answer."""
    length = (f"content-length: {len(body)}",) if body else ()
    lines = [f"{method} {url} HTTP/1.1", "host: ignored.example", *length, *headers]
    answer = await said(path, "\r\n".join(lines).encode() + b"\r\n\r\n" + body)
    return int(answer.split(b" ", 2)[1]), answer


def certificate(folder: Path, name: str = "secure.example") -> tuple[ssl.SSLContext, ssl.SSLContext, Path]:
    """Return what a server of a name and a client need, and the certificate's file."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
            ),
            *("-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert, key)
    return server, ssl.create_default_context(cafile=str(cert)), cert


async def index_or_skip() -> None:
    """Skip a test where PyPI cannot be reached."""
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(default_index()[0].host, 443, ssl=ssl.create_default_context())
            writer.close()
    except (OSError, TimeoutError) as error:
        pytest.skip(f"no package index is reachable: {error or 'no answer'}")
