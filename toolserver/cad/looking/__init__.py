"""Views of a model: pictures of its own mesh, never of what stands for it in simulations, and descriptions.

MuJoCo draws over EGL, in software; where that does not work, numpy does, more slowly. Which one it was is said.
"""

from collections.abc import Sequence
from typing import Final

from toolserver.cad.contacts import contacts
from toolserver.cad.looking.cutting import solid
from toolserver.cad.looking.describing import elevation, facts, groups, part_table, seen_parts
from toolserver.cad.looking.scene import box_of, piece
from toolserver.cad.looking.sections import best_cuts, told_cut, told_cuts
from toolserver.cad.looking.views import EXPLODED, HORIZONTAL, OUTER, SECTION, shots
from toolserver.cad.model import Model
from toolserver.cad.wire import CadView
from toolserver.errors import CadFailed

VIEWS: Final = (*OUTER, SECTION, HORIZONTAL, EXPLODED)
"""Names of all views, in the order in which they are shown."""

_MOST_PARTS: Final = 400
"""Above, parts are too many for a picture each; the others are left out, which is said."""


def looked(model: Model, views: Sequence[str], *, pictures: bool, size: int) -> tuple[CadView, ...]:
    """Return views of a model.

    Args:
        model: what to look at.
        views: names of those that are wanted; empty for all.
        pictures: with pictures; without, descriptions alone.
        size: width of a picture in pixels; the exploded view is half as much again.

    Raises:
        CadFailed: there is no such view, or nothing to see.
    """
    unknown = [view for view in views if view not in VIEWS]
    if unknown:
        raise CadFailed("usage", f"there is no view {unknown[0]!r}; there are {', '.join(VIEWS)}")
    wanted = tuple(dict.fromkeys(views)) or VIEWS
    names = [body.name for body in model.bodies]
    pieces = {
        number: made
        for number, body in enumerate(model.bodies[:_MOST_PARTS])
        if len((made := piece(number, body.mesh.vertices, body.mesh.faces)).triangles)
    }
    if not pieces:
        raise CadFailed("impossible", "no part has a surface, so there is nothing to see")
    drawn = list(pieces.values())
    solids = [solid(number, model.bodies[number].mesh.vertices, model.bodies[number].mesh.faces) for number in pieces]
    upright, level = best_cuts(solids)
    cuts = {SECTION: upright, HORIZONTAL: level}
    taken, renderer = shots(names, drawn, solids, cuts, wanted, size) if pictures else ({}, "")
    # the kernel's distances take time, so only those who read them wait for them
    related = Model(model.bodies[:_MOST_PARTS]) if {"oblique", EXPLODED} & set(wanted) else Model(())
    beside = [(one.first, one.second) for one in contacts(related)] if related.bodies else []
    parts = seen_parts(
        names, pieces, [abs(body.mesh.volume) for body in model.bodies], [body.density for body in model.bodies], beside
    )
    whole = box_of(drawn)
    notes = []
    if len(model.bodies) > _MOST_PARTS:
        notes.append(f"Only the first {_MOST_PARTS} of {len(model.bodies)} parts are shown.")
    told = []
    for view in wanted:
        if view == "oblique":
            text = "\n".join([part_table(parts, whole), groups(names[:_MOST_PARTS], beside), facts(parts, whole)])
        elif view in OUTER:
            text = elevation(drawn, view, names)
        elif view == SECTION:
            text = "\n".join(
                [f"Shown: {told_cut(upright, names)}", *(told_cuts(solids, one, names) for one in ("y", "x"))]
            )
        elif view == HORIZONTAL:
            text = f"Shown: {told_cut(level, names)}\n{told_cuts(solids, 'z', names)}"
        else:
            text = groups(names[:_MOST_PARTS], beside)
        shot = taken.get(view)
        told.append(
            CadView(
                name=view,
                description="\n".join([text, *notes]),
                picture=shot.png if shot else None,
                width=shot.width if shot else 0,
                height=shot.height if shot else 0,
                drawn_by=renderer if shot else "",
            )
        )
    return tuple(told)
