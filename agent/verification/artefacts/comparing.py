"""Comparing what different systems made of the same wishes: games between two, and what was claimed and what held.

A comparison is worth something only where all were measured alike: by the same criteria, and best by some that whoever
designed never saw.
"""

from collections import defaultdict
from collections.abc import Callable, Coroutine, Iterable, Sequence
from typing import Any

from agent.domain.base import Fact
from agent.domain.errors import UsageError
from agent.models.together import together
from agent.verification.artefacts.elo import Game, tournament
from agent.verification.artefacts.ranking import Candidate, compared


class Entry(Fact):
    """Something that was made of a wish, by somebody who plays.

    Attributes:
        key: tells it from all others.
        player: whose it is: a run, a system, or a candidate.
        wish: what it was made of; only what was made of the same is compared.
        candidate: with the results that it is compared by.
        claimed: whoever made it says that it does what was wished.
        verified: the criteria of this comparison say so; None where they are those it was made by.
    """

    key: str
    player: str
    wish: str
    candidate: Candidate
    claimed: bool = False
    verified: bool | None = None


class Claims(Fact):
    """How often a player said to have succeeded, and how often that held."""

    player: str
    made: int
    claimed: int
    verified: int
    false_claims: int

    @property
    def false_share(self) -> float | None:
        """The share of claims that did not hold; None where nothing was claimed."""
        return self.false_claims / self.claimed if self.claimed else None


Look = Callable[[Entry, Entry], Coroutine[Any, Any, float]]
"""Compares two by looking at them, the first shown first; returns 1, 0.5 or 0 for the first."""


async def games_of(entries: Sequence[Entry], look: Look | None = None) -> tuple[Game, ...]:
    """Return a game for each two entries of different players on the same wish.

    Criteria decide; where they find no difference, ``look`` does, if there is one, asked both ways round.

    Raises:
        UsageError: two entries have the same key, or no two can be compared.
    """
    by_wish: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
    for entry in entries:
        if entry.key in by_wish[entry.wish]:
            raise UsageError(f"{entry.key} is named twice; name each once")
        by_wish[entry.wish][entry.key] = entry
    found = await together(_of_wish(wish, known, look) for wish, known in sorted(by_wish.items()))
    games = tuple(game for some in found for game in some)
    if not games:
        raise UsageError("no two of these can be compared: name at least two that were made of the same wish")
    return games


async def _of_wish(wish: str, known: dict[str, Entry], look: Look | None) -> list[Game]:
    async def judge(first: str, second: str) -> float:
        one, other = known[first], known[second]
        score = compared(one.candidate, other.candidate)
        # between two of one player nothing is to be won
        return await look(one, other) if look is not None and score == 0.5 and one.player != other.player else score

    return [
        Game(first=known[game.first].player, second=known[game.second].player, score=game.score, about=wish)
        for game in await tournament(sorted(known), judge, about=wish)
        if known[game.first].player != known[game.second].player
    ]


def claims_of(entries: Iterable[Entry]) -> tuple[Claims, ...]:
    """Return for each player what was claimed and what held, by entries that were judged by others' criteria."""
    by_player: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.verified is not None:
            by_player[entry.player].append(entry)
    return tuple(
        Claims(
            player=player,
            made=len(some),
            claimed=sum(entry.claimed for entry in some),
            verified=sum(entry.verified is True for entry in some),
            false_claims=sum(entry.claimed and entry.verified is False for entry in some),
        )
        for player, some in sorted(by_player.items())
    )
