"""Whether a candidate is accepted, and which of several is the best."""

from collections.abc import Iterable, Sequence

from pydantic import Field

from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Inspection
from agent.domain.base import Fact


class Acceptance(Fact):
    """Whether an artefact is accepted, and in a line each what speaks against it."""

    accepted: bool
    reasons: tuple[str, ...] = ()


class Candidate(Fact):
    """One artefact among several that were made for the same criteria.

    Attributes:
        name: tells it from the others.
        inspection: what it is like by itself.
        geometry: results of criteria that are measured on its shape alone, without trying it out.
        pragmatic: results of criteria that were tried out.
        looks: how it was judged by looking at it, from 0 to 1; None where nobody looked.
    """

    name: str = Field(min_length=1)
    inspection: Inspection
    geometry: tuple[CriterionResult, ...] = ()
    pragmatic: tuple[CriterionResult, ...] = ()
    looks: float | None = Field(default=None, ge=0, le=1, allow_inf_nan=False)

    @property
    def results(self) -> tuple[CriterionResult, ...]:
        """All of them."""
        return (*self.geometry, *self.pragmatic)


def accepted(
    inspection: Inspection, results: Iterable[CriterionResult], *, criteria: Criteria | None = None
) -> Acceptance:
    """Say whether an artefact is accepted.

    It is sound, at least one criterion is a ``must``, every ``must`` passed, and none of the results, whether
    ``must`` or not, is inconclusive. A criterion that is no ``must`` may fail or not apply.

    Args:
        inspection: of the artefact.
        results: of its criteria.
        criteria: the frozen ones, where they are at hand: each of them, unchanged, has to have a result, and nothing
            else may.
    """
    given = tuple(results)
    reasons = list(inspection.problems)
    musts = 0
    for result in given:
        criterion = result.criterion
        musts += criterion.must
        if result.outcome == "inconclusive" or (criterion.must and result.outcome != "pass"):
            reasons.append(f"{criterion.id} ({criterion.wish}): {result.outcome.replace('_', ' ')}: {result.detail}")
    if criteria is not None:
        reasons += _strays(criteria, [result.criterion for result in given])
    if not musts:
        reasons.append("no criterion says what it must do")
    return Acceptance(accepted=not reasons, reasons=tuple(reasons))


Key = tuple[int, int, int, int, float, int]


def key_of(candidate: Candidate) -> Key:
    """Return what candidates are compared by; the smaller comes first.

    In this order: sound; more ``must`` criteria of the shape passed; more ``must`` criteria passed when tried out;
    more criteria passed in all; better looks; fewer parts. What is inconclusive did not pass. What nobody looked at
    counts as looking worst.
    """
    return (
        0 if candidate.inspection.sound else 1,
        -_passed(candidate.geometry, must=True),
        -_passed(candidate.pragmatic, must=True),
        -_passed(candidate.results, must=False),
        -(candidate.looks or 0.0),
        len(candidate.inspection.parts),
    )


def ranked(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Return candidates from the best to the worst; those that are equal in all stand in the order of their names."""
    return tuple(sorted(candidates, key=lambda candidate: (key_of(candidate), candidate.name)))


def compared(first: Candidate, second: Candidate) -> float:
    """Return what the first of two gets in a game between them: 1 won, 0.5 drawn, 0 lost."""
    one, other = key_of(first), key_of(second)
    return 1.0 if one < other else 0.0 if one > other else 0.5


def _strays(criteria: Criteria, judged: Sequence[Criterion]) -> list[str]:
    """Return what was asked for and not judged, or judged and not asked for."""
    asked = criteria.criteria
    return [f"{one.id} ({one.wish}): it was not tried as it was frozen" for one in asked if one not in judged] + [
        f"{one.id} ({one.wish}): it is none of the frozen criteria" for one in judged if one not in asked
    ]


def _passed(results: Iterable[CriterionResult], *, must: bool) -> int:
    return sum(result.outcome == "pass" and (result.criterion.must or not must) for result in results)
