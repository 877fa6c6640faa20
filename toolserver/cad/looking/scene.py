"""What is drawn: pieces made of triangles, and orthographic cameras. Lengths are millimetres, z points up."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

AMBIENT: Final = 0.42
"""How bright a surface is that turns away from the light."""
LIGHT: Final = np.array([-0.35, 0.45, -0.82]) / np.linalg.norm([-0.35, 0.45, -0.82])
"""Where the light is, as seen by the viewer: to the right, up, into the picture. It goes where the viewer goes."""
_CREASE: Final = float(np.cos(np.radians(40)))
"""Faces that meet at a larger angle than this keep their edge; the others are shaded as one round surface."""
_MOST_PAIRS: Final = 2_000_000
"""Pairs of a corner and a face that are compared when normals are made; above, every face is flat."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A part, or what is left of it after a cut, at the place where it is drawn.

    Attributes:
        part: its number among the parts of the model.
        triangles: (n, 3, 3), outward winding, none without area.
        normals: (n, 3, 3), one of length 1 for each corner.
    """

    part: int
    triangles: Floats
    normals: Floats

    def moved(self, by: Floats) -> "Piece":
        """Return it at another place."""
        return Piece(self.part, self.triangles + by, self.normals)


@dataclass(frozen=True, eq=False)
class Camera:
    """Looks without perspective, so that lengths can be compared in every picture.

    Attributes:
        right, up, towards: unit vectors; ``towards`` points from the viewer into the picture.
        centre: what is in the middle of the picture.
        scale: pixels per millimetre.
        width, height: of the picture in pixels.
        near, far: along ``towards``, measured from the centre; all that is drawn lies between them.
    """

    right: Floats
    up: Floats
    towards: Floats
    centre: Floats
    scale: float
    width: int
    height: int
    near: float
    far: float

    def pixels(self, points: Floats) -> Floats:
        """Return column, row and depth in millimetres from ``near``, of points of shape (..., 3)."""
        away = points - self.centre
        columns = away @ self.right * self.scale + self.width / 2
        rows = self.height / 2 - away @ self.up * self.scale
        return np.stack([columns, rows, away @ self.towards - self.near], axis=-1)


@dataclass(frozen=True, eq=False)
class Raster:
    """What a camera saw of pieces.

    Attributes:
        colours: (height, width, 3) from 0 to 255, shaded, on white; None where only depths were asked for.
        parts: (height, width), the number of the part that is seen, -1 where there is none.
        depth: (height, width), millimetres from ``near``; infinite where nothing is seen.
    """

    colours: NDArray[np.floating] | None
    parts: Ints
    depth: NDArray[np.floating]


def piece(part: int, vertices: Floats, faces: Ints) -> Piece:
    """Return a drawable piece of a mesh; triangles without area are left out."""
    points, corners = np.asarray(vertices, dtype=np.float64), np.asarray(faces, dtype=np.int64)
    triangles = points[corners].reshape(-1, 3, 3)
    crossed = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    doubled = np.linalg.norm(crossed, axis=1)
    size = float(np.ptp(triangles.reshape(-1, 3), axis=0).max()) if len(triangles) else 0.0
    kept = doubled > 1e-12 * size * size
    return Piece(part, triangles[kept], _normals(corners[kept], crossed[kept], doubled[kept]))


def _normals(corners: NDArray[np.int64], crossed: Floats, doubled: Floats) -> Floats:
    """Return normals of corners: the mean over faces that share the corner and are nearly in one plane with its own."""
    flat = crossed / doubled[:, None]
    point = corners.ravel()
    count = np.bincount(point)
    if not len(point) or int((count.astype(np.int64) ** 2).sum()) > _MOST_PAIRS:
        return np.repeat(flat[:, None], 3, axis=1)
    order = np.argsort(point, kind="stable")
    begin = np.cumsum(count) - count
    sharing = count[point]
    corner = np.repeat(np.arange(len(point)), sharing)
    within = np.arange(len(corner)) - np.repeat(np.cumsum(sharing) - sharing, sharing)
    face = order[begin[point[corner]] + within] // 3
    near = np.einsum("ij,ij->i", flat[corner // 3], flat[face]) > _CREASE
    corner, added = corner[near], crossed[face[near]]
    total = np.stack([np.bincount(corner, added[:, axis], len(point)) for axis in range(3)], axis=1)
    length = np.linalg.norm(total, axis=1)
    made = np.where(length[:, None] > 0, total / np.maximum(length, 1e-300)[:, None], np.repeat(flat, 3, axis=0))
    return made.reshape(-1, 3, 3)


def box_of(pieces: Sequence[Piece]) -> tuple[Floats, Floats]:
    """Return the lowest and the highest corner of all pieces together.

    Raises:
        ValueError: there is nothing to see.
    """
    points = [piece.triangles.reshape(-1, 3) for piece in pieces if len(piece.triangles)]
    if not points:
        raise ValueError("no part has any surface to look at")
    return np.min([one.min(axis=0) for one in points], axis=0), np.max([one.max(axis=0) for one in points], axis=0)


DIRECTIONS: Final = {
    "front": ((1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
    "right": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "top": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "back": ((-1.0, 0.0, 0.0), (0.0, 0.0, 1.0)),
}
"""What points to the right and up in a picture; the front is towards -y."""


def axes_of(view: str) -> tuple[Floats, Floats]:
    """Return what points to the right and up in a view; ``oblique`` looks from the front, the right and above."""
    if view in DIRECTIONS:
        right, up = DIRECTIONS[view]
        return np.array(right), np.array(up)
    turn, rise = np.radians(35), np.radians(28)
    right_axis = np.array([np.cos(turn), np.sin(turn), 0.0])
    towards = np.array([-np.sin(turn) * np.cos(rise), np.cos(turn) * np.cos(rise), -np.sin(rise)])
    return right_axis, np.cross(right_axis, towards)


def camera(
    pieces: Sequence[Piece], view: str, width: int, height: int, *, margin: int = 0, beside: int = 0, trim: bool = False
) -> Camera:
    """Return a camera that has all pieces in its picture, as large as they fit.

    Args:
        pieces: what is to be seen.
        view: ``front``, ``right``, ``top``, ``back`` or ``oblique``.
        width: of the picture, in pixels.
        height: of the picture, in pixels.
        margin: pixels that stay free above and below, and at the sides.
        beside: the same at the sides, where that is more.
        trim: make the picture lower where nothing is above and below.
    """
    right, up = axes_of(view)
    towards = np.cross(up, right)
    points = np.concatenate([piece.triangles.reshape(-1, 3) for piece in pieces])
    seen = points @ np.stack([right, up, towards], axis=1)
    low, high = seen.min(axis=0), seen.max(axis=0)
    middle, size = (low + high) / 2, np.maximum(high - low, 1e-9)
    scale = float(min((width - 2 * max(margin, beside)) / size[0], (height - 2 * margin) / size[1]))
    if trim:
        height = min(height, round(float(size[1]) * scale) + 2 * margin)
    reach = float(size[2]) / 2 + 0.01 * float(size.max())
    centre = middle[0] * right + middle[1] * up + middle[2] * towards
    return Camera(right, up, towards, centre, scale, width, height, -reach, reach)
