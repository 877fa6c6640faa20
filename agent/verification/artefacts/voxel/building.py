"""Building: a program of actions makes a grid of blocks in which every block knows its part."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from agent.verification.artefacts.voxel.actions import (
    ACTION,
    HIGH,
    MOST_ACTIONS,
    WIDE,
    Action,
    Box,
    Door,
    Hollow,
    Ladder,
    Line,
    Put,
    Roof,
    Stairs,
    Torch,
    Walls,
    Window,
)
from agent.verification.artefacts.voxel.blocks import AIR, NUMBER, STEP
from agent.verification.artefacts.world import BuildFailed

_LONGEST: Final = 2_000_000
_MOST_PARTS: Final = 500


@dataclass(frozen=True, eq=False)
class VoxelBuild:
    """A building, cut to its own extent in x and y; the first layer always stands on the ground.

    Attributes:
        blocks: numbers of blocks, shape (x, y, z).
        parts: for each cell the place of its part in ``names``, or -1 in the air.
        names: of the parts, in the order in which they were begun.
    """

    blocks: NDArray[np.uint8]
    parts: NDArray[np.int16]
    names: tuple[str, ...]

    def changed(self, blocks: NDArray[np.uint8], parts: NDArray[np.int16] | None = None) -> "VoxelBuild":
        """Return a copy with other blocks; cells that become air lose their part."""
        kept = np.where(blocks == AIR, -1, self.parts if parts is None else parts).astype(np.int16)
        return VoxelBuild(blocks, kept, self.names)

    @property
    def extent(self) -> tuple[int, int, int]:
        """How many cells its blocks take up along x and y, and how high they reach; zeros without any."""
        there = np.argwhere(self.blocks != AIR)
        if not len(there):
            return 0, 0, 0
        (wide, deep, _), high = np.ptp(there, axis=0) + 1, there[:, 2].max() + 1
        return int(wide), int(deep), int(high)

    def of(self, name: str) -> NDArray[np.bool_]:
        """Return where a part is; nowhere if there is none of that name."""
        return self.parts == self.names.index(name) if name in self.names else np.zeros(self.parts.shape, dtype=bool)


class _Site:
    """Where actions are carried out."""

    def __init__(self) -> None:
        self.blocks = np.zeros((WIDE, WIDE, HIGH), dtype=np.uint8)
        self.parts = np.full((WIDE, WIDE, HIGH), -1, dtype=np.int16)
        self.names: dict[str, int] = {}

    def part(self, name: str) -> int:
        if name not in self.names and len(self.names) >= _MOST_PARTS:
            raise ValueError(f"there are more than {_MOST_PARTS} names of parts")
        return self.names.setdefault(name, len(self.names))

    def fill(self, low: Sequence[int], high: Sequence[int], block: str, part: int) -> None:
        if min(low) < 0 or any(end >= size for end, size in zip(high, self.blocks.shape, strict=True)):
            raise ValueError(
                f"it reaches from {list(low)} to {list(high)}, outside the world of {WIDE} x {WIDE} x {HIGH} cells"
            )
        box = tuple(slice(a, b + 1) for a, b in zip(low, high, strict=True))
        self.blocks[box] = NUMBER[block]
        self.parts[box] = -1 if block == "air" else part

    def finished(self) -> VoxelBuild:
        there = np.argwhere(self.blocks != AIR)
        if not len(there):
            raise BuildFailed("the program built nothing: no block is left after its last action")
        low, high = there.min(axis=0), there.max(axis=0) + 1
        cut = slice(low[0], high[0]), slice(low[1], high[1]), slice(0, high[2])
        return VoxelBuild(self.blocks[cut].copy(), self.parts[cut].copy(), tuple(self.names))


def build(program: str) -> VoxelBuild:
    """Carry out a program: JSON with the list ``actions``.

    Raises:
        BuildFailed: the program cannot be read, an action is not valid or leaves the world, or nothing was built; the
            message names the action, counted from 1.
    """
    site = _Site()
    for number, value in enumerate(_actions(program), start=1):
        kind = str(value.get("do", "?"))[:20] if isinstance(value, dict) else "?"
        try:
            _carry_out(site, ACTION.validate_python(value))
        except ValidationError as error:
            raise BuildFailed(f"action {number} ({kind}): {_first(error)}") from None
        except ValueError as error:
            raise BuildFailed(f"action {number} ({kind}): {error}") from None
    return site.finished()


def _actions(program: str) -> list[Any]:
    if len(program) > _LONGEST:
        raise BuildFailed(f"the program has {len(program):,} characters; {_LONGEST:,} are allowed")
    try:
        read = json.loads(program)
    except (ValueError, RecursionError) as error:
        raise BuildFailed(f"the program is not JSON: {' '.join(str(error).split())[:200]}") from None
    if not isinstance(read, dict) or set(read) != {"actions"} or not isinstance(read["actions"], list):
        raise BuildFailed('the program must be an object with one list: {"actions": [...]}')
    actions: list[Any] = read["actions"]
    if len(actions) > MOST_ACTIONS:
        raise BuildFailed(f"the program has {len(actions):,} actions; {MOST_ACTIONS:,} are allowed")
    return actions


def _first(error: ValidationError) -> str:
    """Return the first thing that is wrong, in one line."""
    found = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in found["loc"][1:])
    said = " ".join(str(found["msg"]).removeprefix("Value error, ").split())[:300]
    return f"{where}: {said}" if where else said


def _carry_out(site: _Site, action: Action) -> None:
    part = site.part(action.part or action.do)
    match action:
        case Box():
            site.fill(action.low, action.high, action.block, part)
        case Window():
            site.fill(action.low, action.high, "glass", part)
        case Hollow():
            site.fill(action.low, action.high, action.block, part)
            inner = [a + 1 for a in action.low], [b - 1 for b in action.high]
            if all(b >= a for a, b in zip(*inner, strict=True)):
                site.fill(*inner, "air", part)
        case Walls():
            _walls(site, action, part)
        case Put():
            site.fill(action.at, action.at, action.block, part)
        case Torch():
            site.fill(action.at, action.at, "torch", part)
        case Line():
            steps = max(abs(b - a) for a, b in zip(action.low, action.high, strict=True)) + 1
            for cell in np.rint(np.linspace(action.low, action.high, steps)).astype(int):
                site.fill(cell.tolist(), cell.tolist(), action.block, part)
        case Stairs():
            _stairs(site, action, part)
        case Ladder():
            x, y, z = action.at
            site.fill(action.at, (x, y, z + action.height - 1), f"ladder_{action.facing}", part)
        case Door():
            _door(site, action, part)
        case Roof():
            _roof(site, action, part)


def _walls(site: _Site, action: Walls, part: int) -> None:
    (x0, y0, z0), (x1, y1, z1) = action.low, action.high
    for low, high in (
        ((x0, y0, z0), (x1, y0, z1)),
        ((x0, y1, z0), (x1, y1, z1)),
        ((x0, y0, z0), (x0, y1, z1)),
        ((x1, y0, z0), (x1, y1, z1)),
    ):
        site.fill(low, high, action.block, part)


def _stairs(site: _Site, action: Stairs, part: int) -> None:
    x, y, z = action.at
    dx, dy = STEP[action.facing]
    across = (0, action.width - 1) if dx else (action.width - 1, 0)
    for step in range(action.steps):
        here = x + dx * step, y + dy * step
        lowest = z if action.filled else z + step
        site.fill((*here, lowest), (here[0] + across[0], here[1] + across[1], z + step), action.block, part)


def _door(site: _Site, action: Door, part: int) -> None:
    x, y, z = action.at
    across = (action.width - 1, 0) if STEP[action.facing][1] else (0, action.width - 1)
    end = x + across[0], y + across[1]
    site.fill(action.at, (*end, z), f"door_lower_{action.facing}", part)
    if action.height > 1:
        site.fill((x, y, z + 1), (*end, z + action.height - 1), f"door_upper_{action.facing}", part)


def _roof(site: _Site, action: Roof, part: int) -> None:
    """The eaves are level; the roof rises from above the walls, so that it meets them whatever the overhang."""
    (x0, y0), (x1, y1) = action.low, action.high
    z, out = action.z, action.overhang
    eaves = (x0 - out, y0 - out), (x1 + out, y1 + out)
    if action.style == "flat":
        site.fill((*eaves[0], z), (*eaves[1], z), action.block, part)
        return
    for low, high in (
        (eaves[0], (eaves[1][0], y0)),
        ((eaves[0][0], y1), eaves[1]),
        (eaves[0], (x0, eaves[1][1])),
        ((x1, eaves[0][1]), eaves[1]),
    ):
        site.fill((*low, z), (*high, z), action.block, part)
    layer = 0
    while y0 + layer <= y1 - layer and (action.style == "gable" or x0 + layer <= x1 - layer):
        if action.style == "gable":
            for y in {y0 + layer, y1 - layer}:
                site.fill((eaves[0][0], y, z + layer), (eaves[1][0], y, z + layer), action.block, part)
            for x in {x0, x1}:
                site.fill((x, y0 + layer, z + layer), (x, y1 - layer, z + layer), action.block, part)
        else:
            _ring(site, ((x0 + layer, y0 + layer), (x1 - layer, y1 - layer)), z + layer, action.block, part)
        layer += 1
    if action.style == "swept":
        for x in (eaves[0][0], eaves[1][0]):
            for y in (eaves[0][1], eaves[1][1]):
                site.fill((x, y, z), (x, y, z + 1), action.block, part)


def _ring(site: _Site, span: tuple[tuple[int, int], tuple[int, int]], z: int, block: str, part: int) -> None:
    """One layer of a pyramid, two cells wide, so that layers overlap and no light comes in between them."""
    (x0, y0), (x1, y1) = span
    for low, high in (
        ((x0, y0), (x1, min(y0 + 1, y1))),
        ((x0, max(y1 - 1, y0)), (x1, y1)),
        ((x0, y0), (min(x0 + 1, x1), y1)),
        ((max(x1 - 1, x0), y0), (x1, y1)),
    ):
        site.fill((*low, z), (*high, z), block, part)
