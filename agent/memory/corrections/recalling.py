"""What a memory of corrections has to say to a few situations, in the form in which a run records it."""

from collections.abc import Iterable
from typing import Protocol

from agent.domain.base import Fact
from agent.domain.errors import ConfigurationError, MemoryUnavailable
from agent.memory.corrections.facts import Applied, Situation
from agent.memory.corrections.store import Corrections

MOST = 5
"""Corrections that are recalled at a time, the nearest first."""


class Recalled(Fact):
    """Corrections that apply to some situations.

    Attributes:
        kept: whether anything is kept at all; where nothing is, nothing more need be asked.
        applied: the nearest of those that apply, each once.
        more: how many others apply.
        problem: why the memory could not be read; empty where it could.
    """

    kept: bool = False
    applied: tuple[Applied, ...] = ()
    more: int = 0
    problem: str = ""


class Recall(Protocol):
    """Asks the memory; what it says is an effect under the step, since the memory changes between runs."""

    async def __call__(self, step: str, situations: Iterable[Situation]) -> Recalled:
        """Return the corrections that apply to any of some situations."""


def recall(corrections: Corrections | None, situations: Iterable[Situation]) -> Recalled:
    """Return the corrections that apply to any of some situations; it blocks for some milliseconds.

    A memory that cannot be read is no reason to stop a run, but to tell the person.
    """
    nearest: dict[int, Applied] = {}
    try:
        if corrections is None or not corrections.holds_any():
            return Recalled()
        for situation in situations:
            for one in corrections.applicable(_readable(situation)):
                number = one.correction.number
                nearest[number] = min(nearest.get(number, one), one, key=lambda given: given.distance)
    except (MemoryUnavailable, ConfigurationError) as error:
        return Recalled(problem=str(error))
    ordered = sorted(nearest.values(), key=lambda one: (one.distance, -one.correction.number))
    return Recalled(kept=True, applied=tuple(ordered[:MOST]), more=len(ordered[MOST:]))


def _readable(situation: Situation) -> Situation:
    """Return a situation without broken characters, which nothing can be found by."""
    return situation.model_copy(update={"text": situation.text.encode("utf-8", "replace").decode()})
