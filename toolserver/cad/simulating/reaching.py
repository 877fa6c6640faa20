"""Reaching: the poses of an arm of two links, and which of them touch nothing."""

import itertools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from toolserver.cad.parameters import Reachable
from toolserver.cad.simulating.columns import column_at, grid_of
from toolserver.cad.simulating.holding import hollow_of
from toolserver.cad.simulating.openings import openings_of
from toolserver.cad.simulating.trying import TOWARDS, Measured, Trying

Floats = NDArray[np.float64]

_ALONG = 14
_ROUNDS = 4


def reachable(trying: Trying, form: Reachable) -> Measured:
    """Try poses from coarse to fine around the best ones."""
    shape = trying.shape
    x, y = TOWARDS[form.side]
    outwards = np.array([x, y, 0.0])
    shoulder = shape.middle + outwards * (np.abs(outwards[:2]) @ shape.extent[:2] / 2 + form.distance_mm)
    shoulder[2] = shape.bounds[0][2] + form.shoulder_mm
    goal = _goal(trying, form)
    if goal is None:
        far = float(np.linalg.norm(shoulder - shape.middle)) + 1000
        return Measured({"distance": far}, f"there is no {form.goal} to reach into")
    half = form.thickness_mm / 2
    grid = grid_of(trying.model, most=400_000, beside=2)
    away = ndimage.distance_transform_edt(~grid.filled) * grid.cell
    facing = np.arctan2(-y, -x)
    ranges = [
        np.radians(np.linspace(-100, 100, 29)),
        np.radians(np.linspace(-90, 90, 25)),
        np.radians(np.linspace(-160, 160, 45)),
        np.radians(np.linspace(-90, 90, 7)),
    ]
    angles = np.array(list(itertools.product(*ranges)))
    best, pose = np.inf, None
    for round_number in range(_ROUNDS):
        elbow, hand = _arm(shoulder, facing, angles, form.upper_arm_mm, form.forearm_mm)
        distance = np.linalg.norm(hand - goal, axis=1)
        order = np.argsort(distance, kind="stable")[:4000]
        free = _clear(away, grid.low, grid.cell, shoulder, elbow[order], hand[order], half, float(shape.bounds[0][2]))
        if free.any():
            first = order[int(np.argmax(free))]
            if distance[first] < best:
                best, pose = float(distance[first]), angles[first]
        if pose is None:
            break
        width = np.radians(8.0) / 3**round_number
        near = np.linspace(-width, width, 9)
        angles = pose + np.array(list(itertools.product(near, near, near, near[::4])))
    touch = half if form.goal == "top" else 0.0
    short = max(0.0, best - touch - 1.5 * grid.cell) if np.isfinite(best) else float(np.linalg.norm(shoulder - goal))
    return Measured(
        {"distance": short},
        f"the hand gets to the {form.goal}"
        if short == 0
        else f"the hand stays {short:.0f} mm short of the {form.goal}",
    )


def _goal(trying: Trying, form: Reachable) -> Floats | None:
    shape = trying.shape
    if form.goal == "inside":
        hollow = hollow_of(trying)
        return None if hollow is None else np.array([*hollow.middle, (hollow.floor + hollow.brim) / 2])
    if form.goal == "opening":
        found = openings_of(trying, form.side, least=10.0, step=0.0)
        return np.array(found[0].middle) if found else None
    tops = column_at(trying.model, float(shape.middle[0]), float(shape.middle[1]))
    return np.array([*shape.middle[:2], tops[-1][1] if tops else shape.bounds[1][2]])


def _arm(shoulder: Floats, facing: float, angles: Floats, upper: float, fore: float) -> tuple[Floats, Floats]:
    """Return elbows and hands for poses: turn, lift, bend, and the plane of the bend."""
    turn, lift, bend, roll = angles.T
    first = np.stack([np.cos(lift) * np.cos(facing + turn), np.cos(lift) * np.sin(facing + turn), np.sin(lift)], 1)
    up = np.stack([-np.sin(lift) * np.cos(facing + turn), -np.sin(lift) * np.sin(facing + turn), np.cos(lift)], 1)
    sideways = np.cross(first, up)
    bent = np.cos(roll)[:, None] * up + np.sin(roll)[:, None] * sideways
    second = np.cos(bend)[:, None] * first + np.sin(bend)[:, None] * bent
    elbow = shoulder + upper * first
    return elbow, elbow + fore * second


def _clear(
    away: Floats, low: Floats, cell: float, shoulder: Floats, elbow: Floats, hand: Floats, half: float, ground: float
) -> NDArray[np.bool_]:
    """Return which poses keep their whole arm half its thickness away from all material and above the ground."""
    steps = np.linspace(0, 1, _ALONG)[:, None, None]
    points: Sequence[Floats] = (shoulder + steps * (elbow - shoulder), elbow + steps * (hand - elbow))
    free = np.ones(len(hand), dtype=bool)
    for one in points:
        index = np.floor((one - low) / cell).astype(int)
        inside = (index >= 0).all(axis=2) & (index < np.array(away.shape)).all(axis=2)
        kept = np.clip(index, 0, np.array(away.shape) - 1)
        distance = np.where(inside, away[kept[..., 0], kept[..., 1], kept[..., 2]], np.inf)
        free &= ((distance >= half - 0.5 * cell) & (one[..., 2] >= ground)).all(axis=0)
    return free
