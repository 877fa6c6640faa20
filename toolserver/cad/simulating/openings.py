"""Openings of a wall: doors that reach down to a step, and windows that do not."""

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from toolserver.cad.parameters import HasOpenings, SeeThrough, Side
from toolserver.cad.simulating.columns import grid_of
from toolserver.cad.simulating.trying import Measured, Trying

_DEEPER = 0.2


@dataclass(frozen=True)
class Opening:
    """An opening: its middle in mm, width, height, and whether it reaches down to a step."""

    middle: tuple[float, float, float]
    width: float
    height: float
    door: bool


def openings_of(trying: Trying, side: Side, *, least: float, step: float) -> tuple[Opening, ...]:
    """Return the openings of a side, largest first.

    Seen from that side, a cell belongs to one when the first material behind it is a fifth of the whole depth further
    away than the wall, which is where most of what one sees is, and there is wall to its left, right and above it.
    """
    grid = grid_of(trying.model, most=2_000_000)
    axis = 0 if side in ("left", "right") else 1
    filled = np.moveaxis(grid.filled, axis, 0)
    if side in ("back", "right"):
        filled = filled[::-1]
    seen = filled.any(axis=0)
    depth = np.where(seen, np.argmax(filled, axis=0), filled.shape[0])
    if not seen.any():
        return ()
    counts = np.bincount(depth[seen])
    wall = int(np.argmax(counts))
    deeper = depth > wall + max(2, _DEEPER * filled.shape[0])
    solid = seen & ~deeper
    enclosed = (
        np.maximum.accumulate(solid, axis=0)
        & np.maximum.accumulate(solid[::-1], axis=0)[::-1]
        & np.maximum.accumulate(solid[:, ::-1], axis=1)[:, ::-1]
    )
    labels, number = ndimage.label(deeper & enclosed)
    other = 1 - axis
    found: list[Opening] = []
    low = float(trying.shape.bounds[0][2])
    for label in range(1, number + 1):
        cells = labels == label
        width, height = _widest(cells) * grid.cell, _widest(cells.T) * grid.cell
        if width < least or height < least:
            continue
        across, up = np.nonzero(cells)
        middle = [0.0, 0.0, 0.0]
        middle[other] = float(grid.low[other] + (across.mean() + 0.5) * grid.cell)
        ends = trying.shape.bounds[:, axis]
        middle[axis] = float(ends[0] if side in ("front", "left") else ends[1])
        middle[2] = float(grid.low[2] + (up.mean() + 0.5) * grid.cell)
        bottom = float(grid.low[2] + up.min() * grid.cell)
        door = bottom <= low + step + 1.5 * grid.cell
        found.append(Opening((middle[0], middle[1], middle[2]), width, height, door))
    return tuple(sorted(found, key=lambda one: -one.width * one.height))


def has_openings(trying: Trying, form: HasOpenings) -> Measured:
    """Count and measure openings."""
    sides: tuple[Side, ...] = get_args(Side) if form.side == "any" else (form.side,)
    every = [one for side in sides for one in openings_of(trying, side, least=form.least_mm, step=form.step_mm)]
    found = sorted(every, key=lambda one: -one.width * one.height)
    doors = [one for one in found if one.door]
    windows = [one for one in found if not one.door]
    door = doors[0] if doors else None
    window = windows[0] if windows else None
    return Measured(
        {
            "doors": float(len(doors)),
            "windows": float(len(windows)),
            "door_width": door.width if door else 0.0,
            "door_height": door.height if door else 0.0,
            "window_width": window.width if window else 0.0,
            "window_height": window.height if window else 0.0,
        },
        f"{len(doors)} doors and {len(windows)} windows at the {form.side}"
        + (f"; the largest door is {door.width:.0f} x {door.height:.0f} mm" if door else ""),
    )


def see_through(trying: Trying, form: SeeThrough) -> Measured:
    """Find what is free all the way through and has something around it, as seen from a side."""
    grid = grid_of(trying.model, most=2_000_000)
    seen = grid.filled.any(axis=0 if form.side in ("left", "right") else 1)
    labels, number = ndimage.label(~seen)
    outside = set(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]).tolist())
    holes = [cells for label in range(1, number + 1) if label not in outside for cells in [labels == label]]
    if not holes:
        return Measured(
            {"holes": 0.0, "width": 0.0, "height": 0.0}, f"there is no hole to look through from the {form.side}"
        )
    largest = max(holes, key=lambda cells: int(cells.sum()))
    width, height = (float(largest.any(axis=axis).sum() * grid.cell) for axis in (1, 0))
    return Measured(
        {"holes": float(len(holes)), "width": width, "height": height},
        f"{len(holes)} holes from the {form.side}; the largest is {width:.0f} x {height:.0f} mm",
    )


def _widest(cells: NDArray[np.bool_]) -> int:
    """Return the longest run along the first axis that is at least half as frequent as runs at all.

    A single row of cells does not make an opening wide; the median of the rows does.
    """
    runs = cells.sum(axis=0)
    return int(np.median(runs[runs > 0]))
