"""Inspecting: what there is to a building without trying it out."""

import numpy as np

from agent.domain.artefacts import Inspection, Part
from agent.verification.artefacts.voxel.air import floating
from agent.verification.artefacts.voxel.blocks import AIR, BLOCKS, BLOCKS_BODY
from agent.verification.artefacts.voxel.building import VoxelBuild
from agent.verification.artefacts.voxel.moving import held_ladders, is_ladder


def inspected(build: VoxelBuild) -> Inspection:
    """Return the parts with their blocks and boxes, counts of blocks, and what hangs on nothing.

    Floating blocks are a measure and no problem: games allow them, so a criterion has to ask. A building without any
    block at its foot, or without any block, is a problem.
    """
    there = build.blocks != AIR
    hanging = floating(build.blocks)
    parts = tuple(
        Part(name=name, measures=_of_part(build, number, hanging))
        for number, name in enumerate(build.names)
        if (build.parts == number).any()
    )
    wide, deep, high = build.extent
    measures: dict[str, float | str | bool] = {
        "width_cells": wide,
        "depth_cells": deep,
        "height_cells": high,
        "blocks": int(np.count_nonzero(there)),
        "floating_blocks": int(np.count_nonzero(hanging)),
        "loose_rungs": int(np.count_nonzero(is_ladder(build.blocks) & ~held_ladders(build.blocks))),
    }
    numbers, counts = np.unique(build.blocks[there], return_counts=True)
    for number, count in zip(numbers.tolist(), counts.tolist(), strict=True):
        measures[f"{BLOCKS[number].name}_blocks"] = count
    problems = []
    if not there.any():
        problems.append("there is no block")
    elif not BLOCKS_BODY[build.blocks[:, :, 0]].any():
        problems.append("nothing stands on the ground: no block is at z 0")
    return Inspection(parts=parts, measures=measures, problems=tuple(problems))


def _of_part(build: VoxelBuild, number: int, hanging: np.ndarray) -> dict[str, float | str | bool]:
    cells = build.parts == number
    low, high = (edge.tolist() for edge in _box(cells))
    numbers, counts = np.unique(build.blocks[cells], return_counts=True)
    return {
        "blocks": int(np.count_nonzero(cells)),
        "floating_blocks": int(np.count_nonzero(cells & hanging)),
        "from": "{},{},{}".format(*low),
        "to": "{},{},{}".format(*high),
        "material": BLOCKS[int(numbers[np.argmax(counts)])].name,
    }


def _box(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    found = np.argwhere(cells)
    return found.min(axis=0), found.max(axis=0)
