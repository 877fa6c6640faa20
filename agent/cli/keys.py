"""What a person types: single keys at a terminal where they are commands by themselves, else lines."""

import asyncio
import contextlib
import os
import select
import sys
import threading
from collections.abc import Callable, Iterator

try:
    import readline
    import termios
    import tty
except ImportError:
    # a system whose terminals have no such modes is read by lines
    _MODES = False
else:
    _MODES = True

SINGLE = frozenset("jktbu?")
"""Keys that need nothing after them and no Enter."""


class Typed:
    """Reads what a person types, without blocking the loop.

    Args:
        prompt: shown before what is typed at a terminal.
    """

    def __init__(self, prompt: str = "> ") -> None:
        self._prompt = prompt
        self._reading: asyncio.Future[str | None] | None = None
        self._keys = _MODES and sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()

    @contextlib.contextmanager
    def ready(self) -> Iterator[None]:
        """Leave the terminal afterwards as it was before, whatever reads then."""
        if not self._keys:
            yield
            return
        before = termios.tcgetattr(sys.stdin)
        try:
            yield
        finally:
            termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)

    async def line(self) -> str | None:
        """Return what is typed next; None once the input has ended.

        A call that was cancelled leaves its read behind, and the next call gets what that one reads.
        """
        self._reading = self._reading or _in_thread(self._read)
        line = await asyncio.shield(self._reading)
        self._reading = None
        return line

    def _read(self) -> str | None:
        if sys.stdin is None:
            return None
        if not self._keys:
            return sys.stdin.readline() or None
        sys.stdout.write(self._prompt)
        sys.stdout.flush()
        key = _key()
        if key in SINGLE or key in ("", "\n", "\r"):
            sys.stdout.write(f"{key.strip()}\n")
            return key or None
        # the rest of the line is edited as usual, with the key at its beginning
        readline.set_startup_hook(lambda: readline.insert_text(key.strip() if key.isprintable() else ""))
        sys.stdout.write("\r")
        try:
            return input(self._prompt)
        except EOFError:
            return None
        finally:
            readline.set_startup_hook(None)


def _key() -> str:
    """Return the next key as it is pressed; nothing at the end of the input.

    Only its own bytes are taken, since readline reads what follows from the terminal itself.
    """
    terminal = sys.stdin.fileno()
    before = termios.tcgetattr(terminal)
    # what was typed ahead is kept
    tty.setcbreak(terminal, termios.TCSADRAIN)
    try:
        data = os.read(terminal, 1)
        while data == b"\x1b":
            _skip_sequence(terminal)
            data = os.read(terminal, 1)
        while data and not _whole(data):
            data += os.read(terminal, 1)
    finally:
        termios.tcsetattr(terminal, termios.TCSADRAIN, before)
    # an end of input that was typed ahead, while lines were read, arrives as a zero
    return "" if data in (b"\x04", b"\0") else data.decode("utf-8", "replace")


def _skip_sequence(terminal: int) -> None:
    """Read what follows an escape in the sequence of an arrow key or the like, which is no command."""

    def following() -> bytes:
        return os.read(terminal, 1) if select.select([terminal], [], [], 0.02)[0] else b""

    if following() in (b"[", b"O"):
        # parameters end with a letter or a tilde
        while (byte := following()) and not 0x40 <= byte[0] <= 0x7E:
            pass


def _whole(data: bytes) -> bool:
    """Return whether bytes are a whole character of UTF-8, or can be none any more."""
    lead = data[0]
    return len(data) >= (1 if lead < 0xC0 else 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4)


def _in_thread(read: Callable[[], str | None]) -> asyncio.Future[str | None]:
    """Start to read in a thread that does not keep the process from ending, since a read cannot be cancelled."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str | None] = loop.create_future()

    def deliver(text: str | None) -> None:
        if not line.done():
            line.set_result(text)

    def run() -> None:
        try:
            text = read()
        except (OSError, ValueError):
            # standard input was closed under us, or is no text
            text = None
        if not loop.is_closed():
            loop.call_soon_threadsafe(deliver, text)

    threading.Thread(target=run, daemon=True).start()
    return line
