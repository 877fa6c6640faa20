"""Rooms: how large the space inside is, and whether rain gets in."""

import numpy as np
from scipy import ndimage

from toolserver.cad.parameters import RoomInside, Shelters
from toolserver.cad.simulating.columns import Cells, Grid, grid_of, inside_of
from toolserver.cad.simulating.trying import Measured, Trying

_CELLS = 1_500_000


def room_inside(trying: Trying, form: RoomInside) -> Measured:
    """Measure through the place inside that is farthest from all walls."""
    grid = grid_of(trying.model, most=_CELLS)
    inside = _inside(trying, grid)
    if not inside.any():
        return Measured(dict.fromkeys(("width", "depth", "height"), 0.0), "there is no room inside")
    room = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
    x, y = (int(at) for at in np.unravel_index(int(np.argmax(room)), room.shape))
    z = _middle(trying, grid)
    sizes = [
        _free(grid.filled[:, y, z], x) * grid.cell,
        _free(grid.filled[x, :, z], y) * grid.cell,
        _free(grid.filled[x, y, 1:], z - 1) * grid.cell,
    ]
    width, depth, height = (float(size) for size in sizes)
    return Measured(
        {"width": width, "depth": depth, "height": height},
        f"the room inside is {width:.0f} x {depth:.0f} x {height:.0f} mm",
    )


def shelters(trying: Trying, form: Shelters) -> Measured:
    """Look up from every place inside."""
    grid = grid_of(trying.model, most=_CELLS)
    inside = _inside(trying, grid)
    if not inside.any():
        return Measured({"share_dry": 0.0}, "there is no room inside")
    roofed = grid.filled[:, :, _middle(trying, grid) :].any(axis=2)
    share = float((inside & roofed).sum() / inside.sum())
    return Measured({"share_dry": share}, f"{share:.1%} of the room inside has a roof above it")


def _middle(trying: Trying, grid: Grid) -> int:
    low, high = trying.shape.bounds[:, 2]
    return grid.index(2, float(low + high) / 2)


def _inside(trying: Trying, grid: Grid) -> Cells:
    low, high = trying.shape.bounds[:, 2]
    return inside_of(grid, float(low + high) / 2)


def _free(line: Cells, at: int) -> int:
    """Return how many free cells hang together around a free one."""
    before = np.flatnonzero(line[:at])
    after = np.flatnonzero(line[at:])
    first = int(before[-1]) + 1 if len(before) else 0
    last = at + int(after[0]) if len(after) else len(line)
    return last - first
