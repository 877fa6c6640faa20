"""A run's sandbox: opened when it is needed, brought back after a crash, emptied into the ledger at the end."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.domain.errors import LedgerUnavailable, SandboxUnavailable
from agent.domain.messages import ToolOutcome
from agent.domain.task import WorkspaceFile
from agent.execution.picture_files import kept_pictures
from agent.execution.taking import Collected, TakenFiles
from agent.execution.toolbox import ProgressListener, Tool
from agent.ledger.blobs import BlobStore
from agent.runtime.offering import offered_tools, sends
from agent.runtime.workspace import collected, taken_file
from toolserver.client import (
    NodeTool,
    Progress,
    Sandbox,
    SandboxLost,
    Snapshot,
    ToolServerError,
    TransferRefused,
)
from toolserver.client import ToolOutcome as CallOutcome

log = logging.getLogger(__name__)

RECOVERIES = 5
"""How often a process opens a run's sandbox again after it was lost."""

_REMADE = frozenset({"writes", "executes"})
"""Effects of calls that are made again when a sandbox has to be rebuilt; a call that acts outside never is."""

_INPUTS = "input-files"
"""Id of the call that marks the input files as uploaded."""


_UNKNOWN = CallOutcome(
    ok=False,
    error="interrupted",
    text="The sandbox was lost while this call could act outside it. It was not repeated, and may have worked or not.",
)


@dataclass(frozen=True)
class PastCall:
    """A tool call of the sandbox that the ledger holds as done."""

    call_id: str
    tool: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True)
class KeptState:
    """A snapshot of the workspace: its id, and the calls that it contains and no snapshot before it does."""

    snapshot: str
    calls: frozenset[str]


