"""The documents suite counts right, wrong and withheld."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.execution.guided.outcomes import CitedOutcome, ComputedOutcome, Outcome
from agent.execution.guided.testing import ScriptedSteps
from agent.execution.guided.triage import Part
from agent.execution.port import Steps
from evals.documents.suite import DATA, Half, Item, Kind, items, run, table

ITEM = Item(id="a", question="What is the port?", answers=("7420",), cites=("listens on",))


@asynccontextmanager
async def no_steps(documents: Path, files: Path) -> AsyncIterator[Steps]:
    yield ScriptedSteps({}, {})


def cited(answer: str, quote: str) -> Outcome:
    return CitedOutcome(question=ITEM.question, answer=answer, status="accepted", quote=quote)


def test_a_right_answer_from_the_right_sentence_is_right() -> None:
    assert ITEM.grade(cited("7420", "It listens on 7420.")) == "right"


@pytest.mark.parametrize(("answer", "quote"), [("8080", "It listens on 8080."), ("7420", "There are 7420 files.")])
def test_a_wrong_answer_or_the_wrong_sentence_is_wrong(answer: str, quote: str) -> None:
    assert ITEM.grade(cited(answer, quote)) == "wrong"


def test_any_accepted_answer_to_an_unanswerable_question_is_wrong() -> None:
    trap = Item(id="t", question="What is the profit?", answers=(), trap="near miss")

    assert trap.grade(ComputedOutcome(question=trap.question, answer="0", status="accepted")) == "wrong"


def test_a_withheld_answer_is_withheld_whatever_it_says() -> None:
    assert ITEM.grade(Outcome(question=ITEM.question, answer="7420", status="withheld", reason="doubt")) == "withheld"


@pytest.mark.parametrize(
    ("given", "expected"), [("the Alps", "alps"), ("eight minutes", "8 minutes"), ("3.4444", "3.44443")]
)
def test_spelling_and_rounding_do_not_matter(given: str, expected: str) -> None:
    item = Item(id="a", question="?", answers=(expected,))

    assert item.grade(Outcome(question="?", answer=given, status="accepted")) == "right"


async def test_a_run_is_counted_by_kind_and_class() -> None:
    async def work(part: Part, steps: Steps) -> Outcome:
        return cited("7420", "It listens on 7420.")

    graded = await run("dev", "question", [ITEM], no_steps, work)

    assert table(graded) == {("question", "ordinary"): {"right": 1}}


@pytest.mark.parametrize("half", ["dev", "heldout", "fresh"])
@pytest.mark.parametrize("kind", ["question", "computation"])
def test_every_item_has_its_own_id_and_what_it_cites_is_in_the_documents(half: Half, kind: Kind) -> None:
    found = items(half, kind)
    texts = "\n".join(path.read_text() for path in (DATA / half / "documents").iterdir())

    assert len({item.id for item in found}) == len(found)
    assert all(text in texts for item in found for text in item.cites)
    assert all(item.answers or item.trap for item in found)
