"""Scenarios in which a player walks: up, across, and in."""

from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from agent.domain.artefacts import Mutation, View
from agent.domain.base import Form
from agent.verification.artefacts.voxel.air import inside, rooms
from agent.verification.artefacts.voxel.blocks import BLOCKS_BODY, STEP, Facing
from agent.verification.artefacts.voxel.building import VoxelBuild
from agent.verification.artefacts.voxel.moving import DROP, Mask, Walks, held_ladders, shifted, walks
from agent.verification.artefacts.voxel.scenarios.template import Measured, VoxelScenario
from agent.verification.artefacts.voxel.scene import Scene, beside_cliff, on_ground, over_chasm


def _around(scene: Scene) -> Mask:
    """Return the ground at the border of a scene, where a player comes from."""
    border = np.zeros(scene.blocks.shape, dtype=bool)
    border[[0, -1], :, scene.ground] = True
    border[:, [0, -1], scene.ground] = True
    return border


def _open_edges(blocks: NDArray[np.uint8], way: Walks, cells: Mask) -> int:
    """Return at how many sides of the cells one falls deeper than one may: no rail, no floor, no ladder."""
    free = ~BLOCKS_BODY[blocks]
    edges = 0
    for x, y in STEP.values():
        safe = np.zeros_like(cells)
        for deep in range(DROP + 1):
            safe |= shifted(way.stands, x, y, -deep)
        edges += int(np.count_nonzero(cells & shifted(free, x, y) & ~safe))
    return edges


def _map(scene: Scene, reached: Mask) -> View:
    """Return a map of how high a player gets in each column: digits for cells above the ground, a dot for nowhere."""
    rows = []
    columns: Mask = np.logical_or.reduce(reached[:, :, scene.ground :], axis=2)
    height = reached.shape[2] - 1 - np.argmax(reached[:, :, ::-1], axis=2) - scene.ground
    for y in range(reached.shape[1]):
        marks = (_digit(int(height[x, y])) if columns[x, y] else "." for x in range(reached.shape[0]))
        rows.append("".join(marks))
    return View(name="reached", description="north is up; height of the feet, a to z from 10\n" + "\n".join(rows))


def _digit(value: int) -> str:
    return str(value) if value < 10 else chr(ord("a") + min(value - 10, 25))


class Climbs(Form):
    """``ladders`` are those that count: any, those outside, or none."""

    ladders: Literal["any", "outside", "none"] = "any"


