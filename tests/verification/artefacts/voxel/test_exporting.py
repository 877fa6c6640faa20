"""Schematics are read by another library, with the vertical axis as Minecraft has it."""

import io

import numpy as np
import pytest

from agent.domain.artefacts import Mutation
from agent.domain.errors import UsageError
from agent.verification.artefacts.voxel.blocks import AIR, BLOCKS
from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.exporting import schematic
from agent.verification.artefacts.voxel.world import VoxelWorld
from tests.verification.artefacts.voxel.making import hut, made

nbtlib = pytest.importorskip("nbtlib", reason="schematics need the extra voxel")


def test_a_schematic_holds_every_block_where_it_is_with_y_and_z_swapped() -> None:
    build = made(hut().ladder((1, 3, 0), 3, "east"))
    read = nbtlib.File.load(io.BytesIO(schematic(build)), gzipped=True)
    wide, deep, high = build.blocks.shape
    assert (int(read["Width"]), int(read["Length"]), int(read["Height"])) == (wide, deep, high)
    names = {int(number): str(state) for state, number in read["Palette"].items()}
    flat = np.array(read["BlockData"]).reshape(high, deep, wide)  # Minecraft's y, z, x
    assert len(names) < 128, "one byte a block"
    for x, y, z in np.ndindex(wide, deep, high):
        wanted = BLOCKS[build.blocks[x, y, z]].state
        assert names[int(flat[z, y, x])] == wanted


def states(program: Builder) -> set[str]:
    return {str(state) for state in nbtlib.File.load(io.BytesIO(schematic(made(program))), gzipped=True)["Palette"]}


def test_what_faces_somewhere_faces_there_in_minecraft() -> None:
    """A closed door that faces north fills the southern edge of its cell; a ladder faces away from its wall."""
    assert {
        "minecraft:oak_door[facing=north,half=lower]",
        "minecraft:oak_door[facing=north,half=upper]",
        "minecraft:ladder[facing=east]",
    } <= states(hut().ladder((1, 3, 0), 3, "east"))


def test_lights_hang_where_nothing_is_below_them() -> None:
    assert "minecraft:torch" in states(hut())
    assert "minecraft:wall_torch[facing=east]" in states(hut().torch((1, 3, 2)))
    assert "minecraft:lantern[hanging=true]" in states(hut().set((3, 3, 3), "lantern"))
    assert "minecraft:lantern" in states(hut().set((3, 3, 0), "lantern"))


def test_the_same_building_gives_the_same_bytes() -> None:
    assert schematic(made(hut())) == schematic(made(hut()))


async def test_nothing_is_not_written() -> None:
    empty = await VoxelWorld().mutate(made(Builder().set((0, 0, 0), "stone")), Mutation(name="empty"))
    assert (empty.blocks == AIR).all()
    with pytest.raises(UsageError, match="no block to write"):
        schematic(empty)
