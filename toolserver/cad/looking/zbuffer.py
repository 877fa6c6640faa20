"""Drawing with numpy alone: triangles into a depth buffer. It needs no OpenGL, and gives the same on every machine."""

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.looking.scene import AMBIENT, LIGHT, Camera, Floats, Ints, Piece, Raster

_AT_ONCE: Final = 1_500_000
"""Pixels of triangles' boxes that are tested in one step; it bounds the memory at about 100 MB."""


def drawn(pieces: Sequence[Piece], camera: Camera, colours: Floats | None = None) -> Raster:
    """Draw pieces.

    Args:
        pieces: what there is to be seen.
        camera: who looks.
        colours: (parts, 3) between 0 and 1; None where only parts and depths are wanted.
    """
    corners = np.concatenate([camera.pixels(piece.triangles) for piece in pieces])
    part = np.concatenate([np.full(len(piece.triangles), piece.part, dtype=np.int32) for piece in pieces])
    depth = np.full(camera.height * camera.width, np.inf)
    nearest = np.full(len(depth), -1, dtype=np.int64)
    weights = np.zeros((len(depth), 2))
    for triangle, place, first, second, deep in _covered(corners, camera):
        np.minimum.at(depth, place, deep)
        winning = deep == depth[place]
        nearest[place[winning]] = triangle[winning]
        weights[place[winning]] = np.stack([first[winning], second[winning]], axis=1)
    shape = (camera.height, camera.width)
    parts: Ints = np.where(nearest >= 0, part[np.maximum(nearest, 0)], -1).astype(np.int32)
    shaded = None
    if colours is not None:
        shaded = _shaded(pieces, camera, colours, parts, nearest, weights).reshape(*shape, 3)
    return Raster(shaded, parts.reshape(shape), depth.reshape(shape))


def _covered(
    corners: Floats, camera: Camera
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64], Floats, Floats, Floats]]:
    """Give, for pixels whose middle lies in a triangle: triangle, pixel, two barycentric weights, and depth."""
    xs, ys, zs = corners[..., 0], corners[..., 1], corners[..., 2]
    area = (xs[:, 1] - xs[:, 0]) * (ys[:, 2] - ys[:, 0]) - (xs[:, 2] - xs[:, 0]) * (ys[:, 1] - ys[:, 0])
    left = np.clip(np.ceil(xs.min(axis=1) - 0.5), 0, camera.width).astype(np.int64)
    right = np.clip(np.floor(xs.max(axis=1) - 0.5) + 1, 0, camera.width).astype(np.int64)
    top = np.clip(np.ceil(ys.min(axis=1) - 0.5), 0, camera.height).astype(np.int64)
    bottom = np.clip(np.floor(ys.max(axis=1) - 0.5) + 1, 0, camera.height).astype(np.int64)
    wide, high = np.maximum(right - left, 0), np.maximum(bottom - top, 0)
    cells = wide * high
    there = np.flatnonzero((cells > 0) & (np.abs(area) > 1e-12))
    ends = np.cumsum(cells[there])
    begin = 0
    while begin < len(there):
        taken = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, taken + _AT_ONCE, side="right")))
        few = there[begin:end]
        begin = end
        triangle = np.repeat(few, cells[few])
        within = np.arange(len(triangle)) - np.repeat(np.cumsum(cells[few]) - cells[few], cells[few])
        column, row = left[triangle] + within % wide[triangle], top[triangle] + within // wide[triangle]
        px, py = column + 0.5, row + 0.5
        x0, y0 = xs[triangle, 0], ys[triangle, 0]
        first = (xs[triangle, 2] - px) * (y0 - py) - (x0 - px) * (ys[triangle, 2] - py)
        second = (x0 - px) * (ys[triangle, 1] - py) - (xs[triangle, 1] - px) * (y0 - py)
        first, second = first / area[triangle], second / area[triangle]
        inside = (first >= -1e-9) & (second >= -1e-9) & (first + second <= 1 + 1e-9)
        triangle, first, second = triangle[inside], first[inside], second[inside]
        deep = zs[triangle, 0] * (1 - first - second) + zs[triangle, 1] * first + zs[triangle, 2] * second
        yield triangle, (row * camera.width + column)[inside], first, second, deep


def _shaded(
    pieces: Sequence[Piece],
    camera: Camera,
    colours: NDArray[np.float64],
    parts: Ints,
    nearest: NDArray[np.int64],
    weights: Floats,
) -> Floats:
    normals = np.concatenate([piece.normals for piece in pieces])
    seen = nearest >= 0
    own, weight = normals[nearest[seen]], weights[seen]
    normal = own[:, 0] * (1 - weight.sum(axis=1))[:, None] + own[:, 1] * weight[:, :1] + own[:, 2] * weight[:, 1:]
    turned = normal @ np.stack([camera.right, camera.up, camera.towards], axis=1)
    # surfaces seen from inside, such as those behind a cut, are lit as if they faced the viewer
    turned *= np.where(turned[:, 2:] > 0, -1.0, 1.0)
    lit = AMBIENT + (1 - AMBIENT) * np.clip(turned @ LIGHT, 0, 1)
    shaded = np.full((len(nearest), 3), 255.0)
    shaded[seen] = 255 * colours[parts[seen]] * lit[:, None]
    return shaded