def _climbs(build: VoxelBuild, form: Climbs) -> Measured:
    scene = on_ground(build)
    rungs = held_ladders(scene.blocks)
    if form.ladders == "outside":
        rungs &= ~inside(scene.blocks)
    elif form.ladders == "none":
        rungs = np.zeros_like(rungs)
    way = walks(scene.blocks, ladders=rungs)
    reached = way.reached(_around(scene))
    floors = reached & way.on_floor
    counts = floors[:, :, scene.ground :].sum(axis=(0, 1))
    counts[0] = 0
    top = int(np.flatnonzero(counts).max(initial=0))
    level = int(np.argmax(counts[(top + 1) // 2 :])) + (top + 1) // 2 if top else 0
    platform = np.zeros_like(floors)
    if top:
        platform[:, :, scene.ground + level] = floors[:, :, scene.ground + level]
    values: dict[str, float | None] = {
        "height_reached": float(top),
        "platform_height": float(level),
        "platform_cells": float(counts[level]),
        "open_edges": float(_open_edges(scene.blocks, way, platform)) if top else None,
    }
    said = f"a player who climbs gets {top} cells high, and onto a platform of {counts[level]} cells at {level}"
    return Measured(values, said, (_map(scene, reached),))


class ClimbsCliff(Form):
    """``height`` of the cliff in cells; ``side`` of the building it stands at, by default the best of the four."""

    height: int = Field(ge=2, le=50)
    side: Literal["north", "east", "south", "west", "any"] = "any"


def _climbs_cliff(build: VoxelBuild, form: ClimbsCliff) -> Measured:
    sides: tuple[Facing, ...] = tuple(STEP) if form.side == "any" else (form.side,)
    tried = [_one_cliff(build, side, form.height) for side in sides]
    return max(tried, key=lambda one: (one.values["cliff_reached"], one.values["height_reached"]))


def _one_cliff(build: VoxelBuild, side: Facing, height: int) -> Measured:
    scene, top = beside_cliff(build, side, height)
    way = walks(scene.blocks, ladders=None)
    reached = way.reached(_around(scene))
    over = bool((reached & top).any())
    within = (reached & way.on_floor)[scene.built]
    widths = within.sum(axis=(0, 1))[1:height]
    highest = int(np.flatnonzero(within.any(axis=(0, 1))).max(initial=0))
    values = {
        "cliff_reached": float(over),
        "height_reached": float(highest),
        "narrowest": float(widths.min()) if over else 0.0,
    }
    said = "reaches" if over else "does not reach"
    detail = f"a player {said} the top of a cliff of {height} cells in the {side}, and gets {highest} cells high"
    return Measured(values, detail, (_map(scene, reached),))


class Crosses(Form):
    """``gap`` is how many cells of ground are missing below the middle of the building, along ``axis``."""

    gap: int = Field(ge=1, le=80)
    axis: Literal["x", "y"] = "x"


def _crosses(build: VoxelBuild, form: Crosses) -> Measured:
    scene, gap = over_chasm(build, form.axis, form.gap)
    way = walks(scene.blocks)
    along = 0 if form.axis == "x" else 1
    over = np.zeros_like(way.stands)
    over[(slice(None),) * along + (gap,)] = True
    ends, walked = [], []
    for end in (0, -1):
        start = np.zeros_like(over)
        start[(slice(None),) * along + (end,)] = True
        start[:, :, : scene.ground] = False
        start[:, :, scene.ground + 1 :] = False
        ends.append(start)
    distances = []
    for start, goal, back in ((ends[0], ends[1], False), (ends[1], ends[0], True)):
        reached = way.reached(start)
        walked.append(reached)
        cells = np.flatnonzero(reached.any(axis=(1 - along, 2)))
        far = gap.stop - int(cells.min()) if back else int(cells.max()) + 1 - gap.start
        distances.append(float(form.gap) if (reached & goal).any() else float(min(max(far, 0), form.gap - 1)))
    deck = walked[0] & walked[1] & over & way.on_floor
    crossed = min(distances) == form.gap
    widths = deck.any(axis=2).sum(axis=1 - along)[gap]
    values = {
        "crossed": float(crossed),
        "distance": min(distances),
        "narrowest": float(widths.min()) if crossed else 0.0,
        "open_edges": float(_open_edges(scene.blocks, way, deck)) if crossed else None,
    }
    said = f"a player gets {min(distances):.0f} of {form.gap} cells across, there and back"
    return Measured(values, said, (_map(scene, walked[0]),))


class Enters(Form):
    """``floor`` counts from 0, the lowest; -1 is the highest. With ``through_door`` only what doors lead to counts."""

    floor: int = Field(default=0, ge=-1, le=20)
    through_door: bool = True


def _enters(build: VoxelBuild, form: Enters) -> Measured:
    scene = on_ground(build)
    way = walks(scene.blocks)
    floors = rooms(scene.blocks, way.on_floor).floors
    if not floors:
        return Measured({"share_reached": 0.0, "cells_reached": 0.0}, "there is no inside in which one could stand")
    if form.floor >= len(floors):
        said = f"there are {len(floors)} storeys, so none is number {form.floor}"
        return Measured({"share_reached": 0.0, "cells_reached": 0.0}, said)
    reached = way.reached(_around(scene))
    if form.through_door:
        reached &= ~walks(scene.blocks, doors_open=False).reached(_around(scene))
    floor = floors[form.floor]
    cells = int(np.count_nonzero(floor & reached))
    share = cells / int(np.count_nonzero(floor))
    said = f"a player gets to {share:.0%} of storey {form.floor} ({cells} cells)"
    if form.through_door:
        said += " through a door"
    return Measured({"share_reached": share, "cells_reached": float(cells)}, said, (_map(scene, reached),))


CLIMBS: Final = VoxelScenario(
    "climbs",
    "A player comes from the ground around the building and climbs as high as it can, on steps and on the ladders that "
    "count. The platform is the largest level in the upper half of what it reaches.",
    {"height_reached": "cells", "platform_height": "cells", "platform_cells": ""},
    Mutation(name="cut_layer"),
    _climbs,
    Climbs,
)
GUARDS_TOP: Final = VoxelScenario(
    "guards_top",
    "A player climbs up as in climbs; at every side of the platform where one would fall deeper than three cells there "
    "is a rail, a wall or a ladder. Open edges are those without.",
    {"open_edges": ""},
    Mutation(name="remove_rails"),
    _climbs,
    Climbs,
)
CLIMBS_CLIFF: Final = VoxelScenario(
    "climbs_cliff",
    "The building stands at the foot of a cliff of some height; a player climbs it to get onto the cliff (1, else 0). "
    "The narrowest height has the fewest cells to walk on.",
    {"cliff_reached": "", "height_reached": "cells", "narrowest": "cells"},
    Mutation(name="cut_layer"),
    _climbs_cliff,
    ClimbsCliff,
)
CROSSES: Final = VoxelScenario(
    "crosses",
    "The ground is missing below the middle of the building, right across; a player crosses it there and back (1, else "
    "0). The narrowest place has the fewest cells side by side.",
    {"crossed": "", "distance": "cells", "narrowest": "cells"},
    Mutation(name="cut_gap", parameters={"axis": "$axis"}),
    _crosses,
    Crosses,
)
GUARDS_CROSSING: Final = VoxelScenario(
    "guards_crossing",
    "A player crosses as in crosses; beside the way there is a rail or a wall wherever one would fall. Open edges are "
    "the sides of its cells without.",
    {"open_edges": ""},
    Mutation(name="remove_rails"),
    _crosses,
    Crosses,
)
ENTERS: Final = VoxelScenario(
    "enters",
    "A player comes from outside and walks through the rooms of a storey, opening doors and climbing ladders. Storeys "
    "count from 0, the lowest; -1 is the highest. The share is that of the cells of floor.",
    {"share_reached": "", "cells_reached": ""},
    Mutation(name="fill_openings"),
    _enters,
    Enters,
)
