"""Whose a thing is: the marks on everything that we create, and whether the manager that made it still lives.

A mark tells the state folder, the machine, and the manager: its process id, when that process began, since which boot,
and in which namespace of process ids. Only a manager that is certainly dead counts as dead; one that cannot be seen
from here, on another machine or in another namespace, counts as alive.
"""

import hashlib
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

SANDBOX: Final = "plumbline.sandbox"
"""Label with the sandbox's id."""

OWNER: Final = "plumbline.owner"
"""Label with a digest of the state folder, which is part of names as well."""

STATE: Final = "plumbline.state"
"""Label with the path of the state folder."""

MANAGER: Final = "plumbline.manager"
"""Label that says which process made the thing."""

KIND: Final = "plumbline.kind"
"""Label with the kind of thing; everything that we create has it."""

RECORD: Final = "manager"
"""File in a sandbox's folder that says whose it is."""

ENDED: Final = ("Z", "X")
"""States of processes that have ended and whose parent has not taken note; in some containers none ever does."""

Kind = Literal["container", "volume", "network", "image"]


@dataclass(frozen=True)
class Manager:
    """A process that manages sandboxes.

    Attributes:
        host: digest of what names the machine.
        boot: id of the machine's boot; empty where the system has none to show.
        namespace: of process ids; empty where there are none.
        pid: process id.
        began: when the process began, which tells it from a later one with the same id.
    """

    host: str
    boot: str
    namespace: str
    pid: int
    began: str

    @classmethod
    def current(cls) -> Self:
        """Return this process."""
        pid = os.getpid()
        return cls(_host(), _read("/proc/sys/kernel/random/boot_id"), _namespace(), pid, began(pid) or "")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Return the manager that a mark names; None where it is no mark of ours."""
        parts = text.split("/")
        if len(parts) != 5 or not parts[3].isdigit():
            return None
        return cls(parts[0], parts[1], parts[2], int(parts[3]), parts[4])

    def __str__(self) -> str:
        return f"{self.host}/{self.boot}/{self.namespace}/{self.pid}/{self.began}"

    def is_dead(self) -> bool:
        """Return whether the process is certainly gone."""
        here = Manager.current()
        if self.host != here.host:
            return False
        if self.boot != here.boot:
            return True
        return self.namespace == here.namespace and (began(self.pid) or "") != self.began


def owner_of(state_dir: Path) -> str:
    """Return the digest that stands for a state folder."""
    return hashlib.sha256(str(state_dir.resolve()).encode()).hexdigest()[:8]


def labels(kind: Kind, state_dir: Path, sandbox_id: str | None = None) -> dict[str, str]:
    """Return the labels of something that this process makes for a sandbox, or for all of a state folder."""
    marks = {
        KIND: kind,
        OWNER: owner_of(state_dir),
        STATE: str(state_dir.resolve()),
        MANAGER: str(Manager.current()),
    }
    return marks if sandbox_id is None else {**marks, SANDBOX: sandbox_id}


def is_orphan(marks: Mapping[str, str]) -> bool:
    """Return whether the manager that made a thing is certainly dead; of a thing without a mark nobody can tell."""
    manager = Manager.parse(marks.get(MANAGER, ""))
    return manager is not None and manager.is_dead()


def hand_out(folder: Path) -> None:
    """Note that a sandbox is this process's now; the labels of an adopted container still name who made it."""
    noted = folder / RECORD
    fresh = noted.with_suffix(".new")
    fresh.write_text(str(Manager.current()))
    fresh.replace(noted)


def handed_out_to(folder: Path) -> Manager | None:
    """Return whose a sandbox was last; None when it was never handed out."""
    try:
        return Manager.parse((folder / RECORD).read_text())
    except OSError:
        return None


def began(process: int) -> str | None:
    """Return when a process began; None when there is none, or only what is left until its parent takes note."""
    if sys.platform != "linux":
        shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(process)], capture_output=True, check=False, text=True)
        return shown.stdout.strip() or None
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat[stat.rindex(")") + 2 :].split()
    return None if state in ENDED else fields[18]


def _host() -> str:
    # virtual machines made from one another may share the machine's id
    named = f"{_read('/etc/machine-id')}\0{socket.gethostname()}"
    return hashlib.sha256(named.encode()).hexdigest()[:12]


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink()).removeprefix("pid:")
    except OSError:
        return ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""
