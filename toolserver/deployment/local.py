"""The local deployment: a node as a process of this machine, in bubblewrap where it works.

The node is started apart from us, so that it survives our death and can be adopted; it ends by itself once no client
has been there for a while. Layout of ``state_dir/<id>``: ``files/workspace`` and ``files/state`` are the sandbox's own,
``users`` holds its user list, ``node.log`` what the node printed, ``process`` who it is.
"""

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Self

from msgspec import structs

import toolserver
from toolserver.connection import Streams, connect_to_socket
from toolserver.deployment.bubblewrap import FILES, PACKAGE_FOLDER, SOCKETS, Bubblewrap, find
from toolserver.deployment.config import LocalSandbox
from toolserver.deployment.egress import egress_arguments
from toolserver.deployment.ownership import began
from toolserver.deployment.place import (
    SOCKET_NAME,
    adoptable,
    clear_socket,
    delete_folder,
    exclusive,
    shut_down,
    socket_folder,
    started,
)
from toolserver.deployment.syscalls import system_call_filter
from toolserver.deployment.watching import watch_options, watched
from toolserver.errors import SandboxUnavailable
from toolserver.protocol import NodeHealth, SandboxDescription

FIRST_UID: Final = 1_900_000_000
"""Start of the user ids that sandboxes get when we are root; one for each, so that process limits are their own."""

UIDS: Final = 100_000_000
END_SECONDS: Final = 3.0

KILL_SECONDS: Final = 10.0
"""How long a node that was killed may take to be gone."""

MB: Final = 1024 * 1024

WEAK: Final = (
    "None: the programs of this sandbox run as this user and can read, change and reach whatever it can ({reason})."
)
STRONG: Final = (
    "Linux namespaces (bubblewrap): no network, no view of the host's files and processes but system programs and the "
    "Python installation, {identity}; {disk}; the kernel is shared, {calls}."
)

_FILTER: Final = "calls.bpf"
_FILTER_DESCRIPTOR: Final = 3


