"""What is told of a run to others: its state, its evidence in the pages it was read on, and its pictures."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from agent.cli.artefact_page import pictures_of_results, pictures_of_views
from agent.domain.evidence import Evidence, Quote
from agent.domain.messages import Picture
from agent.domain.report import Report
from agent.domain.view import RunView
from agent.ledger.store import Ledger, RunSummary
from agent.runtime.history import read_view
from agent.runtime.origins import origins_of
from agent.runtime.shown_evidence import ShownEvidence, all_shown

MOST_EVIDENCE: Final = 600
"""Pieces of evidence that are shown in their pages; others are told without."""

_WINDOW: Final = 900
"""Characters of a page on either side of a quote."""


@dataclass(frozen=True)
class Gathered:
    """A run as it stands, with what its report rests on.

    Attributes:
        evidence: of the report by id, as it is shown.
        origins: numbers of the events that brought up the evidence, by its id, where they are known.
    """

    run: RunSummary
    view: RunView
    evidence: Mapping[str, ShownEvidence]
    origins: Mapping[str, int]

    @property
    def report(self) -> Report | None:
        """The final answer; None where there is none yet."""
        return self.view.report


async def gathered(ledger: Ledger, run_id: str) -> Gathered:
    """Return what is told of a run.

    Raises:
        UnknownRun: there is no such run.
        LedgerUnavailable: its record is damaged.
    """
    run = await ledger.find(run_id)
    view = await read_view(ledger, run.id)
    known = _evidence(view.report) if view.report is not None else ()
    shown = await all_shown(ledger, run.id, known[:MOST_EVIDENCE], window=_WINDOW)
    return Gathered(
        run=run,
        view=view,
        evidence={one.evidence.id: one for one in shown},
        origins=await origins_of(ledger, run.id, known),
    )


def pictures_of(report: Report) -> Iterator[Picture]:
    """Yield the pictures of a report, those that matter most first; the same one may come several times."""
    best = report.design.handed_over if report.design is not None else None
    if best is not None:
        yield from pictures_of_views(best.views)
        yield from pictures_of_results(best.results)
    yield from report.pictures
    yield from pictures_of_results(check.tried for check in report.checks if check.tried is not None)
    for turn in report.design.rounds if report.design is not None else ():
        for candidate in turn.candidates:
            yield from pictures_of_views(candidate.views)
            yield from pictures_of_results(candidate.results)


def _evidence(report: Report) -> tuple[Evidence, ...]:
    """Return the evidence of a report and of the answer in it, quotes first, each once."""
    every = [*report.evidence, *(report.answered.evidence if report.answered is not None else ())]
    once = {item.id: item for item in every}
    return tuple(sorted(once.values(), key=lambda item: not isinstance(item, Quote)))
