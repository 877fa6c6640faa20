"""Scenarios about rooms: closed, lit, and with a door of some size."""

from typing import Final

import numpy as np
from pydantic import Field

from agent.domain.artefacts import Mutation
from agent.domain.base import Form
from agent.verification.artefacts.voxel.air import flooded, inside, lamp_light, open_air, rooms
from agent.verification.artefacts.voxel.blocks import IS_DOOR
from agent.verification.artefacts.voxel.building import VoxelBuild
from agent.verification.artefacts.voxel.moving import Mask, shifted, walks
from agent.verification.artefacts.voxel.scenarios.template import Measured, NoParameters, VoxelScenario
from agent.verification.artefacts.voxel.scene import on_ground


def _encloses(build: VoxelBuild, form: NoParameters) -> Measured:
    blocks = on_ground(build).blocks
    cells = inside(blocks)
    total = int(np.count_nonzero(cells))
    if not total:
        return Measured({"open_share": 1.0, "enclosed_cells": 0.0}, "there is no inside")
    leaking = int(np.count_nonzero(cells & open_air(blocks)))
    detail = f"outside air gets into {leaking} of {total} cells inside while doors are closed"
    return Measured({"open_share": leaking / total, "enclosed_cells": float(total - leaking)}, detail)


class Lit(Form):
    """``enough`` is the level from which a cell counts as lit: monsters appear in the dark below 1, people see by 8."""

    enough: int = Field(default=8, ge=1, le=15)


def _lit(build: VoxelBuild, form: Lit) -> Measured:
    blocks = on_ground(build).blocks
    floors = rooms(blocks, walks(blocks).on_floor).floors
    if not floors:
        return Measured({"darkest": 0.0, "lit_share": 0.0}, "there is no inside in which one could stand")
    levels = lamp_light(blocks)[np.logical_or.reduce(floors)]
    darkest, share = int(levels.min()), float(np.mean(levels >= form.enough))
    detail = f"the darkest place inside has level {darkest}; {share:.0%} have {form.enough} or more"
    return Measured({"darkest": float(darkest), "lit_share": share}, detail)


def _has_door(build: VoxelBuild, form: NoParameters) -> Measured:
    blocks = on_ground(build).blocks
    left, room = IS_DOOR[blocks], inside(blocks)
    room &= ~left
    sizes: list[tuple[int, int]] = []
    while left.any():
        door = _one_of(left)
        left &= ~door
        if any((shifted(door, x, y) & room).any() for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1))):
            wide, deep, high = (int(np.ptp(axis)) + 1 for axis in np.nonzero(door))
            sizes.append((max(wide, deep), high))
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    detail = f"{len(sizes)} doors lead inside, the largest is {width} wide and {height} high"
    return Measured({"width": float(width), "height": float(height), "doors": float(len(sizes))}, detail)


def _one_of(cells: Mask) -> Mask:
    """Return one connected group of cells."""
    start = np.zeros_like(cells)
    start.flat[np.flatnonzero(cells)[0]] = True
    return flooded(cells, start)


ENCLOSES: Final = VoxelScenario(
    "encloses",
    "Doors are closed; air flows in from outside wherever it can: to a share of the cells inside, and not to others.",
    {"open_share": "", "enclosed_cells": ""},
    Mutation(name="remove_roof"),
    _encloses,
)
LIT: Final = VoxelScenario(
    "lit",
    "It is night; torches and lanterns light the rooms, one level less a cell. Measured are the darkest place inside "
    "where one can stand, and the share of such places with enough light.",
    {"darkest": "levels", "lit_share": ""},
    Mutation(name="remove_lights"),
    _lit,
    Lit,
)
HAS_DOOR: Final = VoxelScenario(
    "has_door",
    "The doors that lead inside are counted and the largest of them is measured.",
    {"width": "cells", "height": "cells", "doors": ""},
    Mutation(name="fill_openings"),
    _has_door,
)
