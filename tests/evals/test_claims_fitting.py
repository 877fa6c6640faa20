"""Thresholds of a small model's judge are fitted so that right verdicts outweigh wrong ones."""

from agent.verification.judges.margins import Odds, verdict_by
from evals.claims.fitting import Sample, fit, held_out, table


def sample(number: int, label: str, proves: float, denies: float, *, again: float = 9.0) -> Sample:
    return Sample(
        text=f"text {number}",
        label=label,
        first=Odds(proves=proves, denies=denies, neither=-5.0),
        again=Odds(proves=-again, denies=0.0, neither=-20.0),
    )


# what is supported gets proof from -4 on, which a plain comparison of words would call a denial
GIVEN = [
    *(sample(number, "supported", -4.0 + number / 10, -1.0, again=-3.0) for number in range(6)),
    *(sample(number, "contradicted", -9.0 - number / 10, -0.1) for number in range(10, 16)),
    *(sample(number, "not_found", -9.0 - number / 10, -9.0) for number in range(20, 26)),
]


def test_a_model_that_is_shy_of_proof_gets_a_low_threshold_for_it() -> None:
    thresholds = fit(GIVEN)

    assert thresholds.supported < -3.0
    assert [verdict_by(one.first, one.again, thresholds) for one in GIVEN] == [one.label for one in GIVEN]


def test_the_second_vote_is_fitted_to_take_back_denials_of_what_is_true() -> None:
    denied = [sample(number, "supported", -9.0 - number / 10, -0.1, again=-6.0) for number in range(40, 43)]

    thresholds = fit([*GIVEN, *denied])

    assert {verdict_by(one.first, one.again, thresholds) for one in denied} == {"unverifiable"}


def test_every_pair_is_held_out_once_with_all_pairs_of_its_text() -> None:
    judged = list(held_out(GIVEN))

    assert sorted(one.text for one, _ in judged) == sorted(one.text for one in GIVEN)
    assert sum(verdict == one.label for one, verdict in judged) >= 15
    assert "contradicted: contradicted" in table(judged)
