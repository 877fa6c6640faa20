"""Placing runs: here, in this process, up to a number at the same time."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agent.domain.errors import RunPaused, RunStopped, UsageError
from agent.domain.report import Report
from agent.runtime.active import Keeper
from agent.runtime.settling import settle

ENDED_KEPT = 100
"""How many ended runs can still be waited for; of older ones only the ledger knows."""

_MORE_THAN_ONE = 2


@dataclass
class _Place:
    """A run of this process: whether it has begun, and why it was told to stop."""

    task: "asyncio.Task[Report]"
    begun: bool = False
    why: RunStopped | None = None


class AsyncioEngine:
    """Works on runs in this process.

    Args:
        work: works on a run until it ends or stops.
        limit: runs worked on at the same time; others wait in the order in which they came.
    """

    def __init__(self, work: Callable[[str], Awaitable[Report]], *, limit: int) -> None:
        self._work = work
        self._free = asyncio.Semaphore(limit)
        self._places: dict[str, _Place] = {}
        self._submitted = 0

    def submit(self, run_id: str) -> None:
        """Begin to work on a run as soon as there is a place; a run that is under way here stays as it is."""
        if not self.holds(run_id):
            self._places.pop(run_id, None)
            self._submitted += 1
            if self._submitted == _MORE_THAN_ONE:
                settle()
            self._forget()
            task = asyncio.create_task(self._placed(run_id), name=f"place of {run_id}")
            self._places[run_id] = _Place(task)
            # whoever is interested waits for the run; nobody else needs to hear of its failure
            task.add_done_callback(lambda task: task.cancelled() or task.exception())

    def holds(self, run_id: str) -> bool:
        """Return whether a run is worked on here or waits for its place."""
        place = self._places.get(run_id)
        return place is not None and not place.task.done()

    def works_on(self, run_id: str) -> bool:
        """Return whether a run has its place."""
        return self.holds(run_id) and self._places[run_id].begun

    def stop(self, run_id: str, why: RunStopped) -> None:
        """Give up a run that waits for its place, or tell one that has just got it; see ``told_to_stop``."""
        if self.holds(run_id):
            place = self._places[run_id]
            place.why = why
            if not place.begun:
                place.task.cancel()

    def told_to_stop(self, run_id: str) -> RunStopped | None:
        """Return why a run of this process is to stop, if it is."""
        place = self._places.get(run_id)
        return place.why if place is not None else None

    async def wait(self, run_id: str) -> Report:
        """Wait until a run ends or stops, and return its report or raise what stopped it."""
        place = self._places.get(run_id)
        if place is None:
            raise UsageError(f"run {run_id} is not worked on by this process; look at it with: plumbline show {run_id}")
        await asyncio.wait({place.task})
        if place.task.cancelled():
            raise place.why or RunPaused("interrupted")
        return place.task.result()

    async def drain(self, keeper: Keeper, why: RunStopped) -> None:
        """Stop the runs under way for a reason, and leave those that wait queued."""
        for run_id in self._places:
            active = keeper.find(run_id)
            if active is not None:
                active.halt(why)
            else:
                self.stop(run_id, why)
        if self._places:
            await asyncio.wait([place.task for place in self._places.values()])

    async def _placed(self, run_id: str) -> Report:
        async with self._free:
            self._places[run_id].begun = True
            return await self._work(run_id)

    def _forget(self) -> None:
        ended = [run_id for run_id, place in self._places.items() if place.task.done()]
        for run_id in ended[: max(0, len(ended) - ENDED_KEPT + 1)]:
            del self._places[run_id]
