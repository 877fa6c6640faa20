"""Asks an ASGI application one thing, byte for byte, and hangs up when the answer begins."""

import asyncio
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import orjson
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message

Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Said:
    """An answer: a stream is cut after its first piece."""

    status: int
    headers: Headers
    body: bytes

    @property
    def error(self) -> str:
        """Name of the problem, if it is one."""
        try:
            told = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return ""
        return str(told.get("error", "")) if isinstance(told, dict) else ""


async def ask(app: ASGIApp, method: str, url: str, headers: Pairs, body: bytes = b"") -> Said:
    """Ask; headers are sent as they are, twice where they are given twice."""
    parts = urlsplit(url)
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote(parts.path),
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8765),
        "state": {},
    }
    begun, asked, messages = asyncio.Event(), False, list[Message]()

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": body, "more_body": False}
        await begun.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)
        if message["type"] == "http.response.body":
            begun.set()

    await app(scope, receive, send)
    start = next(message for message in messages if message["type"] == "http.response.start")
    pieces = b"".join(message.get("body", b"") for message in messages if message["type"] == "http.response.body")
    return Said(start["status"], Headers(raw=list(start["headers"])), pieces)
