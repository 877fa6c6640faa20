"""Holding: balls that fall into it while it is held in the air, and liquid, from its shape alone.

It is held, and stands on nothing: on the ground a mug without a bottom keeps all its balls, since the ground does.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from toolserver.cad.parameters import Holds, HoldsLiquid
from toolserver.cad.simulating.columns import Grid, grid_of, inside_of
from toolserver.cad.simulating.scene import Scene
from toolserver.cad.simulating.trying import Measured, Trying

Floats = NDArray[np.float64]

_BALL_DENSITY = 2090e-9
_LIFT = 150.0


@dataclass(frozen=True)
class Hollow:
    """The inside of something, in mm: its middle in the plane, how far the wall is from there, its floor, its brim."""

    middle: tuple[float, float]
    radius: float
    floor: float
    brim: float


def hollow_of(trying: Trying) -> Hollow | None:
    """Return the widest hollow in the upper half of a model; None where it has none."""
    low, high = trying.shape.bounds[0][2], trying.shape.bounds[1][2]
    grid = grid_of(trying.model, most=1_500_000)
    best: tuple[float, tuple[int, int]] | None = None
    for share in (0.5, 0.65, 0.8):
        inside = inside_of(grid, float(low + share * (high - low)))
        if not inside.any():
            continue
        room = ndimage.distance_transform_edt(np.pad(inside, 1))[1:-1, 1:-1]
        at = np.unravel_index(int(np.argmax(room)), room.shape)
        if best is None or room[at] > best[0]:
            best = float(room[at]), (int(at[0]), int(at[1]))
    if best is None:
        return None
    i, j = best[1]
    column = np.flatnonzero(grid.filled[i, j, : grid.index(2, float(low + 0.5 * (high - low))) + 1])
    floor = float(grid.low[2] + (column[-1] + 1) * grid.cell) if len(column) else float(low)
    middle = (float(grid.middle(0)[i]), float(grid.middle(1)[j]))
    return Hollow(middle, best[0] * grid.cell, floor, float(high))


def holds(trying: Trying, form: Holds) -> Measured:
    """Let balls fall into the hollow and count those that stay."""
    hollow, shape = hollow_of(trying), trying.shape
    if hollow is None:
        return Measured({"share_kept": 0.0}, "it has no hollow that could hold anything")
    radius = form.radius_mm or max(1.0, min(hollow.radius / 4, (hollow.brim - hollow.floor) / 6))
    if radius > 0.95 * hollow.radius:
        return Measured({"share_kept": 0.0}, f"balls of {2 * radius:g} mm do not fit into its opening")
    lift = max(_LIFT, 12 * radius, float(np.linalg.norm(shape.extent)) / 2 if form.tilted_deg else 0.0)
    # Contacts soften what is hit by about the way that it goes in their time: small balls need short steps.
    scene = Scene(shape, free=False, lift=lift, tilted=form.tilted_deg, fine=True)
    turn = np.radians(form.tilted_deg)
    about = np.array([[1, 0, 0], [0, np.cos(turn), -np.sin(turn)], [0, np.sin(turn), np.cos(turn)]])
    centre = shape.middle + np.array([0, 0, lift])
    names = []
    for number, place in enumerate(_heap(trying, hollow, radius, form.balls)):
        names.append(f"ball_{number}")
        scene.add_ball(
            names[-1], radius, _BALL_DENSITY * 4 / 3 * np.pi * radius**3, about @ (place - shape.middle) + centre
        )
    scene.settle(1.0, 2.0)
    low, high = shape.bounds
    kept = 0
    for name in names:
        place = about.T @ (scene.at(name) - centre) + shape.middle
        kept += bool((place > low).all() and (place[:2] < high[:2]).all() and place[2] < high[2] + radius)
    region = (
        np.array([*(np.array(hollow.middle) - hollow.radius), hollow.floor]),
        np.array([*(np.array(hollow.middle) + hollow.radius), hollow.brim]),
    )
    return Measured(
        {"share_kept": kept / len(names)},
        f"held in the air it keeps {kept} of {len(names)} balls of {2 * radius:.0f} mm",
        scene.gates(settled=False, region=region),
        scene,
    )


def holds_liquid(trying: Trying, form: HoldsLiquid) -> Measured:
    """Find where liquid stays: air from which every way out leads higher."""
    model = trying.model
    if form.without is not None:
        left = tuple(body for body in model.bodies if not body.name.startswith(form.without))
        if not left:
            return Measured({"capacity": 0.0}, f"without {form.without} there is nothing")
        model = replace(model, bodies=left)
    grid = grid_of(model, most=2_500_000)
    litres = _kept(grid) * grid.cell**3 / 1000
    return Measured(
        {"capacity": litres},
        f"filled to the brim {litres:.1f} ml stay in it; holes under {grid.cell:.1f} mm are not seen",
    )


def _heap(trying: Trying, hollow: Hollow, radius: float, number: int) -> list[Floats]:
    """Return places one above the other, in layers of three where there is room, with a little chance."""
    layer = 3 if hollow.radius > 2.6 * radius else 1
    ring = 1.3 * radius if layer == 3 else 0.0
    jitter = min(0.1 * radius, 0.5)
    places = []
    for index in range(number):
        turn = 2 * np.pi * (index % layer) / layer + 0.5 * (index // layer)
        offset = ring * np.array([np.cos(turn), np.sin(turn)]) + trying.random.uniform(-jitter, jitter, 2)
        height = hollow.floor + radius * (1.2 + 2.15 * (index // layer))
        places.append(np.array([hollow.middle[0] + offset[0], hollow.middle[1] + offset[1], height]))
    return places


def _kept(grid: Grid) -> int:
    """Count the cells of air that do not drain, by layers from below.

    A region of a layer drains if, by regions of its own and lower layers, it is joined to the outside. Regions are
    joined as the level rises (a union-find), and those not yet joined to the outside at their own level hold liquid
    for as long as the outside is above them.
    """
    _, _, height = grid.filled.shape
    parent = [0]
    cells: list[int] = [0]
    holds: list[bool] = [False]

    def head(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    below: NDArray[np.int64] | None = None
    waiting: list[int] = []
    for z in range(height):
        labels, count = ndimage.label(~grid.filled[:, :, z])
        offset = len(parent) - 1
        sizes = np.bincount(labels.ravel(), minlength=count + 1)
        for label in range(1, count + 1):
            parent.append(offset + label)
            cells.append(int(sizes[label]))
            holds.append(False)
        numbers = np.where(labels > 0, labels + offset, 0)
        for edge in (numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]):
            for number in np.unique(edge[edge > 0]).tolist():
                one, two = head(int(number)), head(0)
                parent[max(one, two)] = min(one, two)
        if below is not None:
            over = (numbers > 0) & (below > 0)
            for pair in np.unique(numbers[over] * len(parent) + below[over]).tolist():
                top, bottom = head(pair // len(parent)), head(pair % len(parent))
                if top != bottom:
                    parent[max(top, bottom)] = min(top, bottom)
        for number in range(offset + 1, offset + count + 1):
            if head(number) != head(0):
                holds[number] = True
                waiting.append(number)
        below = numbers
    # What is never joined to the outside is a closed bubble: nothing gets in.
    return sum(cells[number] for number in waiting if holds[number] and head(number) == head(0))
