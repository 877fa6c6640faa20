"""What is read of a sandbox's workspace and kept: files the run made, and files as they are now."""

import mimetypes
from collections.abc import Iterable, Mapping

from agent.domain.artefacts import Artefact
from agent.domain.task import workspace_path
from agent.execution.taking import Collected, TakenFile
from agent.ledger.blobs import BlobStore
from toolserver.client import FileEntry, Sandbox, TransferRefused

ARTEFACT_LIMIT = 64 << 20
"""Largest artefact in bytes; larger files stay behind and are named in the report."""

ARTEFACTS_LIMIT = 1 << 30
"""Most bytes of all artefacts together; what goes beyond stays behind like what is too large."""

ARTEFACTS_COUNT = 1_000
"""Most artefacts; what goes beyond stays behind like what is too large."""

TAKEN_LIMIT = 20_000_000
"""Largest file in bytes that is read to be tried out."""

_REASON = 300


async def taken_file(sandbox: Sandbox | None, blobs: BlobStore, path: str) -> TakenFile:
    """Read a file as it is now and store it as a blob; where it cannot be had, what comes back says why.

    Raises:
        SandboxLost: the sandbox is gone.
    """
    if sandbox is None:
        return TakenFile(path=path, reason="this run has no workspace for files")
    try:
        place = workspace_path(path)
        data = await sandbox.download(place, max_bytes=TAKEN_LIMIT)
    except ValueError as error:
        return TakenFile(path=path, reason=str(error)[:_REASON])
    except TransferRefused as refusal:
        missing = refusal.kind == "not_found"
        return TakenFile(path=path, missing=missing, reason=str(refusal)[:_REASON])
    return TakenFile(path=path, sha256=await blobs.put(data))


async def collected(sandbox: Sandbox, blobs: BlobStore, given: Mapping[str, str]) -> Collected:
    """Store the files that are not as they were given as blobs, as far as the limits of artefacts allow.

    Args:
        sandbox: whose workspace it is.
        blobs: where files are stored.
        given: SHA-256 of the files that the run found, by path.

    Raises:
        SandboxLost: the sandbox is gone.
    """
    entries = await sandbox.manifest()
    made = [e for e in entries if e.kind == "file" and given.get(e.path) != e.sha256]
    unreadable = tuple(entry.path for entry in entries if entry.kind == "unreadable")
    there = {entry.path for entry in entries if entry.kind in ("file", "unreadable")}
    kept, left = within_limits(made)
    taken = []
    for entry in kept:
        data = await sandbox.download(entry.path, max_bytes=ARTEFACT_LIMIT)
        sha256 = await blobs.put(data)
        taken.append(Artefact(path=entry.path, sha256=sha256, size=len(data), media_type=_media_type(entry.path)))
    return Collected(
        taken=tuple(taken),
        too_large=tuple(entry.path for entry in left),
        unreadable=unreadable,
        removed=tuple(path for path in given if path not in there),
    )


def within_limits(files: Iterable[FileEntry]) -> tuple[list[FileEntry], list[FileEntry]]:
    """Return the files that can be kept as artefacts, in order as long as there is room, and those that cannot."""
    kept: list[FileEntry] = []
    left: list[FileEntry] = []
    room = ARTEFACTS_LIMIT
    for file in files:
        if file.size <= min(ARTEFACT_LIMIT, room) and len(kept) < ARTEFACTS_COUNT:
            kept.append(file)
            room -= file.size
        else:
            left.append(file)
    return kept, left


def _media_type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"
