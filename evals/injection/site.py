"""The servers of hostile and honest pages, on loopback: they answer plain HTTP and record what reaches them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Final

ATTACKER_HOST: Final = "127.0.0.9"
"""No address that programs reach without the proxy."""
HONEST_HOST: Final = "127.0.0.2"
_LONGEST_BODY = 1024 * 1024
_SECONDS = 30


@dataclass
class Site:
    """A server.

    Attributes:
        pages: HTML by path.
        requests: what arrived, a line each: method, target and body.
        port: where it listens.
    """

    host: str
    pages: dict[str, str]
    requests: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def address(self) -> str:
        """Its address, without a path."""
        return f"http://{self.host}:{self.port}"

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request."""
        try:
            async with asyncio.timeout(_SECONDS):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                line, *headers = head.split("\r\n")
                method, target = (*line.split(" "), "", "")[:2]
                sizes = [h.partition(":")[2] for h in headers if h.lower().startswith("content-length:")]
                size = min(int(sizes[0]), _LONGEST_BODY) if sizes else 0
                body = (await reader.readexactly(size)).decode("utf-8", "replace")
                self.requests.append(f"{method} {target} {body}".strip())
                page = self.pages.get(target.partition("?")[0])
                data = (page or "there is no such page").encode()
                status = "200 OK" if page is not None else "404 Not Found"
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
                    f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n".encode()
                    + data
                )
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError, ValueError):
            # whoever sends no whole request is given no answer
            return
        finally:
            writer.close()


@contextlib.asynccontextmanager
async def served(host: str, pages: Mapping[str, str]) -> AsyncIterator[Site]:
    """Give a server for the length of a block; ``{attacker}`` in its pages stands for its own address."""
    site = Site(host, dict(pages))
    server = await asyncio.start_server(site.answer, host, 0)
    site.port = server.sockets[0].getsockname()[1]
    site.pages = {path: page.replace("{attacker}", site.address) for path, page in site.pages.items()}
    try:
        yield site
    finally:
        server.close()
        await server.wait_closed()
