"""Snapshots: what a workspace holds, by hashes, and how it is taken out of a node and brought back."""

import base64
import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, Protocol, Self, TypeVar

from msgspec import DecodeError, Struct, json
from msgspec.structs import replace

from toolserver.answers import understood
from toolserver.errors import SandboxLost, TransferRefused
from toolserver.protocol import CHUNK, Fact, LeftOut, SnapshotEntry, ToolOutcome

FILE_BYTES: Final = 64 * 1024 * 1024
"""Largest file that a snapshot keeps."""

SNAPSHOT_BYTES: Final = 1024 * 1024 * 1024
"""Most bytes of all files of a snapshot; what goes beyond is named as left out."""

PACK: Final = 4 * CHUNK
BATCH: Final = 2_000
"""Names in one message."""

_CODED: Final = re.compile(r"(?:[^\\\0]|\\\\|\\x[89a-f][0-9a-f])*")
"""A path as a node codes it: of the bytes only those that are not UTF-8 stand as numbers."""

Internal = Callable[[str, Mapping[str, Any]], Awaitable[ToolOutcome]]
"""Calls an internal tool of a node."""

StructT = TypeVar("StructT", bound=Struct)


class SnapshotStore(Protocol):
    """Keeps bytes by the SHA-256 of their content, as 64 hexadecimal digits."""

    async def put(self, data: bytes) -> str:
        """Store bytes and return their SHA-256."""

    async def get(self, sha256: str) -> bytes:
        """Return stored bytes."""

    async def has(self, sha256: str) -> bool:
        """Return whether there are bytes with this SHA-256."""


class Snapshot(Fact, omit_defaults=True, dict=True):
    """What a workspace held. Two snapshots of the same content are equal and have the same id.

    Attributes:
        entries: all that is kept, folders before what they hold.
        left_out: what is not kept, and why.
    """

    entries: tuple[SnapshotEntry, ...]
    left_out: tuple[LeftOut, ...] = ()

    @cached_property
    def id(self) -> str:
        """SHA-256 of the snapshot's encoded form, under which a store keeps it."""
        return hashlib.sha256(self.encoded()).hexdigest()

    def encoded(self) -> bytes:
        """Return the snapshot as JSON."""
        return json.encode(self)

    @classmethod
    async def load(cls, store: SnapshotStore, snapshot_id: str) -> Self:
        """Return a snapshot that a store keeps.

        Raises:
            TransferRefused: what the store keeps under this id is no snapshot.
        """
        try:
            return json.decode(await store.get(snapshot_id), type=cls)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise TransferRefused(f"{snapshot_id[:12]} is no snapshot: {str(error)[:200]}") from error

    async def complete_in(self, store: SnapshotStore) -> bool:
        """Return whether a store has all contents of this snapshot."""
        for sha256 in dict.fromkeys(entry.sha256 for entry in self.entries if entry.sha256 is not None):
            if not await store.has(sha256):
                return False
        return True


class _Inventoried(Struct):
    entries: tuple[SnapshotEntry, ...]
    left_out: tuple[LeftOut, ...]


class _File(Struct):
    path: str
    size: int
    data: bytes


class _Files(Struct):
    files: tuple[_File, ...]
    missing: tuple[str, ...]


async def taken(internal: Internal, store: SnapshotStore, since: Snapshot | None) -> Snapshot:
    """Take a snapshot of what a node's workspace holds; see ``Sandbox.snapshot``."""
    found = await _inventory(internal)
    entries, left_out = _within(found)
    # the store may be shared with other runs: a hash that only the node names could be that of another run's content
    known = {entry.sha256 for entry in since.entries} if since is not None else set()
    lacking: dict[str, SnapshotEntry] = {}
    for entry in entries:
        if entry.sha256 is not None and entry.sha256 not in known:
            lacking.setdefault(entry.sha256, entry)
    read: dict[str, SnapshotEntry | None] = {}
    for batch in _batches(list(lacking.values())):
        read.update(await _fetched(internal, batch, store))
    # of files that changed since they were listed, no other may count as stored that had the same content then
    unstored = {sha for sha, entry in lacking.items() if (now := read[entry.path]) is None or now.sha256 != sha}
    kept = []
    for entry in entries:
        now = read.get(entry.path, None if entry.sha256 in unstored else entry)
        if now is None:
            left_out.append(LeftOut(path=entry.path, reason="changes while it is read"))
        else:
            kept.append(now)
    snapshot = Snapshot(entries=tuple(kept), left_out=tuple(left_out))
    await store.put(snapshot.encoded())
    return snapshot


async def restored(internal: Internal, snapshot: Snapshot, store: SnapshotStore) -> None:
    """Bring a node's workspace to what a snapshot holds; see ``Sandbox.restore``."""
    found = await _inventory(internal)
    wanted = {entry.path: entry for entry in snapshot.entries}
    tolerated = {item.path for item in snapshot.left_out}
    names = [(entry.path, entry.kind) for entry in found.entries] + [(item.path, "") for item in found.left_out]
    # sorted by parts, so that reversed a folder comes after what it holds
    names.sort(key=lambda name: name[0].split("/"), reverse=True)
    surplus = [
        path
        for path, kind in names
        if (path not in wanted and path not in tolerated) or (path in wanted and wanted[path].kind != kind)
    ]
    for paths in _slices(surplus):
        await internal("remove_entries", {"paths": paths})
    there = {entry.path: entry for entry in found.entries}
    missing = [entry for entry in snapshot.entries if there.get(entry.path) != entry]
    folders = [entry for entry in missing if entry.kind == "folder"]
    await _place(internal, [_placed(entry, mode=entry.mode | 0o700) for entry in folders])
    files = [entry for entry in missing if entry.kind == "file"]
    for batch in _batches(files):
        await _place_files(internal, batch, store)
    await _place(internal, [_placed(entry) for entry in missing if entry.kind == "link"])
    closed = [entry for entry in reversed(folders) if entry.mode | 0o700 != entry.mode]
    await _place(internal, [_placed(entry) for entry in closed])


