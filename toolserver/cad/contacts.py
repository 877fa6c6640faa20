"""Which parts of a model touch each other, and which share space."""

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

import numpy as np

from toolserver.cad.model import Body, Model

SLACK: Final = 1.0
"""Millimetres between two boxes below which their parts are looked at more closely."""

TOUCHING: Final = 0.5
"""Millimetres between two parts below which they touch."""

_DEEP: Final = 0.01
"""Millimetres that boxes have to share in all directions before space that parts share is looked for."""


@dataclass(frozen=True)
class Contact:
    """Two parts that touch.

    Attributes:
        distance: millimetres between them; 0 where they meet.
        overlap: cubic millimetres that both take up.
    """

    first: str
    second: str
    distance: float
    overlap: float


def contacts(model: Model) -> list[Contact]:
    """Return the pairs of parts that touch: boxes first, then the kernel's distance and intersection."""
    low = np.array([body.mesh.bounds[0] for body in model.bodies])
    high = np.array([body.mesh.bounds[1] for body in model.bodies])
    found = []
    for one, other in combinations(range(len(model.bodies)), 2):
        shared = np.minimum(high[one], high[other]) - np.maximum(low[one], low[other])
        if (shared < -SLACK).any():
            continue
        first, second = model.bodies[one], model.bodies[other]
        overlap = _overlap(first, second) if (shared > _DEEP).all() else 0.0
        distance = 0.0 if overlap > 0 else _distance(first.solid, second.solid)
        if distance < TOUCHING:
            found.append(Contact(first.name, second.name, distance, overlap))
    return found


def _distance(first: Any, second: Any) -> float:
    from OCP.BRepExtrema import BRepExtrema_DistShapeShape

    measure = BRepExtrema_DistShapeShape(first.wrapped, second.wrapped)
    return float(measure.Value()) if measure.IsDone() else float("inf")


def _overlap(first: Body, second: Body) -> float:
    """Return the volume that two parts share: of their meshes where these close, which is fast and does not fail."""
    import manifold3d

    if first.mesh.watertight and second.mesh.watertight:
        one, other = (_manifold(manifold3d, body) for body in (first, second))
        no_error = manifold3d.Error.NoError
        if one.status() == no_error and other.status() == no_error:
            return max(0.0, float((one ^ other).volume()))
    shared = first.solid & second.solid
    return abs(float(shared.volume)) if shared is not None else 0.0


def _manifold(library: Any, body: Body) -> Any:
    mesh = body.mesh
    return library.Manifold(
        library.Mesh64(vert_properties=mesh.vertices.astype(np.float64), tri_verts=mesh.faces.astype(np.uint64))
    )
