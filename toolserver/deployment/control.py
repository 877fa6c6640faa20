"""How a manager reaches the node in a container: by a shared socket, or through the engine itself.

Engines on other machines, in virtual machines, and those that map user ids cannot share a unix socket with us. There a
small relay is run in the container for each connection, as ``docker exec -i`` would.
"""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from toolserver.connection import Streams, connect_to_socket
from toolserver.deployment.place import SOCKET_NAME, clear_socket, delete_folder
from toolserver.engine import Engine
from toolserver.engine_stream import ExecStream
from toolserver.errors import SandboxUnavailable
from toolserver.protocol import MAX_LINE

SOCKETS: Final = "/run/plumbline"
"""Where a container has the folder of its socket."""

RELAY: Final = ("python", "-I", "-S", "/opt/plumbline/toolserver/node/relay.py")

RELAY_SECONDS: Final = 1.0
"""How long a relay waits for the node's socket to appear."""


class Control(Protocol):
    """A way to a container's node."""

    def host_config(self, user: str) -> dict[str, Any]:
        """Return what a container needs for it: ``Mounts`` or ``Tmpfs`` beside those that it has."""
        ...

    async def prepare(self, uid: int) -> None:
        """Get ready for a new container whose node runs as a user."""

    async def connect(self) -> Streams:
        """Make a new connection to the node.

        Raises:
            OSError: nobody listens there.
        """
        ...

    async def forget(self) -> None:
        """Delete what is left when the container is gone."""


@dataclass(frozen=True)
class SocketControl:
    """A folder of this machine that the container sees, with the node's socket in it."""

    folder: Path

    def host_config(self, _user: str) -> dict[str, Any]:
        """Mount the folder."""
        return {"Mounts": [{"Type": "bind", "Source": str(self.folder), "Target": SOCKETS}]}

    async def prepare(self, uid: int) -> None:
        """Give the folder to the node's user and clear it of an earlier socket."""
        if os.getuid() == 0:
            os.chown(self.folder, uid, uid)
        await asyncio.to_thread(clear_socket, self.folder / SOCKET_NAME)

    async def connect(self) -> Streams:
        """Connect to the socket."""
        return await connect_to_socket(self.folder / SOCKET_NAME)

    async def forget(self) -> None:
        """Delete the folder."""
        await asyncio.to_thread(delete_folder, self.folder)


@dataclass(frozen=True)
class ExecControl:
    """A relay that is run in the container for each connection. Nothing of the host is mounted."""

    container: str

    def host_config(self, user: str) -> dict[str, Any]:
        """Give the container a place of its own for the socket."""
        uid, _, gid = user.partition(":")
        return {"Tmpfs": {SOCKETS: f"rw,noexec,nosuid,nodev,size=64k,nr_inodes=16,mode=0700,uid={uid},gid={gid}"}}

    async def prepare(self, uid: int) -> None:
        """Do nothing; the container brings all that is needed."""

    async def connect(self) -> Streams:
        """Run a relay and return its standard input and output."""
        command = [*RELAY, f"{SOCKETS}/{SOCKET_NAME}", str(RELAY_SECONDS)]
        opening = asyncio.ensure_future(asyncio.to_thread(ExecStream.open, self.container, command))
        try:
            stream = await asyncio.shield(opening)
        except asyncio.CancelledError:
            opening.add_done_callback(_discard)
            raise
        except SandboxUnavailable as error:
            raise ConnectionRefusedError(str(error)) from error
        return await asyncio.open_unix_connection(sock=stream.ours, limit=MAX_LINE)

    async def forget(self) -> None:
        """Do nothing; relays end with the container."""


def choose_control(wanted: str, engine: Engine, container: str, sockets: Path) -> Control:
    """Return the way to a container that the settings and the engine allow.

    Raises:
        SandboxUnavailable: a socket was asked for, and the engine cannot share one.
    """
    if wanted == "socket" and engine.foreign is not None:
        raise SandboxUnavailable(f"{engine.foreign}, so it cannot share a socket with us; set control to exec or auto")
    if wanted == "exec" or engine.foreign is not None:
        return ExecControl(container)
    return SocketControl(sockets)


def _discard(opening: "asyncio.Future[ExecStream]") -> None:
    """Close a connection that came too late for whoever wanted it."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().ours.close()
