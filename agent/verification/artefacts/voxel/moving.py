"""Where a player gets: one cell wide and two high, steps up one, drops at most three, climbs ladders, opens doors.

The rules are those of Minecraft as far as cells can tell: nobody jumps over gaps, and nobody swims.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.verification.artefacts.voxel.blocks import BLOCKS, BLOCKS_BODY, CARRIES, IS_DOOR, IS_LADDER, STEP, Facing

Mask = NDArray[np.bool_]
DROP: Final = 3
"""Deepest drop, in cells, that a player takes."""


def shifted(mask: Mask, x: int = 0, y: int = 0, z: int = 0) -> Mask:
    """Return the mask as seen from each cell: True where the cell that is (x, y, z) away is True; False outside."""
    moved = np.zeros_like(mask)
    here = tuple(slice(max(0, -by), size - max(0, by)) for by, size in zip((x, y, z), mask.shape, strict=True))
    there = tuple(slice(max(0, by), size - max(0, -by)) for by, size in zip((x, y, z), mask.shape, strict=True))
    moved[here] = mask[there]
    return moved


def held_ladders(blocks: NDArray[np.uint8]) -> Mask:
    """Return the ladders that hang on a block behind them; others would fall off."""
    held = np.zeros(blocks.shape, dtype=bool)
    solid = CARRIES[blocks]
    for facing in STEP:
        dx, dy = STEP[facing]
        held |= (blocks == _LADDER[facing]) & shifted(solid, -dx, -dy)
    return held


_LADDER: Final[dict[Facing, int]] = {
    facing: next(number for number, block in enumerate(BLOCKS) if block.name == f"ladder_{facing}") for facing in STEP
}


@dataclass(frozen=True, eq=False)
class Walks:
    """The moves there are in a scene.

    Attributes:
        stands: where a player can be: the cells of its feet.
        on_floor: those of them where it stands on a block and does not hang on a ladder.
    """

    stands: Mask
    on_floor: Mask
    _from: NDArray[np.intp]
    _to: NDArray[np.intp]

    def reached(self, start: Mask) -> Mask:
        """Return where a player gets who begins in any of the cells."""
        seen = (start & self.stands).ravel()
        count = -1
        sources, targets = self._from, self._to
        while (now := int(np.count_nonzero(seen))) != count:
            count = now
            seen[targets[seen[sources]]] = True
            left = ~seen[targets]
            sources, targets = sources[left], targets[left]
        return seen.reshape(self.stands.shape)


def walks(blocks: NDArray[np.uint8], *, doors_open: bool = True, ladders: Mask | None = None) -> Walks:
    """Return the moves; ``ladders`` are those that may be climbed, by default all that hold."""
    free = ~BLOCKS_BODY[blocks]
    if not doors_open:
        free &= ~IS_DOOR[blocks]
    rungs = held_ladders(blocks) if ladders is None else ladders
    on_floor = free & shifted(free, z=1) & shifted(CARRIES[blocks], z=-1)
    stands = on_floor | (free & shifted(free, z=1) & rungs)
    number = np.arange(blocks.size).reshape(blocks.shape)
    sources: list[NDArray[np.intp]] = []
    targets: list[NDArray[np.intp]] = []

    def add(moves: Mask, x: int, y: int, z: int) -> None:
        found = number[moves]
        sources.append(found)
        targets.append(found + (x * blocks.shape[1] + y) * blocks.shape[2] + z)

    can_rise = stands & shifted(free, z=2)
    for x, y in STEP.values():
        beside = shifted(stands, x, y)
        add(stands & beside, x, y, 0)
        add(can_rise & shifted(stands, x, y, 1), x, y, 1)
        fall = stands & shifted(free, x, y) & shifted(free, x, y, 1)
        for deep in range(1, DROP + 1):
            fall = fall & shifted(free, x, y, -deep)
            add(fall & shifted(stands, x, y, -deep), x, y, -deep)
    climbs = rungs & stands
    add(climbs & shifted(climbs, z=1), 0, 0, 1)
    add(stands & shifted(climbs, z=-1), 0, 0, -1)
    return Walks(stands, on_floor, np.concatenate(sources), np.concatenate(targets))


def is_ladder(blocks: NDArray[np.uint8]) -> Mask:
    """Return where ladders are, whether they hold or not."""
    return IS_LADDER[blocks]
