"""Writing a building as a schematic (.schem, Sponge version 2) that Minecraft's tools load, and as JSON."""

import gzip
import importlib.util
import tempfile
from pathlib import Path

import numpy as np
import orjson

from agent.domain.errors import ConfigurationError, UsageError
from agent.verification.artefacts.voxel.blocks import AIR, BLOCKS, CARRIES, NUMBER, STEP
from agent.verification.artefacts.voxel.building import VoxelBuild


def schematic(build: VoxelBuild) -> bytes:
    """Return the bytes of a .schem file for Minecraft 1.20.1 and later. The same building gives the same bytes.

    Minecraft's second axis is the vertical one and its third points south, so y and z change places; nothing is
    mirrored by that, since y points south here too.

    Raises:
        ConfigurationError: the extra ``voxel`` is not installed.
        UsageError: the building has no block.
    """
    if importlib.util.find_spec("mcschematic") is None:
        raise ConfigurationError("writing schematics needs an extra: pip install 'plumbline-agent[voxel]'")
    import mcschematic

    cells = np.argwhere(build.blocks != AIR).tolist()
    if not cells:
        raise UsageError("there is no block to write; build something first")
    made = mcschematic.MCSchematic()
    for x, y, z in cells:
        made.setBlock((x, z, y), _state(build, x, y, z))
    with tempfile.TemporaryDirectory() as folder:
        made.save(folder, "build", mcschematic.Version.JE_1_20_1)
        written = gzip.decompress((Path(folder) / "build.schem").read_bytes())
    return gzip.compress(written, mtime=0)  # the library's own file holds the time of writing


def as_json(build: VoxelBuild) -> bytes:
    """Return the size in cells, and every block as ``[x, y, z, block, part]``."""
    blocks = [
        [x, y, z, BLOCKS[int(build.blocks[x, y, z])].name, build.names[int(build.parts[x, y, z])]]
        if build.parts[x, y, z] >= 0
        else [x, y, z, BLOCKS[int(build.blocks[x, y, z])].name, ""]
        for x, y, z in np.argwhere(build.blocks != AIR).tolist()
    ]
    return orjson.dumps({"size": list(build.blocks.shape), "blocks": blocks})


def _state(build: VoxelBuild, x: int, y: int, z: int) -> str:
    """Return how Minecraft writes a block; torches and lanterns hang where nothing is below them, or they drop."""
    number = int(build.blocks[x, y, z])
    if number not in (NUMBER["torch"], NUMBER["lantern"]) or z == 0 or _carries(build, x, y, z - 1):
        return BLOCKS[number].state
    if number == NUMBER["lantern"]:
        return "minecraft:lantern[hanging=true]" if _carries(build, x, y, z + 1) else BLOCKS[number].state
    for facing, (dx, dy) in STEP.items():
        if _carries(build, x - dx, y - dy, z):
            return f"minecraft:wall_torch[facing={facing}]"
    return BLOCKS[number].state


def _carries(build: VoxelBuild, *cell: int) -> bool:
    within = all(0 <= at < size for at, size in zip(cell, build.blocks.shape, strict=True))
    return within and bool(CARRIES[build.blocks[cell]])
