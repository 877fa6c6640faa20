"""What programs printed: kept below a limit on disk, shown to a model in part, readable in full by line."""

import asyncio
import os
import re
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal, Self

from toolserver.errors import ToolFailure
from toolserver.node.glimpse import CURRENT

Stream = Literal["stdout", "stderr"]

SHOWN_HEAD: Final = 6_000
SHOWN_TAIL: Final = 10_000
"""Bytes of a stream's beginning and end that are shown; a stream no longer than both together is shown whole."""

KEPT_BYTES: Final = 512 * 1024 * 1024
"""Bytes of finished outputs that are kept; the oldest go first."""

LAST_LINE: Final = 200
"""Characters of the last line that are shown while a program runs."""

_LATER_SECONDS: Final = 0.01
_LOOK_BACK: Final = 2_000
_ESCAPE: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
_PIN: Final = "pinned"
_GAP: Final = b"\n[bytes not kept]\n"
_ID: Final = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True)
class Excerpt:
    """A stream as a model sees it.

    Attributes:
        text: the stream, or its beginning and end.
        size: bytes the program wrote.
        whole: whether ``text`` is all of it.
    """

    text: str
    size: int
    whole: bool

    def without(self, prefix: str, instead: str) -> Self:
        """Return the excerpt with one text put in place of another."""
        return replace(self, text=self.text.replace(prefix, instead))


@dataclass(frozen=True)
class Output:
    """The streams of one program, in a folder."""

    id: str
    folder: Path

    def excerpt(self, stream: Stream, total: int, lost: int = 0) -> Excerpt:
        """Return what to show of a stream.

        Args:
            stream: which one.
            total: bytes that the program wrote.
            lost: how many of them a full disk did not take.
        """
        if total == 0:
            return Excerpt("", 0, whole=True)
        kept, size = self.kept(stream), self._size(stream)
        notes = []
        if len(kept) > SHOWN_HEAD + SHOWN_TAIL:
            omitted = len(kept) - SHOWN_HEAD - SHOWN_TAIL
            notes.append(f'{omitted:,} bytes omitted; read_output(id="{self.id}", stream="{stream}") shows them')
            beginning, end = kept[:SHOWN_HEAD], kept[-SHOWN_TAIL:]
        else:
            beginning, end = kept, b""
        if lost:
            notes.append(f"{lost:,} bytes are lost: the sandbox's disk was full")
        if (gone := total - size - lost) > 0:
            notes.append(f"{gone:,} bytes were not kept")
        if not notes:
            return Excerpt(as_text(kept), total, whole=True)
        marker = "\n".join(f"[... {note} ...]" for note in notes)
        return Excerpt(f"{as_text(beginning)}\n{marker}\n{as_text(end)}", total, whole=False)

    def tail(self, stream: Stream, lines: int) -> str:
        """Return the last lines of a stream, of a program that may still run."""
        return "\n".join(as_text(self.kept(stream)[-SHOWN_TAIL:]).splitlines()[-lines:])

    def last_line(self) -> str:
        """Return the last line that a program printed on either stream, of one that may still run."""
        newest: tuple[int, bytes] = (0, b"")
        for file in self.folder.glob("std*.*"):
            if (end := _end(file)) is not None:
                newest = max(newest, end)
        lines = [line for line in map(plain_line, as_text(newest[1]).splitlines()) if line]
        return lines[-1] if lines else ""

    def kept(self, stream: Stream) -> bytes:
        """Return what is on disk of a stream; a line says so where bytes between its beginning and end are gone."""
        parts, before = [_content(self.folder / f"{stream}.head")], -1
        for tail in self._tails(stream):
            # a tail continues what has the number before its own; else it follows a gap
            parts += [_GAP] if _turn(tail) != before + 1 else []
            parts.append(_content(tail))
            before = _turn(tail)
        return b"".join(parts)

    def _size(self, stream: Stream) -> int:
        """Return how many bytes of a stream are on disk."""
        return sum(len(_content(file)) for file in (self.folder / f"{stream}.head", *self._tails(stream)))

    def _tails(self, stream: Stream) -> list[Path]:
        return sorted(self.folder.glob(f"{stream}.tail*"), key=_turn)[-2:]

    def pin(self) -> None:
        """Keep the streams for as long as the sandbox lives."""
        (self.folder / _PIN).touch()

    def discard(self) -> None:
        """Delete the streams."""
        shutil.rmtree(self.folder, ignore_errors=True)


class OutputStore:
    """The outputs of a sandbox, each in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def create(self) -> Output:
        """Make room for the streams of a program."""
        output_id = secrets.token_hex(4)
        output = Output(output_id, self._folder / output_id)
        output.folder.mkdir(mode=0o700)
        return output

    @contextmanager
    def recording(self) -> Iterator[Output]:
        """Give a new output for the length of a block; it is deleted when the block fails."""
        output = self.create()
        if (glimpse := CURRENT.get()) is not None:
            glimpse.show(output.last_line)
        try:
            yield output
        except BaseException:
            output.discard()
            raise

    def settle(self, output: Output, *excerpts: Excerpt) -> None:
        """Keep the output of an ended program only when it was not shown whole."""
        # nobody waits for files to be deleted
        later = output.discard if all(excerpt.whole for excerpt in excerpts) else self.tidy
        asyncio.get_running_loop().call_later(_LATER_SECONDS, later)

    def get(self, output_id: str) -> Output:
        """Return an output by id.

        Raises:
            ToolFailure: there is none with that id, or no longer.
        """
        folder = self._folder / output_id
        if not _ID.fullmatch(output_id) or not folder.is_dir():
            raise ToolFailure("unknown_output", f"id: no output {output_id[:40]!r} is kept")
        return Output(output_id, folder)

    def tidy(self) -> None:
        """Delete the oldest outputs beyond the limit."""
        loose = (folder for folder in self._folder.iterdir() if not (folder / _PIN).exists())
        folders = sorted(loose, key=lambda folder: folder.stat().st_mtime_ns, reverse=True)
        kept = 0
        for folder in folders:
            kept += sum(file.stat().st_size for file in folder.iterdir())
            if kept > KEPT_BYTES:
                shutil.rmtree(folder, ignore_errors=True)


def as_text(data: bytes) -> str:
    """Return bytes as text that any JSON reader and database takes: bad UTF-8 and NUL become U+FFFD."""
    return data.decode("utf-8", "replace").replace("\0", "\ufffd")


def plain_line(line: str) -> str:
    """Return a line without what moves cursors and changes colours, not longer than can be shown in passing."""
    bare = _ESCAPE.sub("", line)
    return "".join(character for character in bare if character.isprintable()).strip()[:LAST_LINE]


def _end(file: Path) -> tuple[int, bytes] | None:
    """Return when a file was last written to and its last bytes; None when it holds nothing or is no regular file."""
    try:
        # a program of the sandbox may have put anything in its place
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size == 0:
            return None
        return status.st_mtime_ns, os.pread(descriptor, _LOOK_BACK, max(status.st_size - _LOOK_BACK, 0))
    finally:
        os.close(descriptor)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _turn(path: Path) -> int:
    return int(path.suffix.removeprefix(".tail"))
