"""Move and delete files of the workspace, and take back what was deleted."""

import time
from typing import Annotated, Any, Final

from msgspec import Meta

from toolserver.errors import ToolFailure
from toolserver.node.machine import Machine
from toolserver.node.toolbox import Answer, Tool, in_thread
from toolserver.node.trash import KEPT_BYTES, Deleted, Trash
from toolserver.node.workspace import shown
from toolserver.protocol import Fact, Form

SHOWN_DELETED: Final = 100


class MoveFile(Form):
    """Move or rename a file or folder of the workspace, making folders as needed. A link is moved, not its target."""

    source: Annotated[str, Meta(description="File or folder, relative to the workspace.")]
    target: Annotated[str, Meta(description="Its new path, name included.")]
    overwrite: Annotated[bool, Meta(description="Replace a file that is at the target; never a folder.")] = False


class FileMoved(Fact):
    """A file or folder was moved."""

    source: str
    target: str
    kind: str


class DeleteFile(Form):
    """Delete a file, or a folder with all it holds. It stays in the trash for a while; restore_file takes it back."""

    path: Annotated[str, Meta(description="File or folder, relative to the workspace.")]


class FileDeleted(Fact):
    """A file or folder was deleted.

    Attributes:
        id: what restores it.
        path: where it was.
        kind: file, folder, link or another.
        size: bytes of its files.
        kept: False when it was too large for the trash and is gone.
    """

    id: str
    path: str
    kind: str
    size: int
    kept: bool


class RestoreFile(Form):
    """Take back what delete_file deleted. Without an id, list what can be taken back."""

    id: Annotated[str | None, Meta(description="What to take back, as delete_file or the list named it.")] = None
    path: Annotated[str | None, Meta(description="Where to put it; by default where it was.")] = None


class FileRestored(Fact):
    """A file or folder is back."""

    id: str
    path: str


class FilesDeleted(Fact):
    """What is in the trash, the newest first."""

    deleted: tuple[FileDeleted, ...]


class MovingTools:
    """Tools that move names of one workspace."""

    def __init__(self, machine: Machine) -> None:
        self._workspace = machine.workspace
        self._trash = Trash(machine.workspace, machine.state / "trash")

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools."""
        return (
            Tool(MoveFile, in_thread(self.move), effects=("writes",)),
            Tool(DeleteFile, in_thread(self.delete), effects=("writes",)),
            Tool(RestoreFile, in_thread(self.restore), effects=("reads", "writes")),
        )

    def move(self, form: MoveFile) -> Answer:
        """Move a file or folder."""
        kind = self._workspace.move(form.source, form.target, overwrite=form.overwrite)
        result = FileMoved(source=shown(form.source), target=shown(form.target), kind=kind)
        return Answer(f"Moved {kind} {result.source} to {result.target}.", result)

    def delete(self, form: DeleteFile) -> Answer:
        """Move a file or folder into the trash."""
        deleted = self._trash.take(form.path)
        kept = deleted.size <= KEPT_BYTES
        result = _result(deleted, kept=kept)
        how = (
            f'restore_file(id="{deleted.id}") takes it back'
            if kept
            else "for good: it was larger than what the trash holds"
        )
        return Answer(f"Deleted {deleted.kind} {result.path} ({deleted.size:,} bytes); {how}.", result)

    def restore(self, form: RestoreFile) -> Answer:
        """Take something back, or list what there is."""
        if form.id is not None:
            path = shown(self._trash.restore(form.id, form.path))
            return Answer(f"Restored {path}.", FileRestored(id=form.id, path=path))
        if form.path is not None:
            raise ToolFailure("invalid_arguments", "restore_file: id: is needed where a path is given")
        deleted = self._trash.list()[:SHOWN_DELETED]
        text = "\n".join(
            f"{one.id}  {one.kind}  {shown(one.path)}  {one.size:,} bytes, {_ago(one.deleted)}" for one in deleted
        )
        return Answer(text or "The trash is empty.", FilesDeleted(deleted=tuple(_result(one) for one in deleted)))


def _result(deleted: Deleted, *, kept: bool = True) -> FileDeleted:
    return FileDeleted(id=deleted.id, path=shown(deleted.path), kind=deleted.kind, size=deleted.size, kept=kept)


def _ago(moment: float) -> str:
    return f"{max(time.time() - moment, 0) / 60:.0f} minutes ago"
