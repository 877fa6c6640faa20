"""Works on a batch that corrects failed attempts: advice is asked for, the run is forked, told, and gone on with."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from agent.domain.errors import LedgerUnavailable, PlumblineError, RunStopped
from agent.domain.plan import ROOT
from agent.execution.setting import Setting
from agent.ledger.store import Ledger
from agent.runtime.conversations import conversations_of
from agent.runtime.history import report_of
from agent.runtime.runner import Runner
from evals.batch.order import Attempt, BatchOrder, attempts_of
from evals.batch.results import Result, result_of
from evals.batch.running import BatchRunner
from evals.batch.tasks import Tasks
from evals.scorers.acting import Acts
from evals.suite.definition import Suite
from evals.training.advice import AdviceBook, guide_key
from evals.training.contamination import answers_of, gives_away
from evals.training.feedback import feedback_of, without_answers
from evals.training.reflector import Advice, Reflector
from evals.training.texts import said

GAVE_AWAY: Final = "the advice gave the answer away"
NO_ADVICE: Final = "no advice"

_SETTING: Final = "setting/0"


class CorrectionRunner(BatchRunner):
    """Works on the attempts of a batch that corrects others.

    An attempt is a fork of the failed run before its first step, or before the one that the reflector names, with the
    advice as what a person says. Each part of beginning one is done once, however often a process is killed.

    Args:
        runner: whose runs they are.
        suite: of the samples.
        tasks: as of any batch; forks have the tasks of what they are forked from.
        order: of the batch, with its reflection.
        reflector: gives advice.
        book: keeps it.
        concurrency: runs at a time.
        acts: speaks for scorers that execute or ask something.
        before: the same for the batch that is corrected, of which only what is kept is told.
        told: hears of each result as it comes.
    """

    def __init__(
        self,
        runner: Runner,
        suite: Suite,
        tasks: Tasks,
        order: BatchOrder,
        reflector: Reflector,
        book: AdviceBook,
        *,
        concurrency: int,
        acts: Acts,
        before: Acts,
        told: Callable[[Result], None] = lambda result: None,
    ) -> None:
        super().__init__(
            runner, suite, tasks, order.options, budget=order.budget, concurrency=concurrency, acts=acts, told=told
        )
        self._failed = frozenset(one.run_id for one in order.reflection.failed) if order.reflection else frozenset()
        self._before = before
        self._corrected = corrected_runs(order, suite)
        self._reflector = reflector
        self._book = book

    async def begin(self, attempt: Attempt) -> Result | None:
        """Ask for advice and begin the run; a result where there is none, or none that may be given."""
        try:
            advice = self._book.find(attempt.run_id) or await self._book.keep(await self._advice(attempt))
        except (LedgerUnavailable, RunStopped):
            raise
        except PlumblineError as error:
            return _not_begun(attempt, "error", NO_ADVICE, str(error))
        if gives_away(f"{advice.diagnosis}\n{advice.advice}", attempt.sample):
            return _not_begun(attempt, "failed", GAVE_AWAY, "the run was not begun")
        at = await fork_point(self._ledger, advice.of, advice.from_step)
        await self._runner.fork(advice.of, at, self._options, fork_id=attempt.run_id)
        await self._go_on(attempt, advice)
        return None

    async def go_on(self, attempt: Attempt) -> None:
        """Go on with a run, which may have been forked and not told yet."""
        advice = self._book.find(attempt.run_id)
        if advice is None:
            raise LedgerUnavailable(
                f"the advice for run {attempt.run_id} is gone from its batch; correct the batch anew"
            )
        await self._go_on(attempt, advice)

    async def _go_on(self, attempt: Attempt, advice: Advice) -> None:
        await self._runner.guide(attempt.run_id, advice.advice, key=guide_key(attempt.run_id))
        await self._runner.resume(attempt.run_id)

    async def _advice(self, attempt: Attempt) -> Advice:
        failed = self._corrected[attempt.run_id]
        before = Attempt(attempt.sample, attempt.number, failed)
        acts = self._before if failed in self._failed else self._acts
        result = await result_of(self._ledger, before, self._suite.scorers_of(attempt.sample), acts)
        known = await report_of(self._ledger, failed)
        heard = await conversations_of(self._ledger, failed)
        seen = "\n".join(said(message) for one in heard.conversations for message in one.messages)
        lines = feedback_of(result, None if known is None else known[0])
        feedback = without_answers(lines, answers_of(attempt.sample), seen)
        task, _ = await self._ledger.created(failed)
        asked = "\n".join((task.goal, *(f"- {one}" for one in task.constraints)))
        advice = await self._reflector.advise(attempt.run_id, failed, asked, heard.conversations, feedback)
        self._used += advice.usage
        return advice


def corrected_runs(order: BatchOrder, suite: Suite) -> Mapping[str, str]:
    """Return by run of a batch that corrects others the run that it corrects: the failed one, or the round before."""
    if order.reflection is None:
        return {}
    runs = [attempt.run_id for attempt in attempts_of(order, suite)]
    each = len(order.reflection.failed)
    before = [one.run_id for one in order.reflection.failed]
    return dict(zip(runs, (*before, *runs[: len(runs) - each]), strict=True))


async def work_in_rounds(batch: BatchRunner, order: BatchOrder, attempts: Sequence[Attempt]) -> dict[str, Result]:
    """Work on the attempts of a batch that corrects others, each round on those that failed in the one before.

    Raises:
        LedgerUnavailable: the ledger cannot be read or written.
    """
    each = 0 if order.reflection is None else len(order.reflection.failed)
    found: dict[str, Result] = {}
    left = list(range(each))
    for start in range(0, len(attempts), each):
        found |= await batch.work([attempts[start + place] for place in left])
        results = {place: found.get(attempts[start + place].run_id) for place in left}
        left = [place for place, one in results.items() if one is not None and one.state == "failed"]
        # a run that was not begun has nothing to correct
        left = [place for place in left if found[attempts[start + place].run_id].failure != GAVE_AWAY]
        if batch.stopped:
            break
    return found


async def takes_advice(ledger: Ledger, run_id: str) -> bool:
    """Whether a run hears what a person says: its model drives it, or it makes something."""
    task, _ = await ledger.created(run_id)
    known = await ledger.event_of(run_id, _SETTING, "done")
    if known is None or task.ask is not None or task.check is not None or task.browse is not None:
        return False
    return task.build is not None or Setting.model_validate(known.payload["result"]).strategy == "free"


async def fork_point(ledger: Ledger, run_id: str, step: int) -> int:
    """Return the last event before a step of a run's first executor; before its first step where it has none such.

    Raises:
        UnknownRun: there is no such run.
    """
    first = await _before(ledger, run_id, 0)
    wanted = first if step == 0 else await _before(ledger, run_id, step)
    if wanted or first:
        return wanted or first
    setting = await ledger.event_of(run_id, _SETTING, "done")
    return 1 if setting is None else setting.seq


async def _before(ledger: Ledger, run_id: str, step: int) -> int:
    """Return the number of the event before the first one of a step; 0 where there is no such step."""
    keys = (f"{ROOT}/inbox/{step}", f"{ROOT}/model/{step}")
    async for event in ledger.events(run_id):
        if event.key in keys:
            return event.seq - 1
    return 0


def _not_begun(attempt: Attempt, state: str, failure: str, reason: str) -> Result:
    return Result.model_validate(
        {
            "sample": attempt.sample.id,
            "attempt": attempt.number,
            "run_id": attempt.run_id,
            "state": state,
            "failure": failure,
            "reason": reason,
            "tags": attempt.sample.tags,
        }
    )
