"""Fork one supervising process for each command. Standard library only, so that a fork costs about a millisecond.

The node sends one byte and one file descriptor for each command; the descriptor is the command's control socket (see
``supervision``). Forking happens here because the node itself has threads and a large memory.
"""

import os
import selectors
import signal
import socket
import sys

from toolserver.node.processes.descendants import become_subreaper, end_below
from toolserver.node.processes.supervision import Supervision


class Spawner:
    """Serves the node until it goes away."""

    def __init__(self, node: socket.socket) -> None:
        self._node = node
        self._supervisors: set[int] = set()
        self._wake_up, self._signalled = socket.socketpair()

    def run(self) -> None:
        """Fork for each request; end what a killed supervisor leaves behind."""
        become_subreaper()
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
                if self._node in ready and not self._fork_next():
                    return

    def _fork_next(self) -> bool:
        message, descriptors, _, _ = socket.recv_fds(self._node, 1, 1)
        if not message:
            return False
        process = os.fork()
        if process == 0:
            self._become_supervisor(descriptors[0])
        self._supervisors.add(process)
        os.close(descriptors[0])
        return True

    def _become_supervisor(self, descriptor: int) -> None:
        try:
            signal.set_wakeup_fd(-1)
            os.set_inheritable(descriptor, False)
            for inherited in (self._node, self._wake_up, self._signalled):
                inherited.close()
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


def _wake_only(_number: int, _frame: object) -> None:
    """Let the wake-up descriptor tell; a handler must exist for it to be written."""


def main(descriptor: int) -> None:
    """Run the spawner on an inherited socket."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_inheritable(descriptor, False)
    Spawner(socket.socket(fileno=descriptor)).run()
