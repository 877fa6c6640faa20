"""Cutting parts with a plane: what is left to be looked at, and the outlines of the cut with its openings.

Closed meshes are cut exactly by manifold3d and get a lid where the plane went through; others lose triangles.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from manifold3d import CrossSection, Error, JoinType, Manifold, Mesh64, OpType

from toolserver.cad.looking.scene import Floats, Ints, Piece, piece

Axis = Literal["x", "y", "z"]
_AXES: Final = {"x": 0, "y": 1, "z": 2}
_ACROSS: Final = {"x": (1, 2), "y": (0, 2), "z": (0, 1)}
"""What points to the right and up in the picture of a cut across an axis: as seen from the right, front and top."""
_OFF: Final = 1e-4
"""Millimetres that a cut is moved where it would lie in a face."""

_JOINT: Final = 0.02
"""Millimetres; half of the gap between parts that is no gap in a cut."""


@dataclass(frozen=True, eq=False)
class Solid:
    """A part that can be cut.

    Attributes:
        body: None where the mesh is not closed.
    """

    part: int
    vertices: Floats
    faces: Ints
    body: Manifold | None


@dataclass(frozen=True)
class Opening:
    """Where the outside gets in: a piece of the tightest line around a cut that no part covers.

    Attributes:
        side: where it is, such as ``front``; of a vertical cut also ``above`` and ``below``.
        width: millimetres.
        start, end: of it, along the axes of the cut.
    """

    side: str
    width: float
    start: tuple[float, float]
    end: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Cut:
    """A cut across an axis.

    Attributes:
        at: where, in millimetres along the axis.
        areas: square millimetres by the number of the part; those that it misses are left out.
        outlines: pieces that hang together.
        holes: areas in square millimetres that are closed in all around, with their sizes and centres.
        openings: the widest first.
    """

    axis: Axis
    at: float
    areas: dict[int, float]
    outlines: int
    holes: tuple[tuple[float, Floats, Floats], ...]
    openings: tuple[Opening, ...]

    @property
    def told(self) -> tuple[int, int, int]:
        """How much there is to see in it: closed spaces and openings, openings, pieces."""
        return (len(self.holes) + len(self.openings), len(self.openings), self.outlines)


def solid(part: int, vertices: Floats, faces: Ints) -> Solid:
    """Return a part that can be cut."""
    # copies: manifold3d refuses arrays that it could not write to, such as those of unpacked models
    points = np.array(vertices, dtype=np.float64, order="C")
    made = Manifold(Mesh64(points, np.array(faces, dtype=np.uint64, order="C")))
    closed = made.status() == Error.NoError and not made.is_empty()
    return Solid(part, points, faces, made if closed else None)


def behind(solids: Sequence[Solid], axis: Axis, at: float) -> list[Piece]:
    """Return what is left when all in front of a plane is taken away, as seen from the right, the front or the top."""
    number = _AXES[axis]
    # one looks along -x from the right, along +y from the front, along -z from the top
    keep = 1.0 if axis == "y" else -1.0
    normal = np.zeros(3)
    normal[number] = keep
    left = []
    for one in solids:
        if one.body is not None:
            rest = one.body.trim_by_plane((float(normal[0]), float(normal[1]), float(normal[2])), keep * at)
            if rest.is_empty():
                continue
            mesh = rest.to_mesh64()
            left.append(piece(one.part, np.asarray(mesh.vert_properties)[:, :3], np.asarray(mesh.tri_verts)))
        else:
            kept = one.faces[keep * one.vertices[one.faces][:, :, number].mean(axis=1) >= keep * at]
            if len(kept):
                left.append(piece(one.part, one.vertices, kept))
    return left


def cut(solids: Sequence[Solid], axis: Axis, at: float) -> Cut:
    """Return what a plane meets; parts whose mesh is not closed are left out of it."""
    found = [(one.part, _section(one.body, axis, at)) for one in solids if one.body is not None]
    found = [(part, section) for part, section in found if not section.is_empty()]
    areas = {part: float(section.area()) for part, section in found}
    if not found:
        return Cut(axis, at, areas, 0, (), ())
    # joints are closed: parts that touch have a gap of rounding between them
    together = CrossSection.batch_boolean([section for _, section in found], OpType.Add)
    together = together.offset(_JOINT, JoinType.Miter).offset(-_JOINT, JoinType.Miter)
    loops = [np.asarray(loop) for loop in together.to_polygons()]
    holes = []
    for loop in loops:
        area = _area(loop)
        if area < 0:
            low, high = loop.min(axis=0), loop.max(axis=0)
            holes.append((-area, high - low, (low + high) / 2))
    holes.sort(key=lambda hole: -hole[0])
    outer = [loop for loop in loops if _area(loop) > 0]
    return Cut(axis, at, areas, len(outer), tuple(holes), _openings(outer, axis))


def levels(solids: Sequence[Solid], axis: Axis, *, most: int = 24) -> list[float]:
    """Return where cuts are worth making: in the middle between neighbouring edges of parts along an axis."""
    number = _AXES[axis]
    low, high = _span(solids, number)
    slack = (high - low) / 400
    edges = [low, high]
    for one in solids:
        values, counts = np.unique(one.vertices[:, number].round(3), return_counts=True)
        # corners of flat faces come in numbers; those of round ones would make a level each
        flat = values[counts >= min(3, len(values))] if len(values) <= 2 * most else values[[0, -1]]
        edges += flat.tolist()
    tight: list[float] = []
    for value in sorted(edges):
        if not tight or value - tight[-1] > slack:
            tight.append(value)
    middles = [(one + other) / 2 for one, other in pairwise(tight)]
    if len(middles) > most:
        wanted = np.linspace(0, len(middles) - 1, most).round().astype(int)
        middles = [middles[place] for place in np.unique(wanted).tolist()]
    return middles


def middle(solids: Sequence[Solid], axis: Axis) -> float:
    """Return the middle of everything along an axis."""
    low, high = _span(solids, _AXES[axis])
    return (low + high) / 2


def _span(solids: Sequence[Solid], number: int) -> tuple[float, float]:
    return (
        min(float(one.vertices[:, number].min()) for one in solids),
        max(float(one.vertices[:, number].max()) for one in solids),
    )


def _section(body: Manifold, axis: Axis, at: float) -> CrossSection:
    """Return the cut in the axes of its picture, as ``_ACROSS`` names them."""
    right, up = _ACROSS[axis]
    turned = np.zeros((3, 4))
    turned[0, right], turned[1, up], turned[2, _AXES[axis]] = 1.0, 1.0, 1.0
    if np.linalg.det(turned[:, :3]) < 0:
        turned[2] *= -1
        at = -at
    return body.transform(turned).slice(at + _OFF)


def _area(loop: Floats) -> float:
    x, y = loop[:, 0], loop[:, 1]
    return float((x * np.roll(y, -1) - np.roll(x, -1) * y).sum() / 2)


def _openings(outer: Sequence[Floats], axis: Axis) -> tuple[Opening, ...]:
    """Return what the parts do not cover of the tightest line around them (the convex hull)."""
    points = np.concatenate(outer)
    hull = np.asarray(CrossSection.hull_points(points.tolist()).to_polygons()[0])
    size = float(np.linalg.norm(np.ptp(points, axis=0)))
    starts = np.concatenate(outer)
    ends = np.concatenate([np.roll(loop, -1, axis=0) for loop in outer])
    found = []
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        length = float(np.linalg.norm(end - start))
        if length < 0.01 * size:
            continue
        along = (end - start) / length
        away = np.array([along[1], -along[0]])
        near = (np.abs((starts - start) @ away) < 1e-3 * size) & (np.abs((ends - start) @ away) < 1e-3 * size)
        covered = np.sort(np.stack([(starts[near] - start) @ along, (ends[near] - start) @ along], axis=1), axis=1)
        reached = 0.0
        for begin, stop in [*covered[np.argsort(covered[:, 0])].tolist(), [length, length]]:
            if begin - reached > 0.01 * size:
                one, other = start + reached * along, start + begin * along
                found.append(
                    Opening(
                        _side(away, axis),
                        float(begin - reached),
                        (float(one[0]), float(one[1])),
                        (float(other[0]), float(other[1])),
                    )
                )
            reached = max(reached, stop)
    return tuple(sorted(found, key=lambda opening: -opening.width))


def _side(away: Floats, axis: Axis) -> str:
    """Return in words where an outward direction of a cut points."""
    across = {"z": ("right", "left", "back", "front"), "y": ("right", "left", "above", "below")}
    names = across.get(axis, ("back", "front", "above", "below"))
    if abs(away[0]) > 2 * abs(away[1]):
        return names[0] if away[0] > 0 else names[1]
    if abs(away[1]) > 2 * abs(away[0]):
        return names[2] if away[1] > 0 else names[3]
    return f"{names[2] if away[1] > 0 else names[3]} {names[0] if away[0] > 0 else names[1]}"
