"""Measuring a model: each part for itself, how parts lie to each other, and what makes it unusable whatever is wished.

Lengths in millimetres, volumes in cubic millimetres unless a name says otherwise, masses in kilograms.
"""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.contacts import Meeting, by_part, meetings, pieces
from toolserver.cad.model import Body, Model
from toolserver.cad.wire import CadInspection, CadPart, Measure

DENSITY: Final = 600.0
"""Of parts whose program says nothing: light wood, kg/m3."""

THINNEST: Final = 0.05
"""Millimetres of a box below which a part has no thickness."""

TINY: Final = 5.0
HUGE: Final = 50_000.0
"""Largest extent of a whole below and above which millimetres were probably not meant."""

_GROUND: Final = 1.0
"""Millimetres that the lowest point may be away from z = 0."""

_ERROR: Final = 0.02
"""Share of a part's volume that its mesh may be off."""

_HULL_POINTS: Final = 20_000


def inspected(model: Model) -> CadInspection:
    """Return parts, measures of the whole, problems and notes."""
    problems: list[str] = []
    notes: list[str] = []
    rows = [_part(body, problems) for body in model.bodies]
    solids = pieces(model)
    found = meetings(solids)
    groups = _groups(len(solids), found)
    low, high = model.bounds
    grounded = {number for number, body in enumerate(solids) if body.mesh.bounds[0][2] <= low[2] + _GROUND}
    loose = [group for group in groups if not group & grounded]
    floating = list(dict.fromkeys(solids[number].name for group in loose for number in sorted(group)))
    pairs = by_part(solids, found)
    overlapping = tuple((one.first, one.second, round(one.overlap, 3)) for one in pairs if one.overlap)
    measures = _whole(model, rows, {"pieces": len(groups), "floating": len(floating)}, overlapping)
    if floating:
        notes.append(f"{_listed(floating)} {_is(floating)} connected to nothing that stands on the ground")
    notes += [
        f"{first} and {second} share {shared / 1000:.3g} cm3 of space"
        for first, second, shared in sorted(overlapping, key=lambda one: -one[2])[:5]
    ]
    if abs(low[2]) > _GROUND:
        notes.append(f"its lowest point is at z = {low[2]:.4g} mm; things stand on z = 0")
    notes += _units(high - low)
    return CadInspection(
        parts=tuple(rows),
        measures=measures,
        problems=tuple(problems),
        notes=tuple(notes),
        touching=tuple((one.first, one.second) for one in pairs),
        overlapping=overlapping,
    )


def _part(body: Body, problems: list[str]) -> CadPart:
    mesh, solid = body.mesh, body.solid
    low, high = mesh.bounds
    size = high - low
    volume = _volume(solid)
    solids = solid.solids()
    valid = bool(solid.is_valid)
    error = abs(mesh.volume - volume) / abs(volume) if volume else math.inf
    hull = _hull_volume(mesh.vertices)
    measures: dict[str, Measure] = {
        "valid": valid,
        "watertight": mesh.watertight,
        "wound": mesh.wound,
        "solids": len(solids),
        "volume_cm3": _round(volume / 1000),
        "mesh_volume_error": _round(error),
        "mass_kg": _round(abs(volume) * 1e-9 * (body.density or DENSITY)),
        "density_kg_m3": body.density or DENSITY,
        "width_mm": _round(size[0]),
        "depth_mm": _round(size[1]),
        "height_mm": _round(size[2]),
        "x_min_mm": _round(low[0]),
        "y_min_mm": _round(low[1]),
        "z_min_mm": _round(low[2]),
        "z_max_mm": _round(high[2]),
        "convexity": _round(min(1.0, abs(mesh.volume) / hull)) if hull else 0.0,
        "faces": len(solid.faces()),
    }
    if len(solids) == 1 and mesh.watertight:
        measures["genus"] = _genus(mesh.faces)
    name = body.name
    if size.min() < THINNEST:
        problems.append(f"part {name} is {size.min():.2g} mm thick: too thin to be anything; give it a thickness")
    if volume <= 0 or mesh.volume < 0:
        problems.append(f"part {name} is inside out: its faces look inwards; build it from positive sizes")
    elif not valid or any(_crosses(one) for one in solids):
        problems.append(f"part {name} is no valid solid: its faces cross each other or do not close; build it simpler")
    elif not mesh.watertight or not mesh.wound:
        problems.append(f"part {name} does not close: its surface has holes or crosses itself; build it simpler")
    elif error > _ERROR:
        problems.append(
            f"part {name} and its mesh differ in volume by {error:.0%}; its shape is broken, build it simpler"
        )
    return CadPart(name=name, measures=measures)


