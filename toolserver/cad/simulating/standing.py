"""Standing: on level ground, on a slope, under a weight, after a push, after a fall."""

import math

import numpy as np

from toolserver.cad.parameters import Bears, Drop, Push, Stands, StandsOnSlope
from toolserver.cad.simulating.columns import column_at
from toolserver.cad.simulating.scene import Scene
from toolserver.cad.simulating.shape import Shape
from toolserver.cad.simulating.trying import TOWARDS, Measured, Trying, weight_side

_WORST_TILT = 90.0
_THIN = 12.0


def stands(trying: Trying, form: Stands) -> Measured:
    """Let it fall by a few millimetres."""
    shape = trying.shape_of(form.density_kg_m3)
    scene = Scene(shape, free=True, lift=form.drop_mm, friction=form.friction, fine=_thin(shape))
    scene.settle(1.0, 6.0)
    drift = max(0.0, scene.drift - form.drop_mm)
    return Measured(
        {"tilt": scene.tilt, "drift": drift},
        f"it ended at {scene.tilt:.1f} deg, {drift:.0f} mm away" + _loose(len(shape.groups)),
        scene.gates(settled=True, region=_foot(trying)),
        scene,
    )


def stands_on_slope(trying: Trying, form: StandsOnSlope) -> Measured:
    """Turn gravity instead of the ground, which is the same."""
    shape = trying.shape_of(form.density_kg_m3)
    slope = (form.slope_deg, TOWARDS[form.downhill])
    scene = Scene(shape, free=True, lift=0.2, friction=form.friction, slope=slope, fine=_thin(shape))
    scene.run(2.5)
    return Measured(
        {"tilt": scene.tilt, "slide": scene.slid},
        f"on {form.slope_deg:g} deg it ended at {scene.tilt:.1f} deg to the slope and slid {scene.slid:.0f} mm",
        scene.gates(settled=False, region=_foot(trying)),
        scene,
    )


def bears(trying: Trying, form: Bears) -> Measured:
    """Set a block down on a surface and let all come to rest."""
    shape = trying.shape_of(form.density_kg_m3)
    x, y = trying.spot(form.at)
    found = trying.surface(x, y, form.surface)
    if found is None:
        sink = float(max(shape.extent[2], 1000.0))
        return Measured({"tilt": _WORST_TILT, "sink": sink}, f"there is no surface to bear it at {form.at}")
    height, clear = found
    side = weight_side(trying)
    tall = min(side, clear - 3)
    if tall < 1:
        return Measured({"tilt": _WORST_TILT, "sink": height}, f"there is no room for it at {form.at}")
    # what is much lighter than its load sinks into it, so its contacts are harder
    heavy = form.load_kg > shape.mass(shape.solids).kilograms
    scene = Scene(shape, free=True, lift=0.2, friction=form.friction, fine=heavy or _thin(shape))
    # on a slope its edge comes down before its middle
    edge = max(
        [
            top
            for dx in (-side / 2, side / 2)
            for dy in (-side / 2, side / 2)
            for _, top in column_at(trying.model, x + dx, y + dy)
            if height < top < height + min(side / 2, max(clear - tall - 2, 0))
        ],
        default=height,
    )
    scene.add_block("load", (side, side, tall), form.load_kg, (x, y, edge + tall / 2 + 1.2))
    scene.settle(1.5, 6.0)
    sink = float(height + tall / 2 - scene.at("load")[2])
    return Measured(
        {"tilt": scene.tilt, "sink": sink},
        f"under {form.load_kg:g} kg at {form.at} it ended at {scene.tilt:.1f} deg, the weight {sink:.1f} mm lower",
        scene.gates(settled=True, region=_foot(trying)),
        scene,
    )


def survives_push(trying: Trying, form: Push) -> Measured:
    """Push it for a moment and let it come to rest."""
    shape = trying.shape_of(form.density_kg_m3)
    scene = Scene(shape, free=True, lift=0.2, friction=form.friction, fine=_thin(shape))
    scene.run(0.3)
    x, y = TOWARDS[form.against]
    middle, extent, low = shape.middle, shape.extent, shape.bounds[0]
    place = (
        middle[0] + x * extent[0] / 2,
        middle[1] + y * extent[1] / 2,
        low[2] + form.at_height_share * extent[2],
    )
    scene.push((-x * form.force_n, -y * form.force_n, 0.0), place)
    scene.run(form.seconds)
    scene.push((0.0, 0.0, 0.0), place)
    scene.settle(1.0 + scene.time, 6.0)
    return Measured(
        {"tilt": scene.tilt, "drift": scene.slid},
        f"after {form.force_n:g} N for {form.seconds:g} s it ended at {scene.tilt:.1f} deg, {scene.slid:.0f} mm away",
        scene.gates(settled=True, region=_foot(trying)),
        scene,
    )


def survives_drop(trying: Trying, form: Drop) -> Measured:
    """Let it fall, tilted if need be, with contacts that do not let it sink into the ground."""
    shape = trying.shape_of(form.density_kg_m3)
    reach = float(np.linalg.norm(shape.extent[1:])) / 2 - float(shape.extent[2]) / 2
    lift = form.height_mm + (reach if form.tilted_deg else 0.0)
    scene = Scene(shape, free=True, lift=lift, tilted=form.tilted_deg, fine=True)
    scene.settle(math.sqrt(2 * lift / 9810) + 0.8, 8.0)
    return Measured(
        {"tilt": scene.tilt},
        f"let fall from {form.height_mm:g} mm it ended at {scene.tilt:.1f} deg, {scene.slid:.0f} mm away"
        + _loose(len(shape.groups)),
        scene.gates(settled=True, region=_foot(trying)),
        scene,
    )


def _loose(groups: int) -> str:
    return f"; it is in {groups} pieces" if groups > 1 else ""


def _foot(trying: Trying) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest tenth of the box around it: what it stands on, and what convex pieces must not widen."""
    low, high = trying.shape.bounds[0].copy(), trying.shape.bounds[1].copy()
    high[2] = low[2] + 0.1 * (high[2] - low[2])
    return low, high


def _thin(shape: Shape) -> bool:
    """Return whether what tips over would sink into its own walls by coarse steps."""
    return shape.wall < _THIN
