"""Making the pictures of a model, all of them with one OpenGL context."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from toolserver.cad.looking import egl, zbuffer
from toolserver.cad.looking.cutting import Cut, Solid, behind
from toolserver.cad.looking.exploding import colours, exploded, stem
from toolserver.cad.looking.pictures import FINE, Label, drawable, finished
from toolserver.cad.looking.scene import Camera, Floats, Piece, Raster, box_of, camera

OUTER: Final = ("front", "right", "top", "oblique")
"""Names of the views from outside."""
SECTION: Final = "section"
HORIZONTAL: Final = "section_horizontal"
EXPLODED: Final = "exploded"

_SEEN_FROM: Final = {"x": "right", "y": "front", "z": "top"}
_TITLES: Final = {
    "front": "front view (seen from -y)",
    "right": "right view (seen from +x)",
    "top": "top view (up is +y, the back)",
    "oblique": "oblique view (from the front, the right and above)",
}
_MARGIN: Final = 14
_HEIGHT: Final = 0.75
"""Of a drawing, as a share of its width."""
_MOST_LABELS: Final = 16
"""Above, parts that are alike in name share a label."""


@dataclass(frozen=True)
class Shot:
    """One picture: PNG, with its width and height in pixels."""

    png: bytes
    width: int
    height: int


@dataclass(frozen=True, eq=False)
class _Plan:
    """A picture that is to be made.

    Attributes:
        set: names its pieces; plans with the same pieces share it.
        cut_at: where a point of the cut lies.
        named: whether the parts' names stand beside it.
    """

    set: str
    pieces: Sequence[Piece]
    camera: Camera
    title: str
    cut_at: Floats | None = None
    named: bool = False


def shots(
    names: Sequence[str],
    pieces: Sequence[Piece],
    solids: Sequence[Solid],
    cuts: Mapping[str, Cut],
    wanted: Sequence[str],
    size: int,
) -> tuple[dict[str, Shot], str]:
    """Return pictures by the names of their views, and what drew them.

    Args:
        names: of the parts.
        pieces: one for each part that has a surface.
        solids: the same parts, to be cut.
        cuts: where the sections are, by the names of their views.
        wanted: names of views.
        size: width of a picture in pixels; that of the exploded view is half as much again.
    """
    plans = {view: _plan(view, pieces, solids, cuts, size) for view in wanted}
    plans = {view: plan for view, plan in plans.items() if plan.pieces}
    if not plans:
        return {}, ""
    low, high = box_of(pieces)
    rasters, renderer = _rasters(plans, colours(names))
    made = {}
    for view, plan in plans.items():
        seen = plan.camera
        depth = None if plan.cut_at is None else float(seen.pixels(plan.cut_at)[2])
        labels = _labels(rasters[view], seen, plan.pieces, names) if plan.named else ()
        made[view] = Shot(
            *finished(rasters[view], seen, title=plan.title, size=high - low, cut_depth=depth, labels=labels)
        )
    return made, renderer


def _plan(view: str, pieces: Sequence[Piece], solids: Sequence[Solid], cuts: Mapping[str, Cut], size: int) -> _Plan:
    height = round(size * _HEIGHT)
    if view == EXPLODED:
        apart = exploded(pieces)
        wide = size * 3 // 2
        room = min(0.24 * wide, 180) if len(pieces) > 1 else _MARGIN
        seen = camera(apart, "oblique", wide, round(wide * _HEIGHT), margin=_MARGIN, beside=round(room), trim=True)
        return _Plan(EXPLODED, apart, seen, "exploded view: the parts drawn apart", named=True)
    if view in cuts:
        made = cuts[view]
        side = _SEEN_FROM[made.axis]
        title = f"section at {made.axis} = {made.at:.4g} mm, seen from the {side}; what is cut is hatched"
        point = np.array([made.at if axis == made.axis else 0.0 for axis in "xyz"])
        # the camera is that of the whole, so that a section has the scale of the view it belongs to
        seen = camera(pieces, side, size, height, margin=_MARGIN)
        return _Plan(view, behind(solids, made.axis, made.at), seen, title, cut_at=point)
    return _Plan("whole", pieces, camera(pieces, view, size, height, margin=_MARGIN), _TITLES[view])


def _rasters(plans: Mapping[str, _Plan], tints: Floats) -> tuple[dict[str, Raster], str]:
    """Draw with MuJoCo over EGL, or where that does not work with numpy; return the rasters and what drew them."""
    fine = {view: _fine(plan.camera) for view, plan in plans.items()}
    try:
        width, height = (max(getattr(one, side) for one in fine.values()) for side in ("width", "height"))
        with egl.Stage({plan.set: plan.pieces for plan in plans.values()}, tints, width, height) as stage:
            return {view: stage.drawn(plan.set, fine[view]) for view, plan in plans.items()}, "MuJoCo over EGL"
    except egl.NoRenderer as error:
        drawn = {view: zbuffer.drawn(plan.pieces, fine[view], tints) for view, plan in plans.items()}
        return drawn, f"numpy ({error})"


def _fine(coarse: Camera) -> Camera:
    return replace(coarse, scale=coarse.scale * FINE, width=coarse.width * FINE, height=coarse.height * FINE)


def _labels(raster: Raster, seen: Camera, pieces: Sequence[Piece], names: Sequence[str]) -> tuple[Label, ...]:
    """Return names with the places they point to: where a part is seen, in the middle of that if it is seen there."""
    likes = [stem(name) for name in names] if len(names) > _MOST_LABELS else list(names)
    labels = []
    for like in dict.fromkeys(likes[piece.part] for piece in pieces):
        own = [piece for piece in pieces if likes[piece.part] == like]
        text = names[own[0].part] if len(own) == 1 else f"{like} ({len(own)} of them)"
        if text != drawable(text):
            text = f"part {own[0].part + 1}"
        rows, columns = np.nonzero(raster.parts == own[0].part)
        if len(rows):
            near = np.argmin((rows - rows.mean()) ** 2 + (columns - columns.mean()) ** 2)
            labels.append(Label(text, (float(columns[near]) / FINE, float(rows[near]) / FINE)))
        else:
            column, row, _ = seen.pixels(own[0].triangles.reshape(-1, 3).mean(axis=0)).tolist()
            labels.append(Label(f"{text} (hidden)", (column, row)))
    return tuple(labels)
