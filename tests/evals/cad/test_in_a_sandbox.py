"""Three of the ten wishes through the world that runs use, in a real sandbox; all ten: ``python -m evals.cad``."""

import asyncio
import shutil
from collections.abc import Mapping

import pytest

from agent.domain.artefacts import Criteria
from evals.cad.criteria import CRITERIA
from evals.cad.measuring import Confusion, confusion
from evals.cad.opening import local_world
from evals.cad.timing import CadCosts, measure
from evals.cad.wish import Wish
from evals.cad.wishes import WISHES

pytest.importorskip("build123d", reason="the extra cad is not installed")
pytest.importorskip("mujoco", reason="the extra cad is not installed")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("bwrap") is None, reason="bubblewrap is not installed"),
]

CHOSEN: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "mug": (("there is no bottom", "the handle is a solid lug without a hole"), ("capacity", "finger width", "whole")),
    "stool": (
        ("the seat hangs 15 mm above the legs", "upside down, the seat lies on the floor"),
        ("level seat", "whole"),
    ),
    "house": (("there is no window", "one half of the roof is missing"), ("door width", "window width", "dry")),
}
"""Of some wishes two sabotages, and the checks that are tried here."""


def _asked(wish: Wish) -> Criteria:
    criteria = CRITERIA[wish.name]
    kept = tuple(one for one in criteria.criteria if one.id in CHOSEN[wish.name][1])
    return criteria.model_copy(update={"criteria": kept})


@pytest.fixture(scope="module")
def found() -> tuple[Confusion, CadCosts]:
    async def both() -> tuple[Confusion, CadCosts]:
        wishes = [
            wish.model_copy(
                update={
                    "good": {bad.of: wish.good[bad.of] for bad in wish.sabotages if bad.wrong in CHOSEN[wish.name][0]},
                    "sabotages": tuple(bad for bad in wish.sabotages if bad.wrong in CHOSEN[wish.name][0]),
                }
            )
            for wish in WISHES
            if wish.name in CHOSEN
        ]
        async with local_world() as here:
            counted = await confusion(here.world, wishes, asked=_asked)
            mug = [wish for wish in wishes if wish.name == "mug"]
            return counted, await measure(here.world, here.showing, mug, here.memory_mb)

    return asyncio.run(both())


def test_good_programs_are_accepted_and_sabotaged_ones_found_in_a_real_sandbox(
    found: tuple[Confusion, CadCosts],
) -> None:
    counted, _ = found
    assert counted.sabotaged == 6
    assert counted.missed == ()
    assert counted.slipped == ()
    assert counted.refused == ()


def test_the_benchmark_times_each_step_and_gets_the_same_numbers_from_the_same_seed(
    found: tuple[Confusion, CadCosts],
) -> None:
    _, costs = found
    assert costs.differing == ()
    assert costs.compared == len({one.scenario.name for one in CRITERIA["mug"].criteria})
    assert {"build", "inspect", "look", "holds_liquid"} <= {step.step for step in costs.steps}
    assert costs.memory_mb is not None
    assert costs.memory_mb > 100
