"""Which parts of a model touch each other, and which share space."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Any, Final

import numpy as np

from toolserver.cad.cutting import plain
from toolserver.cad.meshing import COARSE, TOLERANCE
from toolserver.cad.model import Body, Model

SLACK: Final = 1.0
"""Millimetres between two boxes below which their parts are looked at more closely."""

TOUCHING: Final = 0.5
"""Millimetres between two parts below which they touch."""

_DEEP: Final = 0.01
"""Millimetres that boxes have to share in all directions before space that parts share is looked for."""


@dataclass(frozen=True)
class Meeting:
    """Two solids that touch.

    Attributes:
        first, second: their numbers.
        distance: millimetres between them; 0 where they meet.
        overlap: cubic millimetres that both take up.
    """

    first: int
    second: int
    distance: float
    overlap: float


@dataclass(frozen=True)
class Contact:
    """Two parts that touch.

    Attributes:
        distance: millimetres between them; 0 where they meet.
        overlap: cubic millimetres that both take up, where that is more than rounding makes: a thousandth of the
            smaller one, at most a tenth of a cubic centimetre.
    """

    first: str
    second: str
    distance: float
    overlap: float


def pieces(model: Model) -> tuple[Body, ...]:
    """Return the solids of all parts, each under the name of its part: a part may have come apart."""
    found: list[Body] = []
    for body in model.bodies:
        solids = list(body.solid.solids())
        found += [body] if len(solids) == 1 else [Body(body.name, plain([one]), body.density) for one in solids]
    return tuple(found)


def meetings(given: Sequence[Body]) -> list[Meeting]:
    """Return the pairs that touch: boxes first, then meshes, and the kernel's distance where meshes are too coarse."""
    low = np.array([body.mesh.bounds[0] for body in given])
    high = np.array([body.mesh.bounds[1] for body in given])
    looked = [_Looked(body) for body in given]
    found = []
    for one, other in combinations(range(len(given)), 2):
        shared = np.minimum(high[one], high[other]) - np.maximum(low[one], low[other])
        if (shared < -SLACK).any():
            continue
        overlap = _overlap(looked[one], looked[other]) if (shared > _DEEP).all() else 0.0
        distance = 0.0 if overlap > 0 else _distance(looked[one], looked[other])
        if distance < TOUCHING:
            found.append(Meeting(one, other, distance, overlap))
    return found


class _Looked:
    """A solid with what is asked of it several times."""

    def __init__(self, body: Body) -> None:
        self.solid = body.solid
        self._body = body

    @cached_property
    def manifold(self) -> Any:
        """Its mesh for exact operations; None where that does not close."""
        import manifold3d

        mesh = self._body.mesh
        if not mesh.watertight:
            return None
        vertices, faces = mesh.vertices.astype(np.float64), mesh.faces.astype(np.uint64)
        made = manifold3d.Manifold(manifold3d.Mesh64(vert_properties=vertices, tri_verts=faces))
        return made if made.status() == manifold3d.Error.NoError else None

    @cached_property
    def off(self) -> float:
        """Millimetres that its mesh may be away from it; flat faces are meshed as they are."""
        if all(face.is_planar for face in self.solid.faces()):
            return 0.0
        low, high = self._body.mesh.bounds
        return max(TOLERANCE, COARSE * float((high - low).max()))


def contacts(model: Model) -> list[Contact]:
    """Return the pairs of parts that touch anywhere."""
    solids = pieces(model)
    return by_part(solids, meetings(solids))


def by_part(solids: Sequence[Body], found: Sequence[Meeting]) -> list[Contact]:
    """Return which parts touch, when it is known which of their solids do."""
    pairs: dict[tuple[str, str], Contact] = {}
    for one in found:
        first, second = solids[one.first], solids[one.second]
        if first.name == second.name:
            continue
        before = pairs.get((first.name, second.name), Contact(first.name, second.name, one.distance, 0.0))
        # what is less is rounding
        least = min(abs(first.mesh.volume) * 1e-3, abs(second.mesh.volume) * 1e-3, 100.0)
        shared = before.overlap + (one.overlap if one.overlap > least else 0.0)
        pairs[first.name, second.name] = replace(before, distance=min(before.distance, one.distance), overlap=shared)
    return list(pairs.values())


def _distance(first: _Looked, second: _Looked) -> float:
    """Return the millimetres between two solids; of those that are far enough apart only that they are."""
    if first.manifold is not None and second.manifold is not None:
        off = first.off + second.off
        gap = float(first.manifold.min_gap(second.manifold, TOUCHING + off + SLACK))
        if not TOUCHING - off <= gap <= TOUCHING + off or off == 0:
            return gap
    from OCP.BRepExtrema import BRepExtrema_DistShapeShape

    measure = BRepExtrema_DistShapeShape(first.solid.wrapped, second.solid.wrapped)
    return float(measure.Value()) if measure.IsDone() else float("inf")


def _overlap(first: _Looked, second: _Looked) -> float:
    """Return the volume that two solids share: of their meshes where these close, which is fast and does not fail."""
    if first.manifold is not None and second.manifold is not None:
        return max(0.0, float((first.manifold ^ second.manifold).volume()))
    shared = first.solid & second.solid
    return abs(float(shared.volume)) if shared is not None else 0.0
