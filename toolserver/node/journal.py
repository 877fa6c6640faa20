"""The call journal: what makes re-sending a call harmless.

One append-only file on the sandbox's volume, a line of JSON for each fact. A line is written with one system call and
so survives the death of the node; it is not forced to the disk, for a machine that loses power loses the sandbox's
processes too. Only the index is held in memory; results are read back from the file.
"""

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from msgspec import convert, to_builtins

from toolserver.protocol import ToolOutcome

FILE: Final = "journal.jsonl"


@dataclass(frozen=True)
class Entry:
    """What the journal knows of a call.

    Attributes:
        digest: of the tool and its arguments; None when the call was cancelled before it arrived.
        span: offset and length of the line that holds the result; None when there is none.
    """

    digest: str | None
    span: tuple[int, int] | None = None


class JournalBusy(RuntimeError):
    """Another node holds the journal."""


class Journal:
    """The calls a sandbox has seen."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._entries: dict[str, Entry] = {}
        self._end = 0
        self._load()

    @classmethod
    def open(cls, state: Path) -> Self:
        """Open the journal in a state folder and lock it for this process.

        Raises:
            JournalBusy: a node of the same sandbox is running.
        """
        descriptor = os.open(state / FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise JournalBusy(f"another node is running on {state}") from error
        return cls(descriptor)

    def close(self) -> None:
        """Close the file and give up the lock."""
        os.close(self._descriptor)

    def find(self, call_id: str) -> Entry | None:
        """Return what is known of a call."""
        return self._entries.get(call_id)

    def started(self, call_id: str, digest: str) -> None:
        """Record that a call is about to run.

        Raises:
            OSError: it cannot be recorded, so the call must not run.
        """
        self._append({"id": call_id, "digest": digest})
        self._entries[call_id] = Entry(digest)

    def finished(self, call_id: str, digest: str | None, outcome: ToolOutcome) -> None:
        """Record the result of a call.

        Raises:
            OSError: it cannot be recorded.
        """
        span = self._append({"id": call_id, "digest": digest, "outcome": to_builtins(outcome)})
        self._entries[call_id] = Entry(digest, span)

    def outcome(self, entry: Entry) -> ToolOutcome:
        """Return the recorded result of a finished call."""
        if entry.span is None:
            raise LookupError("the call has no recorded result")
        offset, length = entry.span
        line = os.pread(self._descriptor, length, offset)
        return convert(json.loads(line)["outcome"], ToolOutcome)

    def _append(self, fact: Mapping[str, Any]) -> tuple[int, int]:
        line = json.dumps(fact, separators=(",", ":")).encode() + b"\n"
        offset = self._end
        written = 0
        try:
            written = os.pwrite(self._descriptor, line, offset)
        finally:
            if written != len(line):
                os.ftruncate(self._descriptor, offset)
        if written != len(line):
            raise OSError(errno.ENOSPC, "the journal's disk is full")
        self._end = offset + len(line)
        return offset, len(line)

    def _load(self) -> None:
        with open(self._descriptor, "rb", closefd=False) as file:
            for line in file:
                if not line.endswith(b"\n"):
                    break  # torn by the death of the node; its call counts as not recorded
                self._take(line)
                self._end += len(line)
        os.ftruncate(self._descriptor, self._end)

    def _take(self, line: bytes) -> None:
        try:
            fact = json.loads(line)
            self._entries[fact["id"]] = Entry(fact["digest"], (self._end, len(line)) if "outcome" in fact else None)
        except (ValueError, KeyError, TypeError):
            return  # not ours: a program of the sandbox may write to its state folder


def digest_of(tool: str, arguments: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a call, independent of the order of its arguments."""
    canonical = json.dumps([tool, arguments], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
