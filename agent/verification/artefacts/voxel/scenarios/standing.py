"""Scenarios that measure the building itself: what holds it, and how large it is."""

from typing import Final

import numpy as np

from agent.domain.artefacts import Mutation
from agent.verification.artefacts.voxel.air import floating, rooms
from agent.verification.artefacts.voxel.blocks import AIR, BLOCKS_BODY, NUMBER
from agent.verification.artefacts.voxel.building import VoxelBuild
from agent.verification.artefacts.voxel.moving import shifted, walks
from agent.verification.artefacts.voxel.scenarios.template import Measured, NoParameters, VoxelScenario
from agent.verification.artefacts.voxel.scene import on_ground


def _stands(build: VoxelBuild, form: NoParameters) -> Measured:
    hanging = int(np.count_nonzero(floating(build.blocks)))
    foot = int(np.count_nonzero(BLOCKS_BODY[build.blocks[:, :, 0]]))
    detail = f"{hanging} blocks float, {foot} blocks stand on the ground"
    values = {"floating_blocks": float(hanging), "blocks_on_ground": float(foot)}
    return Measured(values, detail)


def _measured(build: VoxelBuild, form: NoParameters) -> Measured:
    scene = on_ground(build)
    found = rooms(scene.blocks, walks(scene.blocks).on_floor)
    wide, deep, high = build.extent
    values = {
        "width": float(wide),
        "depth": float(deep),
        "height": float(high),
        "blocks": float(np.count_nonzero(build.blocks != AIR)),
        "storeys": float(len(found.floors)),
        "panes": float(np.count_nonzero(build.blocks == NUMBER["glass"])),
        "overhang": float(_overhang(scene.blocks, found.floors[0])) if found.floors else 0.0,
    }
    return Measured(values, ", ".join(f"{name} {value:.0f}" for name, value in values.items()))


def _overhang(blocks: np.ndarray, floor: np.ndarray) -> int:
    """Return how far the roof stands out over the walls of the lowest storey, on the side where it does so least."""
    x, y, z = np.nonzero(floor)
    solid = BLOCKS_BODY[blocks]
    eaves = solid & ~shifted(solid, z=-1) & ~shifted(solid, z=-2)
    eaves[:, :, : int(z.min()) + 2] = False
    columns = np.argwhere(eaves.any(axis=2))
    if not len(columns):
        return 0
    (west, north), (east, south) = columns.min(axis=0), columns.max(axis=0)
    out = (x.min() - 1 - west, east - x.max() - 1, y.min() - 1 - north, south - y.max() - 1)
    return max(0, int(min(out)))


STANDS: Final = VoxelScenario(
    "stands",
    "Everything that hangs on nothing is counted. Blocks hold each other by faces and edges.",
    {"floating_blocks": "", "blocks_on_ground": ""},
    Mutation(name="lift"),
    _stands,
)
MEASURED: Final = VoxelScenario(
    "measured",
    "The building is measured: its extent, its blocks, storeys, panes of glass, and how far its eaves stand out over "
    "the walls on the side where they do so least.",
    {
        "width": "cells",
        "depth": "cells",
        "height": "cells",
        "blocks": "",
        "storeys": "",
        "panes": "",
        "overhang": "cells",
    },
    Mutation(name="empty"),
    _measured,
)
