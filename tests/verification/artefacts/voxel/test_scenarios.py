"""Every scenario has a control that makes it fail; a control that passes leaves the check inconclusive."""

from typing import Any, Final

import numpy as np
import pytest

from agent.domain.artefacts import Criteria, Criterion, Mutation, Relation, Scenario
from agent.domain.errors import UsageError
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.trying import tried
from agent.verification.artefacts.voxel.blocks import BLOCKS, NUMBER
from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.building import VoxelBuild
from agent.verification.artefacts.voxel.scenarios import SCENARIOS
from agent.verification.artefacts.voxel.world import VoxelWorld
from agent.verification.artefacts.world import TrialImpossible, World
from evals.luban.builds import GOOD
from evals.luban.tasks import TASKS
from tests.verification.artefacts.voxel.making import bridge, hut, made, tower

WORLD: Final[World[VoxelBuild]] = VoxelWorld()


def stair() -> Builder:
    return Builder().stairs((0, 0, 0), "east", 5, 3)


CASES: Final[dict[str, tuple[Builder, dict[str, Any], dict[str, tuple[Relation, float]]]]] = {
    "climbs": (tower(), {}, {"height_reached": (">=", 6), "platform_height": (">=", 6), "platform_cells": (">=", 9)}),
    "guards_top": (tower(), {}, {"open_edges": ("==", 0)}),
    "climbs_cliff": (
        stair(),
        {"height": 5, "side": "east"},
        {"cliff_reached": ("==", 1), "height_reached": (">=", 5), "narrowest": (">=", 3)},
    ),
    "crosses": (
        bridge(),
        {"gap": 8, "axis": "x"},
        {"crossed": ("==", 1), "distance": (">=", 8), "narrowest": (">", 2)},
    ),
    "guards_crossing": (bridge(), {"gap": 8}, {"open_edges": ("==", 0)}),
    "enters": (hut(), {}, {"share_reached": (">=", 0.9), "cells_reached": (">=", 20)}),
    "encloses": (hut(), {}, {"open_share": ("==", 0), "enclosed_cells": (">=", 100)}),
    "lit": (hut(), {}, {"darkest": (">=", 6), "lit_share": (">=", 0.5)}),
    "has_door": (hut(), {}, {"width": (">=", 1), "height": (">=", 2), "doors": (">=", 1)}),
    "stands": (hut(), {}, {"floating_blocks": ("==", 0), "blocks_on_ground": (">=", 20)}),
    "measured": (
        Builder((2, 2, 0))
        .walls((0, 0, 0), (6, 6, 3), "planks")
        .roof((0, 0), (6, 6), 4, "flat", overhang=1)
        .window((0, 3, 1), (0, 3, 2)),
        {},
        {
            "width": (">=", 9),
            "depth": (">=", 9),
            "height": ("==", 5),
            "blocks": (">", 100),
            "storeys": ("==", 1),
            "panes": ("==", 2),
            "overhang": ("==", 1),
        },
    ),
}
"""For each scenario a good building, parameters, and what each of its measures has to be."""


def criterion(
    scenario: str,
    parameters: dict[str, Any],
    measure: str,
    test: tuple[Relation, float],
    control: Mutation | None = None,
) -> Criterion:
    return Criterion(
        id="C1",
        wish="it does what it is for",
        scenario=Scenario(name=scenario, parameters=parameters),
        measure=measure,
        relation=test[0],
        threshold=test[1],
        unit=SCENARIOS[scenario].measures[measure],
        control=control,
    )


def test_every_measure_of_every_scenario_is_tried_here() -> None:
    asked = {name: set(measures) for name, (_, _, measures) in CASES.items()}
    assert asked == {template.name: set(template.measures) for template in WORLD.scenarios()}


@pytest.mark.parametrize("name", CASES)
async def test_a_good_building_passes_and_the_scenarios_own_control_fails(name: str) -> None:
    program, parameters, measures = CASES[name]
    build = made(program)
    for measure, test in measures.items():
        asked = Criteria(wish="w", kind="voxel", criteria=(criterion(name, parameters, measure, test),))
        frozen = freeze(WORLD, completed(WORLD, asked))
        result = await tried(WORLD, build, frozen.criteria.criteria[0], seed=3)
        assert result.outcome == "pass", (measure, result.detail)
        assert [trial.seed for trial in (*result.trials, *result.control)] == [3, 3]


@pytest.mark.parametrize(("name", "harmless"), [("crosses", "remove_lights"), ("encloses", "remove_rung")])
async def test_a_control_that_passes_makes_the_check_inconclusive(name: str, harmless: str) -> None:
    program, parameters, measures = CASES[name]
    measure, test = next(iter(measures.items()))
    asked = criterion(name, parameters, measure, test, Mutation(name=harmless))
    result = await tried(WORLD, made(program), asked, seed=0)
    assert result.outcome == "inconclusive"
    assert f"the control {harmless} passes as well" in result.detail


