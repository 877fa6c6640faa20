"""A run's sandbox: opened when it is needed, brought back after a crash, emptied into the ledger at the end."""

import asyncio
import mimetypes
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.domain.errors import SandboxUnavailable
from agent.domain.messages import ToolOutcome
from agent.domain.report import Artefact
from agent.domain.task import WorkspaceFile
from agent.execution.context import Collected
from agent.execution.picture_files import kept_pictures
from agent.execution.toolbox import Tool
from agent.ledger.blobs import BlobStore
from toolserver.client import FileEntry, Sandbox, ToolServerError

ARTEFACT_LIMIT = 64 << 20
"""Largest artefact in bytes; larger files stay behind and are named in the report."""

ARTEFACTS_LIMIT = 1 << 30
"""Most bytes of all artefacts together; what goes beyond stays behind like what is too large."""

ARTEFACTS_COUNT = 1_000
"""Most artefacts; what goes beyond stays behind like what is too large."""

_INPUTS = "input-files"
"""Id of the call that marks the input files as uploaded."""


@dataclass(frozen=True)
class PastCall:
    """A tool call of the sandbox that the ledger holds as done."""

    call_id: str
    tool: str
    arguments: Mapping[str, Any]


class RunSandbox:
    """The sandbox of one run.

    Args:
        open_sandbox: opens a new sandbox of the run or adopts the one that is still there.
        blobs: holds input files and takes artefacts.
        files: the run's input files.
        past: calls that were done before this process took up the run, in order. Where the sandbox no longer knows
            them they are made again, which rebuilds its workspace; where it does, its journal answers and nothing runs.
    """

    def __init__(
        self,
        open_sandbox: Callable[[], Awaitable[Sandbox | None]],
        blobs: BlobStore,
        files: Sequence[WorkspaceFile],
        past: Sequence[PastCall] = (),
    ) -> None:
        self._open_sandbox = open_sandbox
        self._blobs = blobs
        self._files = files
        self._past = past
        self._sandbox: Sandbox | None = None
        self._looked = False
        self._opening = asyncio.Lock()
        self._live: set[str] = set()

    async def tools(self) -> tuple[Tool, ...]:
        """Return the tools that models may use.

        Raises:
            SandboxUnavailable: the sandbox cannot be opened.
        """
        sandbox = await self._opened()
        return () if sandbox is None else await offered_tools(sandbox)

    async def describe(self) -> str:
        """Return in one sentence what sandbox this is and how strongly it isolates."""
        sandbox = await self._opened()
        if sandbox is None:
            return "none: no programs can be run and there are no files"
        return f"{sandbox.description.kind}: {sandbox.description.isolation}"

    async def call(self, call_id: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run a tool; the same call id never runs twice.

        Raises:
            SandboxUnavailable: the sandbox was lost.
        """
        sandbox = await self._opened()
        if sandbox is None:
            raise SandboxUnavailable(f"{tool} needs a sandbox, and this run has none; fork it with --sandbox auto")
        self._live.add(call_id)
        try:
            outcome = await sandbox.call(call_id, tool, arguments)
        except ToolServerError as error:
            raise SandboxUnavailable(f"{error}; resume the run to go on") from error
        self._live.discard(call_id)
        pictures, notes = await kept_pictures(outcome.images, self._blobs)
        text = "\n".join([outcome.text, *(f"[{note}]" for note in notes)])
        return ToolOutcome(ok=outcome.ok, text=text, data=outcome.data, images=pictures, error=outcome.error)

    async def collect(self) -> Collected:
        """Store the files that the run made or changed as blobs, as far as the limits of artefacts allow."""
        sandbox = await self._opened()
        if sandbox is None:
            return Collected()
        given = {file.path: file.sha256 for file in self._files}
        entries = await sandbox.manifest()
        made = [e for e in entries if e.kind == "file" and given.get(e.path) != e.sha256]
        unreadable = tuple(entry.path for entry in entries if entry.kind == "unreadable")
        there = {entry.path for entry in entries if entry.kind in ("file", "unreadable")}
        kept, left = within_limits(made)
        taken = []
        for entry in kept:
            data = await sandbox.download(entry.path, max_bytes=ARTEFACT_LIMIT)
            sha256 = await self._blobs.put(data)
            taken.append(Artefact(path=entry.path, sha256=sha256, size=len(data), media_type=_media_type(entry.path)))
        return Collected(
            taken=tuple(taken),
            too_large=tuple(entry.path for entry in left),
            unreadable=unreadable,
            removed=tuple(path for path in given if path not in there),
        )

    async def cancel_calls(self) -> None:
        """End the calls that are running, with all their processes."""
        if self._sandbox is not None:
            for call_id in sorted(self._live):
                await self._sandbox.cancel(call_id)

    async def detach(self) -> None:
        """Leave the sandbox to another process that has it, whatever is under way in it."""
        if self._sandbox is not None:
            await self._sandbox.detach()
            self._sandbox = None

    async def leave(self) -> None:
        """Leave the sandbox for a run that may be resumed. Calls under way go on, and their results are kept."""
        if self._sandbox is None:
            return
        if self._live:
            await self._sandbox.detach()
        else:
            await self._sandbox.close(keep_workspace=True)
        self._sandbox = None

    async def close(self) -> bool:
        """End the sandbox with its workspace; returns False where this process had not opened it."""
        if self._sandbox is None:
            return False
        await self._sandbox.close()
        self._sandbox = None
        return True

    async def _opened(self) -> Sandbox | None:
        async with self._opening:
            if not self._looked:
                try:
                    self._sandbox = await self._open_sandbox()
                    if self._sandbox is not None:
                        await self._prepare(self._sandbox)
                except ToolServerError as error:
                    raise SandboxUnavailable(str(error)) from error
                self._looked = True
            return self._sandbox

    async def _prepare(self, sandbox: Sandbox) -> None:
        """Bring the workspace to where the ledger says it is; each step is done once however often this is cut off."""
        if not await sandbox.knows(_INPUTS):
            for file in self._files:
                await sandbox.upload(file.path, await self._blobs.get(file.sha256))
            await sandbox.checkpoint(_INPUTS)
        if self._past and not await sandbox.knows(self._past[-1].call_id):
            for call in self._past:
                await sandbox.call(call.call_id, call.tool, call.arguments)


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


async def offered_tools(sandbox: Sandbox) -> tuple[Tool, ...]:
    """Return the tools of a sandbox that models may use."""
    return tuple(
        Tool.model_validate(
            {
                "spec": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
                "effects": tool.effects,
                "where": "sandbox" if tool.server is None else "server",
                "approval": tool.approval,
            }
        )
        for tool in await sandbox.tools()
        if not tool.internal
    )


def _media_type(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"
