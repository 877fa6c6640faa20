"""Standard input and output of a program that the engine runs in a container, as one end of a pair of sockets.

The engine's library gives a blocking socket, a TLS socket or the pipe of an ssh client, and the output comes in frames;
two threads pass the bytes on, so that the event loop sees a plain socket whatever the engine is reached by.
"""

import contextlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import docker
import requests
from docker.errors import DockerException

from toolserver.engine import client_from_env, one_line
from toolserver.errors import SandboxUnavailable
from toolserver.protocol import RELAY_GREETING

BLOCK: Final = 1 << 16
HEADER: Final = struct.Struct(">BxxxL")
STDOUT: Final = 1
OPEN_SECONDS: Final = 20
POLL_MILLISECONDS: Final = 10_000


@dataclass(frozen=True)
class ExecStream:
    """A running relay.

    Attributes:
        ours: carries its standard input and output; closing it ends the relay.
    """

    ours: socket.socket

    @classmethod
    def open(cls, container: str, command: Sequence[str]) -> Self:
        """Run a relay in a container and wait for its greeting. Blocks.

        Raises:
            SandboxUnavailable: the engine does not answer or refuses.
            ConnectionRefusedError: the relay finds no node.
        """
        client = client_from_env(OPEN_SECONDS)
        try:
            wire = _Wire(_started(client, container, command))
        except (DockerException, requests.RequestException, OSError) as error:
            client.close()
            raise SandboxUnavailable(f"the Docker engine failed: {one_line(error)}") from error
        except BaseException:
            client.close()
            raise
        frames = _Frames(wire)
        try:
            greeted = frames.exactly(len(RELAY_GREETING)) == RELAY_GREETING
        except OSError:
            greeted = False
        if not greeted:
            wire.close()
            client.close()
            raise ConnectionRefusedError("the node in the container does not listen")
        wire.wait_for_ever()
        ours, theirs = socket.socketpair()
        threading.Thread(target=_inward, args=(theirs, wire), daemon=True, name="engine-in").start()
        threading.Thread(target=_outward, args=(frames, theirs, client), daemon=True, name="engine-out").start()
        return cls(ours)


def _started(client: docker.DockerClient, container: str, command: Sequence[str]) -> Any:
    created = client.api.exec_create(container, list(command), stdin=True, stdout=True, stderr=False)
    return client.api.exec_start(created["Id"], socket=True)


class _Wire:
    """The socket to the engine, whatever kind the library gives."""

    def __init__(self, given: Any) -> None:
        # the library's object keeps the response alive, and with it the connection
        self._given = given
        self._socket = getattr(given, "_sock", given)
        self._lock = threading.Lock()
        self._tls = isinstance(self._socket, ssl.SSLSocket)
        if hasattr(self._socket, "settimeout"):
            self._socket.settimeout(OPEN_SECONDS)

    def wait_for_ever(self) -> None:
        """Let reads take as long as they take; a node may have nothing to say for hours."""
        if self._tls:
            self._socket.setblocking(False)
        elif hasattr(self._socket, "settimeout"):
            self._socket.settimeout(None)

    def receive(self) -> bytes:
        """Return some bytes; empty at the end."""
        if not self._tls:
            return bytes(self._socket.recv(BLOCK))
        while True:
            # one TLS connection must not be read and written at the same moment
            with self._lock, contextlib.suppress(ssl.SSLWantReadError):
                return bytes(self._socket.recv(BLOCK))
            self._await(select.POLLIN)

    def send(self, data: bytes) -> None:
        """Send all of some bytes."""
        view = memoryview(data)
        while view:
            if not self._tls:
                view = view[self._socket.send(view) :]
                continue
            with self._lock, contextlib.suppress(ssl.SSLWantWriteError):
                view = view[self._socket.send(view) :]
                continue
            self._await(select.POLLOUT)

    def _await(self, event: int) -> None:
        descriptor = self._socket.fileno()
        if descriptor < 0:
            raise ConnectionResetError("the connection to the engine was closed")
        poll = select.poll()
        poll.register(descriptor, event)
        poll.poll(POLL_MILLISECONDS)

    def close(self) -> None:
        """End the connection, and wake who is reading from it."""
        with contextlib.suppress(OSError, AttributeError):
            self._socket.shutdown(socket.SHUT_RDWR)
        # the response holds the connection open as well
        for end in (self._given, self._socket, getattr(self._given, "_response", None)):
            with contextlib.suppress(OSError, ValueError):
                if end is not None:
                    end.close()


class _Frames:
    """The engine's frames, taken apart: standard output only."""

    def __init__(self, wire: _Wire) -> None:
        self.wire = wire
        self._raw = b""

    def next(self) -> bytes:
        """Return the content of the next frame; empty at the end."""
        while True:
            header = self._take(HEADER.size)
            if len(header) < HEADER.size:
                return b""
            stream, size = HEADER.unpack(header)
            content = self._take(size)
            if len(content) < size:
                return b""
            if stream == STDOUT and content:
                return content

    def exactly(self, size: int) -> bytes:
        """Return so many bytes of content, fewer at the end. Only for what comes in frames of its own."""
        content = b""
        while len(content) < size and (more := self.next()):
            content += more
        return content

    def _take(self, size: int) -> bytes:
        while len(self._raw) < size:
            more = self.wire.receive()
            if not more:
                return b""
            self._raw += more
        taken, self._raw = self._raw[:size], self._raw[size:]
        return taken


def _inward(source: socket.socket, wire: _Wire) -> None:
    """Pass on what we send; our end, closed, ends the relay."""
    with contextlib.suppress(OSError):
        while data := source.recv(BLOCK):
            wire.send(data)
    wire.close()


def _outward(frames: _Frames, target: socket.socket, client: docker.DockerClient) -> None:
    """Pass on what the relay says; its end ends our connection."""
    with contextlib.suppress(OSError, ValueError):
        while data := frames.next():
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)
    frames.wire.close()
    target.close()
    client.close()
