"""Taking up runs that nobody works on: those of processes that ended, and those whose question was answered late."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Coroutine
from typing import Annotated, Any, Final, cast

from fastapi import Depends, Request
from sqlalchemy import select

from agent.domain.errors import PlumblineError, UnknownRun
from agent.ledger.store import Ledger, RunSummary, summary_of
from agent.ledger.tables import runs
from agent.runtime.history import read_view
from agent.runtime.runner import Runner

_LOG: Final = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 2.0
_LONGEST_PAUSE: Final = 60.0


class Adoption:
    """Takes up the runs that were submitted to a server and have lost whoever worked on them.

    Runs of the terminal stay as they are: whoever started one goes on with it. A run that is lost again and again is
    taken up after longer and longer pauses, and after three times without progress not any more.

    Args:
        ledger: where runs are.
        runner: goes on with them.
    """

    def __init__(self, ledger: Ledger, runner: Runner) -> None:
        self._ledger = ledger
        self._runner = runner
        self._answered: set[str] = set()
        self._tries: dict[str, tuple[int, float]] = {}
        self._failed: dict[str, str] = {}

    @contextlib.asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Take up runs for the duration of a block, at once and whenever some are lost."""
        task = asyncio.create_task(self._watch(), name="adoption")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def answered(self, run_id: str) -> None:
        """Have a run go on that was answered, if it had stopped to wait; one that is stopping goes on later."""
        self._answered.add(run_id)
        await self._go_on_with(run_id)

    async def _watch(self) -> None:
        began = False
        while True:
            try:
                if not began:
                    self._answered |= {run.id for run in await self._of_servers("waiting")}
                    began = True
                for run_id in sorted(self._answered):
                    await self._apart(run_id, self._go_on_with(run_id))
                for run in await self._of_servers("queued", "running"):
                    await self._apart(run.id, self._adopt(run))
            except PlumblineError as error:
                _LOG.warning("runs without a process are not taken up for now: %s", error)
            await asyncio.sleep(_LOOK_SECONDS)

    async def _apart(self, run_id: str, work: Coroutine[Any, Any, None]) -> None:
        """Do something with one run, so that its failure, whatever it is, keeps no other run from being taken up."""
        for failure in await asyncio.gather(work, return_exceptions=True):
            if failure is not None and self._failed.get(run_id) != str(failure):
                self._failed[run_id] = str(failure)
                _LOG.warning("run %s is not taken up for now: %s", run_id, failure)

    async def _of_servers(self, *statuses: str) -> list[RunSummary]:
        query = select(runs).where(runs.c.owner.is_not(None), runs.c.status.in_(statuses)).order_by(runs.c.created_at)
        return [summary_of(row) for row in await self._ledger.rows(query)]

    async def _adopt(self, run: RunSummary) -> None:
        if run.alive or self._runner.holds(run.id):
            return
        number, not_before = self._tries.get(run.id, (0, 0.0))
        now = time.monotonic()
        if now < not_before:
            return
        self._tries[run.id] = (number + 1, now + min(_LONGEST_PAUSE, _LOOK_SECONDS * 2**number))
        await self._runner.take_up(run.id)

    async def _go_on_with(self, run_id: str) -> None:
        try:
            run = await self._ledger.find(run_id)
        except UnknownRun:
            # it was deleted
            self._answered.discard(run_id)
            return
        if run.status == "waiting" and not run.alive:
            questions = (await read_view(self._ledger, run_id)).questions.values()
            if any(question.answered for question in questions):
                await self._runner.resume(run_id)
        if not (run.alive or self._runner.holds(run_id)) or run.status != "waiting":
            self._answered.discard(run_id)


def adoption_of(request: Request) -> Adoption:
    """Return what takes up the runs of an application; a dependency of routes."""
    return cast("Adoption", request.app.state.adoption)


TheAdoption = Annotated[Adoption, Depends(adoption_of)]
