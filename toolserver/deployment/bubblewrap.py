"""Put a node into bubblewrap namespaces: what it may see, and how it gives up its rights."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import toolserver

FILES: Final = Path("/sandbox")
"""Where a sandbox finds its own files: the workspace and the node's state."""

SOCKETS: Final = Path("/run/plumbline")
"""Where a sandbox finds the folder of its socket."""

PACKAGE_FOLDER: Final = Path("/opt/plumbline")

SYSTEM_FOLDERS: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")

SYSTEM_FILES: Final = (
    "/etc/alternatives",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/ssl/certs",
)

ROOT_DROPS: Final = ("setpriv", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all")

PROBE_SECONDS: Final = 10


@dataclass(frozen=True)
class Bubblewrap:
    """A working bubblewrap.

    Attributes:
        program: its path.
        drop_to: user id that the node gets; None when we are no root and the node keeps our own, in a user namespace.
        closes_namespaces: whether it can keep programs from making user namespaces of their own (since version 0.8).
    """

    program: str
    drop_to: int | None
    closes_namespaces: bool

    def command(
        self,
        argv: Sequence[str],
        *,
        files: Path,
        sockets: Path,
        users: Path,
        env: Mapping[str, str],
        tmp_bytes: int,
        filter_from: int | None = None,
        shown: Sequence[Path] = (),
    ) -> list[str]:
        """Return the command that runs ``argv`` inside.

        Args:
            argv: what to run.
            files: the sandbox's files, seen inside as ``FILES``.
            sockets: the folder of its socket, seen inside as ``SOCKETS``.
            users: folder with the files ``passwd`` and ``group`` that the sandbox sees instead of ours.
            env: the whole environment.
            tmp_bytes: size of the temporary folder.
            filter_from: file descriptor to read the system call filter from; None for no filter.
            shown: further folders of the host, seen inside under their own paths and read-only.
        """
        return [
            self.program,
            *self._namespaces(),
            *_system(),
            *_own_system(tmp_bytes),
            *_interpreter(),
            *(part for path in shown for part in _bound("--ro-bind", path, path)),
            *_bound("--bind", files, FILES),
            *_bound("--bind", sockets, SOCKETS),
            *_bound("--ro-bind", users / "passwd", Path("/etc/passwd")),
            *_bound("--ro-bind", users / "group", Path("/etc/group")),
            *("--remount-ro", "/", "--chdir", "/", "--clearenv"),
            *(() if filter_from is None else ("--seccomp", str(filter_from))),
            *(part for name, value in env.items() for part in ("--setenv", name, value)),
            "--",
            *self._drop(),
            *argv,
        ]

    def probe(self) -> list[str]:
        """Return a command that ends with exit code 0 where the namespaces can be made."""
        shown = (*_system(), *_own_system(1024 * 1024), "--remount-ro", "/")
        return [self.program, *self._namespaces(), *shown, "--", *self._drop(), "true"]

    def _namespaces(self) -> Iterator[str]:
        yield from ("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try")
        yield from ("--new-session", "--hostname", "sandbox", "--cap-drop", "ALL")
        if self.drop_to is None:
            yield from ("--unshare-user", *(["--disable-userns"] if self.closes_namespaces else []))
        else:
            # needed to give up the rest; setpriv gives these up too
            for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
                yield from ("--cap-add", capability)

    def _drop(self) -> Iterator[str]:
        if self.drop_to is not None:
            yield from (*ROOT_DROPS, "--reuid", str(self.drop_to), "--regid", str(self.drop_to), "--")


def find(drop_to: int) -> Bubblewrap | str:
    """Return a bubblewrap that works here, or in a few words why there is none.

    Args:
        drop_to: user id for the node, should we be root.
    """
    program = shutil.which("bwrap")
    if sys.platform != "linux" or program is None:
        return "bubblewrap is not installed"
    if os.getuid() == 0 and shutil.which("setpriv") is None:
        return "setpriv is not installed"
    try:
        shown = subprocess.run([program, "--help"], capture_output=True, timeout=PROBE_SECONDS, check=False)
        options = shown.stdout + shown.stderr
        bubblewrap = Bubblewrap(program, drop_to if os.getuid() == 0 else None, b"--disable-userns" in options)
        result = subprocess.run(
            bubblewrap.probe(),
            capture_output=True,
            timeout=PROBE_SECONDS,
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap does not work here: {error}"
    if result.returncode != 0:
        return f"bubblewrap does not work here: {result.stderr.strip() or f'exit code {result.returncode}'}"
    return bubblewrap


def _system() -> Iterator[str]:
    for path in (*SYSTEM_FOLDERS, *SYSTEM_FILES):
        yield from _bound("--ro-bind-try", Path(path), Path(path))


def _own_system(tmp_bytes: int) -> Iterator[str]:
    yield from ("--proc", "/proc", "--dev", "/dev")
    yield from ("--perms", "1777", "--size", str(tmp_bytes), "--tmpfs", "/tmp")  # noqa: S108 - the sandbox's own


def _interpreter() -> Iterator[str]:
    """Show the interpreter, its packages and the ToolServer, and of the folders above them only the names."""
    literal = {Path(prefix) for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)}
    real = {prefix.resolve() for prefix in literal} | {Path(sys.executable).resolve().parent.parent}
    for prefix in sorted(literal | real):
        if prefix.is_relative_to("/usr"):
            continue
        yield from _bound("--ro-bind", prefix, prefix)
    package = Path(toolserver.__path__[0])
    yield from _bound("--ro-bind", package, PACKAGE_FOLDER / package.name)


def _bound(how: str, source: Path, target: Path) -> Iterator[str]:
    # folders above the target that are made along the way would be closed to the sandbox's user
    for parent in reversed(target.parents[:-1]):
        yield from ("--perms", "0755", "--dir", str(parent))
    yield from (how, str(source), str(target))
