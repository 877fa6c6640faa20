"""Balls that roll: across a bridge from end to end, and against its rails."""

import numpy as np

from toolserver.cad.parameters import BallRolls, RailsHold
from toolserver.cad.simulating.columns import column_at
from toolserver.cad.simulating.scene import Scene
from toolserver.cad.simulating.trying import Measured, Trying

_BALL_DENSITY = 1120e-9


def ball_rolls_across(trying: Trying, form: BallRolls) -> Measured:
    """Roll a ball from two and a half radii behind one end to three before the other."""
    shape, radius = trying.shape, form.radius_mm
    axis = trying.axis(form.way)
    along, across = np.eye(3)[axis], np.eye(3)[1 - axis]
    low, high = shape.bounds[0][axis], shape.bounds[1][axis]
    start, goal = low + 2.5 * radius, high - 3 * radius
    middle = float(shape.middle[1 - axis])
    deck = _deck(trying, axis, start, middle, radius)
    if deck is None or goal <= start:
        return Measured({"share_crossed": 0.0}, "there is nothing at its end that a ball could roll on")
    scene = Scene(shape, free=False, fine=True)
    at = along * start + across * middle + np.array([0, 0, deck + radius + 1])
    side = form.sideways_m_s * (1 if trying.seed % 2 == 0 else -1)
    scene.add_ball(
        "ball",
        radius,
        _BALL_DENSITY * 4 / 3 * np.pi * radius**3,
        at,
        speed=tuple(along * form.speed_m_s + across * side),
    )
    fallen = deck + radius - max(1.25 * radius, 10)
    share = 0.0

    def watch(_: float) -> bool:
        nonlocal share
        place = scene.at("ball")
        if place[2] < fallen:
            return True
        share = max(share, float((place[axis] - start) / (goal - start)))
        return share >= 1

    seconds = min(20.0, 1 + 3 * (goal - start) / 1000 / form.speed_m_s)
    scene.run(seconds, watch)
    place = scene.at("ball")
    end = "fell" if place[2] < fallen else "crossed" if share >= 1 else "stopped"
    share = float(np.clip(share, 0, 1))
    return Measured(
        {"share_crossed": share},
        f"the ball {end} after {share:.0%} of the way, at {scene.time:.2f} s",
        scene.gates(settled=False, region=_above(trying, axis, deck, radius)),
        scene,
    )


def rails_hold(trying: Trying, form: RailsHold) -> Measured:
    """Push balls to both sides, all along the way."""
    shape, radius = trying.shape, form.radius_mm
    axis = trying.axis(form.way)
    along, across = np.eye(3)[axis], np.eye(3)[1 - axis]
    low, high = shape.bounds[0][axis] + 2.5 * radius, shape.bounds[1][axis] - 2.5 * radius
    middle = float(shape.middle[1 - axis])
    number = int(np.clip((high - low) // (2.5 * radius) + 1, 2, form.balls))
    scene = Scene(shape, free=False, fine=True)
    decks: dict[str, float] = {}
    for index, place in enumerate(np.linspace(low, max(low, high), number).tolist()):
        deck = _deck(trying, axis, place, middle, radius)
        if deck is None:
            continue
        name = f"ball_{index}"
        side = form.sideways_m_s if (index + trying.seed) % 2 == 0 else -form.sideways_m_s
        decks[name] = deck
        scene.add_ball(
            name,
            radius,
            _BALL_DENSITY * 4 / 3 * np.pi * radius**3,
            along * place + across * middle + np.array([0, 0, deck + radius + 1]),
            speed=tuple(across * side),
            rolling=True,
        )
    if not decks:
        return Measured({"share_kept": 0.0}, "there is nothing that a ball could lie on")
    ends = shape.bounds[:, axis]
    left: dict[str, bool] = {}

    def watch(_: float) -> bool:
        # whoever rolls down a ramp and off its end did not fall off its side
        for name in decks.keys() - left.keys():
            at = scene.at(name)
            if not ends[0] < at[axis] < ends[1]:
                left[name] = _beside(trying, axis, at, radius)
        return False

    scene.run(min(6.0, 1 + 2 * float(shape.extent[1 - axis]) / 1000 / form.sideways_m_s), watch)
    kept = sum(left[name] if name in left else _kept(trying, axis, scene.at(name), middle, radius) for name in decks)
    share = kept / number
    deck = min(decks.values())
    return Measured(
        {"share_kept": share},
        f"{kept} of {number} balls pushed to its sides at {form.sideways_m_s:g} m/s did not fall off",
        scene.gates(settled=False, region=_above(trying, axis, deck, radius)),
        scene,
    )


def _kept(trying: Trying, axis: int, place: np.ndarray, middle: float, radius: float) -> bool:
    """Return whether a ball is still on its way; on a slope it may have rolled far."""
    deck = _deck(trying, axis, float(place[axis]), middle, radius)
    return bool(
        _beside(trying, axis, place, radius) and deck is not None and place[2] > deck + radius - max(1.25 * radius, 10)
    )


def _beside(trying: Trying, axis: int, place: np.ndarray, radius: float) -> bool:
    """Return whether a ball is no further to the side than its way."""
    low, high = trying.shape.bounds[:, 1 - axis]
    return bool(low - radius / 2 <= place[1 - axis] <= high + radius / 2)


def _deck(trying: Trying, axis: int, along: float, across: float, radius: float) -> float | None:
    """Return the height of the lowest surface at a place on which a ball has room."""
    # a ball does not fall into a joint
    for beside in (0.0, 0.2 * radius, -0.2 * radius):
        x, y = (along + beside, across) if axis == 0 else (across, along + beside)
        found = column_at(trying.model, x, y)
        for number, (_, high) in enumerate(found):
            if number + 1 == len(found) or found[number + 1][0] - high > 2.2 * radius:
                return high
    return None


def _above(trying: Trying, axis: int, deck: float, radius: float) -> tuple[np.ndarray, np.ndarray]:
    low, high = trying.shape.bounds[0].copy(), trying.shape.bounds[1].copy()
    low[2], high[2] = deck, deck + 2 * radius
    return low, high
