"""What a person types: single keys at a terminal where they are commands by themselves, else lines."""

import asyncio
import contextlib
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
        if key in SINGLE or key == "":
            sys.stdout.write(f"{key}\n")
            return key or None
        # the rest of the line is edited as usual, with the key at its beginning
        readline.set_startup_hook(lambda: readline.insert_text(key if key.isprintable() else ""))
        sys.stdout.write("\r")
        try:
            return input(self._prompt)
        except EOFError:
            return None
        finally:
            readline.set_startup_hook(None)


def _key() -> str:
    """Return the next key as it is pressed; nothing at the end of the input."""
    before = termios.tcgetattr(sys.stdin)
    tty.setcbreak(sys.stdin)
    try:
        key = sys.stdin.read(1)
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)
    return "" if key == "\x04" else key


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
