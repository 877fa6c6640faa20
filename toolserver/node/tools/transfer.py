"""Bring files into the workspace and out of it, for programs. Files are data here: never executed, never followed."""

import hashlib
import os
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Final

from msgspec import Meta

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.toolbox import Answer, Tool, in_thread
from toolserver.node.workspace import Node, shown
from toolserver.protocol import CHUNK, Fact, FileEntry, Form, Sha256, matching

HASHED_BYTES: Final = 256 * 1024 * 1024
"""Larger files are listed without their hash."""

MANIFEST_ENTRIES: Final = 100_000


class Upload(Form):
    """Put one chunk of a file into the workspace; the chunk that completes it makes the file appear at once."""

    path: str
    token: Annotated[str, matching("[0-9a-f]{32}", description="The same for all chunks of one upload.")]
    offset: Annotated[int, Meta(ge=0)]
    size: Annotated[int, Meta(ge=0, description="Bytes of the whole file.")]
    sha256: Annotated[Sha256, Meta(description="Of the whole file.")]
    data: bytes


class Uploaded(Fact):
    """How many bytes have arrived and whether the file is there."""

    received: int
    complete: bool


class Download(Form):
    """Take one chunk of a regular file out of the workspace."""

    path: str
    offset: Annotated[int, Meta(ge=0)] = 0


class Chunk(Fact):
    """A part of a file.

    Attributes:
        size: bytes of the whole file.
        version: changes when the file does.
        data: the part.
    """

    size: int
    version: str
    data: bytes


class Manifest(Form):
    """List everything in the workspace that is not a folder."""


class Files(Fact):
    """Everything in the workspace, in the order of paths within each folder."""

    entries: tuple[FileEntry, ...]


class TransferTools:
    """Tools that move files across the sandbox's border."""

    def __init__(self, machine: Machine) -> None:
        self._workspace = machine.workspace
        self._drafts = machine.state / "uploads"
        self._drafts.mkdir(exist_ok=True, mode=0o700)
        self._hashes: dict[tuple[int, ...], str] = {}

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools. Each may be repeated without harm, so none is journaled."""
        return (
            Tool(Upload, in_thread(self.upload), effects=("writes",), internal=True, journaled=False),
            Tool(Download, in_thread(self.download), effects=("reads",), internal=True, journaled=False),
            Tool(Manifest, in_thread(self.manifest), effects=("reads",), internal=True, journaled=False),
        )

    def upload(self, form: Upload) -> Answer:
        """Store a chunk; check and move the file when it is complete."""
        draft = self._drafts / form.token
        received = _store(draft, form)
        if received < form.size:
            return Answer("more to come", Uploaded(received=received, complete=False))
        try:
            with draft.open("rb") as file:
                if received > form.size or _sha256(file) != form.sha256:
                    raise ToolFailure("corrupted", f"{shown(form.path)}: the bytes that arrived are not those sent")
                file.seek(0)
                self._workspace.replace(form.path, file)
        finally:
            draft.unlink(missing_ok=True)
        return Answer("complete", Uploaded(received=received, complete=True))

    def download(self, form: Download) -> Answer:
        """Return a chunk."""
        with self._workspace.open_file(form.path) as file:
            status = os.fstat(file.fileno())
            file.seek(form.offset)
            data = file.read(CHUNK)
        chunk = Chunk(size=status.st_size, version=_version(status), data=data)
        return Answer("", chunk)

    def manifest(self, _form: Manifest) -> Answer:
        """List the workspace."""
        entries = tuple(islice(self._entries(), MANIFEST_ENTRIES + 1))
        if len(entries) > MANIFEST_ENTRIES:
            raise ToolFailure("too_large", f"the workspace holds more than {MANIFEST_ENTRIES:,} files")
        return Answer("", Files(entries=entries))

    def _entries(self) -> Iterator[FileEntry]:
        for node in self._workspace.walk():
            kind, mode = node.kind, stat.S_IMODE(node.status.st_mode)
            if kind == "file":
                yield self._file_entry(node, mode)
            elif kind != "folder":
                yield FileEntry(path=_sendable(node.path), kind=kind, size=0, sha256=None, mode=mode)

    def _file_entry(self, node: Node, mode: int) -> FileEntry:
        size = node.status.st_size
        try:
            node.path.encode()  # a name that is not UTF-8 cannot be asked for
            digest = self._digest(node) if size <= HASHED_BYTES else None
        except (ToolFailure, UnicodeEncodeError):
            return FileEntry(path=_sendable(node.path), kind="unreadable", size=0, sha256=None, mode=mode)
        return FileEntry(path=node.path, kind="file", size=size, sha256=digest, mode=mode)

    def _digest(self, node: Node) -> str:
        status = node.status
        key = (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if key not in self._hashes:
            with self._workspace.open_file(node.path) as file:
                self._hashes[key] = _sha256(file)
        return self._hashes[key]


def _store(draft: Path, form: Upload) -> int:
    """Write a chunk at its place and return how far the upload has come."""
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        if os.pwrite(descriptor, form.data, form.offset) != len(form.data):
            raise ToolFailure("storage_full", f"{shown(form.path)}: no space left")
        return os.fstat(descriptor).st_size
    finally:
        os.close(descriptor)


def _sendable(path: str) -> str:
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _version(status: os.stat_result) -> str:
    return f"{status.st_ino}-{status.st_size}-{status.st_mtime_ns}-{status.st_ctime_ns}"


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := file.read(CHUNK):
        digest.update(piece)
    return digest.hexdigest()
