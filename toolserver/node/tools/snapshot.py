"""Take the workspace apart for a snapshot and put it together again, many small files in one message."""

import contextlib
import hashlib
import os
import re
import secrets
import stat
import time
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.toolbox import Answer, Tool, in_thread
from toolserver.node.workspace import MAX_DEPTH, Node, Workspace, shown
from toolserver.protocol import CHUNK, Fact, Form, LeftOut, SnapshotEntry, matching

ENTRIES: Final = 100_000
"""Most names of a workspace that a snapshot is taken of."""

PACK: Final = 4 * CHUNK
"""Bytes of files in one message, before base64."""

SETTLED_SECONDS: Final = 2.0
"""A hash is kept only of a file that was last changed longer ago: a later change is certain to show in its times."""

ESCAPE: Final = re.compile(rb"\\(?:\\|x([0-9a-f]{2}))")


class Inventory(Form):
    """List everything in the workspace with hashes, for a snapshot."""

    max_file_bytes: Annotated[int, Meta(ge=0, description="Larger files are named as left out.")]


class Inventoried(Fact):
    """Everything in the workspace, folders before what they hold."""

    entries: tuple[SnapshotEntry, ...]
    left_out: tuple[LeftOut, ...]


class FetchFiles(Form):
    """Return the contents of several files, as far as they fit into one message."""

    paths: Annotated[list[str], Meta(min_length=1)]
    offset: Annotated[int, Meta(ge=0, description="Where to begin in the first file.")] = 0


class Fetched(Fact):
    """A piece of a file; ``size`` is of the whole file."""

    path: str
    size: int
    data: bytes


class FetchedFiles(Fact):
    """Contents of files in the order asked for, and those that are no regular files any more."""

    files: tuple[Fetched, ...]
    missing: tuple[str, ...]


class RemoveEntries(Form):
    """Remove names from the workspace, each folder after what it holds."""

    paths: list[str]


class Placed(Form):
    """A name to put into the workspace; ``offset`` and ``size`` place one piece of a file."""

    path: Annotated[str, Meta(min_length=1)]
    kind: Literal["folder", "file", "link"]
    mode: Annotated[int, Meta(ge=0, le=0o777)]
    target: str = ""
    token: Annotated[str, matching("([0-9a-f]{32})?")] = ""
    offset: Annotated[int, Meta(ge=0)] = 0
    size: Annotated[int, Meta(ge=0)] = 0
    data: bytes = b""


class PlaceEntries(Form):
    """Put folders, files and links into the workspace, in this order; what stands there as a file is replaced."""

    entries: list[Placed]