@dataclass(frozen=True)
class _Record:
    """The process that was started for a sandbox."""

    pid: int
    began: str | None
    isolated: bool
    options: str = ""

    def suits(self, config: LocalSandbox) -> bool:
        """Return whether it was started as a configuration wants it."""
        return self.options == _options(config) and (self.isolated or not config.require_isolation)

    @classmethod
    def read(cls, folder: Path) -> "_Record | None":
        try:
            return cls(**json.loads((folder / "process").read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None

    def write(self, folder: Path) -> None:
        (folder / "process").write_text(json.dumps(asdict(self)))


@dataclass(frozen=True)
class LocalPlace:
    """A node on this machine."""

    folder: Path
    socket: Path
    description: SandboxDescription

    @classmethod
    async def open(cls, config: LocalSandbox, sandbox_id: str, state_dir: Path) -> Self:
        """Adopt the node that is running for a sandbox, or start one on what the sandbox left.

        Raises:
            SandboxUnavailable: no node can be started.
        """
        folder = state_dir / sandbox_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        socket = socket_folder(state_dir, sandbox_id) / SOCKET_NAME
        async with exclusive(folder):
            answer = await adoptable(lambda: connect_to_socket(socket))
            record = _Record.read(folder)
            reason = "started so before"
            if answer is None or record is None or not record.suits(config):
                bubblewrap = await asyncio.to_thread(find, FIRST_UID + zlib.crc32(sandbox_id.encode()) % UIDS)
                if isinstance(bubblewrap, str):
                    reason = bubblewrap
                    if config.require_isolation:
                        raise SandboxUnavailable(f"an isolated local sandbox is not possible: {reason}")
                answer, record = await _start(config, bubblewrap, folder, socket)
        return cls(folder, socket, _description(config, isolated=record.isolated, reason=reason, answer=answer))

    @property
    def shared_folder(self) -> Path:
        """The folder of the node's socket."""
        return self.socket.parent

    def because(self, reason: str) -> Self:
        """Return the place with the reason why it was chosen."""
        return replace(self, description=structs.replace(self.description, reason=reason))

    async def connect(self) -> Streams:
        """Make a new connection to the node."""
        return await connect_to_socket(self.socket)

    async def gone(self) -> bool:
        """Look whether the node's process is there."""
        return await asyncio.to_thread(_ended, self.folder)

    async def close(self, *, keep_workspace: bool) -> None:
        """End the node and delete the sandbox's folders, or all but workspace and journal."""
        await shut_down(self.connect)
        await asyncio.to_thread(end_node, self.folder)
        await asyncio.to_thread(delete_folder, self.socket.parent)
        if not keep_workspace:
            await asyncio.to_thread(delete_folder, self.folder)


async def _start(
    config: LocalSandbox, bubblewrap: Bubblewrap | str, folder: Path, socket: Path
) -> tuple[NodeHealth, _Record]:
    await asyncio.to_thread(end_node, folder)
    await asyncio.to_thread(clear_socket, socket)
    await asyncio.to_thread(_prepare, folder, socket.parent, bubblewrap)
    command, env = _command(config, bubblewrap, folder, socket)
    process = await asyncio.to_thread(_spawn, command, env, folder)
    record = _Record(process, began(process), isolated=isinstance(bubblewrap, Bubblewrap), options=_options(config))
    record.write(folder)

    def connect() -> Awaitable[Streams]:
        return connect_to_socket(socket)

    try:
        return await started(
            connect, config.start_seconds, lambda: asyncio.to_thread(_failure, process, folder)
        ), record
    except SandboxUnavailable:
        await asyncio.to_thread(end_node, folder)
        await asyncio.to_thread(delete_folder, socket.parent)
        raise


def _options(config: LocalSandbox) -> str:
    """Return what of a configuration holds for a node from its start; one that was told otherwise is not adopted."""
    told = config.model_dump_json(exclude={"kind", "egress", "start_seconds", "require_isolation"})
    return " ".join([told, *egress_arguments(config.egress, "")])


def _prepare(folder: Path, sockets: Path, bubblewrap: Bubblewrap | str) -> None:
    users, files = folder / "users", folder / "files"
    own = (files / "workspace", files / "state")
    for made in (users, files, *own):
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    uid, gid = os.getuid(), os.getgid()
    if isinstance(bubblewrap, Bubblewrap) and bubblewrap.drop_to is not None:
        uid = gid = bubblewrap.drop_to
        # the folder above its own stays ours, so that a sandbox cannot put a link in their place
        files.chmod(0o755)
        for given in (*own, sockets):
            os.chown(given, uid, gid, follow_symlinks=False)
        before = _Record.read(folder)
        if before is not None and not before.isolated:
            # what was made as root is of no use to a user without its rights
            command = ["chown", "-hRP", f"{uid}:{gid}", "--", *map(str, own)]
            subprocess.run(command, check=False, capture_output=True)
    calls = system_call_filter() if isinstance(bubblewrap, Bubblewrap) else None
    if calls is None:
        (folder / _FILTER).unlink(missing_ok=True)
    else:
        (folder / _FILTER).write_bytes(calls)
    (users / "passwd").write_text(f"sandbox:x:{uid}:{gid}::{FILES / 'state' / 'home'}:/bin/bash\n")
    (users / "group").write_text(f"sandbox:x:{gid}:\n")
    for file in users.iterdir():
        file.chmod(0o644)


def _command(
    config: LocalSandbox, bubblewrap: Bubblewrap | str, folder: Path, socket: Path
) -> tuple[list[str], dict[str, str]]:
    env = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    if isinstance(bubblewrap, str):
        argv = _node(config, folder / "files", socket, isolated=False)
        return argv, {**env, "PYTHONPATH": str(Path(toolserver.__path__[0]).parent)}
    command = bubblewrap.command(
        _node(config, FILES, SOCKETS / SOCKET_NAME, isolated=True),
        files=folder / "files",
        sockets=socket.parent,
        users=folder / "users",
        env={**env, "PYTHONPATH": str(PACKAGE_FOLDER)},
        tmp_bytes=config.limits.tmp_mb * MB,
        filter_from=_FILTER_DESCRIPTOR if (folder / _FILTER).exists() else None,
        shown=[path.expanduser().absolute() for path in config.shown],
    )
    return command, env


def _node(config: LocalSandbox, files: Path, socket: Path, *, isolated: bool) -> list[str]:
    limits = config.limits
    values = {
        "data": limits.memory_mb * MB,
        "files": limits.open_files,
        "file-size": limits.file_mb * MB,
        "core": 0,
        # without namespaces the system would count every process of this user
        **({"processes": limits.pids} if isolated else {}),
    }
    return [
        *(sys.executable, "-s", "-P", "-m", "toolserver.node"),
        *("--workspace", str(files / "workspace"), "--state", str(files / "state"), "--socket", str(socket)),
        *("--exit-when-idle", str(config.idle_seconds)),
        *(part for name, value in values.items() for part in ("--limit", f"{name}={value}")),
        *watch_options(limits),
        *egress_arguments(config.egress, str(socket.parent)),
        *(["--testing"] if config.testing else []),
    ]


def _spawn(command: list[str], env: Mapping[str, str], folder: Path) -> int:
    """Start a process that outlives us."""
    log = os.open(folder / "node.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    given = folder / _FILTER
    opened = [(os.POSIX_SPAWN_OPEN, _FILTER_DESCRIPTOR, str(given), os.O_RDONLY, 0)] if given.exists() else []
    try:
        return os.posix_spawn(
            command[0],
            command,
            env,
            file_actions=[
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, log, 1),
                (os.POSIX_SPAWN_DUP2, log, 2),
                *opened,
            ],
            setsid=True,
            setsigdef=[signal.SIGPIPE],
        )
    finally:
        os.close(log)


def _failure(process: int, folder: Path) -> str | None:
    """Return why a node that we started ended; None while it runs."""
    if not _gone(process):
        return None
    lines = (folder / "node.log").read_text(errors="replace").strip().splitlines()
    return lines[-1][:300] if lines else "it ended at once and said nothing"


def end_node(folder: Path) -> None:
    """Make sure that the node that was started last for a folder is gone.

    Raises:
        SandboxUnavailable: it cannot be ended.
    """
    record = _Record.read(folder)
    if record is None:
        return
    deadline = time.monotonic() + END_SECONDS
    while not _ended(folder):
        late = time.monotonic() - deadline
        if late > KILL_SECONDS:
            raise SandboxUnavailable(
                f"process {record.pid} of sandbox {folder.name} does not end; end it and try again"
            )
        if late > 0:
            # of bubblewrap's two processes the inner one is the first of its namespace and takes all others with it
            for process in (*_children(record.pid), record.pid):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        time.sleep(0.02)


def _ended(folder: Path) -> bool:
    """Return whether the node that was started last for a folder is gone."""
    record = _Record.read(folder)
    return record is None or _gone(record.pid) or began(record.pid) != record.began


def _gone(process: int) -> bool:
    """Return whether a process that may be our child has ended, and collect it if so."""
    try:
        return os.waitpid(process, os.WNOHANG)[0] == process
    except ChildProcessError:
        return began(process) is None


def _children(process: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except OSError:
        return []


def _description(config: LocalSandbox, *, isolated: bool, reason: str, answer: NodeHealth) -> SandboxDescription:
    identity = "no rights of root" if os.getuid() == 0 else "this user's identity but none of its rights outside"
    calls = "dangerous system calls are refused" if answer.seccomp == 2 else "system calls are not filtered"
    isolation = (
        STRONG.format(identity=identity, disk=watched(config.limits), calls=calls)
        if isolated
        else WEAK.format(reason=reason)
    )
    return SandboxDescription(
        kind="local",
        isolation=isolation,
        version=answer.version,
        network="none" if isolated else "host",
        absent=answer.absent,
    )
