"""A model as columns of material seen from above, and as cells: what needs no physics is measured on these."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.model import Model
from toolserver.errors import CadFailed

Floats = NDArray[np.float64]
Cells = NDArray[np.bool_]

MOST_CELLS: Final = 3_000_000
_JOINED: Final = 0.5
_WHOLE: Final = 0.98
_BATCH: Final = 2_000_000
# Columns lie beside round numbers, where edges of meshes are.
_BESIDE: Final = (1.2345e-5, 2.7182e-5)


@dataclass(frozen=True)
class Grid:
    """Cells of a box.

    Attributes:
        low: lowest corner, mm.
        cell: size of a cell, mm.
        filled: (x, y, z), where the middle of the cell is in material.
    """

    low: Floats
    cell: float
    filled: Cells

    def middle(self, axis: int) -> Floats:
        """Return the coordinates of the middles of the cells along an axis."""
        return np.asarray(self.low[axis] + (np.arange(self.filled.shape[axis]) + 0.5) * self.cell)

    def index(self, axis: int, at: float) -> int:
        """Return the cell along an axis in which a coordinate is, or the next one that there is."""
        return int(np.clip((at - self.low[axis]) // self.cell, 0, self.filled.shape[axis] - 1))


def triangles_of(model: Model) -> Floats:
    """Return the triangles of all parts together, (n, 3, 3)."""
    return np.concatenate([body.mesh.vertices[body.mesh.faces] for body in model.bodies])


@dataclass(frozen=True)
class Stretches:
    """Material above the points of a raster of the ground, as stretches of height; sorted by column and height.

    Attributes:
        xs: of the columns, mm.
        ys: of the columns, mm; column ``i * len(ys) + j`` stands at ``xs[i], ys[j]``.
        cell: between neighbours, mm.
        column: of each stretch.
        low: where it begins, mm.
        high: where it ends, mm.
    """

    xs: Floats
    ys: Floats
    cell: float
    column: NDArray[np.int64]
    low: Floats
    high: Floats

    @property
    def clear(self) -> Floats:
        """Free height above each stretch in mm; infinite under the sky."""
        above = np.full(len(self.high), np.inf)
        same = self.column[1:] == self.column[:-1]
        above[:-1][same] = self.low[1:][same] - self.high[:-1][same]
        return above

    @property
    def starts(self) -> NDArray[np.int64]:
        """Number of the first stretch of each column, and one more for the end."""
        return np.searchsorted(self.column, np.arange(len(self.xs) * len(self.ys) + 1))


def stretches_of(model: Model, *, cell: float, beside: int = 0) -> Stretches:
    """Return the stretches of a model on a raster, with so many empty columns around it."""
    low, high = np.asarray(model.bounds, dtype=np.float64)
    shape = np.maximum(np.ceil((high - low)[:2] / cell - 1e-9).astype(int), 1) + 2 * beside
    xs = low[0] + (np.arange(shape[0]) - beside + 0.5) * cell
    ys = low[1] + (np.arange(shape[1]) - beside + 0.5) * cell
    return _stretches(model, xs, ys, cell)


def column_at(model: Model, x: float, y: float) -> list[tuple[float, float]]:
    """Return the stretches of material above a point of the ground, lowest first: from and to in mm."""
    found = _stretches(model, np.array([x]), np.array([y]), 1.0)
    return list(zip(found.low.tolist(), found.high.tolist(), strict=True))


def grid_of(model: Model, *, cell: float | None = None, beside: int = 1, most: int = MOST_CELLS) -> Grid:
    """Return the cells of a model with empty ones around it.

    Args:
        model: what is cut into cells.
        cell: size in mm; without it as small as ``most`` cells allow, and no less than 0.25 mm.
        beside: how many empty cells are on each side.
        most: how many cells there may be; they become larger if need be.
    """
    low, high = np.asarray(model.bounds, dtype=np.float64)
    size = max(cell_of(model, most), cell or 0.0)
    found = stretches_of(model, cell=size, beside=beside)
    shape = (len(found.xs), len(found.ys), int(max(np.ceil((high - low)[2] / size - 1e-9), 1)) + 2 * beside)
    corner = np.array([found.xs[0] - size / 2, found.ys[0] - size / 2, low[2] - beside * size])
    counts = np.zeros((shape[0] * shape[1], shape[2] + 1), dtype=np.int16)
    for heights, sign in ((found.low, 1), (found.high, -1)):
        layers = np.clip(np.ceil((heights - corner[2]) / size - 0.5 - 1e-9).astype(int), 0, shape[2])
        np.add.at(counts, (found.column, layers), sign)
    return Grid(corner, size, (np.cumsum(counts, axis=1)[:, :-1] > 0).reshape(shape))


def cell_of(model: Model, most: int) -> float:
    """Return the size in mm of cells of which about ``most`` fill the box around a model."""
    low, high = np.asarray(model.bounds, dtype=np.float64)
    extent = np.maximum(high - low, 1e-3)
    return max(float(np.cbrt(extent.prod() / most)), float(extent.max()) / 1500, 0.25)


def inside_of(grid: Grid, at_height: float) -> Cells:
    """Return which cells of a layer are inside: free, with material beside them in at least three of four directions.

    So a room with an open front has an inside, and the room under a table has none.
    """
    layer = grid.filled[:, :, grid.index(2, at_height)]
    beside = [
        np.maximum.accumulate(layer, axis=0),
        np.maximum.accumulate(layer[::-1], axis=0)[::-1],
        np.maximum.accumulate(layer, axis=1),
        np.maximum.accumulate(layer[:, ::-1], axis=1)[:, ::-1],
    ]
    return np.asarray((sum(one.astype(np.int8) for one in beside) >= 3) & ~layer)


def _stretches(model: Model, xs: Floats, ys: Floats, cell: float) -> Stretches:
    columns, heights, signs = _crossings(triangles_of(model), xs, ys)
    if len(columns):
        # A line along an edge may meet both its triangles or neither; such columns are left out.
        whole = np.bincount(columns, weights=signs) == 0
        if np.count_nonzero(whole[np.unique(columns)]) < _WHOLE * len(np.unique(columns)):
            raise CadFailed("impossible", "its surface has holes; make closed solids")
        kept = whole[columns]
        columns, heights, signs = columns[kept], heights[kept], signs[kept]
    depth = np.cumsum(signs)
    begins = (signs > 0) & (depth == 1)
    ends = (signs < 0) & (depth == 0)
    column, low, high = columns[begins], heights[begins], heights[ends]
    if len(low) != len(high) or (columns[ends] != column).any():
        raise CadFailed("impossible", "its surface has holes or is inside out; make closed solids")
    joined = np.zeros(len(low), dtype=bool)
    joined[1:] = (column[1:] == column[:-1]) & (low[1:] - high[:-1] < _JOINED)
    first = np.flatnonzero(~joined)
    last = np.append(first[1:], len(low)) - 1
    return Stretches(xs, ys, cell, column[first], low[first], high[last] if len(first) else high)


def _crossings(triangles: Floats, xs: Floats, ys: Floats) -> tuple[NDArray[np.int64], Floats, Floats]:
    """Return where vertical lines meet a surface: number of the line, height, 1 where material begins above, else -1.

    Sorted by line and height. The line ``i * len(ys) + j`` stands at ``xs[i], ys[j]``.
    """
    flat = triangles[:, :, :2]
    one, two, three = flat[:, 0], flat[:, 1], flat[:, 2]
    area = (two[:, 0] - one[:, 0]) * (three[:, 1] - one[:, 1]) - (two[:, 1] - one[:, 1]) * (three[:, 0] - one[:, 0])
    upright = np.abs(area) < 1e-12
    kept = np.flatnonzero(~upright)
    low, high = flat[kept].min(axis=1), flat[kept].max(axis=1)
    at_x, at_y = xs + _BESIDE[0], ys + _BESIDE[1]
    first_x, last_x = np.searchsorted(at_x, low[:, 0]), np.searchsorted(at_x, high[:, 0])
    first_y, last_y = np.searchsorted(at_y, low[:, 1]), np.searchsorted(at_y, high[:, 1])
    width, depth = last_x - first_x, last_y - first_y
    met = (width > 0) & (depth > 0)
    kept, first_x, first_y, width, depth = kept[met], first_x[met], first_y[met], width[met], depth[met]
    found: list[tuple[NDArray[np.int64], Floats, Floats]] = []
    for batch in _batches(width * depth):
        count = (width * depth)[batch]
        number = np.repeat(np.arange(len(batch)), count)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        column_x = first_x[batch][number] + within // depth[batch][number]
        column_y = first_y[batch][number] + within % depth[batch][number]
        face = kept[batch][number]
        px, py = at_x[column_x], at_y[column_y]
        a, b, c, whole = one[face], two[face], three[face], area[face]
        u = ((b[:, 0] - px) * (c[:, 1] - py) - (b[:, 1] - py) * (c[:, 0] - px)) / whole
        v = ((c[:, 0] - px) * (a[:, 1] - py) - (c[:, 1] - py) * (a[:, 0] - px)) / whole
        w = 1.0 - u - v
        hit = (u >= 0) & (v >= 0) & (w >= 0)
        z = triangles[face[hit], :, 2]
        height = u[hit] * z[:, 0] + v[hit] * z[:, 1] + w[hit] * z[:, 2]
        found.append((column_x[hit] * len(ys) + column_y[hit], height, -np.sign(whole[hit])))
    if not found:
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
    columns = np.concatenate([one for one, _, _ in found])
    heights = np.concatenate([one for _, one, _ in found])
    signs = np.concatenate([one for _, _, one in found])
    # Where one part ends and the next begins at the same height there is no gap: what begins comes first.
    order = np.lexsort((-signs, np.round(heights, 6), columns))
    return columns[order], heights[order], signs[order]


def _batches(counts: NDArray[np.int64]) -> Iterable[NDArray[np.int64]]:
    ends = np.cumsum(counts) // _BATCH
    return (np.flatnonzero(ends == number) for number in np.unique(ends))
