"""Inside and outside, where the air gets, and how far light reaches."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.verification.artefacts.voxel.blocks import BLOCKS_AIR, BLOCKS_BODY, BLOCKS_LIGHT, IS_DOOR, LIGHT
from agent.verification.artefacts.voxel.moving import Mask, shifted

_SIX: Final = ((1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1))
_ALL_SIDES: Final = 5
_FEWEST_CELLS: Final = 4
"""A level on which fewer cells of floor are counts as furniture, not as a storey."""
_LEAST_SHARE: Final = 0.3


def flooded(passable: Mask, start: Mask) -> Mask:
    """Return the cells that are reached from the start through faces of passable cells."""
    padded = np.zeros(tuple(size + 2 for size in passable.shape), dtype=bool)
    inner = (slice(1, -1),) * 3
    padded[inner] = passable
    open_cells = padded.ravel()
    begun = np.zeros_like(padded)
    begun[inner] = start & passable
    steps = np.array([(x * padded.shape[1] + y) * padded.shape[2] + z for x, y, z in _SIX])
    seen = begun.ravel()
    frontier = np.flatnonzero(seen)
    while frontier.size:
        near = (frontier[:, None] + steps).ravel()
        near = near[open_cells[near] & ~seen[near]]
        seen[near] = True
        frontier = np.unique(near)
    return seen.reshape(padded.shape)[inner]


def inside(blocks: NDArray[np.uint8]) -> Mask:
    """Return the cells that are inside: a roof above and walls in all four directions.

    What lies beside them and lacks one of these five belongs to them, so that a room with a hole in its wall or its
    roof stays whole, and what is under the eaves does not become a room. Closed doors count as walls.
    """
    tight = BLOCKS_AIR[blocks]
    sides = sum(_beyond(tight, axis, back=back).astype(np.int8) for axis in (0, 1) for back in (False, True))
    covers = np.where(tight, 0, sides + _beyond(tight, 2, back=True))
    return flooded(covers >= _ALL_SIDES - 1, covers == _ALL_SIDES)


def _beyond(mask: Mask, axis: int, *, back: bool) -> Mask:
    """Return where the mask is True somewhere before (or, ``back``, behind) a cell along an axis."""
    if not back:
        return np.logical_or.accumulate(mask, axis=axis)
    return np.flip(np.logical_or.accumulate(np.flip(mask, axis), axis=axis), axis)


def open_air(blocks: NDArray[np.uint8]) -> Mask:
    """Return where outside air gets while doors are closed."""
    border = np.zeros(blocks.shape, dtype=bool)
    border[:, :, -1] = True
    return flooded(~BLOCKS_AIR[blocks], border)


@dataclass(frozen=True, eq=False)
class Rooms:
    """The inside of a building, by its storeys.

    Attributes:
        cells: everything inside.
        floors: for each storey, from the lowest, the cells in which one stands on its floor.
    """

    cells: Mask
    floors: tuple[Mask, ...]


def rooms(blocks: NDArray[np.uint8], on_floor: Mask, cells: Mask | None = None) -> Rooms:
    """Find the storeys: levels with a fair share of the largest one's floor, three cells apart at least."""
    cells = inside(blocks) if cells is None else cells
    standing = cells & on_floor & ~IS_DOOR[blocks]
    count = standing.sum(axis=(0, 1))
    enough = max(_FEWEST_CELLS, _LEAST_SHARE * float(count.max(initial=0)))
    levels: list[int] = []
    for level in np.flatnonzero(count >= enough).tolist():
        if not levels or level - levels[-1] >= 3:
            levels.append(level)
    floors = []
    for level in levels:
        floor = np.zeros_like(standing)
        floor[:, :, level] = standing[:, :, level]
        floors.append(floor)
    return Rooms(cells, tuple(floors))


def lamp_light(blocks: NDArray[np.uint8]) -> NDArray[np.int8]:
    """Return the level of light from torches and lanterns: it falls by one a cell, round corners too. No daylight."""
    level = LIGHT[blocks].copy()
    clear = ~BLOCKS_LIGHT[blocks]
    for _ in range(int(level.max(initial=0))):
        before = level.copy()
        for axis in range(3):
            ahead = [slice(None)] * 3
            behind = [slice(None)] * 3
            ahead[axis], behind[axis] = slice(1, None), slice(None, -1)
            a, b = tuple(ahead), tuple(behind)
            np.maximum(level[a], np.where(clear[a], before[b] - 1, 0), out=level[a])
            np.maximum(level[b], np.where(clear[b], before[a] - 1, 0), out=level[b])
        if np.array_equal(level, before):
            break
    return level


def floating(blocks: NDArray[np.uint8]) -> Mask:
    """Return the blocks of a building that hang on nothing which stands on the ground (its lowest layer does).

    Blocks hold each other by faces and edges, as the rows of a sloping roof do; doors and torches hold nothing.
    """
    solid = BLOCKS_BODY[blocks]
    padded = np.zeros(tuple(size + 2 for size in solid.shape), dtype=bool)
    inner = (slice(1, -1),) * 3
    padded[inner] = solid
    near = [
        (x * padded.shape[1] + y) * padded.shape[2] + z
        for x in (-1, 0, 1)
        for y in (-1, 0, 1)
        for z in (-1, 0, 1)
        if 0 < abs(x) + abs(y) + abs(z) <= 2
    ]
    there = padded.ravel()
    held = np.zeros_like(padded)
    held[1:-1, 1:-1, 1] = solid[:, :, 0]
    seen = held.ravel()
    frontier = np.flatnonzero(seen)
    while frontier.size:
        beside = (frontier[:, None] + np.array(near)).ravel()
        beside = beside[there[beside] & ~seen[beside]]
        seen[beside] = True
        frontier = np.unique(beside)
    return solid & ~seen.reshape(padded.shape)[inner]


def openings_of(blocks: NDArray[np.uint8], cells: Mask) -> Mask:
    """Return the cells through which a room has ways out: doors, and what beside it is neither room nor wall."""
    beside = np.zeros_like(cells)
    for x, y, z in _SIX:
        beside |= shifted(cells, x, y, z)
    ways: Mask = beside & ~cells & ~BLOCKS_BODY[blocks]
    return ways