class SnapshotTools:
    """Tools for snapshots. Each may be repeated without harm, so none is journaled."""

    def __init__(self, machine: Machine) -> None:
        self._workspace = machine.workspace
        self._drafts = machine.state / "restoring"
        self._hashes: dict[tuple[int, ...], str] = {}

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools."""
        return (
            Tool(Inventory, in_thread(self.inventory), effects=("reads",), internal=True, journaled=False),
            Tool(FetchFiles, in_thread(self.fetch), effects=("reads",), internal=True, journaled=False),
            Tool(RemoveEntries, in_thread(self.remove), effects=("writes",), internal=True, journaled=False),
            Tool(PlaceEntries, in_thread(self.place), effects=("writes",), internal=True, journaled=False),
        )

    def inventory(self, form: Inventory) -> Answer:
        """List the workspace."""
        before, self._hashes = self._hashes, {}
        found = [*islice(self._items(form.max_file_bytes, before), ENTRIES + 1)]
        if len(found) > ENTRIES:
            raise ToolFailure("too_large", f"the workspace holds more than {ENTRIES:,} names")
        entries = tuple(item for item in found if isinstance(item, SnapshotEntry))
        return Answer("", Inventoried(entries=entries, left_out=tuple(i for i in found if isinstance(i, LeftOut))))

    def fetch(self, form: FetchFiles) -> Answer:
        """Read files."""
        files, missing, room, offset = [], [], PACK, form.offset
        for path in form.paths:
            if room <= 0:
                break
            try:
                data, size = self._read(path, offset, room)
            except (ToolFailure, OSError):
                missing.append(path)
            else:
                files.append(Fetched(path=path, size=size, data=data))
                # an empty file costs something as well
                room -= len(data) + 128
            offset = 0
        return Answer("", FetchedFiles(files=tuple(files), missing=tuple(missing)))

    def remove(self, form: RemoveEntries) -> Answer:
        """Remove names; one that is not there any more is fine."""
        for path in form.paths:
            parts = _parts(path)
            with _told(path), contextlib.suppress(FileNotFoundError), self._workspace.folder(parts[:-1]) as folder:
                if stat.S_ISDIR(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False).st_mode):
                    os.rmdir(parts[-1], dir_fd=folder)
                else:
                    os.unlink(parts[-1], dir_fd=folder)
        return Answer("removed")

    def place(self, form: PlaceEntries) -> Answer:
        """Write names."""
        for entry in form.entries:
            parts = _parts(entry.path)
            with _told(entry.path):
                if entry.kind == "folder":
                    with self._workspace.folder(parts, make=True) as folder:
                        os.fchmod(folder, entry.mode)
                    continue
                with self._workspace.folder(parts[:-1], make=True) as folder:
                    self._put(folder, parts[-1], entry)
        return Answer("placed")

    def _put(self, folder: int, name: str, entry: Placed) -> None:
        draft = f".{secrets.token_hex(8)}.part"
        try:
            if entry.kind == "link":
                os.symlink(_decoded(entry.target), draft, dir_fd=folder)
            elif (content := self._complete(entry)) is None:
                return
            else:
                flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
                with os.fdopen(os.open(draft, flags, 0o600, dir_fd=folder), "wb") as file:
                    file.write(content)
                    os.fchmod(file.fileno(), entry.mode)
            os.rename(draft, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(draft, dir_fd=folder)
            raise

    def _complete(self, entry: Placed) -> bytes | None:
        """Return a file's whole content once its last piece has come; the pieces come in order."""
        if not entry.token:
            return entry.data
        self._drafts.mkdir(exist_ok=True, mode=0o700)
        path = self._drafts / entry.token
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            file.seek(entry.offset)
            file.write(entry.data)
            if entry.offset + len(entry.data) < entry.size:
                return None
            file.seek(0)
            content = file.read()
        path.unlink()
        return content

    def _items(self, max_bytes: int, before: dict[tuple[int, ...], str]) -> Iterator[SnapshotEntry | LeftOut]:
        for node in self._workspace.walk():
            path, mode = _coded(node.path), stat.S_IMODE(node.status.st_mode) & 0o777
            try:
                match node.kind:
                    case "folder":
                        yield self._folder(node, path, mode)
                    case "link":
                        target = self._target(node)
                        yield SnapshotEntry(path=path, kind="link", mode=0o777, target=target)
                    case "file":
                        yield self._file(node, path, mode, max_bytes, before)
                    case kind:
                        yield LeftOut(path=path, reason=f"is a {kind}")
            except (ToolFailure, OSError):
                yield LeftOut(path=path, reason="cannot be read")

    def _folder(self, node: Node, path: str, mode: int) -> SnapshotEntry | LeftOut:
        if len(node.parts) >= MAX_DEPTH:
            return LeftOut(path=path, reason=f"is more than {MAX_DEPTH} folders deep")
        with self._workspace.folder(node.parts) as folder:
            os.listdir(folder)  # noqa: PTH208 - a folder's descriptor has no path
        return SnapshotEntry(path=path, kind="folder", mode=mode)

    def _target(self, node: Node) -> str:
        with self._workspace.folder(node.parts[:-1]) as folder:
            return _coded(os.readlink(node.parts[-1], dir_fd=folder))

    def _file(
        self, node: Node, path: str, mode: int, max_bytes: int, before: dict[tuple[int, ...], str]
    ) -> SnapshotEntry | LeftOut:
        if node.status.st_size > max_bytes:
            return LeftOut(path=path, reason=f"has more than {max_bytes:,} bytes")
        key = _identity(node.status)
        digest = before.get(key)
        if digest is None:
            digest = self._digest(node)
        if time.time() - max(node.status.st_mtime, node.status.st_ctime) > SETTLED_SECONDS:
            self._hashes[key] = digest
        return SnapshotEntry(path=path, kind="file", mode=mode, size=node.status.st_size, sha256=digest)

    def _digest(self, node: Node) -> str:
        digest = hashlib.sha256()
        with _opened(self._workspace, node.parts) as descriptor:
            if _identity(os.fstat(descriptor)) != _identity(node.status):
                raise ToolFailure("changed", "the file changes while it is read")
            while piece := os.read(descriptor, CHUNK):
                digest.update(piece)
        return digest.hexdigest()

    def _read(self, path: str, offset: int, room: int) -> tuple[bytes, int]:
        with _opened(self._workspace, _parts(path)) as descriptor:
            return os.pread(descriptor, room, offset), os.fstat(descriptor).st_size


@contextlib.contextmanager
def _opened(workspace: Workspace, parts: tuple[str, ...]) -> Iterator[int]:
    """Give the descriptor of a regular file; links are not followed, and nothing else is opened."""
    with workspace.folder(parts[:-1]) as folder:
        _require_file(os.stat(parts[-1], dir_fd=folder, follow_symlinks=False))
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(parts[-1], flags, dir_fd=folder)
    try:
        _require_file(os.fstat(descriptor))
        yield descriptor
    finally:
        os.close(descriptor)


def _require_file(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ToolFailure("not_a_file", "not a regular file")


@contextlib.contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ToolFailure("not_restored", f"{shown(path)[:200]}: {error.strerror or 'failed'}") from error


def _identity(status: os.stat_result) -> tuple[int, ...]:
    return (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _coded(path: str) -> str:
    return os.fsencode(path.replace("\\", "\\\\")).decode("utf-8", "backslashreplace")


def _decoded(text: str) -> str:
    def plain(match: re.Match[bytes]) -> bytes:
        return bytes.fromhex(match[1].decode()) if match[1] else b"\\"

    return os.fsdecode(ESCAPE.sub(plain, text.encode()))


def _parts(path: str) -> tuple[str, ...]:
    """Return the parts of a path that was coded by a node.

    Raises:
        ToolFailure: it is no plain path below the workspace.
    """
    parts = tuple(_decoded(path).split("/"))
    if len(parts) > MAX_DEPTH or any(part in ("", ".", "..") or "\0" in part for part in parts):
        raise ToolFailure("invalid_path", f"{shown(path)[:200]}: is no path below the workspace")
    return parts
