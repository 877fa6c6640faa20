"""When rethinking ends, and which round is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.claims import ChainScore, Round
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.stopping import best_round, is_accepted, why_stop

THREE = CheckingConfig(rounds=3)


def done(
    number: int = 0, contradicted: str = "", still_open: str = "", score: float = 0.5, answer: str | None = None
) -> Round:
    """Return a round in which the claims of these letters were refuted or left open."""
    return Round(
        number=number,
        answer=f"answer {number}" if answer is None else answer,
        score=ChainScore(factuality=score, gamma=1, threshold=0.7, score=score, checked=1, claims=1),
        contradicted=tuple(contradicted),
        open=tuple(still_open),
    )


letters = st.text(alphabet="abcd", max_size=4)
shares = st.floats(min_value=0, max_value=1)
outcomes = st.lists(st.tuples(letters, letters, shares), min_size=1, max_size=14)


def numbered(given_outcomes: list[tuple[str, str, float]]) -> list[Round]:
    return [done(number, *outcome) for number, outcome in enumerate(given_outcomes)]


def test_a_good_score_with_nothing_refuted_and_few_claims_open_is_accepted() -> None:
    assert why_stop([done(score=0.7)], THREE, left=True) == "accepted"
    assert why_stop([done(score=0.7, still_open="a")], THREE, left=True) is None
    tolerant = THREE.model_copy(update={"tolerance": 1.0})
    assert why_stop([done(score=0.7, still_open="a")], tolerant, left=True) == "accepted"


@pytest.mark.parametrize("one", [done(score=0.99, contradicted="a"), done(score=0.69)])
def test_a_refuted_claim_or_a_low_score_calls_for_another_round(one: Round) -> None:
    assert not is_accepted(one)
    assert why_stop([one], THREE, left=True) is None


def test_the_reasons_to_stop_at_once() -> None:
    draft = [done(contradicted="a")]
    assert why_stop(draft, CheckingConfig(rounds=0), left=True) == "not rethought"
    assert why_stop(draft, THREE, left=True, rethinks=False) == "not rethought"
    assert why_stop(draft, THREE, left=False) == "budget"
    assert why_stop(draft, THREE, left=True, evidence=False) == "no evidence"


def test_an_accepted_answer_is_accepted_whatever_else_is_missing() -> None:
    good = [done(score=1.0)]
    assert why_stop(good, CheckingConfig(rounds=0), left=False, rethinks=False, evidence=False) == "accepted"


def test_a_round_that_gained_something_earns_another_until_the_limit() -> None:
    rounds = [done(0, "abcd"), done(1, "abc"), done(2, "ab"), done(3, "a")]
    assert [why_stop(rounds[:n], THREE, left=True) for n in range(1, 5)] == [None, None, None, "rounds"]


def test_a_round_without_gain_is_the_last() -> None:
    assert why_stop([done(0, "a", score=0.5), done(1, "b", score=0.5)], THREE, left=True) == "no gain"
    assert why_stop([done(0, "a", score=0.5), done(1, "b", score=0.6)], THREE, left=True) is None


def test_the_same_claims_failing_again_end_it_even_where_the_score_went_up() -> None:
    rounds = [done(0, "a", score=0.5), done(1, "b", score=0.6), done(2, "a", score=0.7)]
    assert why_stop(rounds[:2], THREE, left=True) is None
    assert why_stop(rounds, THREE, left=True) == "repeated"


def test_an_answer_that_comes_back_ends_it_whatever_a_moody_judge_says_of_it_now() -> None:
    rounds = [done(0, "ab", answer="x"), done(1, "a", answer="y"), done(2, "", "c", answer="x")]
    assert why_stop(rounds, THREE, left=True) == "repeated"


def test_a_low_score_without_failed_claims_does_not_count_as_the_same_claims_failing() -> None:
    assert why_stop([done(0, score=0.4), done(1, score=0.6)], THREE, left=True) is None


def test_the_best_round_has_fewest_refuted_then_the_highest_score_then_fewest_open_then_comes_first() -> None:
    assert best_round([done(0, "ab", score=0.9), done(1, "a", score=0.1)]).number == 1
    assert best_round([done(0, "a", score=0.5), done(1, "b", score=0.6), done(2, "c", score=0.4)]).number == 1
    assert best_round([done(0, "", "ab"), done(1, "", "a")]).number == 1
    assert best_round([done(0, "a"), done(1, "b"), done(2, "c")]).number == 0


def test_without_a_round_there_is_nothing_to_decide() -> None:
    with pytest.raises(ValueError, match="no round"):
        why_stop([], THREE, left=True)
    with pytest.raises(ValueError, match="no round"):
        best_round([])


@given(outcomes, st.integers(min_value=0, max_value=10))
def test_rethinking_always_ends_after_the_rounds_allowed(found: list[tuple[str, str, float]], limit: int) -> None:
    config = CheckingConfig(rounds=limit)
    rounds = numbered(found)
    went_on = [n for n in range(1, len(rounds) + 1) if why_stop(rounds[:n], config, left=True) is None]
    assert all(n <= limit for n in went_on)


@given(outcomes)
def test_as_long_as_it_goes_on_the_last_round_is_the_best_so_far(found: list[tuple[str, str, float]]) -> None:
    rounds = numbered(found)
    if why_stop(rounds, CheckingConfig(rounds=10), left=True) is None:
        assert best_round(rounds) == rounds[-1]


@given(outcomes)
def test_no_round_is_better_than_the_one_kept(found: list[tuple[str, str, float]]) -> None:
    rounds = numbered(found)
    kept = best_round(rounds)
    fewest = min(len(set(one.contradicted)) for one in rounds)
    assert len(set(kept.contradicted)) == fewest
    assert all(one.score.score <= kept.score.score for one in rounds if len(set(one.contradicted)) == fewest)


@given(letters.filter(bool), letters.filter(bool), st.floats(min_value=0, max_value=0.69), st.booleans())
def test_a_sentence_that_swings_between_two_wrong_ones_stops_by_the_third_round(
    first: str, second: str, score: float, rising: bool
) -> None:
    rounds = [
        done(number, first if number % 2 == 0 else second, score=score + (number * 0.01 if rising else 0))
        for number in range(10)
    ]
    stopped = next(n for n in range(1, 11) if why_stop(rounds[:n], CheckingConfig(rounds=10), left=True))
    assert stopped <= 3
