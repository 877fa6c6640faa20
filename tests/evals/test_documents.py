"""The documents suite counts right, wrong and withheld."""

from pathlib import Path

import pytest

from agent.domain.claims import CheckedClaim, Claim
from agent.domain.evidence import Quote, Source
from agent.domain.report import Report, ReportOutcome
from evals.documents.suite import DATA, KINDS, PARTS, Item, Kind, Part, graded, items, measurement, table

ITEM = Item(id="a", question="What is the port?", answers=("7420",), cites=("listens on",))
TRAP = Item(id="t", question="What is the profit?", answers=(), trap="near miss")


def report(answer: str, quote: str = "It listens on 7420.", outcome: ReportOutcome = "verified") -> Report:
    source = Source(title="a", location="a.md", text_sha256="0" * 64)
    return Report(
        goal="?",
        answer=answer,
        outcome=outcome,
        claims=(CheckedClaim(claim=Claim(id="c", text=answer, evidence=("q",)), verdict="supported"),),
        evidence=(Quote(id="q", source=source, start=0, end=len(quote), text=quote),),
    )


def test_a_right_answer_from_the_right_sentence_is_right() -> None:
    assert ITEM.grade(report("7420")) == "right"


@pytest.mark.parametrize(("answer", "quote"), [("8080", "It listens on 8080."), ("7420", "There are 7420 files.")])
def test_a_wrong_answer_or_the_wrong_sentence_is_wrong(answer: str, quote: str) -> None:
    assert ITEM.grade(report(answer, quote)) == "wrong"


def test_any_verified_answer_to_an_unanswerable_question_is_wrong() -> None:
    assert TRAP.grade(report("0")) == "wrong"


def test_a_verified_report_without_any_claim_is_wrong() -> None:
    assert ITEM.grade(report("7420").model_copy(update={"claims": ()})) == "wrong"


@pytest.mark.parametrize("outcome", ["unverified", "failed"])
def test_what_is_not_shown_as_verified_is_withheld_whatever_it_says(outcome: ReportOutcome) -> None:
    assert ITEM.grade(report("8080", outcome=outcome)) == "withheld"


@pytest.mark.parametrize(
    ("given", "expected"), [("the Alps", "alps"), ("eight minutes", "8 minutes"), ("3.4444", "3.44443")]
)
def test_spelling_and_rounding_do_not_matter(given: str, expected: str) -> None:
    assert Item(id="a", question="?", answers=(expected,)).grade(report(given)) == "right"


async def test_results_are_counted_by_kind_and_class() -> None:
    async def work(item: Item) -> tuple[str, Report]:
        return "run-1", report("7420")

    results = [await graded("question", ITEM, work), await graded("question", TRAP, work)]

    assert table(results) == {("question", "ordinary"): {"right": 1}, ("question", "trap"): {"wrong": 1}}

    kept = measurement("dev", "scripted", results)
    assert (kept.suite, kept.model, kept.samples, kept.passed, kept.mean) == ("documents-dev", "scripted", 2, 1, 0.5)
    assert [(one.sample, one.kind, one.run_id) for one in kept.failures] == [(TRAP.id, "wrong", "run-1")]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_item_has_its_own_id_and_what_it_cites_is_in_the_documents(part: Part, kind: Kind) -> None:
    found = items(part, kind)
    texts = "\n".join(path.read_text() for path in Path(DATA / part / "documents").iterdir())

    assert len({item.id for item in found}) == len(found)
    assert all(text in texts for item in found for text in item.cites)
    assert all(item.answers or item.trap for item in found)
