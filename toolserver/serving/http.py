"""A sandbox served over HTTP (MCP's streamable transport) to clients that know a token."""

import asyncio
import hashlib
import hmac
import json
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import uvicorn
from mcp.server.transport_security import TransportSecuritySettings
from starlette.types import ASGIApp, Receive, Scope, Send

from toolserver.errors import SandboxUnavailable
from toolserver.serving.server import ServedSandbox, mcp_server

PATH: Final = "/mcp"
LONGEST_REQUEST: Final = 16 * 1024 * 1024
MOST_SESSIONS: Final = 256
IDLE_SESSION_SECONDS: Final = 30 * 60.0
SHORTEST_TOKEN: Final = 16
LOOPBACK: Final = ("127.0.0.1", "localhost", "[::1]")


class RequireToken:
    """Lets through requests whose bearer token is the right one; all others get 401 before anything of them is read."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._digest = _digest(token.encode())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] == "lifespan" or (scope["type"] == "http" and self._allowed(scope)):
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            raise ValueError(f"{scope['type']} is not served")
        body = json.dumps({"error": "invalid_token", "error_description": "send Authorization: Bearer TOKEN"}).encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"www-authenticate", b'Bearer error="invalid_token"'),
        ]
        await send({"type": "http.response.start", "status": 401, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _allowed(self, scope: Scope) -> bool:
        given = [value for name, value in scope["headers"] if name == b"authorization"]
        if len(given) != 1:
            return False
        kind, _, token = given[0].partition(b" ")
        return kind.lower() == b"bearer" and hmac.compare_digest(_digest(token.strip()), self._digest)


async def serve_http(
    served: ServedSandbox,
    host: str,
    port: int,
    token: str,
    *,
    names: Sequence[str] = (),
    ready: Callable[[str], None] = lambda url: None,
    stop: asyncio.Event | None = None,
) -> None:
    """Serve until ``stop`` is set or the task is cancelled.

    Args:
        served: the sandbox.
        host: address to listen on.
        port: 0 for any that is free.
        token: what clients must send as a bearer token; at least 16 characters.
        names: further host names by which clients may reach us, as in the Host header.
        ready: called with the URL once connections are taken.
        stop: set it to end serving.

    Raises:
        SandboxUnavailable: the address cannot be listened on, or the token is too short.
    """
    if len(token) < SHORTEST_TOKEN:
        raise SandboxUnavailable(f"the token is too short: use at least {SHORTEST_TOKEN} characters")
    listening = _listen(host, port)
    bound = listening.getsockname()[1]
    shown = f"[{host}]" if ":" in host else host
    app = mcp_server(served).streamable_http_app(
        streamable_http_path=PATH,
        max_request_body_size=LONGEST_REQUEST,
        max_sessions=MOST_SESSIONS,
        session_idle_timeout=IDLE_SESSION_SECONDS,
        transport_security=_security({*LOOPBACK, shown, *names}, bound),
    )
    config = uvicorn.Config(
        RequireToken(app, token), log_config=None, access_log=False, lifespan="on", ws="none", server_header=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    server = _Server(config, lambda: ready(f"http://{shown}:{bound}{PATH}"))
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))
    stopping = asyncio.ensure_future((stop or asyncio.Event()).wait())
    try:
        await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        server.should_exit = True
        stopping.cancel()
        await asyncio.gather(serving, stopping, return_exceptions=True)
        listening.close()
    if not serving.cancelled() and (failure := serving.exception()) is not None:
        raise SandboxUnavailable(f"serving ended: {failure}") from failure


class _Server(uvicorn.Server):
    """Tells when it takes connections, and leaves signals to whoever runs it."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        self._ready()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise SandboxUnavailable(f"cannot listen on {host}:{port}: {error.strerror or error}") from error


def _security(hosts: set[str], port: int) -> TransportSecuritySettings:
    """Answer only requests that name us: a page in a browser that had its name point here does not."""
    return TransportSecuritySettings(
        enable_dns_rebinding_protection=True,
        allowed_hosts=sorted(part for host in hosts for part in (host, f"{host}:{port}")),
        allowed_origins=sorted(f"http://{host}:{port}" for host in hosts),
    )


def _digest(token: bytes) -> bytes:
    return hashlib.sha256(token).digest()
