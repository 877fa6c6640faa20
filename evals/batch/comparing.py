"""Two batches side by side, over the samples that both have decided."""

import math
import random
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Final, Literal

from agent.domain.base import Fact
from evals.batch.figures import Figures, decided_by_sample, figures_of
from evals.batch.results import Result
from evals.intervals import interval

_RESAMPLES: Final = 10_000
_SEED: Final = 0
_EXACT_UP_TO: Final = 16
"""Differing samples up to which every way to swap them is looked at."""


class Flip(Fact):
    """A sample that came out otherwise: its share of passed attempts in either batch, and a run of each to look at."""

    sample: str
    first: float
    second: float
    first_run: str
    second_run: str


class Comparison(Fact):
    """What a second batch did better or worse than a first.

    Attributes:
        samples: decided in both.
        left_out: samples that only one of them has, or has decided.
        difference: mean over samples of second minus first, with its 95 % bootstrap interval (``low``, ``high``).
        p: chance of a difference as large if neither were better (paired permutation test over samples, two-sided).
        test: how ``p`` was computed.
        better, worse: samples that flipped.
    """

    first: Figures
    second: Figures
    samples: int
    left_out: tuple[str, ...]
    difference: float
    low: float
    high: float
    p: float
    test: Literal["exact", "sampled"]
    better: tuple[Flip, ...]
    worse: tuple[Flip, ...]


def compared(first: Sequence[Result], second: Sequence[Result]) -> Comparison:
    """Compare two batches sample by sample.

    Raises:
        ValueError: they have no decided sample in common.
    """
    one, two = _shares(first), _shares(second)
    both = sorted(one.keys() & two.keys())
    if not both:
        raise ValueError("the batches have no decided sample in common")
    differences = [two[name] - one[name] for name in both]
    p, test = permutation_p(differences)
    low, high = interval(differences)
    runs = {name: (_run(first, name), _run(second, name)) for name in both}
    flips = [
        Flip(sample=name, first=one[name], second=two[name], first_run=runs[name][0], second_run=runs[name][1])
        for name in both
        if one[name] != two[name]
    ]
    return Comparison(
        first=figures_of(first),
        second=figures_of(second),
        samples=len(both),
        left_out=tuple(sorted({result.sample for result in (*first, *second)} - set(both))),
        difference=fmean(differences),
        low=low,
        high=high,
        p=p,
        test=test,
        better=tuple(flip for flip in flips if flip.second > flip.first),
        worse=tuple(flip for flip in flips if flip.second < flip.first),
    )


def permutation_p(differences: Sequence[float]) -> tuple[float, Literal["exact", "sampled"]]:
    """Return the two-sided p value of a paired permutation test, and whether every permutation was looked at.

    Samples without a difference say nothing for either side and leave it as it is.
    """
    moved = [one for one in differences if one]
    seen = abs(math.fsum(moved))
    if not moved:
        return 1.0, "exact"
    # sums of the same numbers in another order differ in their last digits
    enough = seen - 1e-9
    if len(moved) <= _EXACT_UP_TO:
        signs = range(2 ** len(moved))
        sums = (math.fsum(one if sign >> n & 1 else -one for n, one in enumerate(moved)) for sign in signs)
        return sum(abs(one) >= enough for one in sums) / len(signs), "exact"
    chance = random.Random(_SEED)  # noqa: S311 - statistics, no secret
    hits = sum(
        abs(math.fsum(one if chance.random() < 0.5 else -one for one in moved)) >= enough for _ in range(_RESAMPLES)
    )
    return (hits + 1) / (_RESAMPLES + 1), "sampled"


def _shares(results: Sequence[Result]) -> Mapping[str, float]:
    return {name: fmean(passed) for name, passed in decided_by_sample(results).items()}


def _run(results: Sequence[Result], sample: str) -> str:
    return next(one.run_id for one in results if one.sample == sample and one.state in ("passed", "failed"))
