"""Sabotage: changed copies of a model that a check has to fail on. ``toolserver.cad.mutations`` is the table of it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import msgspec
import numpy as np

from toolserver.cad import mutations as table
from toolserver.cad.cutting import added, box, changed, transformed, without
from toolserver.cad.hollows import Hollow, heights, hollow
from toolserver.cad.model import Body, Model
from toolserver.errors import CadFailed

_FAR: Final = 10.0
"""Millimetres by which tools stick out, so that no skin is left."""

_STRIP: Final = 0.15
_TIPPED: Final = 0.2
"""Height of the wall below what is to tip, as a share of its extent; it then ends at more than ten degrees."""

_ROLLER: Final = 0.03
_PLATE: Final = 0.02
"""Radius of rollers and thickness of the plate on them, as shares of the longest extent."""

_LOOSE: Final = 1.0
"""Millimetres between what is not to be joined."""

_FAST: Final = 2.5
"""Metres per second at the end of a push."""

_LIGHTEST: Final = 1.0
"""Density in kg/m3 below which nothing is made."""

_BEYOND: Final = 50.0
_SHEET: Final = 1 / 2000
_THINNEST: Final = 0.06
_POST: Final = 0.02
"""Thickness of a flimsy sheet as a share of the height, the least in mm, and its posts as shares of its sides."""

_SKIN: Final = 1.0
"""Millimetres above a surface at which cutting what stands on it begins."""


def mutated(model: Model, name: str, parameters: Mapping[str, Any]) -> Model:
    """Return a changed copy; an equal one where the model already is what the mutation makes of it.

    Raises:
        CadFailed: there is no such mutation, its parameters do not fit, or it cannot be made.
    """
    row = table.MUTATIONS.get(name)
    if row is None:
        raise CadFailed("usage", f"there is no mutation {name!r}; there are {', '.join(table.MUTATIONS)}")
    try:
        given = msgspec.convert(dict(parameters), row.form, strict=False)
    except msgspec.ValidationError as error:
        raise CadFailed("usage", f"mutation {name}: {error}") from None
    return _DONE[name](model, given)


def _remove_support(model: Model, given: table.Towards) -> Model:
    """Lift all of it onto a single wall under one edge.

    Cutting legs away is not enough: what was cut on all sides alike falls flat, and stands.
    """
    low, high = model.bounds
    towards = next((side for side in ("front", "back", "left", "right") if side in given.towards), "front")
    axis = 1 if towards in ("front", "back") else 0
    standing = np.concatenate([body.mesh.vertices for body in model.bodies])
    foot = standing[standing[:, 2] <= low[2] + _SKIN]
    start, end = foot[:, axis].min(), foot[:, axis].max()
    strip = max((end - start) * _STRIP, _SKIN)
    wall_low, wall_high = low.copy(), high.copy()
    if towards in ("front", "left"):
        wall_low[axis], wall_high[axis] = end - strip, end
    else:
        wall_low[axis], wall_high[axis] = start, start + strip
    over = (foot[:, :2] >= wall_low[:2] - 1e-6).all(axis=1) & (foot[:, :2] <= wall_high[:2] + 1e-6).all(axis=1)
    # as wide as what stands there, so that nothing but the wall is moved outwards
    other = 1 - axis
    wall_low[other], wall_high[other] = foot[over, other].min(), foot[over, other].max()
    if wall_high[other] - wall_low[other] < _SKIN:
        wall_low[other], wall_high[other] = low[other], high[other]
    lift = max(float(high[2] - low[2]) / 3, _TIPPED * float(high[axis] - low[axis]))
    wall_high[2] = low[2] + lift
    return added(_raised(model, lift), "wall", box(wall_low, wall_high))


def _raise_all(model: Model, given: table.Raised) -> Model:
    return _raised(model, given.by)


def _on_rollers(model: Model, given: table.Downhill) -> Model:
    """A hair above rollers, so that these are loose."""
    from build123d import Align, Cylinder, Pos, Rot

    low, high = (np.asarray(one, dtype=float) for one in model.bounds)
    axis = 1 if given.downhill in ("front", "back") else 0
    longest = float((high - low).max())
    radius, thick = max(_ROLLER * longest, 2.0), max(_PLATE * longest, 1.0)
    plate_low, plate_high = low.copy(), high.copy()
    plate_low[2] = low[2] + 2 * radius + _LOOSE
    plate_high[2] = plate_low[2] + thick
    made = added(_raised(model, 2 * radius + _LOOSE + thick), "plate", box(plate_low, plate_high))
    middle, wide = (low + high) / 2, float((high - low)[1 - axis])
    for share in (0.15, 0.5, 0.85):
        at = middle.copy()
        at[axis] = low[axis] + share * (high - low)[axis]
        turned = Rot(0, 90, 0) if axis == 1 else Rot(90, 0, 0)
        roller = Cylinder(radius, wide, align=(Align.CENTER, Align.CENTER, Align.CENTER))
        made = added(made, "roller", Pos(float(at[0]), float(at[1]), float(low[2]) + radius) * turned * roller)
    return made


def _on_plinth(model: Model, given: table.Plinth) -> Model:
    low, high = (np.asarray(one, dtype=float) for one in model.bounds)
    # on a coarse raster of something long, low edges are none
    lift = max(1.5 * given.step, 0.3 * float(high[2] - low[2]), 0.05 * float((high - low).max()))
    top = high.copy()
    top[2] = low[2] + lift
    return added(_raised(model, lift), "plinth", box(low, top))


def _lighten(model: Model, given: table.Pushed) -> Model:
    # so light that it is still fast when the push ends, whatever friction takes
    mass = given.force / (_FAST / given.seconds + 9.81 * given.friction)
    volume = sum(abs(body.mesh.volume) for body in model.bodies) * 1e-9
    density = max(mass / max(volume, 1e-12), _LIGHTEST)
    return replace(
        model, bodies=tuple(replace(body, density=min(body.density or density, density)) for body in model.bodies)
    )


def _scale_beyond(model: Model, given: table.Bounds) -> Model:
    if given.least > 0:
        low, high = model.bounds
        share = given.least / 2 / float((high - low).max()) if given.of == "size" else 1.0
        return _scale(model, table.Scale(factor=max(min(1 / _BEYOND, share), 0.001)))
    # what has to be low ends high as well, which no scale about the ground does
    return _raised(_scale(model, table.Scale(factor=_BEYOND)), max(given.most, 0.0) + _FAR)


def _flimsy(model: Model, _: table.NoParameters) -> Model:
    low, high = (np.asarray(one, dtype=float) for one in model.bounds)
    size = high - low
    sheet = low.copy()
    thick = max(size[2] * _SHEET, _THINNEST)
    sheet[2] = high[2] - thick
    made = added(replace(model, bodies=()), "sheet", box(sheet, high))
    post = np.array([*(size[:2] * _POST), size[2] - thick])
    for right in (0, 1):
        for back in (0, 1):
            corner = low + (size - post) * np.array([right, back, 0])
            made = added(made, "post", box(corner, corner + post))
    return made


def _raised(model: Model, by: float) -> Model:
    matrix = np.hstack([np.eye(3), [[0.0], [0.0], [by]]])
    return replace(model, bodies=tuple(transformed(body, matrix) for body in model.bodies))


def _cut_gap(model: Model, given: table.Gap) -> Model:
    low, high = model.bounds
    size = high - low
    axis = int(size[:2].argmax()) if given.axis == "long" else "xyz".index(given.axis)
    middle, half = (low[axis] + high[axis]) / 2, size[axis] * given.share / 2
    cut_low, cut_high = low - _FAR, high + _FAR
    cut_low[axis], cut_high[axis] = middle - half, middle + half
    return without(model, box(cut_low, cut_high))


def _remove_rails(model: Model, _: table.NoParameters) -> Model:
    high = model.bounds[1]
    seen = heights(model.bodies)
    surface = seen.z[len(seen.x) // 2, len(seen.y) // 2]
    if not np.isfinite(surface):
        raise CadFailed("impossible", "there is nothing in the middle of it on which anything could stand")
    return _cut_from(model, float(surface) + _SKIN) if surface + _SKIN < high[2] else model


def _cut_above(model: Model, given: table.Above) -> Model:
    low, high = model.bounds
    return _cut_from(model, float(low[2] + (high[2] - low[2]) * given.share))


def _cut_from(model: Model, height: float) -> Model:
    low, high = model.bounds
    return without(model, box(np.array([*(low[:2] - _FAR), height]), high + _FAR))


def _fill_openings(model: Model, _: table.NoParameters) -> Model:
    low, high = model.bounds
    return added(model, "filling", _ring(model, float(low[2]), float(high[2])))


def _lower_openings(model: Model, given: table.Height) -> Model:
    low, high = model.bounds
    start = float(low[2]) + given.height
    return model if start >= high[2] else added(model, "filling", _ring(model, start, float(high[2])))


def _ring(model: Model, bottom: float, top: float) -> Any:
    """Return a wall around all of it, just outside."""
    low, high = model.bounds
    thick = max(float((high - low)[:2].max()) * 0.02, 1.0)
    inner_low, inner_high = np.array([*low[:2], bottom - _FAR]), np.array([*high[:2], top + _FAR])
    outer_low, outer_high = np.array([*(low[:2] - thick), bottom]), np.array([*(high[:2] + thick), top])
    return box(outer_low, outer_high) - box(inner_low, inner_high)


def _remove_bottom(model: Model, _: table.NoParameters) -> Model:
    found = _hollow(model)
    if found is None:
        return model
    pit, bodies = found
    low, high = model.bounds
    height = min(max(0.5, (pit.rim - pit.floor) * 0.02), (pit.rim - pit.floor) / 2)
    level = pit.floor + height
    slab: Any = box(np.array([*(low[:2] - _FAR), level]), np.array([*(high[:2] + _FAR), level + height / 2]))
    for body in bodies:
        slab = slab - body.solid
    inside = [one for one in slab.solids() if one.is_inside((pit.x, pit.y, level + height / 4))]
    if not inside:
        return model
    from build123d import Axis, extrude

    floor = inside[0].faces().sort_by(Axis.Z)[0]
    tool = extrude(floor, amount=float(level - low[2] + _FAR), dir=(0, 0, -1))
    kept = {body.name for body in bodies}
    cut = without(replace(model, bodies=bodies), tool)
    left = {body.name: body for body in cut.bodies}
    return replace(
        model,
        bodies=tuple(left.get(body.name, body) for body in model.bodies if body.name in left or body.name not in kept),
    )


def _hollow(model: Model) -> tuple[Hollow, tuple[Body, ...]] | None:
    """Return the hollow, with the parts that make it: all, or all but one that lies on top as a lid."""
    if (found := hollow(model.bodies)) is not None:
        return found, model.bodies
    for lid in sorted(model.bodies, key=lambda body: -float(body.mesh.bounds[1][2])):
        rest = tuple(body for body in model.bodies if body is not lid)
        if rest and (found := hollow(rest)) is not None:
            return found, rest
    return None


def _block_top(model: Model, _: table.NoParameters) -> Model:
    low, high = model.bounds
    thick = max(float((high - low).max()) * 0.02, 1.0)
    return added(model, "plate", box(np.array([*low[:2], high[2]]), high + np.array([0, 0, thick])))


def _remove_part(model: Model, given: table.OfPart) -> Model:
    gone = model.body(given.part)
    if len(model.bodies) == 1:
        raise CadFailed("impossible", f"{given.part!r} is its only part; nothing would be left")
    return replace(model, bodies=tuple(body for body in model.bodies if body is not gone))


def _lift_part(model: Model, given: table.Lift) -> Model:
    model.body(given.part)
    return _moved(model, given.part, np.array([0, 0, given.by]))


def _shift_part(model: Model, given: table.Shift) -> Model:
    # as in checks of parts that fit, it may be what the names of several begin with
    names = [given.part] if given.part in model.names else [one for one in model.names if one.startswith(given.part)]
    if not names:
        return model
    every = [model.body(name).mesh.bounds for name in names]
    size = np.max([high for _, high in every], axis=0) - np.min([low for low, _ in every], axis=0)
    moved = model
    for name in names:
        moved = _moved(moved, name, size * np.array([given.share, given.share, 0]))
    return moved


def _moved(model: Model, part: str, offset: Any) -> Model:
    matrix = np.column_stack([np.eye(3), offset])
    return replace(
        model,
        bodies=tuple(transformed(body, matrix) if body.name == part else body for body in model.bodies),
    )


def _thin(model: Model, given: table.Thin) -> Model:
    if given.part is not None:
        model.body(given.part)
    return replace(
        model,
        bodies=tuple(
            _thinned(body, given.factor) if given.part in (None, body.name) else body for body in model.bodies
        ),
    )


def _thinned(body: Body, factor: float) -> Body:
    low, high = body.mesh.bounds
    axis = int((high - low).argmin())
    # what lies on something keeps lying on it
    fixed = low[axis] if axis == 2 else (low[axis] + high[axis]) / 2
    matrix = np.column_stack([np.eye(3), np.zeros(3)])
    matrix[axis, axis], matrix[axis, 3] = factor, fixed * (1 - factor)
    return transformed(body, matrix)


def _scale(model: Model, given: table.Scale) -> Model:
    matrix = np.column_stack([np.eye(3) * given.factor, np.zeros(3)])
    return replace(model, bodies=tuple(transformed(body, matrix) for body in model.bodies))


def _flip(model: Model, _: table.NoParameters) -> Model:
    low, high = model.bounds
    # half a turn about an axis along x through its middle
    matrix = np.column_stack([np.diag([1.0, -1.0, -1.0]), [0, low[1] + high[1], low[2] + high[2]]])
    return replace(model, bodies=tuple(transformed(body, matrix) for body in model.bodies))


def _keep_nothing(model: Model, _: table.NoParameters) -> Model:
    cube = box(np.array([-0.5, -0.5, 0.0]), np.array([0.5, 0.5, 1.0]))
    return replace(model, bodies=(changed(Body("nothing", None), cube.solid()),))


_DONE: Final[Mapping[str, Callable[[Model, Any], Model]]] = {
    "remove_support": _remove_support,
    "raise_all": _raise_all,
    "on_rollers": _on_rollers,
    "on_plinth": _on_plinth,
    "lighten": _lighten,
    "scale_beyond": _scale_beyond,
    "flimsy": _flimsy,
    "cut_gap": _cut_gap,
    "remove_rails": _remove_rails,
    "fill_openings": _fill_openings,
    "lower_openings": _lower_openings,
    "remove_bottom": _remove_bottom,
    "block_top": _block_top,
    "remove_part": _remove_part,
    "lift_part": _lift_part,
    "shift_part": _shift_part,
    "thin": _thin,
    "scale": _scale,
    "flip": _flip,
    "cut_above": _cut_above,
    "keep_nothing": _keep_nothing,
}
