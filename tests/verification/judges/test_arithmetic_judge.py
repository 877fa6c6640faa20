"""What the judge of arithmetic says of a claim as a whole."""

from datetime import date

import pytest

from agent.domain.claims import Claim, ClaimKind, Judgement
from agent.verification.chain.deciding import verdict_of
from agent.verification.judges.arithmetic import LONGEST_CLAIM, ArithmeticJudge


async def judged(
    text: str, *, sentence: str = "", kind: ClaimKind = "number", reference: date | None = None
) -> Judgement | None:
    claim = Claim(id="c1", text=text, sentence=sentence, kind=kind)
    found = await ArithmeticJudge(reference).judge("r0/c1/arithmetic", claim, ())
    assert len(found) <= 1
    if found:
        assert verdict_of(claim, found) == found[0].verdict
    return found[0] if found else None


@pytest.mark.parametrize(
    "text",
    [
        "So 12 * 4 = 48.",
        "The sum of 3 and 4 is 7.",
        "Therefore, 15% of 80 is 12.",
        "17 / 5 = 3 remainder 2.",
        "1 km = 1000 m",
        "2 + 2 = 4 and 3 + 3 = 6",
        "所以3乘以4等于12。",
        "There are 7 days between 2024-01-01 and 2024-01-08.",
    ],
)
async def test_a_claim_that_is_nothing_but_a_right_computation_is_supported(text: str) -> None:
    found = await judged(text)
    assert found is not None
    assert (found.verdict, found.tier, found.evidence) == ("supported", "T1", ())


@pytest.mark.parametrize(
    ("text", "open_part"),
    [
        ("Alice has 48 / 2 = 24 clips", "alice"),
        ("Not 2 + 2 = 4", "not"),
        ("She was born on 1990-05-01 and was 30 on 2020-06-01", "born"),
        ("It is said that 2 + 2 = 4", "said"),
    ],
)
async def test_what_a_claim_says_besides_a_right_computation_stays_open(text: str, open_part: str) -> None:
    found = await judged(text)
    assert found is not None
    assert found.verdict == "unverifiable"
    assert open_part in found.detail


@pytest.mark.parametrize(
    "text",
    [
        "Alice has 48 / 2 = 25 clips, which is a lot",
        "2 + 2 = 4 and 3 + 3 = 7",
        "17 / 5 = 3 remainder 1",
        "5 km = 3 kg",
        "2024-02-29 is a Friday",
        "She was born on 1990-05-01 and was 40 on 2020-06-01",
    ],
)
async def test_one_false_part_refutes_the_whole_claim(text: str) -> None:
    found = await judged(text)
    assert found is not None
    assert found.verdict == "contradicted"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1/0 = 5", "division by zero"),
        ("9**9**9 = 3", "too large"),
        ("5 flurbs = 3 zorks", "units that are not known"),
        ("today is a Monday", "reference date"),
        ("Not 2 + 2 = 5", "not"),
        ("It is false that 2 + 2 = 5", "speaks about"),
    ],
)
async def test_what_cannot_be_computed_is_unverifiable_with_its_reason(text: str, reason: str) -> None:
    found = await judged(text)
    assert found is not None
    assert found.verdict == "unverifiable"
    assert reason in found.detail


async def test_relative_dates_are_judged_by_the_day_of_the_run() -> None:
    saturday = date(2026, 11, 21)
    right = await judged("Today is a Saturday.", reference=saturday)
    wrong = await judged("Today is a Monday.", reference=saturday)
    assert right is not None
    assert wrong is not None
    assert (right.verdict, wrong.verdict) == ("supported", "contradicted")


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("1.1 + 2.2 = 3.3", "supported"),
        ("1.1 + 2.2 != 3.3", "qualified"),
        ("1.1 + 2.2 == 3.3", "qualified"),
        ("1.1 + 2.2 = 3.3000000000000003", "qualified"),
        ("0.1 + 0.2 > 0.3", "qualified"),
        ("0.5 + 0.25 != 0.75", "contradicted"),
        ("0.5 + 0.25 == 0.75", "supported"),
        ("1.1 + 2.2 = 3.4", "contradicted"),
        ("9007199254740992 + 1 = 9007199254740992", "contradicted"),
        ("1 / 0.0 != 3.5", "unverifiable"),
    ],
)
async def test_what_holds_only_in_exact_decimals_or_only_in_floating_point_is_qualified(
    text: str, verdict: str
) -> None:
    found = await judged(text)
    assert found is not None
    assert found.verdict == verdict


async def test_a_claim_that_its_sentence_only_supposes_is_not_refuted() -> None:
    found = await judged("2 + 2 = 5", sentence="If 2 + 2 = 5, then everything follows.")
    assert found is not None
    assert found.verdict == "unverifiable"


async def test_what_is_said_of_a_piece_of_code_is_left_to_the_judge_of_code() -> None:
    for text in ("`2 + 2 == 5` is False", "`2 + 2 == 5` evaluates to `False`", "The check `1 + 1 == 3` fails"):
        assert await judged(text) is None
    found = await judged("`2 + 2 = 5`")
    assert found is not None
    assert found.verdict == "contradicted"


async def test_what_computes_nothing_or_is_no_statement_of_numbers_is_left_to_other_judges() -> None:
    assert await judged("Berlin has 3.6 million inhabitants.") is None
    assert await judged("I find that 2 + 2 = 5", kind="opinion") is None
    assert await judged("`1.1 + 2.2 == 3.3` prints False", kind="code") is None


async def test_a_claim_of_unreasonable_length_is_not_computed() -> None:
    found = await judged("1 + 1 = 2 " * LONGEST_CLAIM)
    assert found is not None
    assert found.verdict == "unverifiable"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 Mg = 1000 kg", "unverifiable"),
        ("1 mg = 0.001 g", "supported"),
        ("0 \u00b0C = 0 K", "unverifiable"),
        ("$5 + \u20ac7 = $12", "unverifiable"),
        ("US$5 + US$7 = US$12", "supported"),
        ("5 km + 3 kg = 8", "unverifiable"),
        ("60 km/h = 16.67 m/s", "supported"),
        ("60 km/h = 20 m/s", "contradicted"),
        ("60 km/h * 2 h = 120 km", "supported"),
        ("1,000 + 1 = 2", "unverifiable"),
        ("1.000 + 1 = 1.001", "unverifiable"),
        ("1,000 + 1 = 1,001", "supported"),
        ("1,000 + 1 = 1,002", "contradicted"),
        ("1,5 + 1,5 = 3", "supported"),
        ("0.125 + 0.125 = 0.5", "contradicted"),
    ],
)
async def test_units_currencies_and_separators_are_read_as_they_are_written(text: str, expected: str) -> None:
    found = await judged(text)
    assert found is not None
    assert found.verdict == expected


@pytest.mark.parametrize(
    "text",
    [
        'He wrote "2 + 2 = 5" on the board.',
        "7 * 8 = 54 is a common mistake.",
        "In binary, 1 + 1 = 10.",
        "In mod 12 arithmetic, 9 + 5 = 2.",
        "On a clock, 11 + 2 = 1.",
        "Pages 10-12 = 3 pages.",
        "Call 030-12345 = 5.",
    ],
)
async def test_what_is_quoted_or_meant_in_another_manner_refutes_nothing(text: str) -> None:
    found = await judged(text)
    assert found is not None
    assert found.verdict == "unverifiable"


async def test_what_is_told_behind_a_right_result_stays_open() -> None:
    found = await judged("2 + 2 is 4 moons that orbit the planet Mars")
    assert found is None or found.verdict == "unverifiable"
