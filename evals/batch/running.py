"""Works on a batch: as many runs at a time as wanted, each begun, gone on with or left as the ledger has it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal

from agent.domain.budget import Budget, Usage
from agent.domain.errors import LedgerUnavailable, PlumblineError, RunStopped, UnknownRun
from agent.ledger.store import Ledger, RunSummary
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from evals.batch.order import Attempt
from evals.batch.results import UNDECIDED, Result, result_of
from evals.batch.tasks import Tasks
from evals.scorers.acting import Acts
from evals.suite.definition import Suite

MOST_ERRORS = 20
"""So many attempts in a row that could not go on end a batch: what all of them lack will not come back by itself."""


class BatchRunner:
    """Works on the attempts of a batch.

    Args:
        runner: whose runs they are.
        suite: of the samples.
        tasks: makes their tasks.
        options: of new runs.
        budget: of all runs and judges together; no new run is begun when it is used up.
        concurrency: runs at a time.
        acts: speaks for scorers that execute or ask something.
        told: hears of each result as it comes.
    """

    def __init__(
        self,
        runner: Runner,
        suite: Suite,
        tasks: Tasks,
        options: RunOptions,
        *,
        budget: Budget,
        concurrency: int,
        acts: Acts,
        told: Callable[[Result], None] = lambda result: None,
    ) -> None:
        self._runner = runner
        self._ledger: Ledger = runner.ledger
        self._suite = suite
        self._tasks = tasks
        self._options = options
        self._budget = budget
        self._free = asyncio.Semaphore(concurrency)
        self._acts = acts
        self._told = told
        self._used = Usage()
        self._seconds = 0.0
        self._steps = 0
        self._errors = 0
        self._failure: Exception | None = None
        self.stopped = ""
        """Why no further run was begun; empty where all were."""

    async def work(self, attempts: Sequence[Attempt]) -> dict[str, Result]:
        """Work on attempts until each has a result or the batch is stopped; returns results by run.

        Raises:
            LedgerUnavailable: the ledger cannot be read or written.
        """
        found: dict[str, Result] = {}
        waiting: set[asyncio.Task[None]] = set()
        try:
            for attempt in attempts:
                # a task for each of many thousand attempts would hold what a run holds
                await self._free.acquire()
                if self.stopped:
                    self._free.release()
                    break
                task = asyncio.create_task(self._attempt(attempt, found), name=f"attempt {attempt.run_id}")
                waiting.add(task)
                task.add_done_callback(waiting.discard)
            while waiting:
                await asyncio.gather(*waiting)
        finally:
            for task in tuple(waiting):
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)
        if self._failure is not None:
            raise self._failure
        return found

    def stop(self, why: str) -> None:
        """Begin no further run; those under way are paused."""
        if not self.stopped:
            self.stopped = why

    async def _attempt(self, attempt: Attempt, found: dict[str, Result]) -> None:
        try:
            if not self.stopped:
                result = await self._result(attempt)
                found[attempt.run_id] = result
                self._count(result)
                self._told(result)
        except Exception as error:  # noqa: BLE001 - raised again when all have ended
            # whoever waits for a free place hears of it there, and the others are not to begin anything more
            self._failure = self._failure or error
            self.stop(str(error))
        finally:
            self._free.release()

    async def _result(self, attempt: Attempt) -> Result:
        """Begin the run, or go on with it, or take it as it is, and return what became of it."""
        scorers = self._suite.scorers_of(attempt.sample)
        try:
            run = await self._ledger.find(attempt.run_id)
        except UnknownRun:
            if (result := await self.begin(attempt)) is not None:
                return result
        else:
            if is_over(run):
                return await result_of(self._ledger, attempt, scorers, self._acts)
            await self.go_on(attempt)
        try:
            await self._runner.wait(attempt.run_id)
        except LedgerUnavailable:
            raise
        except (RunStopped, PlumblineError):
            # why it stopped is in the ledger, from which the result is read
            return await result_of(self._ledger, attempt, scorers, self._acts)
        return await result_of(self._ledger, attempt, scorers, self._acts)

    async def begin(self, attempt: Attempt) -> Result | None:
        """Begin the run of an attempt, of which nothing is in the ledger; a result says why there is to be no run.

        Raises:
            UsageError: a file is missing or the task is none.
        """
        task = await self._tasks.task_of(attempt.sample)
        await self._runner.start(task, self._options, run_id=attempt.run_id)
        return None

    async def go_on(self, attempt: Attempt) -> None:
        """Go on with the run of an attempt that was interrupted."""
        await self._runner.resume(attempt.run_id)

    def _count(self, result: Result) -> None:
        self._used += result.usage + result.judging
        self._seconds += result.seconds
        self._steps += result.steps
        # a run that ended is worth something although its scorers could not tell: they can be asked again
        self._errors = self._errors + 1 if result.state == "error" and result.failure != UNDECIDED else 0
        if self._errors >= MOST_ERRORS:
            self.stop(f"{MOST_ERRORS} attempts in a row could not go on, the last one because: {result.reason}")
        elif used_up := _used_up(self._budget, self._used, self._seconds, self._steps):
            self.stop(f"the batch has used up its budget of {used_up}")


def is_over(run: RunSummary) -> bool:
    """Whether a run has the result it will have. One that could not go on, such as without its model, has not."""
    return run.status in ("finished", "failed", "cancelled", "waiting")


def _used_up(budget: Budget, used: Usage, seconds: float, steps: int) -> str:
    reached: Mapping[str, tuple[float | Decimal, float | Decimal | None]] = {
        "tokens": (used.tokens, budget.tokens),
        "money": (used.cost, budget.money),
        "seconds": (seconds, budget.seconds),
        "steps": (steps, budget.steps),
    }
    return next((name for name, (have, most) in reached.items() if most is not None and have >= most), "")
