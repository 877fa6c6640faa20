"""Join standard input and output to the node's socket: how a manager reaches a node where no socket can be shared.

``python relay.py SOCKET SECONDS`` waits at most so long for the socket, says so with a line, and passes bytes on until
either side ends. It imports nothing of ours, so that it starts within milliseconds.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

GREETING: Final = b"plumbline\n"
BLOCK: Final = 1 << 16


def main(path: str, seconds: float) -> int:
    """Relay until either side ends; return the exit code, 1 where nobody listens."""
    node = _connected(path, time.monotonic() + seconds)
    if node is None:
        return 1
    _write(GREETING)
    threading.Thread(target=_pass_on, args=(lambda: os.read(0, BLOCK), node.sendall), daemon=True).start()
    _pass_on(lambda: node.recv(BLOCK), _write)
    return 0


def _connected(path: str, deadline: float) -> socket.socket | None:
    while True:
        node = socket.socket(socket.AF_UNIX)
        try:
            node.connect(path)
        except OSError:
            node.close()
            if time.monotonic() > deadline:
                return None
            time.sleep(0.02)
        else:
            return node


def _pass_on(read: Callable[[], bytes], write: Callable[[bytes], None]) -> None:
    """Pass bytes on; the end of one direction ends the program."""
    try:
        while data := read():
            write(data)
    except OSError:
        pass
    os._exit(0)


def _write(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], float(sys.argv[2])))
