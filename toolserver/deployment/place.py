"""What every deployment gives: a running node, a way to reach it, and an orderly end."""

import asyncio
import contextlib
import fcntl
import hashlib
import os
import stat
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from msgspec import Struct, ValidationError, convert, field

from toolserver.connection import Connect, ConnectionLost, NodeConnection, RequestUnsendable, Streams
from toolserver.errors import SandboxUnavailable, ToolServerError
from toolserver.protocol import PROTOCOL, NodeHealth, SandboxDescription

SOCKET_NAME: Final = "node.sock"

LOCK_NAME: Final = "opening"
"""File in a sandbox's folder that is locked by whoever opens it."""

LONGEST_SOCKET_PATH: Final = 100
"""Unix sockets allow 104 to 108 bytes, depending on the system."""

POLL_SECONDS: Final = 0.02


class Place(Protocol):
    """Where an open sandbox runs.

    Attributes:
        description: what the place is and what it isolates.
    """

    @property
    def description(self) -> SandboxDescription: ...  # noqa: D102 - see the class

    async def connect(self) -> Streams:
        """Make a new connection to the node, on which it speaks MCP, one JSON-RPC message a line.

        Raises:
            OSError: nobody listens there.
        """
        ...

    async def gone(self) -> bool:
        """Return whether the node has certainly ended; False also where nobody can tell."""

    async def close(self, *, keep_workspace: bool) -> None:
        """End the node and delete what belongs to it; ``keep_workspace`` leaves workspace and journal."""


@runtime_checkable
class SharesFolder(Protocol):
    """A place that can share a folder for sockets with its sandbox.

    Attributes:
        shared_folder: the folder; None where this one cannot, after all.
    """

    @property
    def shared_folder(self) -> Path | None: ...  # noqa: D102 - see the class


def socket_folder(state_dir: Path, sandbox_id: str) -> Path:
    """Return the folder for a sandbox's socket, made so that only we can enter it.

    The folder depends on nothing but the arguments, so that another process finds it. It is not below ``state_dir``,
    for socket paths are limited to about a hundred bytes.

    Raises:
        SandboxUnavailable: somebody else owns the place.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    base = Path(runtime) / f"plumbline-{os.getuid()}"
    name = hashlib.sha256(f"{state_dir.resolve()}\0{sandbox_id}".encode()).hexdigest()[:16]
    for folder in (base, base / name):
        folder.mkdir(mode=0o700, exist_ok=True)
    status = base.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid() or status.st_mode & 0o077:
        raise SandboxUnavailable(f"{base} is not a private folder of this user; remove it or set XDG_RUNTIME_DIR")
    if len(str(base / name / SOCKET_NAME)) > LONGEST_SOCKET_PATH:
        raise SandboxUnavailable(f"{base} is too long for sockets; set XDG_RUNTIME_DIR to a shorter folder")
    return base / name


@asynccontextmanager
async def exclusive(folder: Path) -> AsyncIterator[None]:
    """Let one process at a time open the sandbox of a folder; others wait."""
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


async def health(connect: Connect, seconds: float = 5.0) -> NodeHealth | None:
    """Return what the node at the other end says about itself; None when nobody answers.

    Raises:
        SandboxUnavailable: a node answers that this version cannot work with.
    """
    try:
        async with asyncio.timeout(seconds):
            connection = await NodeConnection.open(connect)
            try:
                answer = await connection.request("tools/call", {"name": "health", "arguments": {}}, {})
            finally:
                await connection.close()
    except (OSError, ConnectionLost, TimeoutError):
        return None
    except (ToolServerError, RequestUnsendable) as error:
        raise SandboxUnavailable(f"the running node does not say how it is: {error}") from error
    return _understood(answer)


async def adoptable(connect: Connect) -> NodeHealth | None:
    """Return what a running node says about itself; None where nobody answers, or not as a node of ours would.

    A program of the sandbox may have taken the node's place, or the node is of another version: it is to be replaced.
    """
    with contextlib.suppress(SandboxUnavailable):
        return await health(connect)
    return None


async def started(connect: Connect, seconds: float, failure: Callable[[], Awaitable[str | None]]) -> NodeHealth:
    """Wait for a node to come up; ``failure`` tells why it will not.

    Raises:
        SandboxUnavailable: it failed or did not answer in time.
    """
    deadline = time.monotonic() + seconds
    while True:
        answer = await health(connect)
        if answer is not None:
            return answer
        reason = await failure()
        if reason is None and time.monotonic() > deadline:
            reason = f"the node did not answer within {seconds:g} s"
        if reason is not None:
            raise SandboxUnavailable(f"the sandbox did not start: {reason}")
        await asyncio.sleep(POLL_SECONDS)


async def shut_down(connect: Connect) -> None:
    """Ask a node to end itself; whatever it answers, the caller makes sure by other means."""
    with contextlib.suppress(OSError, ToolServerError, RequestUnsendable):
        async with asyncio.timeout(5):
            connection = await NodeConnection.open(connect)
            try:
                await connection.request("tools/call", {"name": "shutdown", "arguments": {}}, {})
            finally:
                await connection.close()


def clear_socket(socket: Path) -> None:
    """Remove what is in the place of a socket of a node that is gone; its programs may have left anything there."""
    try:
        socket.unlink(missing_ok=True)
    except (IsADirectoryError, PermissionError):
        delete_folder(socket)


def delete_folder(folder: Path) -> None:
    """Delete a folder whatever a sandbox has put into it; links are not followed, and no depth is too much."""
    if os.getuid() != 0:
        subprocess.run(["chmod", "-R", "u+rwx", "--", str(folder)], check=False, capture_output=True)
    subprocess.run(["rm", "-rf", "--", str(folder)], check=False, capture_output=True)


class _Result(Struct):
    health: NodeHealth = field(name="structuredContent")


class _Answer(Struct):
    result: _Result


def _understood(answer: dict[str, Any]) -> NodeHealth:
    try:
        health = convert(answer, _Answer).result.health
    except ValidationError as error:
        raise SandboxUnavailable("the running node is of another version") from error
    if health.protocol != PROTOCOL:
        raise SandboxUnavailable(f"the running node speaks protocol {health.protocol}, not {PROTOCOL}")
    return health
