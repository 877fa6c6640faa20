"""Batches as they stand: for whoever looks at them again and again, while they are worked on and after."""

import asyncio
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, NamedTuple

from agent.domain.base import Fact
from agent.domain.errors import UnknownRun, UsageError
from agent.ledger.library import Library
from agent.ledger.store import Ledger, RunSummary
from evals.batch.acting import acts_of
from evals.batch.comparing import Comparison, compared
from evals.batch.figures import Figures, figures_of
from evals.batch.opening import suite_of
from evals.batch.order import Attempt, BatchOrder, attempts_of, ending_of, is_worked_on
from evals.batch.read_before import ReadBefore
from evals.batch.results import Result, is_open, result_of
from evals.suite.definition import Suite

Standing = Literal["done", "under way", "stopped"]


class BatchLook(Fact):
    """How a batch stands.

    Attributes:
        model: as it was named; empty where the settings said.
        corrects: the batch whose failed attempts it corrects; empty where it is none of these.
        sample_count: samples, each tried ``attempts`` times; ``total`` is how many runs that makes, of a batch that
            corrects others at most.
        begun: runs that are in the ledger, ``ended`` those that came to something.
        standing: ``stopped`` where nobody works on it although runs are left; ``why`` is empty where nobody noted it,
            such as when its process was killed.
        figures: of the runs that ended; None where none could be read.
        problem: why results are missing; such as that the suite has changed since.
    """

    id: str
    suite: str
    version: str
    digest: str
    model: str
    judge: str
    corrects: str
    made_at: datetime
    attempts: int
    sample_count: int
    total: int
    begun: int
    ended: int
    standing: Standing
    why: str
    figures: Figures | None
    problem: str


class Read(NamedTuple):
    """Results of a batch in the order of its attempts, and why some are missing; empty where none is."""

    results: list[Result]
    problem: str


class Batches:
    """Reads batches from the ledger and their folders. Nothing is executed and no model is asked.

    What was read of a run is not read again as long as nothing has changed that decides it.

    Args:
        ledger: where their runs are.
        home: the data folder.
    """

    def __init__(self, ledger: Ledger, home: Path) -> None:
        self._ledger = ledger
        self._home = home

    async def look(self, order: BatchOrder) -> BatchLook:
        """Return how a batch stands.

        Raises:
            LedgerUnavailable: the ledger or what is kept cannot be read.
        """
        runs = await self._runs(order)
        before = await asyncio.to_thread(ReadBefore, self._home, order)
        figures, problem = await asyncio.to_thread(before.figures, runs), ""
        if figures is None:
            results, problem = await self._read(order, runs, before)
            figures = await asyncio.to_thread(figures_of, results) if results else None
            if figures is not None and not problem:
                await asyncio.to_thread(before.keep_figures, runs, figures)
        total = len(order.samples) * order.attempts
        if order.reflection is not None:
            total = len(order.reflection.failed) * order.reflection.rounds
        ended = sum(not is_open(run) for run in runs)
        standing, why = await asyncio.to_thread(self._standing, order, complete=ended == total)
        return BatchLook(
            id=order.id,
            suite=order.suite,
            version=order.version,
            digest=order.digest,
            model=order.options.model or "",
            judge=order.judge or "",
            corrects="" if order.reflection is None else order.reflection.batch,
            made_at=order.made_at,
            attempts=order.attempts,
            sample_count=len(order.samples),
            total=total,
            begun=len(runs),
            ended=ended,
            standing=standing,
            why=why,
            figures=figures,
            problem=problem,
        )

    async def results(self, order: BatchOrder) -> Read:
        """Return the results of a batch as far as it has come; runs under way are open and have no figures yet.

        Raises:
            LedgerUnavailable: the ledger or what is kept cannot be read.
        """
        return await self._read(order, await self._runs(order), await asyncio.to_thread(ReadBefore, self._home, order))

    async def compared(self, first: BatchOrder, second: BatchOrder) -> Comparison:
        """Compare two batches of one suite.

        Raises:
            UsageError: they are none that can be compared.
            LedgerUnavailable: the ledger or what is kept cannot be read.
        """
        if first.suite != second.suite:
            raise UsageError(f"the batches ran different suites, {first.suite} and {second.suite}")
        if first.digest != second.digest:
            raise UsageError("the suite changed between the batches: their results cannot be compared")
        read = [await self.results(order) for order in (first, second)]
        if problem := read[0].problem or read[1].problem:
            raise UsageError(problem)
        try:
            return await asyncio.to_thread(compared, read[0].results, read[1].results)
        except ValueError as error:
            raise UsageError(str(error)) from error

    async def remember(self, order: BatchOrder, suite: Suite, results: Sequence[Result]) -> None:
        """Keep results that have just been read, so that they can be seen also when the suite has changed or is gone.

        Raises:
            LedgerUnavailable: the ledger or what is kept cannot be read.
        """
        if suite.digest == order.digest:
            before = await asyncio.to_thread(ReadBefore, self._home, order)
            await asyncio.to_thread(before.keep_results, await self._runs(order), results)

    async def _runs(self, order: BatchOrder) -> list[RunSummary]:
        own = re.compile(rf"{re.escape(order.id)}-\d{{5,}}-\d{{3}}(-\d+)?")
        return [run for run in await Library(self._ledger).beginning_with(f"{order.id}-") if own.fullmatch(run.id)]

    async def _read(self, order: BatchOrder, runs: Sequence[RunSummary], before: ReadBefore) -> Read:
        by_id = {run.id: run for run in runs}
        known = await asyncio.to_thread(before.results, runs)
        try:
            suite = await asyncio.to_thread(suite_of, order)
        except UsageError as error:
            found = sorted(known.values(), key=lambda one: (one.attempt, one.sample))
            return Read(found, str(error) if len(found) < len(runs) else "")
        acts = await asyncio.to_thread(acts_of, order, suite, self._ledger, self._home)
        results: list[Result] = []
        fresh: list[Result] = []
        for attempt in attempts_of(order, suite):
            run = by_id.get(attempt.run_id)
            if run is None:
                continue
            if (result := known.get(run.id)) is None and is_open(run):
                result = _open(attempt, run)
            elif result is None:
                try:
                    result = await result_of(self._ledger, attempt, suite.scorers_of(attempt.sample), acts)
                except UnknownRun:
                    # somebody has just deleted it
                    continue
                fresh.append(result)
            results.append(result)
        if fresh:
            await asyncio.to_thread(before.keep_results, runs, fresh)
        return Read(results, "")

    def _standing(self, order: BatchOrder, *, complete: bool) -> tuple[Standing, str]:
        if is_worked_on(self._home, order.id):
            return "under way", ""
        ending = ending_of(self._home, order.id)
        if ending is None:
            return ("done" if complete else "stopped"), ""
        return ("stopped", ending.why) if ending.why else ("done", "")


def _open(attempt: Attempt, run: RunSummary) -> Result:
    return Result(
        sample=attempt.sample.id,
        attempt=attempt.number,
        run_id=run.id,
        state="open",
        seconds=round(run.active_seconds, 3),
        tags=attempt.sample.tags,
    )
