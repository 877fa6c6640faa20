"""Fork the processes that supervise commands. Standard library only, so that a fork stays cheap.

The node sends one byte and one file descriptor for each; the descriptor is the control socket of a command to come (see
``supervision``). Forking happens here because the node itself has threads and a large memory.
"""

from __future__ import annotations

import gc
import os
import selectors
import signal
import socket
import sys

from toolserver.node.processes.descendants import become_subreaper, end_below
from toolserver.node.processes.supervision import Supervision

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn

OOM_SCORE = b"500"


class Spawner:
    """Serves the node until it goes away."""

    def __init__(self, node: socket.socket) -> None:
        self._node = node
        self._supervisors: set[int] = set()
        self._wake_up, self._signalled = socket.socketpair()

    def run(self) -> None:
        """Fork a process for each command; end what a killed one leaves behind."""
        become_subreaper()
        _prefer_for_oom_killer()
        # forked processes share the memory of what is here now until somebody writes to it, as the collector would
        gc.freeze()
        self._wake_up.setblocking(False)
        self._signalled.setblocking(False)
        signal.signal(signal.SIGCHLD, _wake_only)
        signal.set_wakeup_fd(self._signalled.fileno())
        with selectors.DefaultSelector() as selector:
            selector.register(self._node, selectors.EVENT_READ)
            selector.register(self._wake_up, selectors.EVENT_READ)
            while True:
                ready = {key.fileobj for key, _ in selector.select()}
                if self._wake_up in ready:
                    self._wake_up.recv(4096)
                    self._reap()
                if self._node in ready:
                    message, descriptors, _, _ = socket.recv_fds(self._node, 1, 1)
                    if not message:
                        signal.set_wakeup_fd(-1)
                        return
                    for descriptor in descriptors:
                        self._fork(descriptor)

    def _fork(self, descriptor: int) -> None:
        try:
            process = os.fork()
        except OSError:
            # programs have used up all processes; the node learns it from the closed connection
            os.close(descriptor)
            return
        if process == 0:
            self._become_supervisor(descriptor)
        os.close(descriptor)
        self._supervisors.add(process)

    def _become_supervisor(self, descriptor: int) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            for inherited in (self._node, self._wake_up, self._signalled):
                inherited.close()
            become_subreaper()
            os.set_inheritable(descriptor, False)
            Supervision(socket.socket(fileno=descriptor)).run()
            os._exit(0)
        finally:
            sys.excepthook(*sys.exc_info())
            os._exit(1)

    def _reap(self) -> None:
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            known = process in self._supervisors
            self._supervisors.discard(process)
            if not known or status != 0:
                # somebody killed a supervisor: its programs are ours now and no longer belong to any call
                end_below(os.getpid(), spared=frozenset(self._supervisors))


def _prefer_for_oom_killer() -> None:
    """Let the kernel end what tools start before it ends the node; forked processes inherit this."""
    try:
        with open("/proc/self/oom_score_adj", "wb") as file:  # noqa: PTH123 - see the package
            file.write(OOM_SCORE)
    except OSError:
        return  # a system without it


def _wake_only(_number: int, _frame: object) -> None:
    """Let the wake-up descriptor tell; a handler must exist for it to be written."""


def main(descriptor: int) -> None:
    """Run the spawner on an inherited socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(descriptor, False)
    Spawner(socket.socket(fileno=descriptor)).run()


def fork() -> tuple[int, socket.socket]:
    """Make the spawner of a process that has no threads yet and has loaded little; they share that memory.

    Returns:
        The spawner's process id and the socket that commands go through.
    """
    ours, theirs = socket.socketpair()
    # nor shall our own collector write to what is shared
    gc.freeze()
    process = os.fork()
    if process != 0:
        theirs.close()
        return process, ours
    try:
        ours.close()
        os.setsid()
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.close(nothing)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        Spawner(theirs).run()
        os._exit(0)
    finally:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
