"""Where a building is tried out: on flat ground, over a chasm, or beside a cliff. Each trial makes a new scene."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from agent.verification.artefacts.voxel.blocks import AIR, GROUND, STEP, Facing
from agent.verification.artefacts.voxel.building import VoxelBuild

MARGIN: Final = 4
"""Cells of free ground on each side of a building."""
_ABOVE: Final = 4
_DEEP: Final = 5
"""Layers of earth under a building; a fall into a chasm ends below all of them."""


@dataclass(frozen=True, eq=False)
class Scene:
    """Blocks with the ground below them.

    Attributes:
        blocks: numbers of blocks, shape (x, y, z); the outermost cells above the ground are air.
        corner: where the cell (0, 0, 0) of the building is.
        size: of the building, in cells.
    """

    blocks: NDArray[np.uint8]
    corner: tuple[int, int, int]
    size: tuple[int, int, int]

    @property
    def built(self) -> tuple[slice, slice, slice]:
        """Where the building is."""
        x, y, z = (slice(start, start + cells) for start, cells in zip(self.corner, self.size, strict=True))
        return x, y, z

    @property
    def ground(self) -> int:
        """The layer of cells in which one stands on the ground."""
        return self.corner[2]


def on_ground(build: VoxelBuild, margins: tuple[int, int] = (MARGIN, MARGIN)) -> Scene:
    """Put a building on flat ground, with so many free cells on either side along x and along y."""
    width, depth, height = build.blocks.shape
    shape = width + 2 * margins[0], depth + 2 * margins[1], height + _DEEP + _ABOVE
    blocks = np.full(shape, AIR, dtype=np.uint8)
    blocks[:, :, :_DEEP] = GROUND
    scene = Scene(blocks, (*margins, _DEEP), (width, depth, height))
    blocks[scene.built] = build.blocks
    return scene


def over_chasm(build: VoxelBuild, axis: Literal["x", "y"], gap: int) -> tuple[Scene, slice]:
    """Take the ground away below the middle of a building, right across; return also where, along the axis.

    There is a bank of some cells on either side, even where the building is shorter than the chasm.
    """
    along = axis == "y"
    bank = MARGIN + max(0, (gap - build.blocks.shape[along] + 1) // 2)
    scene = on_ground(build, (MARGIN, bank) if along else (bank, MARGIN))
    first = bank + (scene.size[along] - gap) // 2
    cut = slice(first, first + gap)
    below = slice(0, scene.ground)
    if along:
        scene.blocks[:, cut, below] = AIR
    else:
        scene.blocks[cut, :, below] = AIR
    return scene, cut


def beside_cliff(build: VoxelBuild, side: Facing, height: int) -> tuple[Scene, NDArray[np.bool_]]:
    """Put a cliff flush with one side of a building; the mask tells the cells in which one stands upon it."""
    width, depth, tall = build.blocks.shape
    taller = VoxelBuild(
        np.pad(build.blocks, ((0, 0), (0, 0), (0, max(0, height + 2 - tall)))),
        np.pad(build.parts, ((0, 0), (0, 0), (0, max(0, height + 2 - tall))), constant_values=-1),
        build.names,
    )
    scene = on_ground(taller)
    dx, dy = STEP[side]
    along = (slice(None), slice(MARGIN + width, None), slice(0, MARGIN))[dx]
    down = (slice(None), slice(MARGIN + depth, None), slice(0, MARGIN))[dy]
    scene.blocks[along, down, scene.ground : scene.ground + height] = GROUND
    top = np.zeros(scene.blocks.shape, dtype=bool)
    top[along, down, scene.ground + height] = True
    return scene, top
