"""What each scorer makes of answers and reports."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from agent.domain.claims import CheckedClaim, Claim, Verdict
from agent.domain.plan import Plan, Subtask
from agent.domain.report import Report, ReportOutcome
from evals.scorers.answers import COMPARING, given_answer
from evals.scorers.forms import Score, Scorer
from evals.scorers.reports import LOOKING
from evals.scorers.scoring import passes
from evals.suite.sample import Sample

SCORER: TypeAdapter[Scorer] = TypeAdapter(Scorer)


def score(form: dict[str, Any], answer: str, *gold: str) -> Score:
    scorer = SCORER.validate_python(form)
    return COMPARING[scorer.kind](scorer, answer, gold)


@pytest.mark.parametrize(
    ("form", "answer", "gold", "passed"),
    [
        ({"kind": "exact"}, " yes\n", ["yes"], True),
        ({"kind": "exact"}, "Yes", ["yes"], False),
        ({"kind": "normalised"}, "The Eiffel tower.", ["eiffel Tower"], True),
        ({"kind": "normalised"}, "twelve cars", ["12 cars"], True),
        ({"kind": "normalised"}, "1,200", ["1200"], True),
        ({"kind": "normalised"}, "not 12 cars", ["12 cars"], False),
        ({"kind": "normalised"}, "\u5317\u4eac\u3002", ["\u5317\u4eac"], True),
        ({"kind": "normalised"}, "", ["..."], False),
        ({"kind": "contains"}, "It was in Gdynia, in 1979.", ["Gdynia"], True),
        ({"kind": "contains"}, "It was in Gdyniax.", ["Gdynia"], False),
        ({"kind": "numeric"}, "3 of them, so 1,234.5 in all", ["1234.5"], True),
        ({"kind": "numeric"}, "\u22125", ["-5"], True),
        ({"kind": "numeric", "relative": 0.01}, "100.9", ["100"], True),
        ({"kind": "numeric", "relative": 0.01}, "101.1", ["100"], False),
        ({"kind": "numeric"}, "none", ["1"], False),
        ({"kind": "choice"}, "(B)", ["b"], True),
        ({"kind": "choice"}, "I think that the answer is C.", ["C"], True),
        ({"kind": "choice"}, "A", ["A"], True),
        ({"kind": "choice"}, "I do not know", ["B"], False),
        ({"kind": "f1"}, "the red kite lands", ["a red kite"], True),
        ({"kind": "rouge_l"}, "wholly different", ["a red kite"], False),
        ({"kind": "regex", "pattern": r"^\d{4}$"}, "in\n1984\n", [], True),
        ({"kind": "json_schema", "schema": {"required": ["a"]}}, 'Here: {"a": 1}', [], True),
        ({"kind": "json_schema", "schema": {"required": ["a"]}}, 'Here: {"b": 1}', [], False),
        ({"kind": "json_schema", "schema": {"type": "object"}}, "no JSON at all", [], False),
    ],
)
def test_an_answer_is_compared(form: dict[str, Any], answer: str, gold: list[str], passed: bool) -> None:
    assert score(form, answer, *gold).passed is passed


@pytest.mark.parametrize(
    ("form", "gold"),
    [
        ({"kind": "regex", "pattern": "("}, []),
        ({"kind": "json_schema", "schema": {"type": 7}}, []),
        ({"kind": "numeric"}, ["many"]),
    ],
)
def test_a_scorer_that_cannot_work_is_an_error_and_no_failure(form: dict[str, Any], gold: list[str]) -> None:
    found = score(form, "{} 1", *gold)

    assert (found.value, found.passed) == (None, None)
    assert passes([found]) is None


@given(st.sampled_from(["exact", "normalised", "contains", "numeric", "choice", "f1", "rouge_l"]), st.text(), st.text())
def test_whatever_is_answered_has_a_value_between_nothing_and_all(kind: str, answer: str, gold: str) -> None:
    found = score({"kind": kind}, answer, gold)

    assert found.value is None or 0 <= found.value <= 1


@given(st.text(min_size=1).filter(lambda text: any(sign.isalnum() for sign in text)))
def test_the_gold_answer_itself_is_right(gold: str) -> None:
    assert score({"kind": "exact"}, gold, gold).passed


def report(outcome: ReportOutcome = "verified", *verdicts: Verdict, **fields: Any) -> Report:
    claims = tuple(
        CheckedClaim(claim=Claim(id=f"c{n}", text="t"), verdict=verdict) for n, verdict in enumerate(verdicts)
    )
    return Report(goal="g", answer="a", outcome=outcome, claims=claims, **fields)


def looked(form: dict[str, Any], found: Report, **fields: Any) -> Score:
    scorer = SCORER.validate_python(form)
    return LOOKING[scorer.kind](scorer, Sample(id="s", goal="g", **fields), found)


def test_claims_count_by_their_verdicts() -> None:
    assert looked({"kind": "claims"}, report("verified", "supported", "supported")).value == 1
    assert looked({"kind": "claims"}, report("unverified", "supported", "not_found")).value == 0.5
    assert looked({"kind": "claims"}, report("unverified", "supported", "contradicted")).value == 0
    assert looked({"kind": "claims"}, report("unverified", "error")).value is None
    assert looked({"kind": "claims"}, report()).value == 0


def test_verdicts_are_compared_with_those_that_are_named() -> None:
    claims = tuple(
        CheckedClaim(claim=Claim(id=text, text=text), verdict=verdict)
        for text, verdict in (("It is old.", "supported"), ("It is red.", "contradicted"), ("It is tall.", "not_found"))
    )
    found = Report(goal="g", answer="a", outcome="unverified", claims=claims)
    right = {"old": "supported", "red": "contradicted", "tall": ["not_found", "unverifiable"]}

    assert looked({"kind": "verdicts"}, found, verdicts=right).value == 1
    wrong = looked({"kind": "verdicts"}, found, verdicts={**right, "red": "supported", "small": "supported"})
    assert (wrong.value, wrong.passed) == (0.5, False)
    assert "'red' is contradicted, not supported; 'small' is no claim" in wrong.detail
    assert looked({"kind": "verdicts"}, found, verdicts={"It is": "supported"}).value == 0, "words of several claims"
    assert looked({"kind": "verdicts"}, found).passed is None


def test_what_is_to_be_refused_passes_when_it_is() -> None:
    assert looked({"kind": "verified"}, report("unverified"), refuse=True).passed
    assert not looked({"kind": "verified"}, report("verified"), refuse=True).passed
    # whoever was stopped on the way has refused nothing
    assert not looked({"kind": "verified"}, report("budget_exhausted"), refuse=True).passed


def test_a_plan_is_compared_with_what_is_needed() -> None:
    plan = Plan(subtasks=tuple(Subtask(id=name, goal="g", status="done") for name in ("a", "b", "c", "d")))

    assert looked({"kind": "plan", "least": 2, "most": 4}, report(plan=plan)).value == 1
    assert looked({"kind": "plan", "least": 0, "most": 2}, report(plan=plan)).value == 0.5
    assert looked({"kind": "plan", "least": 0, "most": 0}, report()).value == 1


def test_claims_that_answer_questions_are_the_answer() -> None:
    asked = CheckedClaim(claim=Claim(id="c", text="12", question="How many?"), verdict="supported")

    assert given_answer(report().model_copy(update={"claims": (asked,)})) == "12"
    assert given_answer(report("verified", "supported")) == "a"


def test_a_required_scorer_that_fails_decides() -> None:
    good, bad = Score(scorer="x", value=1, passed=True, detail=""), Score(scorer="y", value=0, passed=False, detail="")
    unclear = Score(scorer="z", detail="")

    assert passes([good]) is True
    assert passes([good, unclear]) is None
    assert passes([unclear, bad]) is False
    assert passes([good, bad.model_copy(update={"required": False})]) is True
    assert passes([]) is None
