"""Mutations: what is done to a building so that a check of it must fail."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from pydantic import Field, ValidationError

from agent.domain.artefacts import Mutation
from agent.domain.base import Form
from agent.domain.errors import UsageError
from agent.verification.artefacts.voxel.actions import HIGH, WIDE
from agent.verification.artefacts.voxel.air import inside, openings_of, rooms
from agent.verification.artefacts.voxel.blocks import AIR, BLOCKS_BODY, IS_DOOR, LIGHT, NUMBER, STEP, BlockName
from agent.verification.artefacts.voxel.building import VoxelBuild
from agent.verification.artefacts.voxel.moving import is_ladder, shifted, walks
from agent.verification.artefacts.voxel.scene import on_ground
from agent.verification.artefacts.world import TrialImpossible


class _Nothing(Form):
    pass


class _PartNamed(Form):
    part: str = Field(min_length=1, max_length=60)


class _Kind(Form):
    block: BlockName


class _Gap(Form):
    width: int = Field(default=2, ge=1, le=20)
    axis: Literal["longer", "x", "y"] = "longer"


class _Lift(Form):
    cells: int = Field(default=2, ge=1, le=20)


class _Scale(Form):
    to: Literal["half", "double"] = "half"


def _cells(build: VoxelBuild, blocks: np.ndarray) -> np.ndarray:
    """Cut a scene's array back to the building's extent."""
    scene = on_ground(build)
    cut: np.ndarray = blocks[scene.built]
    return cut


def _fill_openings(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    blocks = on_ground(build).blocks
    cells = inside(blocks) & ~IS_DOOR[blocks]
    ways = _cells(build, openings_of(blocks, cells) | IS_DOOR[blocks])
    return build.changed(np.where(ways, NUMBER["stone"], build.blocks).astype(np.uint8), _owned(build, ways))


def _owned(build: VoxelBuild, new: np.ndarray) -> np.ndarray:
    """Give new blocks the first part, since every block belongs to one."""
    return np.where(new & (build.parts < 0), 0, build.parts)


def _remove(build: VoxelBuild, cells: np.ndarray) -> VoxelBuild:
    return build.changed(np.where(cells, AIR, build.blocks).astype(np.uint8))


def _remove_part(build: VoxelBuild, form: _PartNamed) -> VoxelBuild:
    if form.part not in build.names:
        raise TrialImpossible(f"the building has no part {form.part!r}; it has {', '.join(build.names)}")
    return _remove(build, build.of(form.part))


def _remove_blocks(build: VoxelBuild, form: _Kind) -> VoxelBuild:
    return _remove(build, build.blocks == NUMBER[form.block])


def _cut_gap(build: VoxelBuild, form: _Gap) -> VoxelBuild:
    wide, deep, _ = build.blocks.shape
    along = (0 if wide >= deep else 1) if form.axis == "longer" else int(form.axis == "y")
    first = max(0, (build.blocks.shape[along] - form.width) // 2)
    cells = np.zeros(build.blocks.shape, dtype=bool)
    cells[(slice(None),) * along + (slice(first, first + form.width),)] = True
    return _remove(build, cells)


def _cut_layer(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    cells = np.zeros(build.blocks.shape, dtype=bool)
    cells[:, :, build.blocks.shape[2] // 2] = True
    return _remove(build, cells)


def _close_floors(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    """Close the holes between storeys through which ladders and stairs lead."""
    blocks = on_ground(build).blocks
    found = rooms(blocks, walks(blocks).on_floor)
    holes = np.zeros(blocks.shape, dtype=bool)
    for floor in found.floors[1:]:
        level = int(np.flatnonzero(floor.any(axis=(0, 1)))[0]) - 1
        holes[:, :, level] = found.cells[:, :, level]
    holes = _cells(build, holes)
    return build.changed(np.where(holes, NUMBER["planks"], build.blocks).astype(np.uint8), _owned(build, holes))


def _remove_rails(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    """Remove what stands beside a floor at its edge: beyond it there is neither floor nor wall."""
    blocks = on_ground(build).blocks
    solid = BLOCKS_BODY[blocks]
    floor = walks(blocks).on_floor & ~inside(blocks)
    floor[:, :, : on_ground(build).ground + 1] = False
    edge = ~solid & ~shifted(solid, z=-1)
    rails = np.zeros(blocks.shape, dtype=bool)
    for x, y in STEP.values():
        rails |= solid & shifted(floor, -x, -y) & shifted(edge, x, y)
    return _remove(build, np.logical_or.accumulate(_cells(build, rails), axis=2))


def _remove_rung(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    """Remove the middle rung of every ladder."""
    rungs = is_ladder(build.blocks)
    cells = np.zeros(rungs.shape, dtype=bool)
    for x, y in np.argwhere(rungs.any(axis=2)):
        levels = np.flatnonzero(rungs[x, y])
        cells[x, y, levels[len(levels) // 2]] = True
    return _remove(build, cells)


def _lower_roof(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    """Put a ceiling one cell above every floor inside."""
    blocks = on_ground(build).blocks
    standing = inside(blocks) & walks(blocks).on_floor
    heads = _cells(build, shifted(standing, z=-1)) & (build.blocks == AIR)
    return build.changed(np.where(heads, NUMBER["planks"], build.blocks).astype(np.uint8), _owned(build, heads))


def _remove_roof(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    """Remove whatever is above the highest place inside, column by column, and all that stands above it."""
    cells = _cells(build, inside(on_ground(build).blocks))
    under = np.logical_or.accumulate(cells, axis=2)
    above = under & ~np.flip(np.logical_or.accumulate(np.flip(cells, 2), axis=2), 2)
    return _remove(build, above)


def _lift(build: VoxelBuild, form: _Lift) -> VoxelBuild:
    if build.blocks.shape[2] + form.cells > HIGH:
        raise TrialImpossible(f"the building is too high to be lifted by {form.cells} cells")
    up = ((0, 0), (0, 0), (form.cells, 0))
    return VoxelBuild(np.pad(build.blocks, up), np.pad(build.parts, up, constant_values=-1), build.names)


def _scale(build: VoxelBuild, form: _Scale) -> VoxelBuild:
    def scaled(cells: np.ndarray) -> np.ndarray:
        if form.to == "double":
            return cells.repeat(2, axis=0).repeat(2, axis=1).repeat(2, axis=2)
        return cells[::2, ::2, ::2].copy()

    if form.to == "double" and any(
        2 * size > most for size, most in zip(build.blocks.shape, (WIDE, WIDE, HIGH), strict=True)
    ):
        raise TrialImpossible("the building is too large to be made twice as large")
    return VoxelBuild(scaled(build.blocks), scaled(build.parts), build.names)


def _turn(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    return VoxelBuild(build.blocks[:, :, ::-1].copy(), build.parts[:, :, ::-1].copy(), build.names)


def _empty(build: VoxelBuild, form: _Nothing) -> VoxelBuild:
    return _remove(build, np.ones(build.blocks.shape, dtype=bool))


def _wall_across(build: VoxelBuild, form: _Gap) -> VoxelBuild:
    """Put a wall two cells high across whatever one can stand on, in the middle."""
    wide, deep, _ = build.blocks.shape
    along = (0 if wide >= deep else 1) if form.axis == "longer" else int(form.axis == "y")
    middle = (slice(None),) * along + (build.blocks.shape[along] // 2,)
    up = ((0, 0), (0, 0), (0, 3))
    blocks, parts = np.pad(build.blocks, up), np.pad(build.parts, up, constant_values=-1)
    taller = VoxelBuild(blocks, parts, build.names)
    solid = BLOCKS_BODY[blocks][middle]
    wall = np.zeros(blocks.shape, dtype=bool)
    wall[middle] = ~solid & (np.roll(solid, 1, axis=1) | np.roll(solid, 2, axis=1))
    return taller.changed(np.where(wall, NUMBER["stone"], blocks).astype(np.uint8), _owned(taller, wall))


@dataclass(frozen=True, slots=True)
class _Change:
    change: Callable[[VoxelBuild, Any], VoxelBuild]
    description: str
    form: type[Form] = _Nothing


_CHANGES: Final[Mapping[str, _Change]] = {
    "fill_openings": _Change(_fill_openings, "walls up doors and every way out of a room"),
    "remove_part": _Change(_remove_part, "removes a part by its name", _PartNamed),
    "remove_blocks": _Change(_remove_blocks, "removes all blocks of a kind", _Kind),
    "cut_gap": _Change(_cut_gap, "cuts the building in two in the middle, across its longer axis", _Gap),
    "wall_across": _Change(_wall_across, "puts a wall two cells high across the middle", _Gap),
    "cut_layer": _Change(_cut_layer, "removes the layer of blocks at half its height"),
    "close_floors": _Change(_close_floors, "closes the ways between storeys"),
    "remove_rails": _Change(_remove_rails, "removes rails and battlements: what stands at the edge of a floor"),
    "remove_rung": _Change(_remove_rung, "removes the middle rung of every ladder"),
    "lower_roof": _Change(_lower_roof, "puts a ceiling one cell above every floor inside"),
    "remove_roof": _Change(_remove_roof, "removes what is above the rooms"),
    "remove_lights": _Change(lambda build, form: _remove(build, LIGHT[build.blocks] > 0), "removes torches, lanterns"),
    "lift": _Change(_lift, "lifts the building off the ground", _Lift),
    "scale": _Change(_scale, "makes it half or twice as large", _Scale),
    "turn_upside_down": _Change(_turn, "turns it upside down"),
    "empty": _Change(_empty, "removes everything"),
}
MUTATIONS: Final[Mapping[str, str]] = {name: change.description for name, change in _CHANGES.items()}
"""What each mutation does."""


def mutated(build: VoxelBuild, mutation: Mutation) -> VoxelBuild:
    """Return a changed copy; an equal one where the building already is what the mutation makes of it.

    So a house without a door, which fails, also fails with its openings filled, and that it fails can be said; a check
    that passes what is equal to its control has a control that passes.

    Raises:
        TrialImpossible: the mutation is about a part that is not there, or would leave the largest world.
        UsageError: there is no such mutation, or its parameters do not fit.
    """
    known = _CHANGES.get(mutation.name)
    if known is None:
        raise UsageError(f"there is no mutation {mutation.name!r} of voxel buildings; there are {', '.join(_CHANGES)}")
    try:
        form = known.form.model_validate(dict(mutation.parameters))
    except ValidationError as error:
        raise UsageError(f"mutation {mutation.name}: {said(error)}") from None
    return known.change(build, form)


def said(error: ValidationError) -> str:
    """Return the first thing that is wrong with parameters, in one line."""
    first = error.errors(include_url=False)[0]
    where = ".".join(str(step) for step in first["loc"])
    return f"{where}: {' '.join(str(first['msg']).split())}" if where else " ".join(str(first["msg"]).split())
