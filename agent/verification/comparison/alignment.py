"""Aligns the items of a claim with those of a sentence, in order, as far as they say the same."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.verification.comparison.amounts import Amount, compare_amounts, different_units
from agent.verification.comparison.items import Item, lemmas, same_word
from agent.verification.comparison.periods import Period, compare_periods
from agent.verification.comparison.vocabulary import NEGATIONS, vocabulary
from agent.verification.lexicon import ORDINALS

Match = Literal["same", "contrary", "limited", "other"]

_ORDINALS = frozenset(ORDINALS.values())
_SAME, _SAME_FUNCTION, _CONTRARY, _OTHER = 4.0, 1.0, 2.2, 0.3
_IN_A_ROW = 0.6
_LEFT_OUT, _ADDED = 0.05, 0.3


@dataclass(frozen=True, slots=True)
class Alignment:
    """Which items of a claim stand for which of a sentence; both are without articles and the claim without marks.

    Attributes:
        claim: the items of the claim.
        sentence: the items of the sentence, with its marks.
        pairs: index into the claim, index into the sentence, and how the two items lie to each other; in order.
    """

    claim: tuple[Item, ...]
    sentence: tuple[Item, ...]
    pairs: tuple[tuple[int, int, Match], ...]

    @property
    def added(self) -> list[int]:
        """Indices of items of the claim that stand for nothing in the sentence."""
        taken = {mine for mine, _, _ in self.pairs}
        return [index for index in range(len(self.claim)) if index not in taken]

    def gaps(self) -> list[tuple[int, int]]:
        """Return the runs of the sentence that the claim leaves out, as borders; marks alone are none."""
        taken = [-1, *(other for _, other, _ in self.pairs), len(self.sentence)]
        runs = [(left + 1, right) for left, right in itertools.pairwise(taken)]
        return [run for run in runs if any(item.kind != "mark" for item in self.sentence[run[0] : run[1]])]


def matched(mine: Item, other: Item) -> Match:
    """Say how an item of a claim lies to one of a sentence."""
    if isinstance(mine.value, Amount) and isinstance(other.value, Amount):
        relation = compare_amounts(mine.value, other.value)
        known: dict[str, Match] = {"holds": "same", "contrary": "contrary", "limited": "limited"}
        return known.get(relation, "other")
    if isinstance(mine.value, Period) and isinstance(other.value, Period):
        order = compare_periods(mine.value, other.value)
        return "same" if order == "inside" else "contrary" if order == "outside" else "other"
    if mine.value is not None or other.value is not None:
        year = mine.value if isinstance(mine.value, Period) else other.value
        number = other.value if isinstance(mine.value, Period) else mine.value
        if isinstance(year, Period) and isinstance(number, Amount) and number.plain.isdigit() and not year.yearless:
            return "same" if year.years == (int(number.value),) * 2 and not year.relation else "other"
        return "other"
    if (one := _ordinal(mine)) and (two := _ordinal(other)):
        return "same" if one == two else "contrary"
    if _ordinal(mine) or _ordinal(other):
        return "contrary" if are_contrary(mine.text.lower(), other.text.lower()) else "other"
    if mine.kind == "number" or other.kind == "number":
        if mine.kind != other.kind:
            return "other"
        return "same" if mine.key == other.key else "contrary"
    if same_word(mine, other):
        return "same"
    return "contrary" if are_contrary(mine.key, other.key) or different_units(mine.key, other.key) else "other"


def _ordinal(item: Item) -> str:
    return ORDINALS.get(item.key, "") or (item.key if item.key in _ORDINALS else "")


@lru_cache(maxsize=100_000)
def are_contrary(mine: str, other: str) -> bool:
    """Whether two words exclude each other in the same place."""
    contrary = vocabulary().contrary
    forms = lemmas(other)
    return any(forms & contrary.get(word, frozenset()) for word in lemmas(mine)) or _denied_form(mine, other)


def _denied_form(mine: str, other: str) -> bool:
    """Whether one of two words is the other with a prefix that denies."""
    short, long = sorted((mine, other), key=len)
    return len(short) > 3 and long in {
        f"{prefix}{short}" for prefix in ("un", "in", "im", "il", "ir", "dis", "non", "non-")
    }


def weight(item: Item) -> bool:
    """Whether an item carries content: no function word."""
    return item.kind in ("name", "number", "date", "cjk") or item.key not in vocabulary().function_words


def align(claim: Sequence[Item], sentence: Sequence[Item], *, differing: bool) -> Alignment:
    """Return the best alignment.

    Args:
        claim: items of the claim.
        sentence: items of one sentence, or of a part of it.
        differing: items may also stand for each other that differ; a sentence that says the contrary shows this way.
    """
    mine = tuple(item for item in claim if not item.skipped)
    other = tuple(item for item in sentence if item.kind == "mark" or not item.skipped)
    width = len(other) + 1
    best = [[0.0] * width for _ in range(len(mine) + 1)]
    step = [[" "] * width for _ in range(len(mine) + 1)]
    for row in range(1, len(mine) + 1):
        best[row][0], step[row][0] = -_ADDED * row, "a"
    for column in range(1, width):
        best[0][column], step[0][column] = best[0][column - 1], "l"
    cache: dict[tuple[int, int], Match] = {}
    for row in range(1, len(mine) + 1):
        item = mine[row - 1]
        full = _SAME if weight(item) else _SAME_FUNCTION
        above, here, here_steps = best[row - 1], best[row], step[row]
        for column in range(1, width):
            there = other[column - 1]
            score, way = here[column - 1] - (_LEFT_OUT if there.kind != "mark" else 0.0), "l"
            if above[column] - _ADDED > score:
                score, way = above[column] - _ADDED, "a"
            if there.kind != "mark":
                match = matched(item, there)
                cache[row - 1, column - 1] = match
                gain = _gain(match, item, there, full, differing=differing)
                if gain is not None:
                    gain += above[column - 1] + (_IN_A_ROW if step[row - 1][column - 1] == "m" else 0.0)
                    if gain > score:
                        score, way = gain, "m"
            here[column], here_steps[column] = score, way
    return Alignment(mine, other, tuple(_path(step, cache, len(mine), width - 1)))


def _gain(match: Match, mine: Item, other: Item, full: float, *, differing: bool) -> float | None:
    if match == "same":
        return full
    if not differing:
        return None
    if match in ("contrary", "limited"):
        return _CONTRARY
    if denies(mine) or denies(other):
        return None
    alike = mine.kind == other.kind or (mine.text[:1].isupper() and other.text[:1].isupper())
    return _OTHER if alike and weight(mine) == weight(other) else None


def _path(
    step: list[list[str]], cache: dict[tuple[int, int], Match], row: int, column: int
) -> list[tuple[int, int, Match]]:
    pairs: list[tuple[int, int, Match]] = []
    while row or column:
        way = step[row][column]
        if way == "m":
            row, column = row - 1, column - 1
            pairs.append((row, column, cache[row, column]))
        elif way == "a":
            row -= 1
        else:
            column -= 1
    return pairs[::-1]


def denies(item: Item) -> bool:
    """Whether an item turns its statement into the contrary."""
    return item.key in NEGATIONS
