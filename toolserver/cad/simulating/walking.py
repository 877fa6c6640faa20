"""A person who walks in: the way is looked for on a plan, and then walked in MuJoCo."""

from collections import deque

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from toolserver.cad.parameters import WalksIn
from toolserver.cad.simulating.columns import column_at, grid_of, inside_of
from toolserver.cad.simulating.scene import Scene
from toolserver.cad.simulating.trying import COARSE_CELLS, TOWARDS, Measured, Trying

Floats = NDArray[np.float64]

_SPEED = 1.2
_ABOVE = 20.0
_MASS = 70.0


def walks_in(trying: Trying, form: WalksIn) -> Measured:
    """Walk from outside to the middle of the room, or straight towards it where no way was found."""
    shape = trying.shape
    plain = grid_of(trying.model, most=COARSE_CELLS)
    cell = max(plain.cell, form.radius_mm / 12)
    around = int(np.ceil((3 * form.radius_mm + 300) / cell))
    grid = grid_of(trying.model, cell=cell, beside=around, most=20 * COARSE_CELLS)
    cell = grid.cell
    bottom = float(shape.bounds[0][2])
    inside = inside_of(grid, bottom + min(0.5 * form.height_mm, 0.5 * float(shape.extent[2])))
    x, y = TOWARDS[form.side]
    out = form.radius_mm + 200
    start = shape.middle[:2] + np.array([x, y]) * (shape.extent[:2] / 2 + out)
    if not inside.any():
        distance = float(np.linalg.norm(start - shape.middle[:2]))
        return Measured({"distance_to_goal": distance}, "there is no inside: no room with walls around it")
    room = ndimage.distance_transform_edt(inside)
    goal_cell = np.unravel_index(int(np.argmax(room)), room.shape)
    goal = np.array([grid.middle(0)[goal_cell[0]], grid.middle(1)[goal_cell[1]]])
    floor = next(
        (
            high
            for low, high in reversed(column_at(trying.model, *goal))
            if high - bottom <= form.step_mm and low - bottom < 1 + form.step_mm
        ),
        bottom,
    )
    base = floor + _ABOVE
    first, last = grid.index(2, base), grid.index(2, base + form.height_mm - 1)
    blocked = grid.filled[:, :, first : last + 1].any(axis=2)
    # Only from that side: what is outside on the other sides is closed.
    xs, ys = grid.middle(0)[:, None], grid.middle(1)[None, :]
    low, high = shape.bounds[0], shape.bounds[1]
    outside = (xs < low[0]) | (xs > high[0]) | (ys < low[1]) | (ys > high[1])
    allowed = {"front": ys < low[1], "back": ys > high[1], "left": xs < low[0], "right": xs > high[0]}[form.side]
    free = ndimage.distance_transform_edt(~blocked) * cell > form.radius_mm + 0.5 * cell
    free &= ~outside | allowed
    way = _way(free, (grid.index(0, start[0]), grid.index(1, start[1])), (int(goal_cell[0]), int(goal_cell[1])))
    points = (
        [goal]
        if way is None
        else [
            np.array([grid.middle(0)[i], grid.middle(1)[j]]) for i, j in way[:: max(1, int(form.radius_mm / 2 / cell))]
        ]
        + [goal]
    )
    scene = Scene(shape, free=False)
    scene.add_walker("walker", form.radius_mm, form.height_mm, _MASS, (start[0], start[1], base))
    reached = 0

    def steer(_: float) -> bool:
        nonlocal reached
        place = scene.at("walker")[:2]
        while reached + 1 < len(points) and np.linalg.norm(points[reached] - place) < form.radius_mm:
            reached += 1
        towards = points[reached] - place
        left = float(np.linalg.norm(goal - place))
        speed = min(_SPEED, 3 * left / 1000)
        scene.data.ctrl[:] = towards / max(float(np.linalg.norm(towards)), 1e-9) * speed
        return left < 5

    length = float(sum(np.linalg.norm(b - a) for a, b in zip([start, *points], points, strict=False)))
    scene.run(min(30.0, 2.5 + 1.3 * length / 1000 / _SPEED), steer)
    distance = float(np.linalg.norm(scene.at("walker")[:2] - goal))
    said = "found a way and" if way is not None else "found no way,"
    return Measured(
        {"distance_to_goal": distance},
        f"a person of {form.height_mm:g} mm {said} ended {distance:.0f} mm from the middle of the room",
        scene.gates(settled=False),
        scene,
    )


def _way(free: NDArray[np.bool_], start: tuple[int, int], goal: tuple[int, int]) -> list[tuple[int, int]] | None:
    """Return the cells of a shortest way, or None."""
    if not free[start] or not free[goal]:
        return None
    before: dict[tuple[int, int], tuple[int, int]] = {start: start}
    waiting = deque([start])
    while waiting:
        at = waiting.popleft()
        if at == goal:
            way = [at]
            while at != start:
                at = before[at]
                way.append(at)
            return way[::-1]
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (1, -1), (-1, 1), (-1, -1)):
            there = (at[0] + dx, at[1] + dy)
            if 0 <= there[0] < free.shape[0] and 0 <= there[1] < free.shape[1] and free[there] and there not in before:
                before[there] = at
                waiting.append(there)
    return None
