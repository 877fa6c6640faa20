"""The way out of one sandbox: a unix socket beside its node's, and the limits on all that goes through it."""

import asyncio
import functools
import os
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from toolserver.egress.events import EgressEvent
from toolserver.egress.exchange import Exchange
from toolserver.egress.policy import Policy, Resolve, resolved
from toolserver.egress.streams import Rate

BACKLOG: Final = 64

CROWD_SECONDS: Final = 1.0
"""A flood is told once in so many seconds."""


class Door:
    """Serves the requests of one sandbox.

    Args:
        policy: what the sandbox may reach.
        tell: is given every event.
        resolve: finds addresses of names.
        tls: how servers are trusted; by default as this machine does.
    """

    def __init__(
        self,
        policy: Policy,
        tell: Callable[[EgressEvent], None],
        resolve: Resolve = resolved,
        tls: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._policy = policy
        self._tell = tell
        self._resolve = resolve
        self._tls = tls or functools.cache(ssl.create_default_context)
        self._rate = Rate(policy.limits.requests_per_second, policy.limits.burst)
        self._open: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._place: tuple[Path, int | None] | None = None
        self._crowd_told = -CROWD_SECONDS

    async def open(self, path: Path) -> None:
        """Listen at a path in a folder that the sandbox can write to.

        Raises:
            OSError: that is not possible there.
        """
        listening = _bound(path)
        self._place = path, _inode(path)
        self._server = await asyncio.start_unix_server(self._accept, sock=listening, backlog=BACKLOG)

    async def close(self) -> None:
        """End all that is under way and stop listening; a socket that another has put in our place stays."""
        if self._server is not None:
            self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        if self._place is not None:
            path, inode = self._place
            if _inode(path) == inode:
                path.unlink(missing_ok=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        limit = self._policy.limits.connections
        if len(self._open) >= limit:
            writer.write(b"HTTP/1.1 503 egress refused: too many connections at once\r\nconnection: close\r\n\r\n")
            writer.close()
            self._tell_crowd(f"more than {limit} connections at once")
            return
        exchange = Exchange(self._policy, self._resolve, self._tls, self._tell_of, self._full)
        task = asyncio.ensure_future(exchange.serve(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    def _full(self) -> str | None:
        limits = self._policy.limits
        if self._rate.take(asyncio.get_running_loop().time()):
            return None
        return f"more than {limits.requests_per_second:g} requests a second; wait and try again"

    def _tell_of(self, event: EgressEvent) -> None:
        if not event.host and event.decision == "refused":
            self._tell_crowd(event.reason)
        else:
            self._tell(event)

    def _tell_crowd(self, reason: str) -> None:
        """Tell of what was turned away before it was looked at, but not of each one: a flood would flood the record."""
        now = asyncio.get_running_loop().time()
        if now - self._crowd_told >= CROWD_SECONDS:
            self._crowd_told = now
            self._tell(EgressEvent(at=datetime.now(UTC), decision="refused", reason=reason))


def _bound(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    # The folder is closed to all but us and the sandbox. The mode is set by the mask: a change afterwards could be led
    # to another file by a link that the sandbox puts there.
    before = os.umask(0o111)
    try:
        listening.bind(str(path))
    except BaseException:
        listening.close()
        raise
    finally:
        os.umask(before)
    return listening


def _inode(path: Path) -> int | None:
    try:
        return path.lstat().st_ino
    except FileNotFoundError:
        return None