def _whole(
    model: Model, rows: list[CadPart], counts: dict[str, int], overlapping: tuple[tuple[str, str, float], ...]
) -> dict[str, Measure]:
    low, high = model.bounds
    masses = np.array([float(row.measures["mass_kg"]) for row in rows])
    centres = np.array([_centre(body) for body in model.bodies])
    total = float(masses.sum())
    centre = (centres * masses[:, None]).sum(axis=0) / total if total else centres.mean(axis=0)
    footprint = _footprint(model, float(low[2]))
    return {
        "parts": len(model.bodies),
        "width_mm": _round(high[0] - low[0]),
        "depth_mm": _round(high[1] - low[1]),
        "height_mm": _round(high[2] - low[2]),
        "z_min_mm": _round(low[2]),
        "volume_cm3": _round(sum(float(row.measures["volume_cm3"]) for row in rows)),
        "mass_kg": _round(total),
        "centre_x_mm": _round(centre[0]),
        "centre_y_mm": _round(centre[1]),
        "centre_z_mm": _round(centre[2]),
        **counts,
        "overlap_cm3": _round(sum(shared for _, _, shared in overlapping) / 1000),
        "footprint_cm2": _round(_area(footprint) / 100),
        "centre_over_footprint": _inside(footprint, centre[:2]),
    }


def _volume(solid: Any) -> float:
    """Return the signed volume: negative where the solid is inside out."""
    from OCP.BRepGProp import BRepGProp
    from OCP.GProp import GProp_GProps

    total = 0.0
    for one in solid.solids():
        properties = GProp_GProps()
        BRepGProp.VolumeProperties_s(one.wrapped, properties)
        total += properties.Mass()
    return total


def _crosses(solid: Any) -> bool:
    """Return whether faces of a solid that are no neighbours meet; only for few faces, since each pair is looked at."""
    from OCP.BOPAlgo import BOPAlgo_ArgumentAnalyzer

    if len(solid.faces()) > _MOST_FACES_CROSSING:
        return False
    analyzer = BOPAlgo_ArgumentAnalyzer()
    analyzer.SetShape1(solid.wrapped)
    analyzer.ArgumentTypeMode = True
    analyzer.SelfInterMode = True
    analyzer.SmallEdgeMode = False
    analyzer.Perform()
    return bool(analyzer.HasFaulty())


_MOST_FACES_CROSSING: Final = 200


def _genus(faces: NDArray[np.int32]) -> int:
    """Return the number of handles of one closed surface."""
    edges = np.unique(np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1), axis=0)
    euler = len(np.unique(faces)) - len(edges) + len(faces)
    return int(1 - euler // 2)


def _hull_volume(points: NDArray[np.float64]) -> float:
    from scipy.spatial import ConvexHull, QhullError

    try:
        return float(ConvexHull(points[:: max(1, len(points) // _HULL_POINTS)]).volume)
    except QhullError:
        return 0.0


def _centre(body: Body) -> NDArray[np.float64]:
    """Return the centre of a part's volume."""
    triangles = body.mesh.triangles
    volumes = np.einsum("ij,ij->i", triangles[:, 0], np.cross(triangles[:, 1], triangles[:, 2])) / 6
    total = volumes.sum()
    if abs(total) < 1e-9:
        return np.asarray(body.mesh.bounds.mean(axis=0))
    return np.asarray((volumes[:, None] * triangles.sum(axis=1) / 4).sum(axis=0) / total)


def _footprint(model: Model, ground: float) -> NDArray[np.float64]:
    """Return the convex hull of what touches the ground, its corners in order, (n, 2)."""
    from scipy.spatial import ConvexHull, QhullError

    points = np.concatenate([body.mesh.vertices for body in model.bodies])
    flat = np.unique(points[points[:, 2] <= ground + _GROUND][:, :2].round(6), axis=0)
    try:
        return np.asarray(flat[ConvexHull(flat).vertices])
    except (QhullError, ValueError):
        return np.zeros((0, 2))


def _area(corners: NDArray[np.float64]) -> float:
    if len(corners) < 3:
        return 0.0
    x, y = corners.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def _inside(corners: NDArray[np.float64], point: NDArray[np.float64]) -> bool:
    """Return whether a point is in a convex polygon whose corners go round to the left."""
    if len(corners) < 3:
        return False
    ahead = np.roll(corners, -1, axis=0) - corners
    there = point - corners
    return bool((ahead[:, 0] * there[:, 1] - ahead[:, 1] * there[:, 0] >= 0).all())


def _groups(count: int, found: list[Meeting]) -> list[set[int]]:
    """Return the connected components of the contact graph."""
    groups = [{number} for number in range(count)]
    for contact in found:
        one = next(group for group in groups if contact.first in group)
        other = next(group for group in groups if contact.second in group)
        if one is not other:
            one |= other
            groups.remove(other)
    return groups


def _units(size: NDArray[np.float64]) -> list[str]:
    largest = float(size.max())
    told = " x ".join(f"{value:.4g}" for value in size)
    if largest < TINY:
        return [f"it is only {told} mm large; sizes are millimetres, so write 450 for 0.45 m"]
    if largest > HUGE:
        return [f"it is {told} mm large, which is {largest / 1000:.4g} m; sizes are millimetres"]
    return []


def _listed(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _is(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _round(value: float) -> float:
    """Return six significant digits: what follows is no measure but noise of the last addition."""
    return float(f"{float(value):.6g}") if abs(value) > 1e-9 else 0.0
