"""Going up: over steps, over a ramp, and how the steps measure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, sparse
from scipy.sparse import csgraph

from toolserver.cad.parameters import Climbable, RampRises, StairsMeasured
from toolserver.cad.simulating.columns import Stretches, stretches_of
from toolserver.cad.simulating.trying import Measured, Trying

Floats = NDArray[np.float64]
Numbers = NDArray[np.int64]

_COLUMNS = 120
_STEEPEST_WAY = 40.0


@dataclass(frozen=True)
class _Ground:
    """Surfaces that one can stand on: those of the model, and the ground beside it, which comes first.

    Attributes:
        column: of each.
        height: in mm above the lowest point of the model.
        clear: free height above, mm.
    """

    stretches: Stretches
    column: Numbers
    height: Floats
    clear: Floats

    def starts(self) -> Numbers:
        return np.searchsorted(self.column, np.arange(len(self.stretches.xs) * len(self.stretches.ys) + 1))


def stairs_climbable(trying: Trying, form: Climbable) -> Measured:
    """Find what can be reached from the ground by steps that are low enough, with room for body and head."""
    ground = _ground(trying, form.body_mm)
    room = ground.clear >= form.headroom_mm
    for dx, dy in _circle(form.body_mm / 2):
        room &= _free_beside(ground, dx, dy, form.step_mm, form.headroom_mm)
    reached = _reached(ground, room, form.step_mm + 0.5)
    stood = _wide(ground, form.body_mm / 4) & (ground.clear >= form.headroom_mm)
    return _climbed(ground, reached & stood, stood, f"with steps of at most {form.step_mm:g} mm")


def ramp_rises(trying: Trying, form: RampRises) -> Measured:
    """Find what wheels reach, and how steep the surface is there."""
    ground = _ground(trying, form.width_mm)
    cell = ground.stretches.cell
    limit = max(form.edge_mm, cell * float(np.tan(np.radians(_STEEPEST_WAY))))
    room = np.ones(len(ground.height), dtype=bool)
    for dx, dy in _circle(form.width_mm / 2):
        # A wheel's other side stands no higher than the way may rise so far.
        room &= _free_beside(ground, dx, dy, limit + form.width_mm / 2, limit + form.width_mm / 2 + 50)
    reached = _reached(ground, room, limit)
    stood = _wide(ground, cell, level=limit)
    said = _climbed(ground, reached & stood, stood, f"over edges of at most {form.edge_mm:g} mm")
    steepest = _steepness(ground, reached) if said.values["share_climbed"] >= 0.9 else 90.0
    return Measured(
        {"share_climbed": said.values["share_climbed"], "steepest": steepest},
        f"{said.detail}; at most {steepest:.0f} deg",
    )


def stairs_measured(trying: Trying, form: StairsMeasured) -> Measured:
    """Measure level surfaces under the sky that are higher the further one goes along them."""
    cell = max(float(trying.shape.extent[:2].max()) / 400, 1.0)
    found = stretches_of(trying.model, cell=cell)
    top = np.full((len(found.xs), len(found.ys)), np.nan)
    top.ravel()[found.column] = found.high
    levels = np.round(top / 2)
    steps: list[tuple[float, float, float]] = []
    for level in np.unique(levels[np.isfinite(levels)]).tolist():
        labels, number = ndimage.label(np.abs(levels - level) <= 1)
        for label in range(1, number + 1):
            cells = labels == label
            if cells.sum() * cell * cell < 0.01 * trying.shape.extent[:2].prod():
                continue
            x, y = np.nonzero(cells)
            sides = sorted(((np.ptp(x) + 1) * cell, (np.ptp(y) + 1) * cell))
            steps.append((float(np.median(top[cells])), float(sides[0]), float(sides[1])))
    steps = _one_above_the_other(sorted(steps), form.least_rise_mm)
    if len(steps) < 2:
        return Measured({"steps": 0.0, "shortest_tread": 0.0, "narrowest": 0.0}, "there are no steps")
    tread, width = min(one[1] for one in steps), min(one[2] for one in steps)
    return Measured(
        {"steps": float(len(steps)), "shortest_tread": tread, "narrowest": width},
        f"{len(steps)} steps; the shortest tread is {tread:.0f} mm, the narrowest step {width:.0f} mm",
    )


def _one_above_the_other(steps: list[tuple[float, float, float]], rise: float) -> list[tuple[float, float, float]]:
    """Return steps without those of (nearly) the same height; the largest of each height stays."""
    kept: list[tuple[float, float, float]] = []
    for step in steps:
        if kept and step[0] - kept[-1][0] < rise:
            kept[-1] = max(kept[-1], step, key=lambda one: one[1] * one[2])
        else:
            kept.append(step)
    return kept


def _ground(trying: Trying, body: float) -> _Ground:
    cell = max(float(trying.shape.extent[:2].max()) / _COLUMNS, body / 20, 2.0)
    found = stretches_of(trying.model, cell=cell, beside=int(np.ceil(body / cell)) + 2)
    low = float(trying.shape.bounds[0][2])
    every = np.arange(len(found.xs) * len(found.ys))
    lowest = np.full(len(every), np.inf)
    starts = found.starts
    some = starts[1:] > starts[:-1]
    lowest[some] = found.low[starts[:-1][some]] - low
    # Where the model stands on the ground, there is no ground to stand on.
    free = lowest > 1.0
    column = np.concatenate([every[free], found.column])
    height = np.concatenate([np.zeros(int(free.sum())), found.high - low])
    clear = np.concatenate([lowest[free], found.clear])
    order = np.lexsort((height, column))
    return _Ground(found, column[order], height[order], clear[order])


def _beside(ground: _Ground, dx: int, dy: int) -> tuple[Numbers, Numbers]:
    """Return pairs: numbers of surfaces, and of each surface in the column so many columns away."""
    depth = len(ground.stretches.ys)
    x, y = ground.column // depth + dx, ground.column % depth + dy
    there = (x >= 0) & (x < len(ground.stretches.xs)) & (y >= 0) & (y < depth)
    starts = ground.starts()
    column = np.where(there, x * depth + y, 0)
    count = np.where(there, starts[column + 1] - starts[column], 0)
    one = np.repeat(np.arange(len(ground.column)), count)
    two = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(starts[column], count)
    return one, two


def _free_beside(ground: _Ground, dx: float, dy: float, above: float, below: float) -> NDArray[np.bool_]:
    """Return for which surfaces there is nothing at an offset in mm between two heights above them."""
    found, depth = ground.stretches, len(ground.stretches.ys)
    x = ground.column // depth + round(dx / found.cell)
    y = ground.column % depth + round(dy / found.cell)
    there = (x >= 0) & (x < len(found.xs)) & (y >= 0) & (y < depth)
    column = np.where(there, x * depth + y, 0)
    starts = found.starts
    count = np.where(there, starts[column + 1] - starts[column], 0)
    one = np.repeat(np.arange(len(ground.column)), count)
    two = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count) + np.repeat(starts[column], count)
    base = float(found.low.min()) if len(found.low) else 0.0
    low, high = found.low[two] - base, found.high[two] - base
    in_the_way = (high > ground.height[one] + above + 0.5) & (low < ground.height[one] + below - 0.5)
    free = np.ones(len(ground.column), dtype=bool)
    free[one[in_the_way]] = False
    return free


def _wide(ground: _Ground, half: float, level: float = 5.0) -> NDArray[np.bool_]:
    """Return which surfaces go on for ``half`` mm to all sides, so that one can stand on them."""
    cells = max(1, round(half / ground.stretches.cell))
    wide = ground.height > 1.0
    for dx, dy in ((cells, 0), (-cells, 0), (0, cells), (0, -cells)):
        one, two = _beside(ground, dx, dy)
        near = np.zeros(len(wide), dtype=bool)
        near[one[np.abs(ground.height[one] - ground.height[two]) <= level * cells]] = True
        wide &= near
    return wide


def _reached(ground: _Ground, room: NDArray[np.bool_], step: float) -> NDArray[np.bool_]:
    """Return which surfaces are reached from the ground by steps of at most so many mm."""
    pairs = [_beside(ground, 1, 0), _beside(ground, 0, 1)]
    one = np.concatenate([pair[0] for pair in pairs])
    two = np.concatenate([pair[1] for pair in pairs])
    kept = room[one] & room[two] & (np.abs(ground.height[one] - ground.height[two]) <= step)
    number = len(ground.column)
    graph = sparse.coo_matrix((np.ones(int(kept.sum())), (one[kept], two[kept])), shape=(number, number))
    _, labels = csgraph.connected_components(graph, directed=False)
    # The corner of the raster is ground outside of everything.
    return np.asarray(labels == labels[0])


def _climbed(ground: _Ground, reached: NDArray[np.bool_], stood: NDArray[np.bool_], how: str) -> Measured:
    top = float(ground.height[stood].max()) if stood.any() else 0.0
    height = float(ground.height[reached].max()) if reached.any() else 0.0
    share = height / top if top > 0 else 0.0
    return Measured(
        {"share_climbed": share, "height_reached": height},
        f"{how} one gets {height:.0f} mm high, of {top:.0f} mm" if top else "there is nothing to stand on",
    )


def _steepness(ground: _Ground, reached: NDArray[np.bool_]) -> float:
    """Return the slope in degrees that nine tenths of the reached surface above the ground keep below."""
    cell = ground.stretches.cell
    rises = []
    for dx, dy in ((2, 0), (0, 2)):
        slope = np.zeros(len(ground.height))
        for sign in (1, -1):
            one, two = _beside(ground, sign * dx, sign * dy)
            kept = reached[one] & reached[two] & (ground.height[one] > 1) & (ground.height[two] > 1)
            np.maximum.at(slope, one[kept], np.abs(ground.height[one] - ground.height[two])[kept] / (2 * cell))
        rises.append(slope)
    slope = np.hypot(*rises)[reached & (ground.height > 1)]
    return float(np.degrees(np.arctan(np.quantile(slope, 0.9)))) if len(slope) else 90.0


def _circle(radius: float) -> list[tuple[float, float]]:
    half = radius * 0.7071
    return [
        (radius, 0),
        (-radius, 0),
        (0, radius),
        (0, -radius),
        (half, half),
        (-half, half),
        (half, -half),
        (-half, -half),
    ]
