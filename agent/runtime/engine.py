"""Placing runs: here, in this process, up to a number at the same time."""

import asyncio
from collections.abc import Awaitable, Callable

from agent.domain.errors import RunPaused, UsageError
from agent.domain.report import Report
from agent.runtime.active import Keeper


class AsyncioEngine:
    """Works on runs in this process.

    Args:
        work: works on a run until it ends or stops.
        limit: runs worked on at the same time; others wait in the order in which they came.
    """

    def __init__(self, work: Callable[[str], Awaitable[Report]], *, limit: int) -> None:
        self._work = work
        self._places = asyncio.Semaphore(limit)
        self._tasks: dict[str, asyncio.Task[Report]] = {}

    def submit(self, run_id: str) -> None:
        """Begin to work on a run as soon as there is a place; a run that is under way here stays as it is."""
        task = self._tasks.get(run_id)
        if task is None or task.done():
            self._tasks[run_id] = asyncio.create_task(self._placed(run_id), name=f"place of {run_id}")
            # whoever is interested waits for the run; nobody else needs to hear of its failure
            self._tasks[run_id].add_done_callback(lambda task: task.cancelled() or task.exception())

    def withdraw(self, run_id: str) -> None:
        """Give up a run that waits for its place; it stays queued."""
        task = self._tasks.get(run_id)
        if task is not None:
            task.cancel()

    async def wait(self, run_id: str) -> Report:
        """Wait until a run ends or stops, and return its report or raise what stopped it."""
        task = self._tasks.get(run_id)
        if task is None:
            raise UsageError(f"run {run_id} is not worked on by this process")
        return await asyncio.shield(task)

    async def drain(self, keeper: Keeper) -> None:
        """Pause the runs under way and leave those that wait queued."""
        for run_id, task in self._tasks.items():
            active = keeper.find(run_id)
            if active is not None:
                active.halt(RunPaused("paused"))
            elif not task.done():
                self.withdraw(run_id)
        if self._tasks:
            await asyncio.wait(self._tasks.values())

    async def _placed(self, run_id: str) -> Report:
        async with self._places:
            return await self._work(run_id)
