"""How often and how much at once somebody may ask: a bucket of tokens for each, and counts of open streams."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

Action = Literal["enter", "submit", "upload"]
"""What is counted: wrong tokens and links, runs that are begun, files that are sent."""

_KEPT = 4_096


class Rates:
    """Buckets that fill up again with time. Not to be shared between threads.

    Args:
        per_minute: how many of each action are allowed in a minute, and at once after a minute without any.
        streams: event streams one principal may hold open.
        clock: seconds that only grow.
    """

    def __init__(
        self, per_minute: dict[Action, int], *, streams: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._per_minute = per_minute
        self._streams = streams
        self._clock = clock
        self._buckets: dict[tuple[str, Action], tuple[float, float]] = {}
        self._open: dict[str, int] = {}

    def may(self, who: str, action: Action) -> bool:
        """Take a token out of somebody's bucket; False where it is empty."""
        left = self._left(who, action)
        if left >= 1:
            self._buckets[who, action] = (left - 1, self._clock())
            self._forget_full()
        return left >= 1

    def left(self, who: str, action: Action) -> bool:
        """Return whether a bucket has a token, without taking it out."""
        return self._left(who, action) >= 1

    def seconds_until(self, who: str, action: Action) -> int:
        """Return after how many whole seconds somebody may ask again."""
        return max(1, math.ceil((1 - self._left(who, action)) * 60 / self._per_minute[action]))

    @contextmanager
    def stream(self, who: str) -> Iterator[bool]:
        """Count an open stream while the block lasts; yields False where somebody has too many already."""
        if self._open.get(who, 0) >= self._streams:
            yield False
            return
        self._open[who] = self._open.get(who, 0) + 1
        try:
            yield True
        finally:
            self._open[who] -= 1
            if not self._open[who]:
                del self._open[who]

    def _left(self, who: str, action: Action) -> float:
        most = self._per_minute[action]
        left, at = self._buckets.get((who, action), (float(most), 0.0))
        return min(most, left + (self._clock() - at) * most / 60)

    def _forget_full(self) -> None:
        """Keep the buckets few, however many addresses ask."""
        if len(self._buckets) > _KEPT:
            full = [key for key in self._buckets if self._left(*key) >= self._per_minute[key[1]]]
            for key in full or list(self._buckets)[: _KEPT // 2]:
                del self._buckets[key]