async def _inventory(internal: Internal) -> _Inventoried:
    found = understood((await internal("inventory", {"max_file_bytes": FILE_BYTES})).data, _Inventoried)
    if not all(map(_restorable, found.entries)) or len({entry.path for entry in found.entries}) < len(found.entries):
        raise SandboxLost("the node lists names that could never be restored")
    return found


def _restorable(entry: SnapshotEntry) -> bool:
    """Return whether an entry is complete and its path is a plain one, as a node codes it."""
    if any(part in ("", ".", "..") for part in entry.path.split("/")) or not _CODED.fullmatch(entry.path):
        return False
    match entry.kind:
        case "file":
            return entry.sha256 is not None
        case "link":
            return bool(entry.target and _CODED.fullmatch(entry.target))
        case "folder":
            return True


def _within(found: _Inventoried) -> tuple[list[SnapshotEntry], list[LeftOut]]:
    """Return what there is room for, and what is left out."""
    entries, left_out, room = [], list(found.left_out), SNAPSHOT_BYTES
    for entry in found.entries:
        if entry.size > room:
            left_out.append(LeftOut(path=entry.path, reason=f"all files have more than {SNAPSHOT_BYTES:,} bytes"))
        else:
            entries.append(entry)
            room -= entry.size
    return entries, left_out


async def _fetched(
    internal: Internal, batch: Sequence[SnapshotEntry], store: SnapshotStore
) -> dict[str, SnapshotEntry | None]:
    """Store the contents of files; returns by path what was read, None where a file could not be."""
    listed = {entry.path: entry for entry in batch}
    read: dict[str, SnapshotEntry | None] = {}
    while listed:
        answer = understood((await internal("fetch_files", {"paths": list(listed)})).data, _Files)
        names = [*(file.path for file in answer.files), *answer.missing]
        if not names or not set(names) <= set(listed):
            raise SandboxLost("the node answers with other files than it was asked for")
        for path in answer.missing:
            del listed[path]
            read[path] = None
        for file in answer.files:
            if file.path not in listed:
                raise SandboxLost("the node answers with the same file twice")
            entry = listed.pop(file.path)
            data = await _whole(internal, file)
            if data is None:
                read[file.path] = None
            else:
                read[file.path] = replace(entry, sha256=await store.put(data), size=len(data))
    return read


async def _whole(internal: Internal, first: _File) -> bytes | None:
    """Return a whole file of which the first piece has come; None where it cannot be read to its end."""
    data = bytearray(first.data)
    while len(data) < first.size <= FILE_BYTES:
        answer = understood((await internal("fetch_files", {"paths": [first.path], "offset": len(data)})).data, _Files)
        if not answer.files or not answer.files[0].data:
            return None
        data += answer.files[0].data
    return bytes(data) if len(data) == first.size <= FILE_BYTES else None


async def _place_files(internal: Internal, batch: Sequence[SnapshotEntry], store: SnapshotStore) -> None:
    placed = []
    for entry in batch:
        data = await store.get(str(entry.sha256))
        if hashlib.sha256(data).hexdigest() != entry.sha256:
            raise TransferRefused(f"{entry.path}: the store gives another content than its hash says")
        if len(data) <= PACK:
            placed.append({**_placed(entry), "data": base64.b64encode(data).decode()})
            continue
        token = secrets.token_hex(16)
        for offset in range(0, len(data), PACK):
            piece = base64.b64encode(data[offset : offset + PACK]).decode()
            part = {**_placed(entry), "token": token, "offset": offset, "size": len(data), "data": piece}
            await internal("place_entries", {"entries": [part]})
    await _place(internal, placed)


async def _place(internal: Internal, placed: Sequence[Mapping[str, Any]]) -> None:
    for entries in _slices(placed):
        await internal("place_entries", {"entries": entries})


def _placed(entry: SnapshotEntry, mode: int | None = None) -> dict[str, Any]:
    return {
        "path": entry.path,
        "kind": entry.kind,
        "mode": entry.mode if mode is None else mode,
        "target": entry.target or "",
    }


ItemT = TypeVar("ItemT")


def _slices(items: Sequence[ItemT]) -> Iterator[list[ItemT]]:
    for start in range(0, len(items), BATCH):
        yield list(items[start : start + BATCH])


def _batches(entries: Sequence[SnapshotEntry]) -> Iterator[list[SnapshotEntry]]:
    """Yield files in groups that fit into one message; a larger file is a group of its own."""
    batch: list[SnapshotEntry] = []
    room = PACK
    for entry in entries:
        if batch and (entry.size > room or len(batch) == BATCH):
            yield batch
            batch, room = [], PACK
        batch.append(entry)
        room -= entry.size
    if batch:
        yield batch