class RunSandbox:
    """The sandbox of one run.

    A sandbox that is lost is opened again by itself. Where its volume is still there, its journal answers for the calls
    it saw. Where it is not, the last snapshot is restored and only the calls after it are made again.

    Args:
        open_sandbox: opens a new sandbox of the run or adopts the one that is still there.
        blobs: holds input files and takes artefacts.
        files: the run's input files.
        past: calls that were done before this process took up the run, in order. Where the sandbox no longer knows
            them they are made again, which rebuilds its workspace; where it does, its journal answers and nothing runs.
        kept: snapshots of the workspace that the ledger knows, in order.
        handed: files that were put into the workspace while the run was at work.
        check: raises if the run has to stop; called before a lost sandbox is opened again.
        note: takes down in the ledger that a sandbox was lost and how it was found.
    """

    def __init__(
        self,
        open_sandbox: Callable[[], Awaitable[Sandbox | None]],
        blobs: BlobStore,
        files: Sequence[WorkspaceFile],
        past: Sequence[PastCall] = (),
        *,
        kept: Sequence[KeptState] = (),
        handed: Sequence[WorkspaceFile] = (),
        check: Callable[[], None] = lambda: None,
        note: Callable[[dict[str, Any]], None] = lambda payload: None,
    ) -> None:
        self._open_sandbox = open_sandbox
        self._blobs = blobs
        self._files = files
        self._given: Mapping[str, str] = {file.path: file.sha256 for file in files}
        self._past = past
        self._sandbox: Sandbox | None = None
        self._looked = False
        self._opening = asyncio.Lock()
        self._live: set[str] = set()
        self._kept = list(kept)
        self._handed = {file.path: file for file in handed}
        self._check = check
        self._note = note
        self._begun: dict[str, PastCall] = {}
        self._still = asyncio.Lock()
        self._newest: Snapshot | None = None
        self._losses = 0
        self._rebuilds = 0
        self._news = ""

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

    async def call(
        self, call_id: str, tool: str, arguments: Mapping[str, Any], listener: ProgressListener | None = None
    ) -> ToolOutcome:
        """Run a tool; the same call id never runs twice. ``listener`` is told meanwhile how it gets on.

        Raises:
            SandboxUnavailable: the sandbox was lost.
        """
        sandbox = await self._opened()
        if sandbox is None:
            raise SandboxUnavailable(f"{tool} needs a sandbox, and this run has none; fork it with --sandbox auto")
        async with self._still:
            self._live.add(call_id)
            self._begun[call_id] = PastCall(call_id, tool, dict(arguments))
        try:
            outcome, news = await self._made(call_id, tool, arguments, listener)
        except ToolServerError as error:
            raise SandboxUnavailable(f"{error}; resume the run to go on") from error
        self._live.discard(call_id)
        pictures, notes = await kept_pictures(outcome.images, self._blobs)
        text = "\n".join([*([f"[{news}]"] if news else []), outcome.text, *(f"[{note}]" for note in notes)])
        return ToolOutcome(ok=outcome.ok, text=text, data=outcome.data, images=pictures, error=outcome.error)

    async def present(self) -> tuple[tuple[str, str], ...]:
        """Return path and SHA-256 of the files that are in the workspace now and can be read.

        Raises:
            SandboxUnavailable: the sandbox was lost.
        """
        while True:
            sandbox = await self._opened()
            if sandbox is None:
                return ()
            try:
                entries = await sandbox.manifest()
                return tuple((entry.path, entry.sha256) for entry in entries if entry.kind == "file" and entry.sha256)
            except SandboxLost as lost:
                await self._recover(sandbox, lost)
            except ToolServerError as error:
                raise SandboxUnavailable(f"{error}; resume the run to go on") from error

    def regard_as_given(self, files: Mapping[str, str]) -> None:
        """Take files, by path their SHA-256, for what the run found: unchanged they are not collected as its own."""
        self._given = files

    async def hand(self, files: Sequence[WorkspaceFile]) -> ToolOutcome:
        """Put files into the workspace while the run is at work; what does not fit is an outcome that says so.

        Raises:
            SandboxUnavailable: the sandbox was lost.
        """
        while True:
            sandbox = await self._opened()
            if sandbox is None:
                return ToolOutcome(ok=False, error="no_workspace", text="this run has no workspace for files")
            try:
                for file in files:
                    await sandbox.upload(file.path, await self._blobs.get(file.sha256))
            except TransferRefused as refusal:
                return ToolOutcome(ok=False, error="refused", text=str(refusal))
            except SandboxLost as lost:
                await self._recover(sandbox, lost)
            except ToolServerError as error:
                raise SandboxUnavailable(f"{error}; resume the run to go on") from error
            else:
                # what was refused must not be put back later
                self._handed.update({file.path: file for file in files})
                return ToolOutcome(text=", ".join(file.path for file in files))

    @property
    def busy(self) -> bool:
        """Whether calls are running, so that no snapshot can be taken."""
        return bool(self._live)

    async def snapshot(self) -> KeptState | None:
        """Take a snapshot of the workspace; None where nothing is new or calls are running, which it could tear."""
        sandbox = self._sandbox
        if sandbox is None or not (self._past or self._begun or self._kept):
            # nothing is in it but the input files
            return None
        async with self._still:
            if self._live:
                return None
            try:
                taken = await sandbox.snapshot(self._blobs, self._newest or await self._last_usable())
            except ToolServerError:
                # a lost sandbox is met, and told, by the next call; a workspace too large stays with earlier snapshots
                return None
            contained = self._contained()
            calls = frozenset({*(call.call_id for call in self._past), *self._begun} - contained)
        if not calls and self._kept and self._kept[-1].snapshot == taken.id:
            return None
        self._newest = taken
        self._kept.append(KeptState(taken.id, calls))
        return self._kept[-1]

    async def take(self, paths: Sequence[str]) -> TakenFiles:
        """Read files as they are now and store them as blobs; one that cannot be had says why.

        Raises:
            SandboxUnavailable: the sandbox was lost.
        """
        while True:
            sandbox = await self._opened()
            try:
                files = tuple([await taken_file(sandbox, self._blobs, path) for path in paths])
            except SandboxLost as lost:
                assert sandbox is not None, "a sandbox was lost that nobody had"  # noqa: S101
                await self._recover(sandbox, lost)
            else:
                return TakenFiles(text=", ".join(file.reason or file.path for file in files), files=files)

    async def collect(self) -> Collected:
        """Store the files that the run made or changed as blobs, as far as the limits of artefacts allow."""
        while True:
            sandbox = await self._opened()
            if sandbox is None:
                return Collected()
            try:
                return await collected(sandbox, self._blobs, self._given)
            except SandboxLost as lost:
                await self._recover(sandbox, lost)

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

    async def _made(
        self, call_id: str, tool: str, arguments: Mapping[str, Any], listener: ProgressListener | None
    ) -> tuple[CallOutcome, str]:
        """Send a call until it is answered; returns its outcome and what there is to tell of a loss."""
        watch = None if listener is None else _watch(listener)
        while True:
            sandbox, rebuilds = await self._opened(), self._rebuilds
            if sandbox is None:
                raise SandboxUnavailable("the sandbox is gone; resume the run to go on")
            try:
                outcome = await sandbox.call(call_id, tool, arguments, watch=watch)
            except SandboxLost as lost:
                await self._recover(sandbox, lost)
                if self._rebuilds != rebuilds and await self._acted_outside(tool):
                    return _UNKNOWN, self._told_news()
            else:
                return outcome, self._told_news()

    def _told_news(self) -> str:
        """Return what there is to tell of a loss; it is told once."""
        news, self._news = self._news, ""
        return news

    async def _recover(self, lost: Sandbox, error: SandboxLost) -> None:
        """Open the sandbox again, unless somebody else already has.

        Raises:
            SandboxUnavailable: it cannot be opened, or was lost too often.
        """
        async with self._opening:
            if self._sandbox is not lost:
                return
            self._losses += 1
            if self._losses > RECOVERIES:
                raise SandboxUnavailable(f"{error}; it was opened again {RECOVERIES} times; resume the run to go on")
            self._check()
            await lost.detach()
            self._sandbox, self._looked = None, False
            rebuilds, self._news = self._rebuilds, ""
            await self._open()
            found = "its files and its record of calls were still there; background jobs and shell variables are gone"
            if self._rebuilds != rebuilds:
                found = "its files were rebuilt from what is recorded; background jobs and shell variables are gone"
            told = f"The sandbox was lost and opened again: {found}."
            self._news = f"{told} {self._news or 'Check the workspace before you go on.'}"
            self._note({"lost": str(error), "times": self._losses, "found": found})

    async def _opened(self) -> Sandbox | None:
        async with self._opening:
            if not self._looked:
                await self._open()
            return self._sandbox

    async def _open(self) -> None:
        try:
            sandbox = await self._open_sandbox()
            if sandbox is not None:
                await self._prepare(sandbox)
        except ToolServerError as error:
            raise SandboxUnavailable(str(error)) from error
        self._sandbox, self._looked = sandbox, True

    async def _prepare(self, sandbox: Sandbox) -> None:
        """Bring the workspace to where the ledger says it is; each step is done once however often this is cut off."""
        rebuilds = self._rebuilds
        if not await sandbox.knows(_INPUTS):
            self._rebuilds += 1
            await self._fill(sandbox)
            await self._hand_again(sandbox)
            await sandbox.checkpoint(_INPUTS)
        contained = self._contained()
        past = [call for call in (*self._past, *await self._begun_here(sandbox)) if call.call_id not in contained]
        sending = {tool.name for tool in await sandbox.tools() if sends(sandbox, tool)} if past else set()
        again = [call for call in past if call.tool not in sending]
        if again and not await sandbox.knows(again[-1].call_id):
            for call in again:
                await sandbox.call(call.call_id, call.tool, call.arguments)
        left = len(past) - len(again)
        if self._rebuilds != rebuilds and left:
            told = (
                f"The workspace was rebuilt from what is recorded, but calls that ran programs ({left}) were not made "
                "again, as they may have sent something: what they did to files is missing. Check the workspace "
                "before you go on."
            )
            self._news = f"{self._news} {told}".lstrip()

    async def _hand_again(self, sandbox: Sandbox) -> None:
        """Put back the files that were handed over, but for those that a snapshot holds as the run left them."""
        there = {entry.path for entry in await sandbox.manifest()} if self._handed else set()
        for file in self._handed.values():
            if file.path in there:
                continue
            try:
                await sandbox.upload(file.path, await self._blobs.get(file.sha256))
            except TransferRefused as refusal:
                # the run's own files may be in its place by now; it goes on without this one
                log.warning("a file that was handed over cannot be put back: %s", refusal)
                self._news = f"{self._news} {file.path} could not be put back.".lstrip()

    async def _fill(self, sandbox: Sandbox) -> None:
        """Give an empty workspace what the last usable snapshot holds, or else the input files."""
        self._newest = None
        torn = False
        while (snapshot := await self._last_usable()) is not None:
            try:
                await sandbox.restore(snapshot, self._blobs)
                break
            except (LedgerUnavailable, TransferRefused) as error:
                # a program that took the node's place may have had anything written down
                log.warning("a snapshot cannot be restored, the one before it is taken: %s", error)
                self._kept.pop()
                torn = True
        else:
            if torn:
                await sandbox.restore(Snapshot(entries=()), self._blobs)
            for file in self._files:
                await sandbox.upload(file.path, await self._blobs.get(file.sha256))
            return
        self._newest = snapshot
        done = {call.call_id for call in self._past}
        for call_id in sorted(self._contained() - done):
            # its result may not be recorded, but its work is in the snapshot: sent again it must not run again
            await sandbox.checkpoint(call_id)

    async def _last_usable(self) -> Snapshot | None:
        """Return the last snapshot that is here with all its contents; those after it are forgotten."""
        while self._kept:
            try:
                snapshot = await Snapshot.load(self._blobs, self._kept[-1].snapshot)
                if await snapshot.complete_in(self._blobs):
                    return snapshot
                self._kept.pop()
            except (LedgerUnavailable, TransferRefused):
                # an imported run comes without its snapshots
                self._kept.pop()
        return None

    async def _begun_here(self, sandbox: Sandbox) -> list[PastCall]:
        """Return the calls that ended in this process and can be made again."""
        ended = [call for call in self._begun.values() if call.call_id not in self._live]
        tools = {tool.name: tool for tool in await sandbox.tools()} if ended else {}
        return [call for call in ended if call.tool in tools and _can_be_remade(tools[call.tool])]

    def _contained(self) -> frozenset[str]:
        """Return the calls whose work is in the last snapshot."""
        return frozenset().union(*(kept.calls for kept in self._kept))

    async def _acted_outside(self, tool: str) -> bool:
        """Return whether a call of a tool that was cut off may have done something outside the sandbox."""
        sandbox = await self._opened()
        tools = () if sandbox is None else await sandbox.tools()
        return any("outside" in t.effects or (sandbox and sends(sandbox, t)) for t in tools if t.name == tool)


def _watch(listener: ProgressListener) -> Callable[[Progress], None]:
    return lambda progress: listener(progress.seconds, progress.line)


def _can_be_remade(tool: NodeTool) -> bool:
    """Return whether the same call again makes the workspace what it was, and does nothing else twice.

    No journal knows the calls of attached servers: to a server the same id again is another call.
    """
    return tool.server is None and bool(_REMADE.intersection(tool.effects)) and "outside" not in tool.effects
