"""How sure a measured share is."""

import random
from collections.abc import Sequence
from statistics import fmean

_RESAMPLES = 2000
_SEED = 0


def interval(*classes: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of a share, the same whenever it is computed.

    Args:
        classes: what was right, or shares of it; of several the mean of their shares is meant, and each is resampled
            by itself.
    """
    chance = random.Random(_SEED)  # noqa: S311 - statistics, no secret
    drawn = sorted(fmean(fmean(chance.choices(right, k=len(right))) for right in classes) for _ in range(_RESAMPLES))
    return drawn[round(0.025 * _RESAMPLES)], drawn[round(0.975 * _RESAMPLES) - 1]


def interval_of_count(passed: int, samples: int) -> tuple[float, float]:
    """Return Wilson's 95 % interval of a share, which says something also where none or all have passed."""
    share, z = passed / samples, 1.96
    middle = share + z * z / (2 * samples)
    spread = z * ((share * (1 - share) + z * z / (4 * samples)) / samples) ** 0.5
    whole = 1 + z * z / samples
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)
