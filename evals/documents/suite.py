"""Questions over documents and computations over files: the items of the suite, and what counts as right."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from time import monotonic
from typing import Literal, get_args

from pydantic import Field, TypeAdapter

from agent.domain.base import Fact
from agent.domain.budget import Usage
from agent.domain.report import Report
from agent.execution.guided.values import value_of
from agent.execution.guided.words import words
from evals.records import Failure, Measurement, measured, one_line

Part = Literal["dev", "heldout", "fresh", "final", "blind"]
Kind = Literal["question", "computation"]
Grade = Literal["right", "wrong", "withheld"]

PARTS: tuple[Part, ...] = get_args(Part)
"""The strategies were made with ``dev`` and corrected after readings of all others but ``blind``."""
KINDS: tuple[Kind, ...] = get_args(Kind)
DATA = Path(__file__).parent / "data"
_TOLERANCE = 5e-4


class Item(Fact):
    """One question or computation.

    Attributes:
        answers: all forms that are right; none where no answer is right.
        cites: texts one of which the cited sentence must contain; none where any place will do.
        trap: why a careless answer would be wrong; empty for an ordinary item.
    """

    id: str
    question: str
    answers: tuple[str, ...]
    cites: tuple[str, ...] = ()
    trap: str = ""

    def grade(self, report: Report) -> Grade:
        """Return whether what a report shows as verified is right; a right answer from the wrong place is wrong."""
        if report.outcome != "verified":
            return "withheld"
        return "right" if self.is_right(report) else "wrong"

    def is_right(self, report: Report) -> bool:
        """Whether what was found is the right answer from the right place, verified or not."""
        quotes = [item.text for item in report.evidence if item.kind == "quote"]
        cited = not self.cites or any(text in quote for text in self.cites for quote in quotes)
        given = [checked.claim.text for checked in report.claims]
        return cited and bool(given) and all(any(_same(text, answer) for answer in self.answers) for text in given)


class Graded(Fact):
    """An item with the run that worked on it and its report, its grade, and the seconds it took."""

    item: Item
    kind: Kind
    run_id: str
    report: Report
    grade: Grade
    seconds: float = Field(ge=0)


def items(part: Part, kind: Kind) -> tuple[Item, ...]:
    """Return the items of one part of the suite."""
    lines = (DATA / part / f"{kind}s.jsonl").read_text(encoding="utf-8").splitlines()
    return TypeAdapter(tuple[Item, ...]).validate_json(f"[{','.join(lines)}]")


async def graded(kind: Kind, item: Item, work: Callable[[Item], Awaitable[tuple[str, Report]]]) -> Graded:
    """Return an item with what became of it; ``work`` returns the id of a run and its report."""
    started = monotonic()
    run_id, report = await work(item)
    seconds = monotonic() - started
    return Graded(item=item, kind=kind, run_id=run_id, report=report, grade=item.grade(report), seconds=seconds)


def measurement(part: Part, model: str, results: Sequence[Graded]) -> Measurement:
    """Return what is kept of a measurement of a part: where no answer is right, withholding one passes."""
    passed = [one.grade == ("right" if one.item.answers else "withheld") for one in results]
    usage = sum((one.report.usage for one in results), Usage())
    return measured(
        f"documents-{part}",
        model,
        passed,
        failures=[
            Failure(sample=one.item.id, kind=one.grade, told=one_line(one.item.question), run_id=one.run_id)
            for one, right in zip(results, passed, strict=True)
            if not right
        ],
        seconds=sum(one.seconds for one in results),
        cost=usage.cost,
        input_tokens=usage.input_tokens,
        output_tokens=usage.output_tokens,
    )


def table(results: Iterable[Graded]) -> dict[tuple[Kind, str], Counter[str]]:
    """Return how many items of each kind, ordinary and trap, got each grade."""
    counts: dict[tuple[Kind, str], Counter[str]] = {}
    for one in results:
        counts.setdefault((one.kind, "trap" if one.item.trap else "ordinary"), Counter())[one.grade] += 1
    return counts


class Agreement(Fact):
    """How often the verdict on an answer agrees with what is right, over the items for which an answer was found.

    Attributes:
        answers: items for which an answer was found.
        believed: answers that are right, which is how often one agrees who believes every answer.
        verified: answers that are right and verified, or wrong and not verified.
        unanswered: items for which nothing was found.
    """

    answers: int = Field(ge=0)
    believed: int = Field(ge=0)
    verified: int = Field(ge=0)
    unanswered: int = Field(ge=0)


def agreement(results: Iterable[Graded]) -> Agreement:
    """Return how often verdicts agree with what is right, with verification and without."""
    found = list(results)
    pairs = [(one.item.is_right(one.report), one.report.outcome == "verified") for one in found if one.report.claims]
    return Agreement(
        answers=len(pairs),
        believed=sum(right for right, _ in pairs),
        verified=sum(right == verified for right, verified in pairs),
        unanswered=len(found) - len(pairs),
    )


def _same(given: str, expected: str) -> bool:
    """Whether two answers are the same but for case, articles, spelling of small numbers, and rounding."""
    one, two = value_of(given), value_of(expected)
    if one and two and one.number is not None and two.number is not None:
        return abs(float(one.number - two.number)) <= _TOLERANCE * max(1.0, abs(float(two.number)))
    plain = [[word for word in words(text) if word not in ("a", "an", "the")] for text in (given, expected)]
    return plain[0] == plain[1]
