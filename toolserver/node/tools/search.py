"""Find files by name and lines by pattern."""

import asyncio
import json
import sys
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Final

from msgspec import Meta

from toolserver.errors import ToolFailure
from toolserver.node.globs import matches
from toolserver.node.machine import Machine
from toolserver.node.outputs import as_text
from toolserver.node.processes.supervisor import Command
from toolserver.node.text import shortened
from toolserver.node.toolbox import Answer, Tool, in_thread
from toolserver.node.workspace import shown
from toolserver.protocol import Fact, Form

SHOWN_PATHS: Final = 500
SHOWN_MATCHES: Final = 300
SEARCHED_FILES: Final = 50_000

_WORKER: Final = Path(__file__).parent.parent / "workers" / "grep.py"


class SearchFiles(Form):
    """Find files of the workspace by name, for example `*.py`, `src/**/test_*.py`."""

    glob: Annotated[
        str, Meta(min_length=1, max_length=500, description="Pattern; ** stands for any number of folders.")
    ]
    path: Annotated[str, Meta(description="Folder to search, relative to the workspace.")] = "."


class FoundFiles(Fact):
    """Paths that match, relative to the workspace."""

    paths: tuple[str, ...]
    truncated: bool


class Grep(Form):
    """Search the text files of the workspace for a Python regular expression, line by line."""

    pattern: Annotated[str, Meta(min_length=1, max_length=2000, description="Python regular expression.")]
    path: Annotated[str, Meta(description="Folder or file to search, relative to the workspace.")] = "."
    glob: Annotated[
        Annotated[str, Meta(max_length=500)] | None, Meta(description="Only files that match, for example `*.py`.")
    ] = None
    ignore_case: Annotated[bool, Meta(description="Take upper and lower case as the same.")] = False
    seconds: Annotated[float, Meta(gt=0, le=600, description="Time limit.")] = 30


class GrepMatch(Fact):
    """One line that matches."""

    path: str
    line: int
    text: str


class GrepMatches(Fact):
    """The lines that match."""

    matches: tuple[GrepMatch, ...]
    files_searched: int
    truncated: bool


class SearchTools:
    """Tools that look through a workspace."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def tools(self) -> tuple[Tool[Any], ...]:
        """Return the tools."""
        return (
            Tool(SearchFiles, in_thread(self.search), effects=("reads",)),
            Tool(Grep, self.grep, effects=("reads",)),
        )

    def search(self, form: SearchFiles) -> Answer:
        """Find files by name."""
        start = len(self._machine.workspace.folder_parts(form.path))
        found = (
            shown(node.path)
            for node in self._machine.workspace.walk(form.path)
            if node.kind != "folder" and matches(node.parts[start:], form.glob)
        )
        paths = tuple(islice(found, SHOWN_PATHS + 1))
        truncated = len(paths) > SHOWN_PATHS
        note = ("[... more; narrow the pattern ...]",) if truncated else ()
        text = "\n".join((*paths[:SHOWN_PATHS], *note)) or "No file matches."
        return Answer(text, FoundFiles(paths=paths[:SHOWN_PATHS], truncated=truncated))

    async def grep(self, form: Grep) -> Answer:
        """Find lines by pattern, in a process of its own: a pattern can take forever."""
        files = await asyncio.to_thread(self._files_to_search, form)
        request = {"pattern": form.pattern, "ignore_case": form.ignore_case, "limit": SHOWN_MATCHES, "files": files}
        found = await self._in_worker(request, form.seconds)
        if "error" in found:
            raise ToolFailure("bad_pattern", f"pattern: {found['error']}")
        hits = tuple(
            GrepMatch(
                path=shown(path), line=line, text=shortened(as_text(text.encode("utf-8", "surrogateescape")), 300)
            )
            for path, line, text in found["matches"]
        )
        truncated = found["truncated"] or len(files) > SEARCHED_FILES
        lines = [f"{hit.path}:{hit.line}: {hit.text}" for hit in hits]
        if truncated:
            lines.append("[... more; narrow the pattern, the path or the glob ...]")
        result = GrepMatches(matches=hits, files_searched=found["searched"], truncated=truncated)
        return Answer("\n".join(lines) or f"No line matches ({found['searched']} files searched).", result)

    def _files_to_search(self, form: Grep) -> list[str]:
        if self._machine.workspace.kind(form.path) == "file":
            return ["/".join(self._machine.workspace.parts_of(form.path))]
        start = len(self._machine.workspace.folder_parts(form.path))
        files = (
            node.path
            for node in self._machine.workspace.walk(form.path)
            if node.kind == "file" and (form.glob is None or matches(node.parts[start:], form.glob))
        )
        return list(islice(files, SEARCHED_FILES + 1))

    async def _in_worker(self, request: dict[str, Any], seconds: float) -> dict[str, Any]:
        output = self._machine.outputs.create()
        try:
            stdin = output.folder / "request.json"
            stdin.write_text(json.dumps(request))
            command = Command(
                argv=(sys.executable, "-I", "-S", str(_WORKER)),
                cwd=self._machine.workspace.root,
                env=self._machine.environment.variables(),
                output=output.folder,
                stdin=stdin,
            )
            ended = await self._machine.supervisor.run(command, seconds)
            if ended.timed_out:
                text = f"grep: not done after {seconds:g} s; simplify the pattern or narrow the path"
                raise ToolFailure("timeout", text)
            if ended.code != 0:
                raise ToolFailure("cannot_search", f"grep: {as_text(output.kept('stderr'))[-300:].strip() or 'killed'}")
            return dict(json.loads(output.kept("stdout")))
        finally:
            output.discard()
