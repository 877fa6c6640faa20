"""What a building is handed over as, and what those who write programs are told."""

import io
import json

import pytest

from agent.verification.artefacts.voxel.world import VoxelWorld
from tests.verification.artefacts.voxel.making import hut, made


async def test_a_building_is_handed_over_block_by_block_with_its_parts() -> None:
    build = made(hut())
    files = {file.path: file for file in await VoxelWorld().files(build)}
    told = json.loads(files["building.json"].data)
    assert told["size"] == list(build.blocks.shape)
    assert len(told["blocks"]) == (build.blocks > 0).sum()
    assert [6, 6, 0, "planks", "walls"] in told["blocks"]
    assert {part for *_, part in told["blocks"]} == {"walls", "door", "window", "torch", "roof"}


async def test_the_schematic_comes_first_where_the_extra_is_installed() -> None:
    nbtlib = pytest.importorskip("nbtlib", reason="schematics need the extra voxel")
    pytest.importorskip("mcschematic", reason="schematics need the extra voxel")
    first = (await VoxelWorld().files(made(hut())))[0]
    assert first.path == "building.schem"
    assert int(nbtlib.File.load(io.BytesIO(first.data), gzipped=True)["Width"]) == 7


async def test_the_guide_shows_every_action_and_a_building_that_one_can_enter() -> None:
    world = VoxelWorld()
    guide = world.guide()
    for action in ("box", "hollow", "walls", "set", "line", "stairs", "ladder", "door", "window", "torch", "roof"):
        assert f"- {action}(" in guide
    build = await world.build(guide[guide.index('{"actions": [\n') :])
    inspection = await world.inspect(build)
    assert (inspection.sound, inspection.measures["floating_blocks"]) == (True, 0)
