"""Run one command and end everything it started. Standard library only; runs in a process of its own.

The spawner forks one such process for each command. It talks to the node through ``control``, a stream socket, in
lines of JSON. From the node: first the request, then ``{"kill": true}`` or ``{"input": TEXT, "close": BOOL}``.
To the node: ``{"supervisor": PID}`` before anything is started, the ending at the end. Where the node does not take the
first any more, nothing is started. When the node goes away, everything ends.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import sys
import time

from toolserver.node.processes.capture import Capture
from toolserver.node.processes.descendants import Reaper, end_until_alone

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

PIECE = 65536

GREETING_BYTES = 32
"""Length of the first line to the node, which is filled up with spaces so that it can be read apart."""


class Supervision:
    """One command, from start to the end of its last process."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._unread = b""
        self._captures: dict[int, Capture] = {}
        self._input = b""
        self._input_fd: int | None = None
        self._close_input = False
        self._killed = False
        self._running = True

    def run(self) -> None:
        """Serve the request that arrives on the control socket and report the ending."""
        request = self._first_line()
        if request is None:
            return
        if not self._greet():
            return
        started = time.monotonic()
        try:
            main = self._start(request)
        except OSError as error:
            self._send({"error": f"{error.filename or request['argv'][0]}: {error.strerror}"})
            return
        reaper = Reaper(main)
        self._serve(reaper)
        strays, left = self._end(main, reaper)
        self._send(
            {
                "status": reaper.status,
                "killed": self._killed,
                "strays": strays,
                "left": left,
                "seconds": round(time.monotonic() - started, 3),
                "totals": [capture.total for capture in self._captures.values()],
                "lost": [capture.lost for capture in self._captures.values()],
            }
        )

    def _start(self, request: dict[str, Any]) -> int:
        os.chdir(request["cwd"])
        stdin = self._open_stdin(request["stdin"])
        writers = [self._open_capture(f"{request['output']}/{name}", request["limit"]) for name in ("stdout", "stderr")]
        actions = [(os.POSIX_SPAWN_DUP2, fd, target) for target, fd in enumerate((stdin, *writers))]
        defaults = [signal.SIGPIPE, signal.SIGXFSZ, signal.SIGINT, signal.SIGCHLD]
        try:
            return os.posix_spawn(
                request["argv"][0],
                request["argv"],
                request["env"],
                file_actions=actions,
                setsid=True,
                setsigdef=defaults,
                setsigmask=[],
            )
        finally:
            for fd in (stdin, *writers):
                os.close(fd)

    def _open_stdin(self, wanted: str | None) -> int:
        if wanted != "pipe":
            return os.open(wanted or os.devnull, os.O_RDONLY)
        reader, self._input_fd = os.pipe()
        os.set_blocking(self._input_fd, False)
        return reader

    def _open_capture(self, base: str, limit: int) -> int:
        reader, writer = os.pipe()
        os.set_blocking(reader, False)
        self._captures[reader] = Capture(base, limit)
        self._selector.register(reader, selectors.EVENT_READ, self._take_output)
        return writer

    def _serve(self, reaper: Reaper) -> None:
        wake_up, signalled = os.pipe()
        os.set_blocking(wake_up, False)
        os.set_blocking(signalled, False)
        signal.set_wakeup_fd(signalled)
        self._selector.register(wake_up, selectors.EVENT_READ, _drain)
        self._selector.register(self._control, selectors.EVENT_READ, lambda _fd: self._obey())
        self._take_orders(b"")
        # a child that ended before the wake-up was set is found by the first look
        while self._running and not (reaper() or reaper.status is not None):
            for key, _ in self._selector.select():
                key.data(key.fd)

    def _end(self, main: int, reaper: Reaper) -> tuple[int, int]:
        if sys.platform != "linux":
            _kill_group(main)
        strays, left = end_until_alone(os.getpid(), reaper)
        for fd, capture in self._captures.items():
            while chunk := _read(fd):
                capture.write(chunk)
            capture.close()
        return strays, left

    def _take_output(self, fd: int) -> None:
        chunk = _read(fd)
        if chunk is None:
            return
        if chunk:
            self._captures[fd].write(chunk)
        else:
            self._selector.unregister(fd)

    def _obey(self) -> None:
        try:
            data = self._control.recv(PIECE)
        except ConnectionError:
            data = b""
        if not data:
            self._killed, self._running = True, False
        else:
            self._take_orders(data)

    def _take_orders(self, data: bytes) -> None:
        *lines, self._unread = (self._unread + data).split(b"\n")
        for line in lines:
            self._order(json.loads(line))

    def _order(self, order: dict[str, Any]) -> None:
        if order.get("kill"):
            self._killed, self._running = True, False
            return
        self._input += order["input"].encode()
        self._close_input |= order["close"]
        if self._input_fd is not None and self._input_fd not in self._selector.get_map():
            self._selector.register(self._input_fd, selectors.EVENT_WRITE, self._feed)

    def _feed(self, fd: int) -> None:
        try:
            self._input = self._input[os.write(fd, self._input) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self._input, self._close_input = b"", True
        if not self._input:
            self._selector.unregister(fd)
            if self._close_input:
                os.close(fd)
                self._input_fd = None

    def _first_line(self) -> dict[str, Any] | None:
        received = b""
        while b"\n" not in received:
            data = self._control.recv(PIECE)
            if not data:
                return None
            received += data
        line, self._unread = received.split(b"\n", 1)
        return dict(json.loads(line))

    def _greet(self) -> bool:
        """Tell the node who we are; return whether it still wants to know, and with it the command to be started."""
        line = json.dumps({"supervisor": os.getpid()}).encode().ljust(GREETING_BYTES - 1) + b"\n"
        try:
            self._control.sendall(line)
        except (BrokenPipeError, ConnectionResetError):
            return False
        return True

    def _send(self, message: dict[str, Any]) -> None:
        try:
            self._control.sendall(json.dumps(message).encode() + b"\n")
        except (BrokenPipeError, ConnectionResetError):
            return  # the node is gone


def _read(fd: int) -> bytes | None:
    """Return what can be read now: None when there is nothing yet, empty at the end."""
    try:
        return os.read(fd, PIECE)
    except BlockingIOError:
        return None


def _drain(fd: int) -> None:
    _read(fd)


def _kill_group(leader: int) -> None:
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
