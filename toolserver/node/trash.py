"""What was deleted: kept for a while outside the workspace, below a limit, so that a mistake can be undone."""

import json
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from toolserver.errors import ToolFailure
from toolserver.node.workspace import Workspace, kind_of

KEPT_BYTES: Final = 1024 * 1024 * 1024
KEPT_ENTRIES: Final = 1_000
KEPT_SECONDS: Final = 7 * 24 * 3600
"""What the trash holds at most; the oldest goes first."""


@dataclass(frozen=True)
class Deleted:
    """A file or folder in the trash.

    Attributes:
        id: names it.
        path: where it was, relative to the workspace.
        kind: file, folder, link or another.
        size: bytes of the files in it.
        deleted: seconds since the epoch.
    """

    id: str
    path: str
    kind: str
    size: int
    deleted: float


class Trash:
    """The trash of one sandbox: for each deletion a folder with a record and what was deleted."""

    def __init__(self, workspace: Workspace, folder: Path) -> None:
        self._workspace = workspace
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take(self, path: str) -> Deleted:
        """Move a file or folder of the workspace into the trash; a link is moved itself.

        Raises:
            ToolFailure: it is missing, outside, or the workspace itself.
        """
        place = self._folder / f"{time.time_ns():020d}-{secrets.token_hex(4)}"
        place.mkdir(mode=0o700)
        try:
            kind = self._workspace.take_out(path, place / "entry")
        except BaseException:
            place.rmdir()
            raise
        deleted = Deleted(place.name[-8:], path, kind, _size(place), time.time())
        record = {"path": path, "kind": kind, "size": deleted.size, "deleted": deleted.deleted}
        (place / "record.json").write_text(json.dumps(record))
        self._make_room()
        return deleted

    def list(self) -> tuple[Deleted, ...]:
        """Return what is in the trash, the newest first."""
        self._make_room()
        return tuple(deleted for _, deleted in self._entries())

    def restore(self, deleted_id: str, path: str | None) -> str:
        """Move something back to where it was, or to another path; return that path.

        Raises:
            ToolFailure: there is nothing with that id, or something is at the path.
        """
        for place, deleted in self._entries():
            if deleted.id == deleted_id:
                target = path or deleted.path
                self._workspace.put_in(place / "entry", target)
                shutil.rmtree(place, ignore_errors=True)
                return target
        raise ToolFailure("unknown_id", f"id: nothing in the trash has the id {deleted_id[:40]!r}")

    def _entries(self) -> Iterator[tuple[Path, Deleted]]:
        for place in sorted(self._folder.iterdir(), reverse=True):
            try:
                record: dict[str, Any] = json.loads((place / "record.json").read_text())
                yield place, Deleted(place.name[-8:], **record)
            except (OSError, ValueError, TypeError):
                continue  # not written to its end, or damaged by a program of the sandbox

    def _make_room(self) -> None:
        known, size = {}, 0
        for number, (place, deleted) in enumerate(self._entries()):
            size += deleted.size
            known[place] = number < KEPT_ENTRIES and time.time() - deleted.deleted < KEPT_SECONDS and size <= KEPT_BYTES
        for place in self._folder.iterdir():
            if not known.get(place, False):
                shutil.rmtree(place, ignore_errors=True)


def _size(place: Path) -> int:
    return sum(node.status.st_size for node in Workspace(place).walk() if kind_of(node.status.st_mode) == "file")
