"""What is measured without trying anything: sizes, level surfaces, what hangs together, walls, mass."""

import math

import numpy as np

from toolserver.cad.parameters import Connected, HasLevels, HasSurface, SizeWithin, Thickness, Weighs
from toolserver.cad.simulating.columns import column_at, stretches_of
from toolserver.cad.simulating.materials import MATERIALS
from toolserver.cad.simulating.shape import grouped, thickness_of
from toolserver.cad.simulating.trying import Measured, Trying

_LEVEL = 2.0
_ALONG = 120


def size_within(trying: Trying, form: SizeWithin) -> Measured:
    """Measure one extent."""
    width, depth, height = trying.shape.extent.tolist()
    x, y = trying.spot(form.at, form.inset_share)
    if form.extent == "surface_height":
        found = column_at(trying.model, x, y)
        top = found[-1][1] if found else next(iter(trying.surface(x, y, 1) or ()), None)
        if top is None:
            return Measured({"outside": max(form.most_mm, 1000.0)}, f"there is no surface at {form.at}")
        size = top
    elif form.extent == "free_below":
        border = trying.spot(form.at, 0.0)
        ways = np.linspace((*border,), (x, y), _ALONG).tolist()
        lows = [column[0][0] for place in ways if (column := column_at(trying.model, *place))]
        if not lows:
            return Measured({"outside": max(form.most_mm, 1000.0)}, f"there is nothing above {form.at}")
        size = min(lows) - float(trying.shape.bounds[0][2])
    else:
        size = {
            "width": width,
            "depth": depth,
            "height": height,
            "longest": max(width, depth, height),
            "shortest": min(width, depth, height),
            "lowest": float(trying.shape.bounds[0][2]),
        }[form.extent]
    outside = max(form.least_mm - size, size - form.most_mm, 0.0)
    # Meshes of round things are a little smaller than they are.
    outside = 0.0 if outside <= max(0.2, 0.001 * size) else outside
    return Measured(
        {"outside": outside},
        f"{form.extent} is {size:.1f} mm, between {form.least_mm:g} and {form.most_mm:g} is asked for",
    )


def has_surface(trying: Trying, form: HasSurface) -> Measured:
    """Add up level surfaces between two heights that have room above them."""
    cell = max(math.sqrt(float(trying.shape.extent[:2].prod()) / 60_000), 0.5)
    found = stretches_of(trying.model, cell=cell)
    wanted = (found.high >= form.least_height_mm - 0.5) & (found.high <= form.most_height_mm + 0.5)
    wanted &= found.clear >= form.clear_mm
    heights = np.round(found.high[wanted] / _LEVEL)
    # Level is what much of lies at one height; a slope has a little of many.
    level = np.isin(
        heights,
        [
            height
            for height, n in zip(*np.unique(heights, return_counts=True), strict=True)
            if n * cell * cell >= 0.01 * trying.shape.extent[:2].prod()
        ],
    )
    columns = np.unique(found.column[wanted][level])
    area = len(columns) * cell * cell
    share = len(columns) / (len(found.xs) * len(found.ys))
    return Measured(
        {"area": area / 100, "area_share": share},
        f"{area / 100:.0f} cm2 of level surface, {share:.0%} of its ground plan, between {form.least_height_mm:g} and "
        f"{form.most_height_mm:g} mm",
    )


def has_levels(trying: Trying, form: HasLevels) -> Measured:
    """Count heights at which there is much level surface."""
    cell = max(math.sqrt(float(trying.shape.extent[:2].prod()) / 60_000), 0.5)
    found = stretches_of(trying.model, cell=cell)
    heights = np.round(found.high[found.clear >= form.clear_mm] / _LEVEL) * _LEVEL
    values, counts = np.unique(heights, return_counts=True)
    if not len(values):
        return Measured({"levels": 0.0}, "there is no level surface")
    large = values[counts >= form.share * counts.max()]
    levels = 1 + int((np.diff(large) > 2 * _LEVEL).sum())
    return Measured({"levels": float(levels)}, f"{levels} levels, at {', '.join(f'{one:.0f}' for one in large[:8])} mm")


def connected(trying: Trying, form: Connected) -> Measured:
    """Group what touches, and see which groups reach the ground."""
    groups = grouped(trying.shape.solids, form.slack_mm)
    low = float(trying.shape.bounds[0][2])
    floating = [
        group for group in groups if min(float(one.bounds[0][2]) for one in group) > low + max(form.slack_mm, 0.1)
    ]
    names = sorted({one.body.name for group in floating for one in group})
    said = f"; floating: {', '.join(names[:5])}" if names else ""
    return Measured({"pieces": float(len(groups)), "floating": float(len(floating))}, f"{len(groups)} pieces{said}")


def thickness(trying: Trying, form: Thickness) -> Measured:
    """Measure straight inwards from points all over the surface of each part; the thinnest part counts."""
    bodies = [one for one in trying.model.bodies if form.part is None or one.name.startswith(form.part)]
    if not bodies:
        return Measured({"thinnest": 0.0}, f"there is no part {form.part}")
    thinnest = {}
    for body in bodies:
        found = thickness_of(body, 600)
        thinnest[body.name] = float(np.quantile(found, form.ignored_share)) if len(found) else 0.0
    name = min(thinnest, key=thinnest.__getitem__)
    return Measured({"thinnest": thinnest[name]}, f"{name} is the thinnest part, with {thinnest[name]:.2f} mm")


def weighs(trying: Trying, form: Weighs) -> Measured:
    """Add up volumes and densities."""
    shape = trying.shape_of(MATERIALS[form.material].density if form.material else None)
    mass = shape.mass(shape.solids).kilograms
    outside = max(form.least_kg - mass, mass - form.most_kg, 0.0)
    return Measured(
        {"outside": outside}, f"it weighs {mass:.3g} kg, between {form.least_kg:g} and {form.most_kg:g} is asked for"
    )
