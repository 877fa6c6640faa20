"""Small web sites on loopback for tests of the browser: pages by path, and a note of every request."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.toolserver.proxying import served


@dataclass(frozen=True)
class Request:
    """What a browser asked for."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


Answering = Callable[[Request, asyncio.StreamWriter], Awaitable[None]]
Content = str | tuple[int, dict[str, str], bytes] | Answering


@dataclass
class Site:
    """Answers by path, without its query.

    Attributes:
        pages: what a path answers: HTML, or status, headers and body, or a function that writes by itself.
        requests: everything that was asked for.
    """

    pages: dict[str, Content]
    requests: list[Request] = field(default_factory=list)
    port: int = 0
    host: str = "127.0.0.1"

    def url(self, path: str = "/") -> str:
        """Return an address of the site."""
        return f"http://{self.host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """The paths that were asked for, with their queries."""
        return [request.path for request in self.requests]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        first, *lines = head.split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        request = Request(method, path, headers, body)
        self.requests.append(request)
        answer = self.pages.get(path.partition("?")[0])
        if callable(answer):
            await answer(request, writer)
            return
        if answer is None:
            answer = (404, {}, b"<p>there is nothing here")
        if isinstance(answer, str):
            answer = (200, {"content-type": "text/html; charset=utf-8"}, answer.encode())
        status, sent, content = answer
        told = {"content-length": str(len(content)), "connection": "close", **sent}
        writer.write(f"HTTP/1.1 {status} X\r\n".encode())
        writer.write("".join(f"{name}: {value}\r\n" for name, value in told.items()).encode() + b"\r\n" + content)
        await writer.drain()


@asynccontextmanager
async def site(pages: Mapping[str, Content], host: str = "127.0.0.1") -> AsyncIterator[Site]:
    """Give a site for the length of a block; its pages can be changed at any time."""
    made = Site(dict(pages), host=host)
    async with served(made.serve, host=host) as port:
        made.port = port
        yield made


def redirect(to: str, status: int = 302) -> tuple[int, dict[str, str], bytes]:
    """Return an answer that sends on to another address."""
    return status, {"location": to}, b""


def html(body: str, head: str = "") -> str:
    """Return a whole page."""
    return f"<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>T</title>{head}</head><body>{body}</body>"
