"""What became of attempts, read from the ledger, and from what was kept of checks and judges."""

import contextlib
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Literal

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.budget import Usage
from agent.domain.errors import UnknownRun
from agent.domain.events import RunStatus
from agent.domain.report import Report, ReportOutcome
from agent.ledger.store import Ledger, RunSummary
from agent.runtime.history import read_view
from evals.batch.order import Attempt, BatchOrder, attempts_of
from evals.scorers.acting import Acts
from evals.scorers.answers import given_answer
from evals.scorers.forms import Score, Scorer
from evals.scorers.scoring import passes, scored
from evals.suite.definition import Suite

State = Literal["passed", "failed", "error", "open"]
"""``error``: the run could not go on, or a scorer could not tell. ``open``: it has not ended."""


UNDECIDED = "scorer"
"""Class of attempts that came to their end and of which a scorer could not tell."""

STUCK = "could not go on"
"""Class of attempts whose run stopped for want of something, such as its model, and goes on when it is resumed."""

_GOES_ON = ("", "paused", "interrupted")
"""Reasons of runs that were only interrupted."""


class Result(Fact):
    """What became of one attempt.

    Attributes:
        failure: class of what went wrong, such as ``wrong`` or ``ModelUnavailable``; empty where it passed.
        reason: one line.
        answer: the answer that was scored.
        steps: tool calls and model calls that were made.
        seconds: active time of the run.
    """

    sample: str
    attempt: int
    run_id: str
    state: State
    failure: str = ""
    reason: str = ""
    outcome: ReportOutcome | None = None
    answer: str = ""
    scores: tuple[Score, ...] = ()
    usage: Usage = Field(default_factory=Usage)
    steps: int = 0
    seconds: float = 0.0
    tags: tuple[str, ...] = ()

    @property
    def cost(self) -> Decimal:
        """What its model calls cost."""
        return self.usage.cost

    @property
    def judging(self) -> Usage:
        """What judges used for its scores, when these were asked for; no part of its own usage."""
        return sum((score.usage for score in self.scores if score.usage is not None), Usage())


async def result_of(ledger: Ledger, attempt: Attempt, scorers: Sequence[Scorer], acts: Acts) -> Result:
    """Return what became of an attempt whose run is in the ledger.

    Args:
        ledger: where its run is.
        attempt: the attempt.
        scorers: of its sample.
        acts: speaks for scorers that execute or ask something; see ``evals.batch.acting``.

    Raises:
        UnknownRun: it is not.
        LedgerUnavailable: it cannot be read.
    """
    run = await ledger.find(attempt.run_id)
    view = await read_view(ledger, run.id)
    usage = view.report.usage if view.report is not None else view.usage
    common = {
        "sample": attempt.sample.id,
        "attempt": attempt.number,
        "run_id": run.id,
        "usage": usage,
        "steps": sum(step.kind in ("model", "tool") for step in view.steps.values()),
        "seconds": round(run.active_seconds, 3),
        "tags": attempt.sample.tags,
    }
    if view.report is None or not _ended(run.status, view.report):
        state, failure = _unended(run)
        return Result(**common, state=state, failure=failure, reason=run.reason)
    report = view.report
    found = await scored(ledger, run.id, attempt.sample, report, scorers, acts)
    passed = passes(found)
    values = {**common, "outcome": report.outcome, "answer": given_answer(report), "scores": found}
    if passed:
        return Result(**values, state="passed")
    decisive = next((score for score in found if score.required and score.passed is not True), None)
    reason = "no scorer decides" if decisive is None else f"{decisive.scorer}: {decisive.detail}"
    if passed is None:
        return Result(**values, state="error", failure=UNDECIDED, reason=reason)
    return Result(**values, state="failed", failure=_failure(report.outcome), reason=reason)


async def results_of(
    ledger: Ledger, order: BatchOrder, suite: Suite, acts: Acts, told: Callable[[], None] = lambda: None
) -> list[Result]:
    """Return the results of a batch as far as it has come, in the order of its attempts; ``told`` hears of each.

    Raises:
        LedgerUnavailable: it cannot be read.
    """
    results: list[Result] = []
    for attempt in attempts_of(order, suite):
        # one that was never begun has no result
        with contextlib.suppress(UnknownRun):
            results.append(await result_of(ledger, attempt, suite.scorers_of(attempt.sample), acts))
        told()
    return results


def corrected_of(order: BatchOrder, results: Sequence[Result]) -> tuple[int, int]:
    """Return how many failed attempts of another batch were corrected, and of how many; none where it corrects none.

    An attempt whose advice could not be given was not begun, so results alone do not tell of how many.
    """
    passed = {(one.sample, one.attempt) for one in results if one.state == "passed"}
    return (0, 0) if order.reflection is None else (len(passed), len(order.reflection.failed))


def is_open(run: RunSummary) -> bool:
    """Whether a run has yet to come to something: it is queued, under way, or was only interrupted."""
    return run.status in ("queued", "running") or (run.status == "paused" and run.reason in _GOES_ON)


def _failure(outcome: ReportOutcome) -> str:
    """Return the class of a failed sample: a wrong answer that is shown as true is worse than one that is withheld."""
    return {
        "verified": "wrong, but verified",
        "unverified": "wrong or open",
        "failed": "run failed",
        "budget_exhausted": "budget exhausted",
        "cancelled": "cancelled",
    }[outcome]


def _ended(status: RunStatus, report: Report) -> bool:
    """Whether a run has the report it will have: one whose budget is used up is only paused."""
    return status in ("finished", "failed") or report.outcome == "budget_exhausted"


def _unended(run: RunSummary) -> tuple[State, str]:
    """Return state and class of a run without a report."""
    match run.status:
        case "failed" | "cancelled":
            return "error", "run failed" if run.status == "failed" else "cancelled"
        case "waiting":
            return "failed", "asked a person"
        case "paused" if run.reason not in _GOES_ON:
            return "error", STUCK
        case _:
            return "open", ""
