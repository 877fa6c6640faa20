"""Serves the files of one site on this machine's loopback, from memory."""

import asyncio
import contextlib
import mimetypes
from collections.abc import Mapping
from types import TracebackType
from typing import Final, Self
from urllib.parse import unquote, urlsplit

_REQUEST_SECONDS: Final = 10.0
_LONGEST: Final = 64 * 1024


class Serving:
    """A server of files; ``origin`` is its address while it is open.

    Args:
        files: by path, with slashes.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self._server: asyncio.Server | None = None
        self.origin = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, limit=_LONGEST)
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()

    def path_of(self, url: str) -> str | None:
        """Return the file that an address of this site names, whether it is there or not; None for other sites."""
        parts = urlsplit(url)
        if f"{parts.scheme}://{parts.netloc}" != self.origin:
            return None
        path = unquote(parts.path).lstrip("/")
        return f"{path}index.html" if not path or path.endswith("/") else path

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_REQUEST_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
                words = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
                status, kind, body = self._answer(*words[:2]) if len(words) == 3 else ("400 Bad Request", "", b"")
                lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
                lines += [f"Content-Type: {kind}"] if kind else []
                writer.write("\r\n".join([*lines, "Cache-Control: no-store", "", ""]).encode("latin-1"))
                writer.write(b"" if words[0] == "HEAD" else body)
                await writer.drain()
        except (TimeoutError, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return  # the browser has left, or is none
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    def _answer(self, method: str, target: str) -> tuple[str, str, bytes]:
        if method not in ("GET", "HEAD"):
            return "405 Method Not Allowed", "", b""
        path = self.path_of(self.origin + target) or ""
        if path not in self._files:
            # browsers ask for it by themselves
            return ("204 No Content" if path == "favicon.ico" else "404 Not Found"), "", b""
        kind = mimetypes.guess_type(path)[0] or "application/octet-stream"
        text = kind.startswith("text/") or kind in ("application/javascript", "application/json", "image/svg+xml")
        return "200 OK", f"{kind}; charset=utf-8" if text else kind, self._files[path]
