"""Several search backends as one: in order, or all together."""

import asyncio
import time
from collections.abc import Callable, Mapping, MutableMapping
from itertools import chain, zip_longest

from agent.browsing.errors import SearchFailed
from agent.browsing.ports import SearchBackend, SearchResult
from agent.browsing.search.results import unique

REST_SECONDS = 60.0
"""How long a backend rests after a rate limit that does not say for how long."""
LONGEST_REST = 3600.0
"""Seconds; a service that wants a month's rest is tried again sooner, since people raise their limits."""


class Failover:
    """Asks backends. Implements ``SearchBackend``.

    The first backend that answers is the one that counts, and an answer without results is an answer, unless another
    backend has some. A backend that is rate-limited is left alone until it may be asked again.

    Args:
        backends: by name, in the order in which they are tried.
        combine: ask all, and join their results by taking one of each in turn.
        clock: seconds of a clock that does not go back.
        rests: until when a backend is left alone, by its name; others who ask the same services share it.
    """

    def __init__(
        self,
        backends: Mapping[str, SearchBackend],
        *,
        combine: bool = False,
        clock: Callable[[], float] = time.monotonic,
        rests: MutableMapping[str, float] | None = None,
    ) -> None:
        self._backends = dict(backends)
        self._combine = combine
        self._clock = clock
        self._rests_until = {} if rests is None else rests

    async def search(self, query: str) -> tuple[SearchResult, ...]:
        """Return results, each page once; their ``backend`` tells who found them.

        Raises:
            SearchFailed: no backend answered; the message has the reason of each.
        """
        failures: list[tuple[str, SearchFailed]] = []
        answers = await (self._all(query, failures) if self._combine else self._first(query, failures))
        if not answers and failures:
            raise _all_failed(failures)
        in_turn = chain.from_iterable(zip_longest(*answers))
        return unique(result for result in in_turn if result is not None)

    async def _first(self, query: str, failures: list[tuple[str, SearchFailed]]) -> list[tuple[SearchResult, ...]]:
        answered: list[tuple[SearchResult, ...]] = []
        for name in self._backends:
            try:
                answered = [await self._ask(name, query)]
            except SearchFailed as failure:
                failures.append((name, failure))
                continue
            if answered[0]:
                break
        return answered

    async def _all(self, query: str, failures: list[tuple[str, SearchFailed]]) -> list[tuple[SearchResult, ...]]:
        async def asked(name: str) -> tuple[SearchResult, ...] | SearchFailed:
            try:
                return await self._ask(name, query)
            except SearchFailed as failure:
                return failure

        answers: list[tuple[SearchResult, ...]] = []
        outcomes = await asyncio.gather(*(asked(name) for name in self._backends))
        for name, outcome in zip(self._backends, outcomes, strict=True):
            if isinstance(outcome, SearchFailed):
                failures.append((name, outcome))
            else:
                answers.append(outcome)
        return answers

    async def _ask(self, name: str, query: str) -> tuple[SearchResult, ...]:
        left = self._rests_until.get(name, 0.0) - self._clock()
        if left > 0:
            raise SearchFailed("rate_limited", f"rate-limited, asked again in {left:.0f} s")
        try:
            found = await self._backends[name].search(query)
        except SearchFailed as failure:
            if failure.kind == "rate_limited":
                rest = REST_SECONDS if failure.retry_after is None else failure.retry_after
                self._rests_until[name] = self._clock() + min(max(rest, 0.0), LONGEST_REST)
            raise
        return tuple(one if one.backend else one.model_copy(update={"backend": name}) for one in found)


def _all_failed(failures: list[tuple[str, SearchFailed]]) -> SearchFailed:
    """Return one failure for all; it is a rate limit only where waiting would help every backend."""
    kinds = {failure.kind for _, failure in failures}
    kind = kinds.pop() if len(kinds) == 1 else "unreachable"
    reasons = "; ".join(f"{name}: {failure}" for name, failure in failures)
    advice = "open an address from the question, or try later"
    return SearchFailed(kind, f"no search backend answered ({reasons}); {advice}")
