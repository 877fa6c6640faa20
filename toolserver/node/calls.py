"""Calls: each runs once, as a task of the node and not of the connection it came over."""

import asyncio
import errno
import logging
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import to_builtins

from toolserver.errors import ToolFailure
from toolserver.node.glimpse import CURRENT, Glimpse
from toolserver.node.journal import Entry, Journal, digest_of
from toolserver.node.reserve import Reserve
from toolserver.node.toolbox import Tool, Toolbox
from toolserver.protocol import ToolOutcome

LONGEST_SECONDS: Final = 3600.0
"""Limit of a call that names none."""

CANCELLED: Final = ToolOutcome(
    ok=False, error="cancelled", text="The call was cancelled. What it had done before stays done."
)
INTERRUPTED: Final = ToolOutcome(
    ok=False,
    error="interrupted",
    text="The sandbox was restarted while this call was running. The call was not repeated and its effects may be "
    "partial: check the workspace before going on.",
)
REUSED: Final = ToolOutcome(
    ok=False, error="call_id_reused", text="The call id was used before for another tool or other arguments."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Running:
    """A call that is running.

    Attributes:
        digest: of the tool and its arguments.
        task: runs the call.
        begun: set by the task's first step; a task that is cancelled before it would leave no trace.
        writes: whether its tool may write to the workspace.
        glimpse: what can be seen of it.
    """

    digest: str
    task: asyncio.Task[ToolOutcome]
    begun: asyncio.Event
    writes: bool
    glimpse: Glimpse

    async def end(self) -> None:
        """Cancel the call and wait until it has ended."""
        await self.begun.wait()
        self.task.cancel()
        await asyncio.wait({self.task})


class Calls:
    """Runs calls, journals them, and answers a repeated id without running anything twice."""

    def __init__(self, toolbox: Toolbox, journal: Journal, reserve: Reserve) -> None:
        self._toolbox = toolbox
        self._journal = journal
        self._reserve = reserve
        self._running: dict[str, Running] = {}
        self._apart_tasks: set[asyncio.Task[ToolOutcome]] = set()
        self._unrecorded: dict[str, ToolOutcome] = {}
        self._ended_for: dict[str, ToolOutcome] = {}
        self._closing = False

    @property
    def running(self) -> tuple[str, ...]:
        """Ids of the calls that are running."""
        return tuple(self._running)

    @property
    def writing(self) -> tuple[str, ...]:
        """Ids of the running calls whose tools may write to the workspace."""
        return tuple(call_id for call_id, running in self._running.items() if running.writes)

    def glimpse(self, call_id: str) -> Glimpse | None:
        """Return a view into a call; None when it is not running."""
        running = self._running.get(call_id)
        return None if running is None else running.glimpse

    def knows(self, call_id: str) -> bool:
        """Return whether a call has ended or is running; one that a restart interrupted is not known."""
        entry = self._journal.find(call_id)
        return call_id in self._running or (entry is not None and entry.span is not None)

    async def call(
        self, call_id: str, name: str, arguments: Mapping[str, Any], seconds: float | None = None
    ) -> ToolOutcome:
        """Run a call, wait for the one that is running under the same id, or return the recorded result.

        Cancelling the task that awaits this leaves the call running; ``cancel`` ends it.
        """
        try:
            tool = self._toolbox.get(name)
        except ToolFailure as failure:
            return _failed(failure)
        if not tool.journaled:
            return await self._apart(self._perform(tool, arguments, seconds))
        digest = digest_of(name, arguments)
        running = self._running.get(call_id)
        if running is not None:
            return await asyncio.shield(running.task) if running.digest == digest else REUSED
        entry = self._journal.find(call_id)
        if entry is not None:
            return self._recorded(call_id, entry, digest)
        begun, glimpse = asyncio.Event(), Glimpse()
        work = self._perform(tool, arguments, seconds, glimpse)
        task = asyncio.ensure_future(self._once(call_id, digest, begun, work))
        self._running[call_id] = Running(digest, task, begun, "writes" in tool.effects, glimpse)
        return await asyncio.shield(task)

    async def _apart(self, work: Coroutine[Any, Any, ToolOutcome]) -> ToolOutcome:
        """Wait for work that goes on when its caller is cancelled."""
        task = asyncio.ensure_future(work)
        self._apart_tasks.add(task)
        task.add_done_callback(self._apart_tasks.discard)
        return await asyncio.shield(task)

    async def cancel(self, call_id: str) -> None:
        """End a call with all its processes and record it as cancelled; return once that is done.

        An id that was never seen is recorded too, so that a call that is still under way will not run.
        """
        if call_id in self._running:
            await self._running[call_id].end()
        elif self._journal.find(call_id) is None:
            self._journal.finished(call_id, None, CANCELLED)

    async def end(self, call_id: str, outcome: ToolOutcome) -> None:
        """End a running call with all its processes, for a reason that becomes its outcome."""
        if call_id in self._running:
            self._ended_for[call_id] = outcome
            await self._running[call_id].end()
            self._ended_for.pop(call_id, None)

    async def close(self) -> None:
        """End all running calls; whoever asks for them again learns that they were interrupted."""
        self._closing = True
        await asyncio.gather(*(running.end() for running in self._running.values()))

    def _recorded(self, call_id: str, entry: Entry, digest: str) -> ToolOutcome:
        if entry.digest is not None and entry.digest != digest:
            return REUSED
        if entry.span is None:
            return self._unrecorded.get(call_id, INTERRUPTED)
        return self._journal.outcome(entry)

    async def _once(
        self, call_id: str, digest: str, begun: asyncio.Event, work: Coroutine[Any, Any, ToolOutcome]
    ) -> ToolOutcome:
        begun.set()
        self._reserve.before_call()
        try:
            self._journal.started(call_id, digest)
        except OSError as error:
            work.close()
            del self._running[call_id]
            text = f"Nothing was run: the call journal cannot be written ({error.strerror})."
            return ToolOutcome(ok=False, error="storage_full", text=text)
        outcome = await work
        if outcome is CANCELLED:
            outcome = self._ended_for.get(call_id, CANCELLED)
        if not (self._closing and outcome is CANCELLED):
            self._record(call_id, digest, outcome)
        self._reserve.after_call()
        del self._running[call_id]
        return outcome

    def _record(self, call_id: str, digest: str, outcome: ToolOutcome) -> None:
        try:
            self._journal.finished(call_id, digest, outcome)
        except OSError:
            log.exception("the result of call %s is held in memory only", call_id)
            self._unrecorded[call_id] = outcome

    async def _perform(
        self, tool: Tool[Any], arguments: Mapping[str, Any], seconds: float | None, glimpse: Glimpse | None = None
    ) -> ToolOutcome:
        CURRENT.set(glimpse)
        limit = min(seconds or LONGEST_SECONDS, LONGEST_SECONDS)
        try:
            async with asyncio.timeout(limit):
                answer = await tool.call(arguments)
            return ToolOutcome(text=answer.text, data=to_builtins(answer.result), images=answer.images)
        except ToolFailure as failure:
            return _failed(failure)
        except TimeoutError:
            return ToolOutcome(ok=False, error="timeout", text=f"The call was ended after {limit:g} s, its time limit.")
        except asyncio.CancelledError:
            return CANCELLED
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                done = "what the call had done stays done"
                text = f"{tool.name}: the sandbox's disk is full; {done}. Delete files with rm in the shell."
                return ToolOutcome(ok=False, error="storage_full", text=text)
            return ToolOutcome(ok=False, error="os_error", text=f"{tool.name}: {error.strerror or 'failed'}")
        except Exception:  # one tool's fault must not end the node
            log.exception("tool %s failed", tool.name)
            return ToolOutcome(ok=False, error="internal_error", text=f"{tool.name} failed inside the sandbox's node.")


def _failed(failure: ToolFailure) -> ToolOutcome:
    return ToolOutcome(ok=False, error=failure.kind, text=str(failure), data=failure.data)