async def test_a_control_about_a_part_that_is_not_there_makes_the_check_inconclusive() -> None:
    control = Mutation(name="remove_part", parameters={"part": "moat"})
    result = await tried(WORLD, made(hut()), criterion("encloses", {}, "open_share", ("==", 0), control), seed=0)
    assert result.outcome == "inconclusive"
    assert "no part 'moat'; it has walls, door" in result.detail


async def test_what_already_is_as_its_control_can_still_be_said_to_fail() -> None:
    """A hut without a light, whose lights are to be removed, fails and is not left undecided."""
    dark = made(hut().clear((1, 1, 0), (1, 1, 0)))
    asked = criterion("lit", {}, "darkest", (">=", 1), Mutation(name="remove_lights"))
    assert (await tried(WORLD, dark, asked, seed=0)).outcome == "fail"


@pytest.mark.parametrize(
    ("scenario", "measure", "says"),
    [
        (Scenario(name="flies"), "height", "no voxel scenario 'flies'; there are climbs"),
        (Scenario(name="climbs"), "weight", "climbs does not measure 'weight'"),
        (Scenario(name="crosses"), "crossed", "scenario crosses: gap: Field required"),
        (Scenario(name="crosses", parameters={"gap": -1}), "crossed", "gap: Input should be greater"),
        (Scenario(name="crosses", parameters={"gap": float("nan")}), "crossed", "gap: Input should be a finite number"),
        (Scenario(name="crosses", parameters={"gap": 4, "wind": 2}), "crossed", "wind: Extra inputs"),
    ],
)
async def test_a_scenario_that_does_not_fit_is_refused_in_one_line(scenario: Scenario, measure: str, says: str) -> None:
    with pytest.raises(UsageError) as caught:
        await WORLD.simulate(made(hut()), scenario, measure, 0)
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_an_unknown_mutation_is_refused() -> None:
    with pytest.raises(UsageError, match="no mutation 'melt' of voxel buildings; there are fill_openings"):
        await WORLD.mutate(made(hut()), Mutation(name="melt"))
    with pytest.raises(UsageError, match="mutation lift: cells: Input should be less than or equal to 20"):
        await WORLD.mutate(made(hut()), Mutation(name="lift", parameters={"cells": 99}))


async def test_a_mutation_leaves_the_building_itself_as_it_was() -> None:
    build = made(hut())
    before = build.blocks.copy()
    for name in ("fill_openings", "cut_gap", "lower_roof", "remove_roof", "turn_upside_down", "wall_across", "empty"):
        changed = await WORLD.mutate(build, Mutation(name=name))
        assert not np.array_equal(changed.blocks, before), name
        assert ((changed.parts >= 0) == (changed.blocks > 0)).all(), name
    assert np.array_equal(build.blocks, before)


async def test_a_lowered_roof_leaves_no_room_to_enter() -> None:
    low = await WORLD.mutate(made(hut()), Mutation(name="lower_roof"))
    trial = await WORLD.simulate(low, Scenario(name="enters"), "share_reached", 0)
    assert trial.value == 0


async def test_a_building_is_made_half_or_twice_as_large_within_the_world() -> None:
    build = made(hut())
    half = await WORLD.mutate(build, Mutation(name="scale"))
    twice = await WORLD.mutate(build, Mutation(name="scale", parameters={"to": "double"}))
    assert half.blocks.shape == (4, 4, 3)
    assert twice.blocks.shape == (14, 14, 10)
    wide = made(Builder().box((0, 0, 0), (60, 0, 0), "stone"))
    with pytest.raises(TrialImpossible, match="too large"):
        await WORLD.mutate(wide, Mutation(name="scale", parameters={"to": "double"}))


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
async def test_a_building_measures_the_same_whichever_way_it_is_turned(task: Any) -> None:
    """Walking, air and light know no north: a quarter turn changes nothing but axes and sides."""
    build = made(GOOD[task.name][0]())
    for wanted in task.criteria:
        here = await WORLD.simulate(build, wanted.scenario, wanted.measure, 0)
        parameters = dict(wanted.scenario.parameters)
        if "gap" in parameters:
            parameters["axis"] = "y"
        there = await WORLD.simulate(
            turned(build), Scenario(name=wanted.scenario.name, parameters=parameters), wanted.measure, 0
        )
        assert here.value == there.value, wanted.id


def turned(build: VoxelBuild) -> VoxelBuild:
    """Turn by a quarter: what is in the east comes to the south."""
    next_side = {"north": "east", "east": "south", "south": "west", "west": "north"}
    numbers = np.arange(len(BLOCKS), dtype=np.uint8)
    for block in BLOCKS:
        stem, _, side = block.name.rpartition("_")
        if side in next_side:
            numbers[NUMBER[block.name]] = NUMBER[f"{stem}_{next_side[side]}"]
    return VoxelBuild(numbers[_quarter(build.blocks)], _quarter(build.parts), build.names)


def _quarter(cells: np.ndarray) -> np.ndarray:
    """The cell (x, y) comes to (depth - 1 - y, x)."""
    return cells.transpose(1, 0, 2)[::-1].copy()
