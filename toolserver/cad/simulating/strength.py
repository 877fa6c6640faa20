"""Strength by a beam formula: no simulation, and no finite elements.

What carries a weight is taken for a beam between the supports that are found along x, and along y; the worse of the
two counts. A support is where material reaches down from the surface, to the ground if it does so anywhere. Where
something beside the beam supports it all along, such as the side walls below a roof or the back of a shelf, that axis
is looked at again by what stands in line with the weight; then the better of what is carried at both ends counts,
since the load goes there. The weight spreads to either side by half the free length at most, or half its own width.
A beam between two supports that lie ``a`` and ``b`` away bends by ``F a b / (a + b)`` below the weight, one that sticks
out by ``F a`` at its root; stress and sag are summed over the sections all along it, so that holes count where they are
(Gere and Timoshenko, Mechanics of Materials: moments of beams, unit-load method). Its own mass, shear, joints, buckling
of legs, dents and fatigue are left out. What is no such beam is not judged.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.parameters import Strength
from toolserver.cad.simulating.columns import Stretches, stretches_of
from toolserver.cad.simulating.materials import MATERIALS
from toolserver.cad.simulating.trying import Measured, Trying, weight_side
from toolserver.errors import CadFailed

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_GRAVITY = 9.81
_COLUMNS = 240
_SUPPORT = 0.3
_MOSTLY = 0.6
_NOTHING = 1e6
_NEARBY = 3
_STEEPEST = 0.6
_BESIDE = 1.5
"""Columns beside the weight that are below it all the same."""


@dataclass(frozen=True)
class _Beam:
    """A beam under a force of 1 N.

    Attributes:
        stress: the greatest, MPa.
        sag: below the weight, times the modulus: mm for 1 MPa.
        free: the free length, mm.
        ends: how many it is supported at.
        along: name of its axis.
    """

    stress: float
    sag: float
    free: float
    ends: int
    along: str


@dataclass(frozen=True)
class _Deck:
    """The surface that carries, on a raster with the weight in one of its columns.

    Attributes:
        x: column of each stretch along x; ``y`` likewise.
        at: those of the weight, which is ``side`` mm wide.
        top: height of the surface, mm; ``level`` is that below which nothing belongs to its section.
        low: where stretches begin, mm, and ``high`` where they end, with the slope of the surface taken off.
        carries: which stretches are part of the surface.
        stands: which of them hold it, or go up beside it.
    """

    found: Stretches
    x: NDArray[np.int64]
    y: NDArray[np.int64]
    at: tuple[int, int]
    side: float
    top: float
    level: float
    low: Floats
    high: Floats
    carries: Flags
    stands: Flags

    @property
    def pressed(self) -> float:
        """Area in mm2 of what stands right below the weight; 0 where its middle is beside that."""
        reach = np.maximum(np.abs(self.x - self.at[0]), np.abs(self.y - self.at[1]))
        if not (self.stands & (reach <= _BESIDE)).any():
            return 0.0
        return float((self.stands & (reach * self.found.cell <= self.side / 2)).sum()) * self.found.cell**2

    def beam(self, axis: int, *, in_line: bool) -> _Beam | None:
        """Return the beam through the weight along an axis; None where what holds it is beside it, or nothing does.

        Args:
            axis: 0 along x, 1 along y.
            in_line: only what stands in line with the weight counts.
        """
        place, across = (self.x, self.y) if axis == 0 else (self.y, self.x)
        at, middle = self.at[axis], self.at[1 - axis]
        places = len(self.found.xs) if axis == 0 else len(self.found.ys)
        line = np.abs(across - middle) <= _BESIDE if in_line else np.ones(len(place), dtype=bool)
        supports = np.bincount(place[line & self.stands], minlength=places) > 0
        deck = supports | (np.bincount(place[line & self.carries], minlength=places) > 0)
        if supports[at]:
            return None
        ends = [end for step in (-1, 1) if (end := _end(deck, supports, at, step)) is not None]
        if not ends:
            return None
        cell = self.found.cell
        free = sum(abs(end - at) for end in ends) * cell
        wide = np.abs(across - middle) * cell <= max(free / 2, self.side / 2, cell)
        inertia, edge = self._sections(place, wide, places)
        first, last = (min(ends), max(ends)) if len(ends) == 2 else (min(ends[0], at), max(ends[0], at))
        inner = np.arange(first, last + 1)
        # at a support it is as thick there as beside it
        inner = inner[~supports[inner]]
        if (inertia[inner] <= 0).any():
            return None
        if len(ends) == 2:
            one, two = (at - first) * cell, (last - at) * cell
            moment = np.where(inner <= at, (inner - first) * two, (last - inner) * one) * cell / (one + two)
        else:
            moment = np.abs(inner - at) * cell
            # the root itself lies half a column further
            moment = np.where(moment == moment.max(), moment + cell, moment)
        stress = float((moment * edge[inner] / inertia[inner]).max())
        sag = float((moment**2 / inertia[inner]).sum()) * cell
        return _Beam(stress, sag, free, len(ends), "xy"[axis])

    def _sections(self, place: NDArray[np.int64], wide: Flags, places: int) -> tuple[Floats, Floats]:
        """Return second moments in mm4 and distances of the outermost fibre in mm, for each place along an axis."""
        low, high = np.maximum(self.low, self.level), self.high
        # Only what hangs together with the surface, its highest stretches; what stands carries it, and does not bend.
        kept = (
            wide & ~self.stands & (high <= self.top + 2.0) & (high >= self.top - 0.5 * max(self.top - self.level, 1.0))
        )
        low, high, place = low[kept], high[kept], place[kept]
        tall = high - low
        area = np.bincount(place, tall, places)
        middle = np.bincount(place, tall * (low + high) / 2, places) / np.maximum(area, 1e-9)
        away = (low + high) / 2 - middle[place]
        inertia = np.bincount(place, tall**3 / 12 + tall * away**2, places) * self.found.cell
        edge = np.zeros(places)
        np.maximum.at(edge, place, np.maximum(high - middle[place], middle[place] - low))
        return inertia.astype(np.float64), edge


def strength(trying: Trying, form: Strength) -> Measured:
    """Measure the sections and the supports around the weight, and put them into the formula.

    Raises:
        CadFailed: what carries the weight is no beam that the formula knows.
    """
    x, y = trying.spot(form.at)
    found = trying.surface(x, y, form.surface)
    stuff, force = MATERIALS[form.material], form.load_kg * _GRAVITY
    if found is None:
        worst = dict.fromkeys(("utilisation", "stress", "sag", "sag_share"), _NOTHING)
        return Measured(worst, f"there is no surface to bear it at {form.at}")
    decks = list(_decks(trying, (x, y), found[0]))
    allowed = f"of {stuff.strength / form.safety:.3g} allowed in {form.material}"
    if area := decks[0].pressed:
        stress = force / area
        said = f"by a formula (no simulation): {stress:.3g} MPa {allowed}, pressed and not bent, on what stands below"
        return Measured(_values(stress, 0.0, 0.0, stuff.strength / form.safety), said)
    beam = next((one for deck in decks if (one := _carrying(deck)) is not None and one.ends == 2), None) or next(
        (one for deck in decks if (one := _carrying(deck)) is not None), None
    )
    if beam is None:
        raise CadFailed("impossible", f"what carries it at {form.at} is no beam between supports, so no formula fits")
    stress, sag = force * beam.stress, force * beam.sag / (stuff.modulus * 1000)
    return Measured(
        _values(stress, sag, beam.free, stuff.strength / form.safety),
        f"by a beam formula (no simulation): {stress:.3g} MPa {allowed}, {sag:.2g} mm sag over {beam.free:.0f} mm "
        f"along {beam.along}{'' if beam.ends == 2 else ', sticking out'}",
    )


def _values(stress: float, sag: float, free: float, allowed: float) -> dict[str, float]:
    return {"utilisation": stress / allowed, "stress": stress, "sag": sag, "sag_share": sag / free if free else 0.0}


def _decks(trying: Trying, spot: tuple[float, float], top: float) -> Iterator[_Deck]:
    """Yield the surface with what holds it: what reaches the ground; then what reaches down far, as askew legs do."""
    ground = float(trying.shape.bounds[0][2])
    cell = float(trying.shape.extent[:2].max()) / _COLUMNS
    found = stretches_of(trying.model, cell=cell, beside=1)
    depth = len(found.ys)
    x, y = found.column // depth, found.column % depth
    at = tuple(
        min(int(np.abs(of - place).argmin()), len(of) - 1) for of, place in zip((found.xs, found.ys), spot, strict=True)
    )
    side = weight_side(trying)
    level = ground + (1 - _SUPPORT) * (top - ground)
    near = 0.15 * max(top - level, 1.0) + 2.0
    slope = [_slope(found, top, *away) for away in ((x - at[0], y - at[1]), (y - at[1], x - at[0]))]
    risen = ((x - at[0]) * slope[0] + (y - at[1]) * slope[1]) * cell
    low, high = found.low - risen, found.high - risen
    carries = np.abs(high - top) <= near
    # What reaches down holds it, and so does what goes up beside it, such as the sides of a shelf. A brace does not.
    reaches = high >= top - near
    for number, lowest in enumerate((ground + 1.0, ground + _SUPPORT * (top - ground), level)):
        stands = reaches & (found.low <= lowest)
        # A slab that is thick for its height does not hold itself.
        if number == 0 or (stands & carries).sum() <= _MOSTLY * carries.sum():
            yield _Deck(found, x, y, (at[0], at[1]), side, top, level, low, high, carries, stands)


def _slope(found: Stretches, top: float, along: NDArray[np.int64], across: NDArray[np.int64]) -> float:
    """Return how much a surface rises along an axis, as on a ramp; 0 where it does not rise evenly."""
    reach = _NEARBY * found.cell
    heights = []
    for place in (-_NEARBY, 0, _NEARBY):
        here = found.high[(along == place) & (across == 0)]
        heights.append(float(here[np.abs(here - top).argmin()]) if len(here) else np.inf)
    before, middle, after = heights
    rise = after - before
    even = abs(before + after - 2 * middle) <= 0.1 * abs(rise)
    return rise / (2 * reach) if even and abs(rise) <= 2 * _STEEPEST * reach else 0.0


def _carrying(deck: _Deck) -> _Beam | None:
    """Return the beam that counts."""
    whole = [deck.beam(axis, in_line=False) for axis in (0, 1)]
    found = [beam for beam in whole if beam is not None]
    if len(found) < 2:
        beside = [deck.beam(axis, in_line=True) for axis in (0, 1) if whole[axis] is None]
        held = [beam for beam in (*found, *beside) if beam is not None and beam.ends == 2]
        if held:
            return min(held, key=lambda beam: beam.stress)
    return max(found, key=lambda beam: beam.stress, default=None)


def _end(deck: Flags, supports: Flags, at: int, step: int) -> int | None:
    """Return the next supported place in a direction, if the surface goes on that far."""
    place = at
    while 0 <= place < len(deck) and deck[place]:
        if supports[place]:
            return place
        place += step
    return None
