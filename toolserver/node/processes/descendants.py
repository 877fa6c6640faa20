"""Find and end every process below one process, whatever it did to get away. Standard library only."""

import ctypes
import os
import signal
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
GIVE_UP_SECONDS = 10.0
PAUSE_SECONDS = 0.002


def become_subreaper() -> None:
    """Make the kernel hand us every orphan below us, so that no double fork leaves our tree (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def descendants(root: int, spared: frozenset[int] = frozenset()) -> set[int]:
    """Return the ids of all processes below ``root``, without it and without the trees of ``spared``.

    Empty where there is no ``/proc``.
    """
    children: dict[int, list[int]] = {}
    for name in os.listdir("/proc") if sys.platform == "linux" else ():  # noqa: PTH208 - see the package
        if name.isdigit() and (parent := _parent(name)) is not None:
            children.setdefault(parent, []).append(int(name))
    found: set[int] = set()
    border = [root]
    while border:
        new = set(children.get(border.pop(), ())) - found - spared
        found |= new
        border.extend(new)
    return found


def end_below(root: int, spared: frozenset[int] = frozenset()) -> set[int]:
    """Stop, then kill everything below ``root``; return the ids that were found.

    Stopped processes cannot fork, so even a fork bomb is outrun: each pass only meets what the rest forked meanwhile.
    """
    stopped: set[int] = set()
    for _ in range(100):
        new = descendants(root, spared) - stopped
        if not new:
            break
        for process in new:
            _send(process, signal.SIGSTOP)
        stopped |= new
    for process in descendants(root, spared):
        _send(process, signal.SIGKILL)
    return stopped


def end_until_alone(root: int, reap: "Reaper") -> tuple[int, int]:
    """Kill everything below ``root`` until ``reap`` finds no child left.

    Orphans become our children, so having no child proves that nothing is left.

    Returns:
        How many processes were found, and how many could not be ended within ten seconds.
    """
    met: set[int] = set()
    deadline = time.monotonic() + GIVE_UP_SECONDS
    while not reap():
        met |= end_below(root)
        if time.monotonic() > deadline:
            return len(met), len(descendants(root))
        time.sleep(PAUSE_SECONDS)
    return len(met), 0


class Reaper:
    """Collects ended children and remembers how the main one ended."""

    def __init__(self, main: int | None) -> None:
        self._main = main
        self.status: int | None = None

    def __call__(self) -> bool:
        """Collect every ended child; return whether no child is left."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return True
            if process == 0:
                return False
            if process == self._main:
                self.status = status


def _parent(process: str) -> int | None:
    try:
        with open(f"/proc/{process}/stat", "rb") as file:  # noqa: PTH123 - see the package
            stat = file.read()
    except OSError:
        return None  # it ended while we were looking
    # the name in parentheses may itself hold parentheses and spaces
    return int(stat[stat.rindex(b")") + 2 :].split()[1])


def _send(process: int, number: signal.Signals) -> None:
    try:
        os.kill(process, number)
    except (ProcessLookupError, PermissionError):
        return  # gone, or a setuid program that the namespace or container has to bound
