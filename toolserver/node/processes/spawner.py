"""Keep a forked process ready to supervise the next command. Standard library only, so that a fork stays cheap.

The node sends one byte and one file descriptor for each command; the descriptor is the command's control socket (see
``supervision``). Forking happens here because the node itself has threads and a large memory, and ahead of time because
a command shall not wait for it.
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


class Spare:
    """A forked process that waits for the control socket of the command it will supervise."""

    def __init__(self, process: int, post: socket.socket) -> None:
        self.process = process
        self.post = post


class Spawner:
    """Serves the node until it goes away."""

    def __init__(self, node: socket.socket) -> None:
        self._node = node
        self._supervisors: set[int] = set()
        self._wake_up, self._signalled = socket.socketpair()

    def run(self) -> None:
        """Hand each command to a process of its own; end what a killed supervisor leaves behind."""
        become_subreaper()
        _prefer_for_oom_killer()
        # forked processes share the memory of what is here now until somebody writes to it, as the collector would
        gc.freeze()
        self._wake_up.setblocking(False)
        self._signalled.setblocking(False)
        signal.signal(signal.SIGCHLD, _wake_only)
        signal.set_wakeup_fd(self._signalled.fileno())
        spare = self._fork()
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
                    spare = self._hand_on(spare, descriptors[0])

    def _hand_on(self, spare: Spare, descriptor: int) -> Spare:
        """Give a command to the spare process and return the next one."""
        while True:
            try:
                socket.send_fds(spare.post, [b"x"], [descriptor])
                break
            except ConnectionError:
                spare.post.close()
                spare = self._fork()  # a program of the sandbox killed it
        os.close(descriptor)
        spare.post.close()
        return self._fork()

    def _fork(self) -> Spare:
        ours, theirs = socket.socketpair()
        process = os.fork()
        if process == 0:
            ours.close()
            self._become_supervisor(theirs)
        theirs.close()
        self._supervisors.add(process)
        return Spare(process, ours)

    def _become_supervisor(self, post: socket.socket) -> NoReturn:
        try:
            signal.set_wakeup_fd(-1)
            for inherited in (self._node, self._wake_up, self._signalled):
                inherited.close()
            become_subreaper()
            message, descriptors, _, _ = socket.recv_fds(post, 1, 1)
            if message:
                os.set_inheritable(descriptors[0], False)
                Supervision(socket.socket(fileno=descriptors[0])).run()
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
