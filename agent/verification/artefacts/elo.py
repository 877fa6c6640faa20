"""Comparing many artefacts, or the systems that made them, by games between two: Elo's ratings.

A rating is right for open-ended comparison, where no threshold says what is good. Elo, The Rating of Chessplayers
(1978): who is expected to win gains little by winning. Ratings depend on the order of games, and games here have none;
so the mean over many shuffled orders is taken (as for the Chatbot Arena, Chiang et al. 2024), and the games are drawn
again with replacement for the interval.
"""

import random
from collections.abc import Callable, Coroutine, Iterable, Sequence
from itertools import combinations
from typing import Any, Final

from pydantic import Field, model_validator

from agent.domain.base import Fact
from agent.domain.errors import UsageError
from agent.models.together import together

BASE: Final = 1500.0
"""The rating that everybody begins with, and the mean of all at any time."""

K: Final = 16.0
"""The most that one game changes a rating by. Small, since skill does not change in the course of a tournament."""

SCALE: Final = 400.0
"""Whoever is rated so much higher is expected to win ten times as often."""

ORDERS: Final = 100
"""Over how many shuffled orders a rating is the mean."""

RESAMPLES: Final = 200
"""How often the games are drawn anew for the interval."""


class Game(Fact):
    """One comparison of two.

    Attributes:
        score: what the first gets: 1 won, 0.5 drawn, 0 lost. The second gets the rest.
        about: what they were compared on, such as the wish.
    """

    first: str = Field(min_length=1)
    second: str = Field(min_length=1)
    score: float
    about: str = ""

    @model_validator(mode="after")
    def _check(self) -> "Game":
        if self.first == self.second:
            raise ValueError(f"{self.first} cannot play against itself")
        if self.score not in (0, 0.5, 1):
            raise ValueError(f"a score is 0, 0.5 or 1, not {self.score}")
        return self


class Standing(Fact):
    """Where one player ended.

    Attributes:
        rating: mean over the shuffled orders.
        low: 2.5 % of the ratings from games drawn anew are below.
        high: 2.5 % of them are above.
        group: players of different groups never met, not even by way of others, so their ratings do not compare.
    """

    player: str
    rating: float
    low: float
    high: float
    games: int
    won: int
    drawn: int
    lost: int
    group: int = 1


Judge = Callable[[str, str], Coroutine[Any, Any, float]]
"""Compares two that are given by name, the first shown first; returns 1, 0.5 or 0 for the first."""


async def tournament(players: Sequence[str], judge: Judge, *, about: str = "") -> tuple[Game, ...]:
    """Let each play each, both ways round, and return one game for each pair.

    A judge who prefers whoever is shown first, or last, contradicts itself when the two are exchanged: that is a draw.

    Raises:
        UsageError: two players have the same name.
        ValueError: the judge returned another score.
    """
    if len(set(players)) != len(players):
        raise UsageError("two players have the same name; give each its own")

    async def played(first: str, second: str) -> Game:
        there, back = await together([judge(first, second), judge(second, first)])
        one, other = (Game(first=first, second=second, score=score, about=about) for score in (there, 1 - back))
        return one if one.score == other.score else one.model_copy(update={"score": 0.5})

    return tuple(await together(played(*pair) for pair in combinations(sorted(players), 2)))


def rated(
    games: Iterable[Game],
    *,
    seed: int = 0,
    k: float = K,
    base: float = BASE,
    orders: int = ORDERS,
    resamples: int = RESAMPLES,
) -> tuple[Standing, ...]:
    """Return the players from the highest to the lowest rating; the same games and seed give the same numbers.

    The order in which games are given, and which of two comes first, does not matter. In a tournament where each
    played each equally often, who won all games ends first; where some played more than others, it need not be so.

    Args:
        games: at least one.
        seed: of the orders and of the games drawn anew.
        k: see ``K``.
        base: see ``BASE``.
        orders: see ``ORDERS``.
        resamples: see ``RESAMPLES``.

    Raises:
        UsageError: there are no games, or a number is not positive.
    """
    known = sorted(
        (_turned(game) for game in games), key=lambda game: (game.first, game.second, game.score, game.about)
    )
    if not known:
        raise UsageError("there are no games to rate; let the candidates be compared first")
    if k <= 0 or orders < 1 or resamples < 1:
        raise UsageError("K, the number of orders and that of resamples have to be positive")
    draw = random.Random(seed)  # noqa: S311 - shuffles games, keeps no secret
    players = sorted({name for game in known for name in (game.first, game.second)})
    ratings = _mean(known, players, draw, k, base, orders)
    spread: dict[str, list[float]] = {name: [] for name in players}
    for _ in range(resamples):
        again = draw.choices(known, k=len(known))
        for name, rating in _ratings(again, players, k, base).items():
            spread[name].append(rating)
    groups = _groups(known, players)
    standings = [
        Standing(
            player=name,
            rating=ratings[name],
            low=min(_quantile(spread[name], 0.025), ratings[name]),
            high=max(_quantile(spread[name], 0.975), ratings[name]),
            group=groups[name],
            **_counts(name, known),
        )
        for name in players
    ]
    return tuple(sorted(standings, key=lambda standing: (standing.group, -standing.rating, standing.player)))


def expected(own: float, other: float) -> float:
    """Return the score that a rating lets expect against another."""
    return float(1 / (1 + 10 ** ((other - own) / SCALE)))


def _mean(
    games: Sequence[Game], players: Sequence[str], draw: random.Random, k: float, base: float, orders: int
) -> dict[str, float]:
    total = dict.fromkeys(players, 0.0)
    order = list(games)
    for _ in range(orders):
        draw.shuffle(order)
        for name, rating in _ratings(order, players, k, base).items():
            total[name] += rating
    return {name: value / orders for name, value in total.items()}


def _ratings(games: Sequence[Game], players: Sequence[str], k: float, base: float) -> dict[str, float]:
    """Return the ratings after games in this order; what one gains the other loses."""
    rating = dict.fromkeys(players, base)
    for game in games:
        change = k * (game.score - expected(rating[game.first], rating[game.second]))
        rating[game.first] += change
        rating[game.second] -= change
    return rating


def _turned(game: Game) -> Game:
    """Return a game with its players in the order of their names."""
    if game.first < game.second:
        return game
    return Game(first=game.second, second=game.first, score=1 - game.score, about=game.about)


def _counts(name: str, games: Sequence[Game]) -> dict[str, int]:
    scores = [
        game.score if game.first == name else 1 - game.score for game in games if name in (game.first, game.second)
    ]
    return {"games": len(scores), "won": scores.count(1), "drawn": scores.count(0.5), "lost": scores.count(0)}


def _groups(games: Sequence[Game], players: Sequence[str]) -> dict[str, int]:
    """Return a number for each player; those who met, if only by way of others, have the same."""
    group = {name: number for number, name in enumerate(players)}
    for game in games:
        kept, gone = sorted((group[game.first], group[game.second]))
        group = {name: kept if number == gone else number for name, number in group.items()}
    numbers = {old: new for new, old in enumerate(sorted(set(group.values())), start=1)}
    return {name: numbers[number] for name, number in group.items()}


def _quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile with linear interpolation."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)
