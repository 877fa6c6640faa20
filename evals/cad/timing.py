"""What the world ``cad`` costs on the ten reference solids, and whether the same seed gives the same numbers."""

import math
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from agent.domain.artefacts import Criterion, Trial
from agent.domain.base import Fact
from agent.verification.artefacts.world import BuildT, World
from evals.cad.criteria import frozen
from evals.cad.wish import Wish

T = TypeVar("T")

LIMITS = {"inspect": 1.0, "look": 2.0}
"""Seconds that the median of a step may take."""

SCENARIO_LIMIT = 3.0
"""Seconds that the median of every scenario may take."""


class StepCost(Fact):
    """Wall seconds of one step.

    Attributes:
        step: ``build``, ``inspect``, ``look``, or the name of a scenario.
        most: what the median may be; None where nothing is asked.
    """

    step: str
    median: float
    p95: float
    samples: int
    most: float | None = None

    @property
    def within(self) -> bool:
        """Whether the median is."""
        return self.most is None or self.median < self.most


class CadCosts(Fact):
    """All steps.

    Attributes:
        memory_mb: of the sandbox's processes after all of it; None where that cannot be seen.
        compared: trials that were made twice with the same seed.
        differing: those whose numbers were not the same, by wish and criterion.
    """

    steps: tuple[StepCost, ...]
    memory_mb: float | None
    compared: int
    differing: tuple[str, ...]


async def measure(
    world: World[BuildT],
    showing: World[BuildT],
    wishes: Sequence[Wish],
    memory: Callable[[], float | None],
    told: Callable[[str], None] = lambda wish: None,
) -> CadCosts:
    """Build, inspect, look at and try the first good program of each wish, one thing after the other.

    ``showing`` is the same world with pictures, and looks at them. Each scenario that a wish uses is tried twice with
    the same seed; both are timed.
    """
    taken: dict[str, list[float]] = {}
    differing, compared = [], 0

    async def timed(step: str, work: Awaitable[T]) -> T:
        begun = time.perf_counter()
        done = await work
        taken.setdefault(step, []).append(time.perf_counter() - begun)
        return done

    for wish in wishes:
        told(wish.name)
        build = await timed("build", world.build(next(iter(wish.good.values()))))
        await timed("inspect", world.inspect(build))
        await timed("look", showing.look(build))
        for criterion in _one_of_each(frozen(wish.name).criteria.criteria):
            name = criterion.scenario.name
            first, second = [
                await timed(name, world.simulate(build, criterion.scenario, criterion.measure, 0)) for _ in range(2)
            ]
            compared += 1
            if _numbers(first) != _numbers(second):
                differing.append(f"{wish.name}: {criterion.id}")
    return CadCosts(
        steps=tuple(_cost(step, values) for step, values in taken.items()),
        memory_mb=memory(),
        compared=compared,
        differing=tuple(differing),
    )


def _one_of_each(criteria: Sequence[Criterion]) -> list[Criterion]:
    """Return the first criterion of each scenario."""
    return list({criterion.scenario.name: criterion for criterion in reversed(criteria)}.values())[::-1]


def _numbers(trial: Trial) -> tuple[object, ...]:
    return trial.value, trial.detail, trial.gates


def _cost(step: str, values: list[float]) -> StepCost:
    ordered = sorted(values)
    return StepCost(
        step=step,
        median=statistics.median(ordered),
        p95=ordered[math.ceil(len(ordered) * 0.95) - 1],
        samples=len(ordered),
        most=None if step == "build" else LIMITS.get(step, SCENARIO_LIMIT),
    )
