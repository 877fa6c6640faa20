"""The judge of arithmetic: what it reads, what it refuses to decide, and that nothing makes it slow."""

import ast
import operator
from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.verification.arithmetic.judging import LONGEST_TEXT, judge_arithmetic
from evals.benchmarks.arithmetic import measure
from tests.endings import ends


def verdicts(text: str, reference: date | None = None) -> list[str]:
    return [judgement.verdict for judgement in judge_arithmetic(text, reference=reference)]


@pytest.mark.parametrize(
    ("true", "false"),
    [
        ("3 * 4 = 12", "3 * 4 = 13"),
        ("12 + 7 is 19", "12 + 7 is 20"),
        ("15% of 80 is 12", "15% of 80 is 13"),
        ("Half of 18 is 9.", "Half of 18 is 8."),
        ("½ of 10 = 5", "½ of 10 = 6"),
        ("1,234 + 766 = 2,000", "1,234 + 766 = 2,001"),
        ("$2.40 x 5 = $12", "$2.40 x 5 = $13"),
        ("3 × 4 − 2 = 10", "3 × 4 − 2 = 11"),
        ("1 1/2 + 2 = 3 1/2", "1 1/2 + 2 = 3 1/4"),
        ("1/3 = 0.33", "1/3 = 0.34"),
        ("3乘以4等于12", "3乘以4等于13"),
        ("80的15%等于12", "80的15%等于13"),
        ("three plus four is seven", "three plus four is eight"),
        ("The sum of 3 and 4 is 7", "The sum of 3 and 4 is 8"),
        ("Subtracting 5 from 12 gives 7", "Subtracting 5 from 12 gives 8"),
        ("17 / 5 = 3 remainder 2", "17 / 5 = 3 remainder 1"),
        ("2^10 = 1024", "2^10 = 1000"),
        ("sqrt(16) = 4", "sqrt(16) = 5"),
        ("2 hours * 60 minutes/hour = 120 minutes", "2 hours * 60 minutes/hour = 122 minutes"),
        ("5 km = 5000 m", "5 km = 500 m"),
        ("5 km + 300 m = 5.3 km", "5 km + 3 m = 8 km"),
        ("32 °F = 0 °C", "5 kg = 5 m"),
        ("2024-02-29 is a Thursday", "2024-02-29 is a Friday"),
        ("2024年2月29日是星期四", "2024年2月29日是星期五"),
        ("There are 30 days between 2024-01-01 and 2024-01-31", "There are 25 days between 2024-01-01 and 2024-01-31"),
        ("10 days after 2024-02-25 is 2024-03-06", "10 days after 2024-02-25 is 2024-03-07"),
        (
            "She was born on 10 December 1815 and was 36 years old on 27 November 1852",
            "She was born on 10 December 1815 and was 37 years old on 27 November 1852",
        ),
    ],
)
def test_a_true_statement_is_supported_and_its_false_twin_contradicted(true: str, false: str) -> None:
    assert verdicts(true) == ["supported"]
    assert verdicts(false) == ["contradicted"]


@pytest.mark.parametrize(
    "text",
    [
        "1/0 = 5",
        "9**9**9 = 7",
        "2^99999999 = 1",
        "(" * 300 + "1+1" + ")" * 300 + " = 3",
        "1" * 100_000 + " + 1 = 3",
        "5 blorps = 3 zings",
        "Is 3 * 4 = 13?",
        "Suppose 2 + 2 = 5, then all is lost",
        "It is not true that 2 + 2 = 5",
        "7 + 8 = 3 (mod 12)",
        "1 + 1 = 10 in binary",
        "A score of 3-2 is 5",
        "1 litre = 1 kg",
        "Tomorrow is a Sunday",
        "2021-02-30 is a Monday",
        "$1 / 4 = 25 cents",
        "on a map 1 cm = 5 km",
        "03/04/2024 is a Monday",
    ],
)
def test_what_has_no_certain_value_or_is_not_asserted_stays_unverifiable(text: str) -> None:
    assert verdicts(text) == ["unverifiable"]


@pytest.mark.parametrize("text", ["10 / 3 = 3", "3 + 5 = 8 * 2", "born in 1980, she was 40 in 2020"])
def test_what_holds_only_in_a_way_is_qualified(text: str) -> None:
    assert verdicts(text) == ["qualified"]


@pytest.mark.parametrize(
    "text", ["", "4x + 20 = 100", "180 - x = 304 humps", "f(3) = 9", "Call 555-1234.", "```\nx = 1 + 1 == 3\n```"]
)
def test_what_is_no_computed_statement_is_left_alone(text: str) -> None:
    assert verdicts(text) == []


def test_every_link_of_a_chain_is_judged_and_spans_are_places_in_the_text() -> None:
    text = "First words.\nSo she has 4 * 5 = 20 = 7 + 12 of them."
    judged = judge_arithmetic(text)
    assert [one.verdict for one in judged] == ["supported", "contradicted"]
    assert [text[one.start : one.end] for one in judged] == [one.text for one in judged]
    assert judged[0].text == "4 * 5 = 20"


def test_a_relative_date_is_judged_with_its_reference() -> None:
    assert verdicts("Tomorrow is a Sunday", date(2026, 11, 21)) == ["supported"]


def test_a_text_that_cannot_be_judged_is_an_error_and_never_contradicted() -> None:
    assert verdicts("2 + 2 = 5\n" * (LONGEST_TEXT // 10 + 1)) == ["error"]


_SIGNS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def independent(node: ast.expr) -> Fraction:
    """Evaluate with Python's own parser: another reader of the same text."""
    if isinstance(node, ast.BinOp):
        return _SIGNS[type(node.op)](independent(node.left), independent(node.right))
    assert isinstance(node, ast.Constant)
    assert isinstance(node.value, int)
    return Fraction(node.value)


expressions = st.recursive(
    st.integers(0, 500).map(str),
    lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda parts: f"({' '.join(parts)})"),
    max_leaves=8,
).filter(lambda text: "(" in text)


@settings(max_examples=150, deadline=None)
@given(expressions)
def test_random_expressions_agree_with_another_evaluation(expression: str) -> None:
    text = expression[1:-1]
    try:
        value = independent(ast.parse(text, mode="eval").body)
    except ZeroDivisionError:
        assert verdicts(f"{text} = 1") == ["unverifiable"]
        return
    assert verdicts(f"{text} = {value}") == ["supported"]
    assert verdicts(f"{text} = {value + 7}") == ["contradicted"]


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="0123456789 +-*/^=().,%$xXab√½²等于乘以\n", max_size=200))
def test_no_text_makes_the_judge_fail(text: str) -> None:
    assert "error" not in verdicts(text)


@pytest.mark.parametrize(
    "text",
    [
        "=" * 50_000,
        "(" * 50_000 + "= 1",
        "2^" * 25_000 + "2 = 1",
        "-" * 50_000 + "1 = 1",
        "1 a " * 12_000 + "= 1",
        "twice " * 9_000 + "1 = 1",
        "born in 1980 was " * 3_000,
        " " * 50_000,
        "9**9**9 = 1\n" * 300,
        "1 + " * 12_000 + "1 = 1",
    ],
    ids=lambda text: repr(text[:12]),
)
def test_hostile_texts_end_quickly(text: str) -> None:
    with ends():
        assert set(verdicts(text)) <= {"unverifiable"}


def test_written_solutions_lose_no_corruption_and_raise_no_alarm() -> None:
    (row,) = measure(None, count=120, seed=7)
    assert row.false_alarms == ()
    assert row.missed == ()
