"""Strength by a beam formula: no simulation, and no finite elements.

What carries a weight is taken for a beam between the supports that are found along x, and along y; the worse of the
two counts. The beam's section is measured under the weight. A support is where material reaches down far below the
surface. A beam between two supports that lie ``a`` and ``b`` away bends by ``F a b / (a + b)`` and sags by
``F a^2 b^2 / (3 E I (a + b))``; one that sticks out by ``F a`` and ``F a^3 / (3 E I)`` (Gere and Timoshenko,
Mechanics of Materials, tables of beams). Its own mass, shear, joints, buckling of legs, dents and fatigue are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.parameters import Strength
from toolserver.cad.simulating.columns import Stretches, stretches_of
from toolserver.cad.simulating.materials import MATERIALS
from toolserver.cad.simulating.trying import Measured, Trying

Floats = NDArray[np.float64]

_GRAVITY = 9.81
_COLUMNS = 240
_SUPPORT = 0.3
_MOSTLY = 0.6
_NOTHING = 1e6


@dataclass(frozen=True)
class _Beam:
    """Lever in mm (moment over force), the free length in mm, and the lengths of the sag's formula in mm3."""

    lever: float
    free: float
    bend: float


def strength(trying: Trying, form: Strength) -> Measured:
    """Measure the section under the weight and the supports around it, and put them into the formula."""
    x, y = trying.spot(form.at)
    found = trying.surface(x, y, form.surface)
    stuff, force = MATERIALS[form.material], form.load_kg * _GRAVITY
    if found is None:
        return _failed(f"there is no surface to bear it at {form.at}")
    top = found[0]
    low = float(trying.shape.bounds[0][2])
    cell = float(trying.shape.extent[:2].max()) / _COLUMNS
    stretches = stretches_of(trying.model, cell=cell, beside=1)
    level = low + (1 - _SUPPORT) * (top - low)
    worst: tuple[float, float, float, str] | None = None
    for axis, name in ((0, "x"), (1, "y")):
        deck, supports = _along(stretches, axis, low, top, level)
        at = int(np.searchsorted(stretches.xs if axis == 0 else stretches.ys, (x, y)[axis]))
        beam = _beam(deck, supports, min(at, len(deck) - 1), cell)
        if beam is None:
            # slats are carried along, and not across the gaps between them
            continue
        area, inertia, edge = _section(stretches, axis, at, (x, y), top, level)
        if inertia <= 0:
            return _failed(f"there is no section to bear it at {form.at}")
        # Without a free length it is pressed, not bent.
        stress = force * beam.lever * edge / inertia + (force / area if beam.lever == 0 else 0.0)
        sag = force * beam.bend / (3 * stuff.modulus * 1000 * inertia)
        if worst is None or stress > worst[0]:
            worst = stress, sag, beam.free, name
    if worst is None:
        return _failed(f"nothing carries the surface at {form.at}")
    stress, sag, free, name = worst
    utilisation = stress * form.safety / stuff.strength
    return Measured(
        {"utilisation": utilisation, "stress": stress, "sag": sag, "sag_share": sag / free if free else 0.0},
        f"by a beam formula (no simulation): {stress:.3g} MPa of {stuff.strength / form.safety:.3g} allowed in "
        f"{form.material}, {sag:.2g} mm sag over {free:.0f} mm along {name}",
    )


def _failed(why: str) -> Measured:
    return Measured(dict.fromkeys(("utilisation", "stress", "sag", "sag_share"), _NOTHING), why)


def _along(
    found: Stretches, axis: int, ground: float, top: float, level: float
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return for each place along an axis whether the carrying surface goes on there, and whether it is supported."""
    depth = len(found.ys)
    places = len(found.xs) if axis == 0 else depth
    column = found.column // depth if axis == 0 else found.column % depth
    near = 0.15 * max(top - level, 1.0) + 2.0
    carries = np.abs(found.high - top) <= near
    # What reaches down far carries, and so does what goes up beside the surface, such as the sides of a shelf.
    stands = (found.low <= level) & (found.high >= level)
    deck = np.bincount(column[carries], minlength=places) > 0
    supports = np.bincount(column[stands], minlength=places) > 0
    if supports.sum() > _MOSTLY * deck.sum():
        # A slab that is thick for its height does not carry itself: only what reaches the lowest part of all does.
        stands &= found.low <= ground + _SUPPORT * (top - ground)
        supports = np.bincount(column[stands], minlength=places) > 0
    return deck | supports, supports


def _beam(deck: NDArray[np.bool_], supports: NDArray[np.bool_], at: int, cell: float) -> _Beam | None:
    """Return the beam through a place: how far the next support is to each side, if the surface goes on that far."""
    if supports[at]:
        return _Beam(0.0, 0.0, 0.0)
    reach: list[float | None] = []
    for step in (-1, 1):
        place, found = at, None
        while 0 <= place < len(deck) and deck[place]:
            if supports[place]:
                found = abs(place - at) * cell
                break
            place += step
        reach.append(found)
    one, two = reach
    if one is None and two is None:
        return None
    if one is None or two is None:
        arm = one if one is not None else two
        assert arm is not None  # noqa: S101 - one of them is there
        return _Beam(arm, arm, arm**3)
    whole = one + two
    return _Beam(one * two / whole, whole, one**2 * two**2 / whole)


def _section(
    found: Stretches, axis: int, at: int, spot: tuple[float, float], top: float, level: float
) -> tuple[float, float, float]:
    """Return area, second moment about the horizontal middle, and distance of the outermost fibre; mm2, mm4, mm."""
    depth = len(found.ys)
    column = found.column // depth if axis == 0 else found.column % depth
    here = (column == at) & (found.high <= top + 2.0) & (found.high > level)
    low, high = np.maximum(found.low[here], level), found.high[here]
    # Only what hangs together with the surface: its highest stretches.
    kept = high >= top - 0.5 * max(top - level, 1.0)
    low, high = low[kept], high[kept]
    if not len(low):
        return 0.0, 0.0, 0.0
    tall = high - low
    area = float((tall * found.cell).sum())
    middle = float(((low + high) / 2 * tall * found.cell).sum()) / max(area, 1e-9)
    inertia = float((found.cell * (tall**3 / 12 + tall * ((low + high) / 2 - middle) ** 2)).sum())
    return area, inertia, float(max(high.max() - middle, middle - low.min()))
