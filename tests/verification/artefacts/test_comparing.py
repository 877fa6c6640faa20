"""Comparing what several made of the same wishes."""

import pytest

from agent.domain.artefacts import Criterion, CriterionResult, Inspection, Scenario
from agent.domain.checks import Outcome
from agent.domain.errors import UsageError
from agent.verification.artefacts.comparing import Entry, claims_of, games_of
from agent.verification.artefacts.ranking import Candidate

CRITERION = Criterion(
    id="load", wish="bears", scenario=Scenario(name="bears"), measure="tilt", relation="<", threshold=5
)


def entry(
    player: str, outcome: Outcome, *, wish: str = "a stool", run: str = "", verified: bool | None = None
) -> Entry:
    result = CriterionResult(criterion=CRITERION, outcome=outcome, detail="")
    candidate = Candidate(name=player, inspection=Inspection(), pragmatic=(result,))
    return Entry(key=f"{player}{run}", player=player, wish=wish, candidate=candidate, claimed=True, verified=verified)


async def test_whoever_meets_more_criteria_wins_and_equals_draw() -> None:
    games = await games_of([entry("a", "pass"), entry("b", "fail"), entry("c", "inconclusive")])
    assert {(game.first, game.second, game.score) for game in games} == {("a", "b", 1), ("a", "c", 1), ("b", "c", 0.5)}
    assert {game.about for game in games} == {"a stool"}


async def test_only_what_was_made_of_the_same_wish_by_different_players_is_compared() -> None:
    entries = [
        entry("a", "pass", run="1"),
        entry("a", "fail", run="2"),
        entry("b", "fail"),
        entry("b", "pass", wish="a mug"),
    ]
    games = await games_of(entries)
    assert sorted(game.score for game in games) == [0.5, 1]
    with pytest.raises(UsageError, match="no two of these can be compared"):
        await games_of(entries[2:])
    with pytest.raises(UsageError, match="b is named twice"):
        await games_of([entry("b", "pass"), entry("b", "pass")])


async def test_looks_decide_only_where_criteria_do_not_and_are_asked_both_ways_round() -> None:
    asked: list[tuple[str, str]] = []

    async def prefers_a(first: Entry, second: Entry) -> float:
        asked.append((first.player, second.player))
        return 1.0 if first.player == "a" else 0.0

    async def prefers_the_first(first: Entry, second: Entry) -> float:
        return 1.0

    entries = [entry("a", "fail"), entry("b", "fail"), entry("c", "pass")]
    games = {(game.first, game.second): game.score for game in await games_of(entries, prefers_a)}
    assert games == {("a", "b"): 1, ("a", "c"): 0, ("b", "c"): 0}
    assert sorted(asked) == [("a", "b"), ("b", "a")]
    undecided = {(game.first, game.second): game.score for game in await games_of(entries, prefers_the_first)}
    assert undecided["a", "b"] == 0.5


def test_claims_are_set_against_what_held() -> None:
    told = claims_of(
        [
            entry("a", "pass", verified=True),
            entry("a", "fail", wish="a mug", verified=False),
            entry("b", "pass", verified=None),
        ]
    )
    assert [(one.player, one.made, one.claimed, one.verified, one.false_share) for one in told] == [("a", 2, 2, 1, 0.5)]
