"""Convex pieces of solids, since physics engines take the hull of whatever they are given.

A solid that is not convex is cut along planes through its reflex edges, those where it bends inwards, until each piece
is nearly its own hull. The plane that straightens most of them is taken first: the floor of a mug, the walls of a
house. Flat faces are so cut exactly; round hollows become as many pieces as their mesh has facets.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count
from typing import Any, Final

import manifold3d
import numpy as np
from numpy.typing import NDArray

from toolserver.cad.meshing import Mesh
from toolserver.errors import CadFailed

Floats = NDArray[np.float64]

MOST_PIECES: Final = 400
"""Pieces of one solid; after that what is left is taken as it is, and fidelity tells how good that is."""

_SPARE: Final = 0.003
_EXACT: Final = 0.9999
_CANDIDATES: Final = 48
_EDGES: Final = 1500
_FLAT: Final = 0.02
_TRIED: Final = 12
_MANY: Final = 0.015
_BESIDE: Final = 1e-3


@dataclass(frozen=True)
class Piece:
    """A convex body: corners of its hull in mm, its volume in mm3, and whether it is a box along the axes."""

    corners: Floats
    volume: float
    box: bool


@dataclass(frozen=True)
class Pieces:
    """What stands for a solid in physics.

    Attributes:
        pieces: convex bodies; together they contain the solid.
        volume: of the solid, mm3.
    """

    pieces: tuple[Piece, ...]
    volume: float

    @property
    def fidelity(self) -> float:
        """Summed volume of the pieces over the true volume; 1 is exact, more means that hollows are filled."""
        return sum(piece.volume for piece in self.pieces) / self.volume if self.volume > 0 else float("inf")


class PieceCache:
    """Keeps pieces by the content of meshes, as trial and control share most parts."""

    def __init__(self, most: int = 256) -> None:
        self._kept: dict[str, Pieces] = {}
        self._most = most

    def pieces(self, solid: Any) -> Pieces:
        """Return the pieces of a manifold."""
        key = _key(solid)
        found = self._kept.get(key)
        if found is None:
            found = cut(solid)
            if len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = found
        return found


def manifold(mesh: Mesh) -> Any:
    """Return a mesh as a solid of manifold3d.

    Raises:
        CadFailed: it encloses nothing.
    """
    made = manifold3d.Manifold(
        manifold3d.Mesh64(
            # copies, since models that travelled have arrays that cannot be written, which is refused
            vert_properties=np.array(mesh.vertices, dtype=np.float64, order="C"),
            tri_verts=np.array(mesh.faces, dtype=np.uint64, order="C"),
        )
    )
    if made.status() != manifold3d.Error.NoError or made.is_empty() or made.volume() <= 0:
        raise CadFailed("impossible", "a part has no closed surface; make it a solid")
    return made


def solids(mesh: Mesh) -> list[Any]:
    """Return the separate solids of a mesh.

    Raises:
        CadFailed: it encloses nothing.
    """
    return [one for one in manifold(mesh).decompose() if one.volume() > 1e-3]


def cut(solid: Any) -> Pieces:
    """Return convex pieces of a manifold; the same one gives the same pieces."""
    volume = float(solid.volume())
    simple = solid.simplify(_coarse(solid))
    number = count()
    # What its hull adds to a piece decides which is cut next; ties go to the one that was there first.
    waiting = [_excess(simple if not simple.is_empty() else solid, next(number))]
    done: list[Piece] = []
    while waiting:
        added = -sum(one[0] for one in waiting)
        _, _, piece, hull = heappop(waiting)
        enough = added <= _SPARE * volume or piece.volume() >= _EXACT * hull.volume()
        halves = None if enough or len(done) + len(waiting) >= MOST_PIECES else _halves(piece)
        if halves is None:
            done.append(_piece(hull))
            continue
        for half in halves:
            heappush(waiting, _excess(half, next(number)))
    return Pieces(tuple(done), volume)


def filled_share(pieces: Sequence[Piece], solid: Sequence[Any], region: Any) -> float:
    """Return how much of a region's free space the pieces fill although the solids do not.

    This is fidelity where it matters: a handle that is too thick does not change what a mug holds.
    """
    true = sum(float((one ^ region).volume()) for one in solid)
    hulls = [manifold3d.Manifold.hull_points(piece.corners) for piece in pieces]
    stood = float((manifold3d.Manifold.batch_boolean(hulls, manifold3d.OpType.Add) ^ region).volume())
    free = float(region.volume()) - true
    return max(0.0, stood - true) / free if free > 0 else 0.0


def _coarse(solid: Any) -> float:
    """Return by how many mm a surface may be simplified: little beside the mean thickness of a shell of that volume."""
    size = float(np.ptp(_corners(solid), axis=0).max())
    thick = 2 * float(solid.volume()) / float(solid.surface_area())
    return max(min(0.02 * thick, 0.0005 * size), 1e-3)


def _excess(piece: Any, number: int) -> tuple[float, int, Any, Any]:
    hull = piece.hull()
    return float(piece.volume() - hull.volume()), number, piece, hull


def _halves(piece: Any) -> list[Any] | None:
    """Return a piece in two or more; None where no plane parts it."""
    volume = float(piece.volume())
    for normal, offset in _planes(piece):
        # Cut exactly along its own faces, a solid keeps sheets without thickness that would still widen its hull.
        above = piece.trim_by_plane(tuple(normal), offset + _BESIDE)
        below = piece.trim_by_plane(tuple(-normal), _BESIDE - offset)
        if min(above.volume(), below.volume()) > 1e-4 * volume:
            parts = [part for half in (above, below) for part in half.decompose()]
            return [part for part in parts if part.volume() > 1e-6 * volume]
    return None


def _planes(piece: Any) -> list[tuple[Floats, float]]:
    """Return planes that straighten reflex edges, best first."""
    mesh = piece.to_mesh64()
    vertices = np.asarray(mesh.vert_properties)[:, :3]
    # Where cuts meet, a mesh may have the same corner twice and say so.
    same = np.arange(len(vertices))
    same[np.asarray(mesh.merge_from_vert, dtype=np.int64)] = np.asarray(mesh.merge_to_vert, dtype=np.int64)
    faces = same[np.asarray(mesh.tri_verts).astype(np.int64)]
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = normals / np.maximum(length, 1e-12)
    count = len(vertices)
    start, end = faces.ravel(), np.roll(faces, -1, axis=1).ravel()
    face = np.repeat(np.arange(len(faces)), 3)
    forward = start < end
    there = start * count + end
    back = end * count + start
    order = np.argsort(there)
    place = np.searchsorted(there[order], back[forward])
    place = np.clip(place, 0, len(order) - 1)
    matched = there[order][place] == back[forward]
    one = face[forward][matched]
    two = face[order][place][matched]
    a, b = vertices[start[forward][matched]], vertices[end[forward][matched]]
    along = b - a
    span = np.linalg.norm(along, axis=1)
    turn = np.einsum("ij,ij->i", np.cross(normals[one], normals[two]), along / np.maximum(span, 1e-12)[:, None])
    reflex = (turn < -_FLAT) & (span > 1e-6)
    if not reflex.any():
        return []
    weight = span[reflex] * -turn[reflex]
    a, b, one, two = a[reflex], b[reflex], one[reflex], two[reflex]
    most = np.argsort(-weight, kind="stable")[:_EDGES]
    weight, a, b, one, two = weight[most], a[most], b[most], one[most], two[most]
    top = slice(0, _CANDIDATES)
    between = normals[one][top] - normals[two][top]
    between /= np.maximum(np.linalg.norm(between, axis=1, keepdims=True), 1e-12)
    directions = np.concatenate([normals[one][top], normals[two][top], between])
    through = np.concatenate([a[top]] * 3)
    offsets = np.einsum("ij,ij->i", directions, through)
    near = 1e-4 * float(np.ptp(vertices, axis=0).max()) + 1e-6
    on = (np.abs(a @ directions.T - offsets) < near) & (np.abs(b @ directions.T - offsets) < near)
    score = weight @ on
    # Among planes that straighten as much, one that cuts the piece near its middle leaves less to do.
    heights = vertices @ directions.T - offsets
    balance = np.minimum(heights.max(axis=0), -heights.min(axis=0)) / np.maximum(np.ptp(heights, axis=0), 1e-12)
    worth = score * (0.1 + np.clip(balance, 0, 0.5))
    best = np.argsort(-worth, kind="stable")
    planes = [(directions[number], float(offsets[number])) for number in best[:_TRIED]]
    # Bent in two directions, a solid has so many reflex edges that no plane straightens many: then it is halved.
    along = _longest(vertices)
    reach = vertices @ along
    halved = (along, float(reach.min() + reach.max()) / 2)
    return [halved, *planes] if score[best[0]] < _MANY * weight.sum() else [*planes, halved]


def _longest(vertices: Floats) -> Floats:
    """Return the direction in which points are spread the most."""
    centred = vertices - vertices.mean(axis=0)
    return np.asarray(np.linalg.eigh(centred.T @ centred)[1][:, -1])


def _piece(hull: Any) -> Piece:
    corners = _corners(hull)
    volume = float(hull.volume())
    around = float(np.ptp(corners, axis=0).prod())
    return Piece(corners, volume, around > 0 and volume >= 0.9999 * around)


def _corners(solid: Any) -> Floats:
    return np.asarray(solid.to_mesh64().vert_properties, dtype=np.float64)[:, :3]


def _key(solid: Any) -> str:
    mesh = solid.to_mesh64()
    digest = hashlib.sha256(np.asarray(mesh.vert_properties).tobytes())
    digest.update(np.asarray(mesh.tri_verts).tobytes())
    return digest.hexdigest()
