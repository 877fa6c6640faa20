"""Scores a result by every scorer of its sample: from the ledger, and from what scorers that act were told."""

from collections.abc import Sequence

from agent.domain.report import Report
from agent.ledger.store import Ledger
from agent.runtime.verifying import verify_kept
from evals.scorers.acting import ACTING, Acts
from evals.scorers.answers import COMPARING, given_answer, verdict
from evals.scorers.forms import Score, Scorer
from evals.scorers.reports import LOOKING, citations, refused
from evals.suite.sample import Sample


async def scored(
    ledger: Ledger, run_id: str, sample: Sample, report: Report, scorers: Sequence[Scorer], acts: Acts
) -> tuple[Score, ...]:
    """Return what each scorer says of a run's report; ``acts`` speaks for those that execute or ask something.

    Raises:
        LedgerUnavailable: the run's texts, or scores that are kept, cannot be read or written.
    """
    return tuple([await _scored(ledger, run_id, sample, report, scorer, acts) for scorer in scorers])


async def _scored(ledger: Ledger, run_id: str, sample: Sample, report: Report, scorer: Scorer, acts: Acts) -> Score:
    if scorer.kind in ACTING:
        return await acts.score(scorer, sample, run_id, report)
    if sample.refuse and scorer.kind in COMPARING:
        return verdict(scorer, float(refused(report)), f"the report is {report.outcome}; none is right")
    if scorer.kind in COMPARING:
        return COMPARING[scorer.kind](scorer, given_answer(report), sample.gold)
    if scorer.kind == "citations":
        return citations(scorer, sample, report, await verify_kept(ledger, run_id))
    return LOOKING[scorer.kind](scorer, sample, report)


def passes(scores: Sequence[Score]) -> bool | None:
    """Return whether a sample passes: every required scorer does; None where one of them could not tell.

    A required scorer that fails decides, whatever others could not tell.
    """
    required = [score.passed for score in scores if score.required]
    if not required:
        return None
    if False in required:
        return False
    return None if None in required else True
