"""A player is one cell wide and two high, steps up one, drops three at most, climbs ladders, opens doors."""

from typing import Any

import pytest

from agent.domain.artefacts import Scenario
from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.world import VoxelWorld
from tests.verification.artefacts.voxel.making import bridge, hut, made, tower

WORLD = VoxelWorld()


async def measured(program: Builder, scenario: str, measure: str, **parameters: Any) -> float | None:
    trial = await WORLD.simulate(made(program), Scenario(name=scenario, parameters=parameters), measure, 0)
    return trial.value


async def height(program: Builder, **parameters: Any) -> float | None:
    return await measured(program, "climbs", "height_reached", **parameters)


async def test_a_player_steps_up_one_cell_and_not_two() -> None:
    assert await height(Builder().box((0, 0, 0), (2, 2, 0), "stone")) == 1
    assert await height(Builder().box((0, 0, 0), (2, 2, 1), "stone")) == 0


async def test_stepping_up_needs_room_for_the_head_where_one_comes_from() -> None:
    step = Builder((3, 3, 0)).box((0, 0, 0), (0, 0, 0), "stone")
    around = [(x, y) for x in (-1, 0, 1) for y in (-1, 0, 1) if (x, y) != (0, 0)]
    for x, y in around:
        step.set((x, y, 2), "stone")
    assert await height(step) == 0
    assert await height(step.clear((1, 0, 2), (1, 0, 2))) == 1


async def test_a_player_does_not_fit_under_a_ceiling_of_one_cell() -> None:
    steps = Builder().stairs((0, 0, 0), "east", 3).set((1, 0, 3), "stone")
    assert await height(steps) == 1


async def test_nobody_climbs_a_fence() -> None:
    assert await height(Builder().box((0, 0, 0), (2, 2, 0), "fence")) == 0


@pytest.mark.parametrize(("deep", "gets_down"), [(3, True), (4, False)])
async def test_a_player_drops_three_cells_and_not_four(deep: int, gets_down: bool) -> None:
    """A court behind walls, over which a ladder leads from outside."""
    court = Builder().box((1, 1, 0), (5, 5, 0), "planks", part="court").walls((0, 0, 0), (6, 6, deep), "stone")
    court.ladder((3, 7, 0), deep + 1, "south")
    trial = await WORLD.simulate(made(court), Scenario(name="climbs"), "height_reached", 0)
    reached = trial.views[0].description.split("\n", 1)[1]
    assert trial.value == deep + 1
    assert reached.count("1") == (25 if gets_down else 0)


async def test_a_ladder_is_climbed_and_left_at_its_top() -> None:
    assert await height(tower()) == 6
    assert await height(tower(), ladders="outside") == 6
    assert await height(tower(), ladders="none") == 0


@pytest.mark.parametrize("rung", range(6))
async def test_any_missing_rung_stops_the_climb_but_the_lowest(rung: int) -> None:
    """A player steps up one cell onto the second rung."""
    assert await height(tower().clear((2, 5, rung), (2, 5, rung))) == (6 if rung == 0 else 0)


async def test_a_ladder_without_a_wall_is_no_ladder() -> None:
    free = Builder().box((0, 0, 4), (4, 4, 4), "stone").box((0, 0, 0), (0, 0, 3), "stone").ladder((4, 5, 0), 4, "south")
    assert await height(free) == 0
    assert (await WORLD.inspect(made(free))).measures["loose_rungs"] == 4


async def test_a_ladder_inside_is_none_outside() -> None:
    inside = hut().ladder((1, 3, 0), 5, "east")
    assert await height(inside) == 5
    assert await height(inside, ladders="outside") == 0


async def test_a_bridge_is_crossed_there_and_back() -> None:
    assert await measured(bridge(), "crosses", "crossed", gap=8) == 1
    assert await measured(bridge(), "crosses", "narrowest", gap=8) == 3
    assert await measured(bridge(), "crosses", "crossed", gap=14) == 0
    assert await measured(bridge(), "guards_crossing", "open_edges", gap=8) == 0


async def test_a_gap_of_one_cell_is_not_jumped_over() -> None:
    broken = bridge().clear((6, 0, 0), (6, 4, 1))
    assert await measured(broken, "crosses", "crossed", gap=8) == 0
    assert await measured(broken, "crosses", "distance", gap=8) == 3
    assert await measured(broken, "guards_crossing", "open_edges", gap=8) is None


async def test_a_bridge_that_ends_two_cells_above_the_bank_is_not_crossed_back() -> None:
    one_way = Builder().box((0, 0, 0), (0, 2, 0), "stone").box((1, 0, 1), (11, 2, 1), "planks")
    assert await measured(one_way, "crosses", "crossed", gap=8) == 0
    both_ways = one_way.box((12, 0, 0), (12, 2, 0), "stone")
    assert await measured(both_ways, "crosses", "crossed", gap=8) == 1


async def test_a_bridge_along_y_is_tried_along_y() -> None:
    across = Builder().box((0, 0, 0), (2, 11, 0), "planks")
    assert await measured(across, "crosses", "crossed", gap=8, axis="y") == 1
    assert await measured(across, "crosses", "crossed", gap=8, axis="x") == 0


async def test_a_cliff_is_reached_from_the_side_it_stands_at() -> None:
    stair = Builder().stairs((0, 0, 0), "east", 5, 2)
    assert await measured(stair, "climbs_cliff", "cliff_reached", height=5, side="east") == 1
    assert await measured(stair, "climbs_cliff", "cliff_reached", height=6, side="east") == 1
    assert await measured(stair, "climbs_cliff", "cliff_reached", height=7, side="east") == 0
    assert await measured(stair, "climbs_cliff", "cliff_reached", height=5, side="west") == 0


async def test_a_house_is_entered_through_its_door_only() -> None:
    assert await measured(hut(), "enters", "share_reached") == 1
    assert await measured(hut().clear((3, 6, 0), (3, 6, 1)), "enters", "share_reached") == 0
    assert await measured(hut().clear((3, 6, 0), (3, 6, 1)), "enters", "share_reached", through_door=False) == 1
    assert await measured(hut(), "enters", "share_reached", floor=1) == 0


@pytest.mark.parametrize("at", range(2, 10))
async def test_whichever_slice_of_the_deck_or_piece_of_the_rail_is_missing_it_is_noticed(at: int) -> None:
    cut = bridge().clear((at, 0, 0), (at, 4, 1))
    assert await measured(cut, "crosses", "crossed", gap=8) == 0
    for side in (0, 4):
        open_rail = bridge().clear((at, side, 1), (at, side, 1))
        assert await measured(open_rail, "crosses", "crossed", gap=8) == 1
        assert (await measured(open_rail, "guards_crossing", "open_edges", gap=8) or 0) > 0
