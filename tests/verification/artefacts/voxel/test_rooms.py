"""Rooms: what is inside, whether air gets in, how light it is, and how large the doors are."""

import itertools
from typing import Any

from agent.domain.artefacts import Scenario
from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.world import VoxelWorld
from tests.verification.artefacts.voxel.making import hut, made

WORLD = VoxelWorld()


async def measured(program: Builder, scenario: str, measure: str, **parameters: Any) -> float | None:
    trial = await WORLD.simulate(made(program), Scenario(name=scenario, parameters=parameters), measure, 0)
    return trial.value


async def test_a_hut_is_closed_while_its_door_is() -> None:
    assert await measured(hut(), "encloses", "open_share") == 0
    assert await measured(hut(), "encloses", "enclosed_cells") == 5 * 5 * 4


async def test_any_hole_lets_the_air_in() -> None:
    for low, high in (((2, 2, 4), (2, 2, 4)), ((0, 3, 1), (0, 3, 2)), ((3, 6, 0), (3, 6, 1))):
        assert await measured(hut().clear(low, high), "encloses", "open_share") == 1


async def test_what_has_no_roof_has_no_inside() -> None:
    roofless = hut().clear((0, 0, 4), (6, 6, 4))
    assert await measured(roofless, "encloses", "open_share") == 1
    assert await measured(roofless, "enters", "share_reached") == 0
    assert await measured(roofless, "lit", "darkest") == 0


async def test_under_the_eaves_is_outside() -> None:
    wide = Builder((4, 4, 0)).walls((0, 0, 0), (6, 6, 3), "planks").roof((0, 0), (6, 6), 4, "gable", overhang=3)
    assert await measured(wide, "encloses", "open_share") == 0


async def test_light_falls_by_one_a_cell_and_not_through_walls() -> None:
    """The torch stands in a corner: in its own cell and two beside it the level is 13 or more."""
    assert await measured(hut(), "lit", "darkest") == 14 - (4 + 4)
    assert await measured(hut(), "lit", "lit_share", enough=13) == 3 / 25
    behind_the_wall = hut().clear((1, 1, 0), (1, 1, 0)).torch((7, 1, 0)).box((3, 6, 0), (3, 6, 1), "planks")
    behind_the_wall.box((0, 3, 1), (0, 3, 2), "planks")
    assert await measured(behind_the_wall, "lit", "darkest") == 0


async def test_a_wall_between_keeps_light_away() -> None:
    parted = hut().box((1, 3, 0), (5, 3, 3), "stone")
    assert await measured(parted, "lit", "darkest") == 0


async def test_the_largest_door_that_leads_inside_is_measured() -> None:
    two = hut().door((2, 6, 0), "south", width=3, height=3)
    assert await measured(two, "has_door", "width") == 3
    assert await measured(two, "has_door", "height") == 3
    leaning = hut().clear((3, 6, 0), (3, 6, 1)).box((3, 6, 0), (3, 6, 1), "planks").door((3, 7, 0), "south")
    assert await measured(leaning, "has_door", "doors") == 0


async def test_storeys_are_levels_with_a_fair_share_of_floor() -> None:
    assert await measured(hut(), "measured", "storeys") == 1
    furnished = hut().box((4, 4, 0), (5, 5, 0), "planks").set((1, 4, 0), "log")
    assert await measured(furnished, "measured", "storeys") == 1
    high = Builder().walls((0, 0, 0), (6, 6, 8), "planks").box((1, 1, 4), (5, 5, 4), "planks")
    assert await measured(high.roof((0, 0), (6, 6), 9, "flat"), "measured", "storeys") == 2


async def test_whichever_block_is_taken_away_air_gets_in_just_where_a_room_lay_behind_it() -> None:
    """Every block of walls and roof: those at edges and corners touch no room by a face, so nothing leaks there."""
    shape = made(hut()).blocks.shape
    for x, y, z in itertools.product(*map(range, shape)):
        on_wall, on_roof = x in (0, 6) or y in (0, 6), z == 4
        if not (on_wall or on_roof):
            continue
        touches = (x in (0, 6)) + (y in (0, 6)) + on_roof == 1
        leaks = await measured(hut().clear((x, y, z), (x, y, z)), "encloses", "open_share")
        assert (leaks or 0) > 0 if touches else leaks == 0, (x, y, z)
