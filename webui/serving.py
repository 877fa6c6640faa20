"""Serving the application until it is told to stop."""

import contextlib
import socket
from collections.abc import Iterator

import uvicorn

from agent.cli.workshop import on_interrupt
from webui.app import Application


class Server(uvicorn.Server):
    """Answers requests. Streams, which have no end of their own, are ended when it stops; clients come back later.

    No request is logged, since addresses hold secrets. What proxies say of clients is the guard's matter.
    """

    def __init__(self, app: Application) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                access_log=False,
                lifespan="on",
                proxy_headers=False,
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        )
        self._hub = app.state.hub

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop in good order at the first SIGINT or SIGTERM, and at once at the second."""
        with on_interrupt(self._stop):
            yield

    def _stop(self) -> None:
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop listening, end the streams, and let other requests come to their end."""
        self._hub.close()
        await super().shutdown(sockets)


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Raises:
        OSError: the address is taken, or none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=2_048)
