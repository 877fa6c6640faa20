"""The browsing seat at a real terminal: single keys act at once, lines are edited, nothing typed ahead is lost."""

import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import command


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, arguments: list[str]) -> None:
        self._ours, theirs = pty.openpty()
        self.modes = termios.tcgetattr(theirs)
        self._theirs = theirs
        self.process = subprocess.Popen(arguments, stdin=theirs, stdout=theirs, stderr=theirs)
        self._seen = b""

    def press(self, keys: str) -> None:
        """Type some keys."""
        os.write(self._ours, keys.encode())

    def shows(self, text: str) -> None:
        """Wait until a text is shown, after what was waited for before."""
        deadline = time.monotonic() + 60
        while text.encode() not in self._seen:
            assert time.monotonic() < deadline, f"{text!r} was never shown: {self._seen[-600:]!r}"
            if select.select([self._ours], [], [], 0.2)[0]:
                self._seen += os.read(self._ours, 65_536)
        self._seen = self._seen.partition(text.encode())[2]

    def close(self) -> list[object]:
        """Wait for the end of the command and return the modes in which it leaves the terminal."""
        try:
            self.process.wait(timeout=60)
        finally:
            self.process.kill()
            left = termios.tcgetattr(self._theirs)
            os.close(self._ours)
            os.close(self._theirs)
        return left


@pytest.fixture
def terminal(user: None, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    monkeypatch.setenv("TERM", "xterm")
    (folder / "lock.md").write_text("# Harrow Lock\n\nThe water over the sill is deep. 水深一米五。\n")
    opened = Terminal(command("browse", "How deep?", "--docs", str(folder / "lock.md")))
    yield opened
    opened.process.kill()
    opened.process.wait()


def test_keys_act_without_enter_and_lines_with_it(terminal: Terminal) -> None:
    terminal.shows("begin with a search")
    terminal.press("s sill Harrow Lock\r")
    terminal.shows("1 results for")
    terminal.press("o 1\r")
    terminal.shows("possible: search open back")
    terminal.press("?")
    terminal.shows("finish without an answer")
    terminal.press("\x1b[Aj")
    terminal.shows("! scroll is not possible")
    terminal.press('q "水深一米五"\r')
    terminal.shows("kept as E1")
    terminal.press("u")
    terminal.shows("took back quote")
    terminal.press("\r\r")
    terminal.press("\x04")
    terminal.shows("plumbline answer")

    assert terminal.close() == terminal.modes
    assert terminal.process.returncode == 5
