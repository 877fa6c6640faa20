"""A sandbox for tests of whatever uses sandboxes: the real node and client, in the caller's own process.

It isolates nothing and must not be given anything that is not trusted.
"""

import asyncio
import socket
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from toolserver import __version__
from toolserver.connection import Streams, connect_to_socket
from toolserver.deployment.place import SOCKET_NAME, delete_folder
from toolserver.node.node import Node
from toolserver.node.toolbox import Tool
from toolserver.node.transport import SocketServer
from toolserver.protocol import MAX_LINE, SandboxDescription
from toolserver.sandbox import Sandbox

DESCRIPTION = SandboxDescription(
    kind="in-process",
    isolation="None: programs run as this process's user. For tests only.",
    version=__version__,
    network="host",
)

_LONGEST_SOCKET: Final = 100
"""Characters of a socket's path; systems allow hardly more, and folders of tests have long names."""


def _keep_no_room(reserve: Path) -> None:
    """Leave no place for the room that a node keeps back on its disk: 64 files take longer than all else in a test."""
    reserve.mkdir(exist_ok=True, mode=0o700)
    (reserve / "0").touch()


class _Server(SocketServer):
    """Serves a node beside others in one process."""

    async def start(self) -> None:
        """Begin to listen, and leave the process's mask for new files alone, which other sandboxes of it share."""
        # one that was left by a process that was killed
        self._path.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(str(self._path))
            self._path.chmod(0o600)
        except OSError:
            listening.close()
            raise
        self._server = await asyncio.start_unix_server(self._accept, sock=listening, limit=MAX_LINE)


@dataclass(frozen=True)
class InProcessPlace:
    """A node that is served by the running event loop from a temporary folder."""

    folder: Path
    node: Node
    server: SocketServer
    socket: Path
    description: SandboxDescription = DESCRIPTION

    async def connect(self) -> Streams:
        """Make a new connection to the node."""
        return await connect_to_socket(self.socket)

    @classmethod
    async def open(cls, folder: Path, tools: Sequence[Tool[Any]] = ()) -> Self:
        """Serve a node from a folder, with further tools beside its own."""
        state = folder / "state"
        state.mkdir(parents=True, exist_ok=True, mode=0o700)
        _keep_no_room(state / "reserve")
        node = Node.open(folder / "workspace", state, testing=True)
        node.toolbox.add(*tools)
        place = folder / SOCKET_NAME
        if len(str(place)) > _LONGEST_SOCKET:
            place = Path(tempfile.mkdtemp(prefix="plb-")) / SOCKET_NAME
        server = _Server(place, node)
        await server.start()
        return cls(folder, node, server, place)

    async def gone(self) -> bool:
        """Return whether the node was closed; its socket goes with it."""
        return not self.socket.exists()

    async def close(self, *, keep_workspace: bool) -> None:
        """End the node, and delete the folder unless it is to be kept."""
        await self.server.close()
        await self.node.close()
        if self.socket.parent != self.folder:
            await asyncio.to_thread(self.socket.parent.rmdir)
        if not keep_workspace:
            await asyncio.to_thread(delete_folder, self.folder)


class InProcessSandbox(Sandbox):
    """A sandbox without isolation that opens in milliseconds. It also has the tool ``counter``.

    Attributes:
        workspace: the folder its tools work in.
    """

    def __init__(self, sandbox_id: str, place: InProcessPlace) -> None:
        super().__init__(sandbox_id, place)
        self.workspace = place.folder / "workspace"

    @classmethod
    async def open(
        cls, sandbox_id: str = "in-process", *, folder: Path | None = None, tools: Sequence[Tool[Any]] = ()
    ) -> Self:
        """Open a sandbox.

        Args:
            sandbox_id: names the sandbox.
            folder: where its files are, for a sandbox that is opened again; a new temporary folder by default.
            tools: further tools to offer.
        """
        chosen = folder or Path(await asyncio.to_thread(tempfile.mkdtemp, prefix="plumbline-"))
        sandbox = cls(sandbox_id, await InProcessPlace.open(chosen, tools))
        await sandbox.attach()
        return sandbox
