"""Create, list and unpack archives of the workspace."""

import asyncio
import contextlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Meta, convert, field
from msgspec.structs import replace

from toolserver.errors import ToolFailure
from toolserver.node.asking import ask_worker
from toolserver.node.machine import Machine
from toolserver.node.toolbox import Answer, Tool
from toolserver.node.waiting import to_the_end
from toolserver.node.workspace import Workspace, shown
from toolserver.protocol import Fact, Form

_SUFFIX = re.compile(r"(\.tar)?\.(zip|tar|tgz|gz|bz2|xz)$", re.IGNORECASE)


class Archive(Form):
    """Create, list or extract a zip, tar, tar.gz, tar.bz2 or tar.xz archive of the workspace.

    extract replaces nothing, and an archive that is refused leaves nothing behind. Archives with links, devices or
    names that lead outside are refused. Archives inside an archive are not unpacked.
    """

    action: Literal["create", "list", "extract"]
    path: Annotated[
        str, Meta(description="The archive, relative to the workspace; for create its ending tells the format.")
    ]
    files: Annotated[list[str], Meta(max_length=1000, description="Files and folders that create packs.")] = field(
        default_factory=list
    )
    into: Annotated[
        str | None, Meta(description="Folder to extract into; by default a new one, named like the archive.")
    ] = None
    seconds: Annotated[float, Meta(gt=0, le=3600, description="Time limit.")] = 120


class ArchiveEntry(Fact):
    """A file, or a folder, whose path ends in a slash."""

    path: str
    size: int


class ArchiveContent(Fact):
    """What an archive holds.

    Attributes:
        files: how many files.
        size: their bytes together when unpacked.
        entries: the first 1,000, where a list was asked for.
        into: the folder it was extracted into.
    """

    files: int
    size: int
    entries: tuple[ArchiveEntry, ...]
    into: str | None = None


class ArchiveTool:
    """Packs and unpacks."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tool."""
        return (Tool(Archive, self.run, effects=("reads", "writes")),)

    async def run(self, form: Archive) -> Answer:
        """Do what is asked."""
        if form.action == "create" and not form.files:
            raise ToolFailure("invalid_arguments", "archive: files: is needed for create")
        workspace = self._machine.workspace
        if form.action == "create" and await asyncio.to_thread(workspace.kind, form.path) is not None:
            raise ToolFailure("already_exists", f"{shown(form.path)}: exists already; choose another name")
        output = self._machine.outputs.create()
        try:
            request = {"action": form.action, "path": form.path, "files": form.files}
            answer, _ = await ask_worker(self._machine, "archive", request, output, form.seconds)
            content = convert(answer, ArchiveContent)
            if form.action == "list":
                return Answer(_listing(form, content), content)
            if form.action == "create":
                await to_the_end(asyncio.to_thread(workspace.put_in, output.folder / "archive", form.path))
                return Answer(
                    f"Packed {content.files} files ({content.size:,} bytes) into {shown(form.path)}.", content
                )
            into = form.into or _SUFFIX.sub("", form.path) or "archive"
            await to_the_end(asyncio.to_thread(_put, workspace, output.folder / "files", into))
            content = replace(content, into=shown(into))
            return Answer(f"Extracted {content.files} files ({content.size:,} bytes) into {shown(into)}.", content)
        finally:
            await asyncio.to_thread(output.discard)


def _put(workspace: Workspace, files: Path, into: str) -> None:
    """Move what was unpacked to its place: all of it, or nothing where a name is taken."""
    if workspace.kind(into) is None:
        workspace.put_in(files, into)
        return
    workspace.folder_parts(into)
    done: list[Path] = []
    try:
        for entry in sorted(files.iterdir()):
            workspace.put_in(entry, f"{into}/{entry.name}")
            done.append(entry)
    except ToolFailure:
        for entry in done:
            with contextlib.suppress(ToolFailure):
                workspace.take_out(f"{into}/{entry.name}", entry)
        raise


def _listing(form: Archive, content: ArchiveContent) -> str:
    lines = [f"{shown(form.path)}: {content.files} files, {content.size:,} bytes"]
    lines += [f"{entry.size:>12,}  {entry.path}" for entry in content.entries[:300]]
    if len(content.entries) > 300:
        lines.append("[... more; extract it, or list it with python ...]")
    return "\n".join(lines)
