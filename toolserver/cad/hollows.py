"""What a model looks like from above: its highest surfaces, and the hollows that would hold something."""

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.model import Body

CELLS: Final = 96
"""Cells of a map along its longer side."""

_SHALLOW: Final = 0.03
"""Share of the height below which a hollow is none."""


@dataclass(frozen=True)
class Heights:
    """Heights of the highest surface below each cell.

    Attributes:
        z: (nx, ny), millimetres; minus infinity where there is nothing.
        x, y: middles of the cells.
    """

    z: NDArray[np.float64]
    x: NDArray[np.float64]
    y: NDArray[np.float64]


@dataclass(frozen=True)
class Hollow:
    """The deepest hollow: a point of its floor, and how high it could be filled."""

    x: float
    y: float
    floor: float
    rim: float


def heights(bodies: Sequence[Body], cells: int = CELLS) -> Heights:
    """Return the map of parts seen from above."""
    low = np.min([body.mesh.bounds[0] for body in bodies], axis=0)
    high = np.max([body.mesh.bounds[1] for body in bodies], axis=0)
    step = max(high[0] - low[0], high[1] - low[1]) / cells
    # a grain off the middle, so that no cell lies on an edge of what is built symmetrically
    x = np.arange(low[0] + step * 0.4873, high[0], step)
    y = np.arange(low[1] + step * 0.5131, high[1], step)
    z = np.full((len(x), len(y)), -np.inf)
    for body in bodies:
        for corners in body.mesh.triangles:
            _raise(z, x, y, corners)
    return Heights(z, x, y)


def _raise(
    z: NDArray[np.float64], x: NDArray[np.float64], y: NDArray[np.float64], corners: NDArray[np.float64]
) -> None:
    (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = corners.tolist()
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if abs(area) < 1e-12:
        return
    first, last = np.searchsorted(x, [min(x0, x1, x2), max(x0, x1, x2)])
    left, right = np.searchsorted(y, [min(y0, y1, y2), max(y0, y1, y2)])
    if first == last or left == right:
        return
    px, py = x[first:last, None], y[None, left:right]
    one = ((x1 - px) * (y2 - py) - (x2 - px) * (y1 - py)) / area
    two = ((x2 - px) * (y0 - py) - (x0 - px) * (y2 - py)) / area
    three = 1 - one - two
    inside = (one >= 0) & (two >= 0) & (three >= 0)
    part = z[first:last, left:right]
    np.maximum(part, np.where(inside, one * z0 + two * z1 + three * z2, -np.inf), out=part)


def hollow(bodies: Sequence[Body]) -> Hollow | None:
    """Return the deepest hollow that is open to above; None where nothing would stay.

    Each cell is filled up to the lowest rim over which what is in it would run out (priority flood, Barnes 2014).
    """
    seen = heights(bodies)
    z = np.pad(seen.z, 1, constant_values=-np.inf)
    level = np.full(z.shape, np.inf)
    edge = [(i, j) for i in (0, z.shape[0] - 1) for j in range(z.shape[1])]
    edge += [(i, j) for j in (0, z.shape[1] - 1) for i in range(z.shape[0])]
    queue = [(-np.inf, i, j) for i, j in edge]
    for _, i, j in queue:
        level[i, j] = -np.inf
    heapq.heapify(queue)
    while queue:
        height, i, j = heapq.heappop(queue)
        for k, m in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
            if 0 <= k < z.shape[0] and 0 <= m < z.shape[1] and np.isinf(level[k, m]) and level[k, m] > 0:
                level[k, m] = max(height, z[k, m])
                heapq.heappush(queue, (level[k, m], k, m))
    filled, floor = level[1:-1, 1:-1], seen.z
    depth = np.where(np.isfinite(floor) & np.isfinite(filled), filled, 0) - np.where(np.isfinite(floor), floor, 0)
    depth[~np.isfinite(floor) | ~np.isfinite(filled)] = 0
    highest, lowest = floor[np.isfinite(floor)].max(initial=0), min(body.mesh.bounds[0][2] for body in bodies)
    most = depth.max(initial=0)
    if most < _SHALLOW * (highest - lowest):
        return None
    deepest = np.argwhere(depth > most * 0.98)
    # the middle of the floor, not its edge
    row, column = deepest[np.linalg.norm(deepest - deepest.mean(axis=0), axis=1).argmin()]
    return Hollow(float(seen.x[row]), float(seen.y[column]), float(floor[row, column]), float(filled[row, column]))
