"""The items of the suite, and what counts as right."""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from time import monotonic
from typing import Literal, Protocol

from pydantic import Field, TypeAdapter

from agent.domain.base import Fact
from agent.execution.guided.outcomes import CitedOutcome, Outcome
from agent.execution.guided.triage import Part
from agent.execution.guided.values import value_of
from agent.execution.guided.words import words
from agent.execution.port import Steps

Half = Literal["dev", "heldout", "fresh"]
Kind = Literal["question", "computation"]
Grade = Literal["right", "wrong", "withheld"]

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

    def grade(self, outcome: Outcome) -> Grade:
        """Return whether an outcome is right; a right answer with the wrong sentence is wrong."""
        if not outcome.accepted:
            return "withheld"
        cited = not isinstance(outcome, CitedOutcome) or _cites(self, outcome)
        return "right" if cited and any(_same(outcome.answer, answer) for answer in self.answers) else "wrong"


class Graded(Fact):
    """An item with its outcome, its grade, and the seconds it took."""

    item: Item
    kind: Kind
    outcome: Outcome
    grade: Grade
    seconds: float = Field(ge=0)


class StepsFactory(Protocol):
    """Opens steps over a folder of documents and a folder of workspace files, for one item."""

    def __call__(self, documents: Path, files: Path) -> AbstractAsyncContextManager[Steps]:
        """Return steps in a context of their own."""


def items(half: Half, kind: Kind) -> tuple[Item, ...]:
    """Return the items of one half of the suite."""
    lines = (DATA / half / f"{kind}s.jsonl").read_text(encoding="utf-8").splitlines()
    return TypeAdapter(tuple[Item, ...]).validate_json(f"[{','.join(lines)}]")


async def run(
    half: Half,
    kind: Kind,
    chosen: Iterable[Item],
    open_steps: StepsFactory,
    work: Callable[[Part, Steps], Awaitable[Outcome]],
) -> tuple[Graded, ...]:
    """Return each item with its outcome, one after the other."""
    graded = []
    for item in chosen:
        started = monotonic()
        async with open_steps(DATA / half / "documents", DATA / half / "files") as steps:
            outcome = await work(Part(id="part-1", text=item.question, kind=kind), steps)
        seconds = monotonic() - started
        graded.append(Graded(item=item, kind=kind, outcome=outcome, grade=item.grade(outcome), seconds=seconds))
    return tuple(graded)


def table(graded: Iterable[Graded]) -> dict[tuple[Kind, str], Counter[str]]:
    """Return how many items of each kind, ordinary and trap, got each grade."""
    counts: dict[tuple[Kind, str], Counter[str]] = {}
    for one in graded:
        counts.setdefault((one.kind, "trap" if one.item.trap else "ordinary"), Counter())[one.grade] += 1
    return counts


def _cites(item: Item, outcome: CitedOutcome) -> bool:
    place = f"{outcome.quote}"
    return not item.cites or any(text in place for text in item.cites)


def _same(given: str, expected: str) -> bool:
    """Whether two answers are the same but for case, articles, spelling of small numbers, and rounding."""
    one, two = value_of(given), value_of(expected)
    if one and two and one.number is not None and two.number is not None:
        return abs(float(one.number - two.number)) <= _TOLERANCE * max(1.0, abs(float(two.number)))
    plain = [[word for word in words(text) if word not in ("a", "an", "the")] for text in (given, expected)]
    return plain[0] == plain[1]
