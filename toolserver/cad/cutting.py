"""Cutting, moving and adding solids of a model: what mutations are made of."""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.meshing import Mesh
from toolserver.cad.model import Body, Model
from toolserver.cad.sewing import of_triangles
from toolserver.errors import CadFailed

_DUST: Final = 1e-6
"""Cubic millimetres of what a cut leaves below which it is nothing."""

_MOST_TRIANGLES: Final = 2000


def box(low: NDArray[np.float64], high: NDArray[np.float64]) -> Any:
    """Return a box between two corners."""
    from build123d import Align, Box, Pos

    size = np.maximum(high - low, 1e-6)
    aligned = (Align.MIN, Align.MIN, Align.MIN)
    length, width, height = size.tolist()
    return Pos(*low.tolist()) * Box(length, width, height, align=aligned)


def without(model: Model, *tools: Any) -> Model:
    """Return a model of which tools were cut away; what nothing is left of is left out.

    Raises:
        CadFailed: nothing at all is left.
    """
    bodies = [cut for body in model.bodies if (cut := _cut(body, tools)) is not None]
    if not bodies:
        raise CadFailed("impossible", "nothing would be left of it")
    return replace(model, bodies=tuple(bodies))


def added(model: Model, name: str, solid: Any) -> Model:
    """Return a model with a further part, under a name that is not taken."""
    given, number = name, 1
    while given in model.names:
        number += 1
        given = f"{name}_{number}"
    return replace(model, bodies=(*model.bodies, Body(given, plain(list(solid.solids())))))


def changed(body: Body, solid: Any) -> Body:
    """Return a part with another shape, and so with another mesh."""
    return Body(body.name, solid, body.density)


def transformed(body: Body, matrix: NDArray[np.float64]) -> Body:
    """Return a part that was moved, turned or scaled by a matrix (3, 4); shapes stay exact where angles stay."""
    from OCP.BRepBuilderAPI import BRepBuilderAPI_GTransform, BRepBuilderAPI_Transform
    from OCP.gp import gp_GTrsf, gp_Mat, gp_Trsf, gp_XYZ

    linear, offset = matrix[:, :3], matrix[:, 3]
    gram = linear.T @ linear
    factor = np.cbrt(np.linalg.det(linear))
    shape = body.solid.wrapped
    if np.allclose(gram, np.eye(3) * factor**2, rtol=1e-9, atol=1e-12):
        move = gp_Trsf()
        move.SetValues(*matrix.ravel().tolist())
        return changed(body, type(body.solid)(BRepBuilderAPI_Transform(shape, move, True).Shape()))
    if len(body.mesh.faces) <= _MOST_TRIANGLES and all(face.is_planar for face in body.solid.faces()):
        # as splines, which is what the kernel makes of it, flat faces would cost a hundred times as much later
        turned = Mesh(body.mesh.vertices @ linear.T + offset, body.mesh.faces)
        return changed(body, of_triangles(turned, body.name))
    general = gp_GTrsf(gp_Mat(*linear.ravel().tolist()), gp_XYZ(*offset.tolist()))
    return changed(body, type(body.solid)(BRepBuilderAPI_GTransform(shape, general, True).Shape()))


def plain(solids: list[Any]) -> Any:
    """Return solids as one shape that knows nothing else."""
    from build123d import Compound, Solid

    return Solid(solids[0].wrapped) if len(solids) == 1 else Compound(Compound(solids).wrapped)


def _cut(body: Body, tools: tuple[Any, ...]) -> Body | None:
    low, high = body.mesh.bounds
    near = [tool for tool in tools if _meets(low, high, tool)]
    if not near:
        return body
    left = body.solid
    for tool in near:
        cut = left - tool
        solids = [] if cut is None else [one for one in cut.solids() if abs(one.volume) > _DUST]
        if not solids:
            return None
        left = plain(solids)
    return changed(body, left)


def _meets(low: NDArray[np.float64], high: NDArray[np.float64], tool: Any) -> bool:
    bounds = tool.bounding_box()
    return bool((np.array(tuple(bounds.min)) < high).all() and (np.array(tuple(bounds.max)) > low).all())
