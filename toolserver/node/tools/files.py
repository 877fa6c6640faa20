"""Read, write, edit and list files of the workspace."""

from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final

from msgspec import Meta

from toolserver.errors import ToolFailure
from toolserver.node.outputs import as_text
from toolserver.node.text import looks_binary, numbered, unified_diff
from toolserver.node.toolbox import Answer, Tool, in_thread
from toolserver.node.workspace import Node, Workspace, shown
from toolserver.protocol import Fact, Form

MAX_TEXT: Final = 32 * 1024 * 1024
"""Bytes of the largest file that is read or edited as text."""

SHOWN_CHARACTERS: Final = 40_000
SHOWN_DIFF: Final = 12_000
SHOWN_ENTRIES: Final = 1_000
SHOWN_PER_FOLDER: Final = 200


class ReadFile(Form):
    """Read a text file of the workspace. Lines come with their numbers, which are not part of the file."""

    path: Annotated[str, Meta(description="File, relative to the workspace.")]
    start_line: Annotated[int, Meta(ge=1, description="First line to show.")] = 1
    end_line: Annotated[
        Annotated[int, Meta(ge=1)] | None, Meta(description="Last line to show; by default as many as fit.")
    ] = None


class FileText(Fact):
    """Which part of a file was read."""

    path: str
    start_line: int
    end_line: int
    total_lines: int
    size: int


class WriteFile(Form):
    """Write a text file of the workspace, replacing what it held and making folders as needed."""

    path: Annotated[str, Meta(description="File, relative to the workspace.")]
    content: Annotated[str, Meta(description="The whole new content.")]


class FileWritten(Fact):
    """A file was written. ``size`` is in bytes."""

    path: str
    size: int
    created: bool


class EditFile(Form):
    """Replace a passage of a text file. The passage must match exactly, white space included, and be unique."""

    path: Annotated[str, Meta(description="File, relative to the workspace.")]
    old: Annotated[str, Meta(min_length=1, description="The passage as it stands in the file, without line numbers.")]
    new: Annotated[str, Meta(description="What to put in its place.")]
    replace_all: Annotated[bool, Meta(description="Replace every occurrence instead of requiring one.")] = False


class FileEdited(Fact):
    """A file was edited."""

    path: str
    replacements: int
    size: int


class ListFiles(Form):
    """List a folder of the workspace as a tree with sizes."""

    path: Annotated[str, Meta(description="Folder, relative to the workspace.")] = "."
    depth: Annotated[int, Meta(ge=1, le=16, description="How many levels to show.")] = 2


class FileTree(Fact):
    """What a tree shows."""

    path: str
    truncated: bool


class FileTools:
    """Tools on the files of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools."""
        return (
            Tool(ReadFile, in_thread(self.read), effects=("reads",)),
            Tool(WriteFile, in_thread(self.write), effects=("writes",)),
            Tool(EditFile, in_thread(self.edit), effects=("reads", "writes")),
            Tool(ListFiles, in_thread(self.list), effects=("reads",)),
        )

    def read(self, form: ReadFile) -> Answer:
        """Show lines of a file."""
        data = self._text_bytes(form.path)
        lines = [line.removesuffix("\r") for line in as_text(data).split("\n")]
        if lines[-1] == "":
            lines.pop()
        total = len(lines)
        if form.start_line > max(total, 1):
            raise ToolFailure("no_such_line", f"start_line: {shown(form.path)} has {total} lines")
        wanted = lines[form.start_line - 1 : form.end_line]
        body, count = numbered(wanted, form.start_line, SHOWN_CHARACTERS)
        last = form.start_line + count - 1
        head = f"{shown(form.path)}: lines {form.start_line} to {last} of {total}" if total else "The file is empty."
        more = (
            f"\n[{len(wanted) - count} more lines; read on with start_line={last + 1}]" if count < len(wanted) else ""
        )
        result = FileText(
            path=shown(form.path), start_line=form.start_line, end_line=last, total_lines=total, size=len(data)
        )
        return Answer(f"{head}\n{body}{more}", result)

    def write(self, form: WriteFile) -> Answer:
        """Replace a file."""
        data = form.content.encode()
        created = self._workspace.replace(form.path, data)
        verb = "Created" if created else "Replaced"
        result = FileWritten(path=shown(form.path), size=len(data), created=created)
        return Answer(f"{verb} {shown(form.path)} ({len(data):,} bytes).", result)

    def edit(self, form: EditFile) -> Answer:
        """Replace a passage."""
        data = self._text_bytes(form.path)
        old = form.old.encode()
        count = data.count(old)
        if count == 0:
            raise ToolFailure("no_match", f"old: not found in {shown(form.path)}{_hint(data, form.old)}")
        if count > 1 and not form.replace_all:
            text = f"old: found {count} times in {shown(form.path)}; give more context or set replace_all"
            raise ToolFailure("ambiguous_match", text)
        changed = data.replace(old, form.new.encode())
        self._workspace.replace(form.path, changed)
        diff = unified_diff(as_text(data), as_text(changed), shown(form.path))
        if len(diff) > SHOWN_DIFF:
            diff = f"{diff[:SHOWN_DIFF]}\n[... {len(diff) - SHOWN_DIFF:,} more characters of diff ...]"
        result = FileEdited(path=shown(form.path), replacements=count, size=len(changed))
        return Answer(diff or "Nothing changed: old and new are the same.", result)

    def list(self, form: ListFiles) -> Answer:
        """Show a tree."""
        lines = list(islice(self._tree(self._workspace.folder_parts(form.path), form.depth, ""), SHOWN_ENTRIES + 1))
        full = len(lines) > SHOWN_ENTRIES
        if full:
            lines[-1] = "[... more; list a folder of it, or use search_files ...]"
        return Answer("\n".join(lines) or "The folder is empty.", FileTree(path=shown(form.path), truncated=full))

    def _tree(self, parts: tuple[str, ...], depth: int, indent: str) -> Iterator[str]:
        hidden = 0
        for count, node in enumerate(self._workspace.children(parts)):
            if count >= SHOWN_PER_FOLDER:
                hidden += 1
                continue
            yield indent + _tree_line(node)
            if node.kind == "folder" and depth > 1:
                yield from self._tree(node.parts, depth - 1, indent + "  ")
        if hidden:
            yield f"{indent}[{hidden} more here]"

    def _text_bytes(self, path: str) -> bytes:
        with self._workspace.open_file(path) as file:
            data = file.read(MAX_TEXT + 1)
        if len(data) > MAX_TEXT:
            text = f"{shown(path)}: larger than {MAX_TEXT >> 20} MiB; use grep, or sed or python on a part of it"
            raise ToolFailure("too_large", text)
        if looks_binary(data):
            raise ToolFailure("binary_file", f"{shown(path)}: is not text ({len(data):,} bytes); use python to read it")
        return data


def _tree_line(node: Node) -> str:
    name = shown(node.parts[-1])
    if node.kind == "folder":
        return f"{name}/"
    return f"{name}  {node.status.st_size:,} bytes" if node.kind == "file" else f"{name}  [{node.kind}]"


def _hint(data: bytes, old: str) -> str:
    """Say what may be wrong with a passage that was not found."""
    if b"\r\n" in data and "\n" in old and "\r" not in old:
        return ": its lines end with \\r\\n"
    first = old.strip().split("\n", 1)[0].strip()
    for number, line in enumerate(as_text(data).split("\n"), 1):
        if first and first in line:
            return f": its first line is like line {number}; compare the white space and what follows"
    return "; read the file again"
