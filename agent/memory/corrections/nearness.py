"""How far two situations are apart, and whether they speak of different things in like words."""

import json
from collections.abc import Callable
from dataclasses import dataclass

INITIAL_RADIUS = 0.35
"""Of a correction with no other near by: about two thirds of the words of both situations together are shared."""

WIDEST_RADIUS = 0.5

MARGIN = 1e-6
"""Space left between the reaches of two corrections that say different things."""


@dataclass(frozen=True)
class Reading:
    """A situation as it is compared.

    Attributes:
        weights: its terms in a normal form, each with its weight, which is the same in all situations.
        names: terms that are names.
        numbers: terms that are numbers, dates or versions.
        signs: characters of scripts without spaces that carry meaning.
    """

    weights: dict[str, float]
    names: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    signs: frozenset[str] = frozenset()

    @property
    def weight(self) -> float:
        """The sum of all weights."""
        return sum(self.weights.values())

    def dump(self) -> str:
        """Return it as JSON."""
        return json.dumps(
            [self.weights, sorted(self.names), sorted(self.numbers), sorted(self.signs)], ensure_ascii=False
        )

    @classmethod
    def load(cls, text: str) -> "Reading":
        """Return what ``dump`` wrote."""
        weights, *sets = json.loads(text)
        return cls(weights, *map(frozenset, sets))


Reader = Callable[[str], Reading]
"""Turns the text of a situation into what is compared; given to the store, since reading words lies above memory."""


def distance(one: Reading, other: Reading) -> float:
    """Return the weighted Jaccard distance, from 0 (the same terms) to 1 (none shared).

    It is a metric, so two reaches whose radii sum to less than the distance of their keys have no situation in common.
    """
    shared = sum(one.weights[term] for term in one.weights.keys() & other.weights.keys())
    union = one.weight + other.weight - shared
    return 1 - shared / union if union and shared < union else 0.0


def of_something_else(key: Reading, situation: Reading) -> bool:
    """Tell whether a situation has another subject than a key that is near it by words.

    So it is where a name of one stands in the place of other words, where signs of both do, and where a number of the
    key is missing: two towers, two years. A number that only the situation has may be the very figure that is wrong.
    """
    own, others = key.weights.keys() - situation.weights.keys(), situation.weights.keys() - key.weights.keys()
    return bool(
        (key.names & own and others)
        or (situation.names & others and own)
        or key.numbers & own
        or (key.signs - situation.signs and situation.signs - key.signs)
    )


def least_shared(weights: float, radius: float) -> float:
    """Return the weight two situations share at least, of which the weights sum to ``weights``, within a radius."""
    return weights * (1 - radius) / (2 - radius)
