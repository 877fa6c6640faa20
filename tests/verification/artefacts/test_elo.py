"""Candidates and systems are compared by games between two; the ratings say who is better, and how surely."""

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agent.domain.errors import UsageError
from agent.verification.artefacts.elo import BASE, Game, K, expected, rated, tournament

names = st.integers(2, 6).map(lambda count: [f"p{number}" for number in range(count)])
scores = st.sampled_from([0.0, 0.5, 1.0])


@st.composite
def round_robin(draw: st.DrawFn) -> tuple[list[str], list[Game]]:
    """Each plays each the same number of times, with any outcomes."""
    players, rounds = draw(names), draw(st.integers(1, 3))
    pairs = list(combinations(players, 2)) * rounds
    return players, [Game(first=one, second=other, score=draw(scores)) for one, other in pairs]


def test_one_game_between_equals_moves_half_of_k() -> None:
    first, second = rated([Game(first="a", second="b", score=1)])
    assert (first.player, first.rating, second.rating) == ("a", BASE + K / 2, BASE - K / 2)
    assert (first.won, first.drawn, first.lost, first.games) == (1, 0, 0, 1)


def test_400_points_are_ten_to_one() -> None:
    assert expected(1900, 1500) == pytest.approx(10 / 11)
    assert expected(1500, 1900) + expected(1900, 1500) == pytest.approx(1)


@settings(max_examples=60, deadline=None)
@given(round_robin())
def test_who_always_wins_ends_first_and_who_always_loses_last(given_games: tuple[list[str], list[Game]]) -> None:
    players, games = given_games
    best, worst = players[0], players[-1]

    def decided(game: Game) -> Game:
        pair = (game.first, game.second)
        if best in pair:
            return game.model_copy(update={"score": 1.0 if game.first == best else 0.0})
        if worst in pair:
            return game.model_copy(update={"score": 0.0 if game.first == worst else 1.0})
        return game

    standings = rated([decided(game) for game in games], orders=50, resamples=20)
    assert (standings[0].player, standings[-1].player) == (best, worst)


@settings(max_examples=40, deadline=None)
@given(round_robin(), st.integers(0, 5))
def test_ratings_keep_their_mean_and_lie_in_their_interval(
    given_games: tuple[list[str], list[Game]], seed: int
) -> None:
    players, games = given_games
    standings = rated(games, seed=seed, orders=20, resamples=20)
    assert sum(standing.rating for standing in standings) == pytest.approx(BASE * len(players))
    assert all(standing.low <= standing.rating <= standing.high for standing in standings)
    assert sum(standing.won for standing in standings) == sum(standing.lost for standing in standings)


@settings(max_examples=40, deadline=None)
@given(round_robin(), st.randoms(use_true_random=False))
def test_neither_the_order_of_games_nor_who_comes_first_matters(
    given_games: tuple[list[str], list[Game]], shuffle: random.Random
) -> None:
    _, games = given_games
    mixed = [
        Game(first=game.second, second=game.first, score=1 - game.score) if shuffle.random() < 0.5 else game
        for game in games
    ]
    shuffle.shuffle(mixed)
    assert rated(mixed, orders=10, resamples=10) == rated(games, orders=10, resamples=10)


def test_draws_alone_leave_everybody_where_they_were() -> None:
    games = [Game(first=one, second=other, score=0.5) for one, other in combinations("abcd", 2)]
    assert {(standing.rating, standing.low, standing.high) for standing in rated(games)} == {(BASE, BASE, BASE)}


def test_the_seed_shuffles_the_games() -> None:
    games = [Game(first=one, second=other, score=1) for one, other in ("ab", "bc", "ca", "ad", "db", "cd")]
    assert rated(games, seed=1) == rated(games, seed=1)
    assert rated(games, seed=1, orders=1) != rated(games, seed=2, orders=1)


def test_the_truth_is_found_and_lies_in_the_interval_when_games_are_noisy() -> None:
    luck = random.Random(4)  # noqa: S311 - plays games, keeps no secret
    strength = {"weak": 1400.0, "middle": 1500.0, "strong": 1600.0}
    games = [
        Game(first=one, second=other, score=float(luck.random() < expected(strength[one], strength[other])))
        for one, other in list(combinations(strength, 2)) * 100
    ]
    standings = rated(games)
    assert [standing.player for standing in standings] == ["strong", "middle", "weak"]
    assert all(standing.low <= strength[standing.player] <= standing.high for standing in standings)


def test_more_games_make_intervals_apart_that_touched() -> None:
    few = [Game(first="a", second="b", score=score) for score in (1, 1, 0)]
    one, other = rated(few)
    assert one.low < other.high
    one, other = rated(few * 30)
    assert one.low > other.high


def test_players_who_never_met_are_in_groups_of_their_own() -> None:
    games = [Game(first=one, second=other, score=1) for one, other in ("ab", "bc", "xy")]
    assert {standing.player: standing.group for standing in rated(games)} == {"a": 1, "b": 1, "c": 1, "x": 2, "y": 2}


def test_no_games_and_games_that_are_none_are_refused() -> None:
    with pytest.raises(UsageError, match="there are no games to rate"):
        rated([])
    with pytest.raises(ValidationError, match="cannot play against itself"):
        Game(first="a", second="a", score=1)
    with pytest.raises(ValidationError, match=r"0, 0.5 or 1, not 0.7"):
        Game(first="a", second="b", score=0.7)


async def test_in_a_tournament_each_meets_each_and_the_better_wins() -> None:
    async def judge(first: str, second: str) -> float:
        return 1.0 if first > second else 0.0

    games = await tournament(["a", "c", "b"], judge)
    assert len(games) == 3
    assert [standing.player for standing in rated(games)] == ["c", "b", "a"]
    with pytest.raises(UsageError, match="same name"):
        await tournament(["a", "a"], judge)


@pytest.mark.parametrize("bias", [0.0, 1.0])
async def test_a_judge_who_goes_by_the_place_gives_draws_alone(bias: float) -> None:
    async def judge(first: str, second: str) -> float:
        return bias

    assert {game.score for game in await tournament(["a", "b", "c"], judge)} == {0.5}
