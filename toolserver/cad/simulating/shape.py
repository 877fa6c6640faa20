"""A model as physics needs it: what holds together, its convex pieces, mass and inertia, and how thin its walls are."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import manifold3d
import numpy as np
from numpy.typing import NDArray

from toolserver.cad.model import Body, Model
from toolserver.cad.simulating.pieces import Piece, PieceCache, filled_share, solids

Floats = NDArray[np.float64]

SOFT_WOOD: Final = 600.0
"""Density in kg/m3 of parts that have none."""

TOUCHING: Final = 0.5
"""Millimetres between parts that count as joined."""

_SAMPLES: Final = 1200
_FEWEST: Final = 60


@dataclass(frozen=True)
class Solid:
    """One closed solid of a part, as one of manifold3d."""

    body: Body
    shape: Any

    @cached_property
    def bounds(self) -> Floats:
        """Lowest and highest corner, (2, 3)."""
        return np.array(self.shape.bounding_box(), dtype=np.float64).reshape(2, 3)


@dataclass(frozen=True)
class Mass:
    """Mass in kg, centre in mm, and inertia about that centre in kg mm2, (3, 3)."""

    kilograms: float
    centre: Floats
    inertia: Floats


@dataclass(frozen=True)
class Shape:
    """A model with what is computed of it once.

    Attributes:
        density: kg/m3 of parts that have none of their own.
    """

    model: Model
    cache: PieceCache
    density: float = SOFT_WOOD

    @cached_property
    def solids(self) -> tuple[Solid, ...]:
        """All closed solids.

        Raises:
            CadFailed: a part has no closed surface.
        """
        return tuple(Solid(body, one) for body in self.model.bodies for one in solids(body.mesh))

    @cached_property
    def bounds(self) -> Floats:
        """Lowest and highest corner in mm, (2, 3)."""
        return np.asarray(self.model.bounds, dtype=np.float64)

    @property
    def extent(self) -> Floats:
        """Width, depth and height in mm."""
        return np.asarray(self.bounds[1] - self.bounds[0])

    @property
    def middle(self) -> Floats:
        """Middle of the box around it."""
        return np.asarray(self.bounds.mean(axis=0))

    @cached_property
    def groups(self) -> tuple[tuple[Solid, ...], ...]:
        """Solids that touch each other, directly or by way of others."""
        return grouped(self.solids, TOUCHING)

    def pieces(self, of: Sequence[Solid]) -> tuple[Piece, ...]:
        """Return the convex pieces of some solids."""
        return tuple(piece for solid in of for piece in self.cache.pieces(solid.shape).pieces)

    @cached_property
    def fidelity(self) -> float:
        """Volume of all convex pieces over that of the solids."""
        cut = [self.cache.pieces(solid.shape) for solid in self.solids]
        return sum(piece.volume for one in cut for piece in one.pieces) / sum(one.volume for one in cut)

    def filled(self, low: Floats, high: Floats) -> float:
        """Return how much of the free space of a box the pieces wrongly fill, as a share of it."""
        size = np.maximum(high - low, 1e-3)
        region = manifold3d.Manifold.cube(tuple(size)).translate(tuple(low))
        near = [one for one in self.solids if (one.bounds[0] < high).all() and (one.bounds[1] > low).all()]
        return filled_share(self.pieces(near), [one.shape for one in near], region) if near else 0.0

    def mass(self, of: Sequence[Solid]) -> Mass:
        """Return mass, centre and inertia of some solids, from their true surfaces."""
        kilograms, centre, second = 0.0, np.zeros(3), np.zeros((3, 3))
        for solid in of:
            density = (solid.body.density or self.density) * 1e-9
            mesh = solid.shape.to_mesh64()
            corners = np.asarray(mesh.vert_properties)[:, :3][np.asarray(mesh.tri_verts).astype(np.int64)]
            volumes = np.einsum("ij,ij->i", corners[:, 0], np.cross(corners[:, 1], corners[:, 2])) / 6
            sums = corners.sum(axis=1)
            kilograms += density * volumes.sum()
            centre += density * (volumes[:, None] * sums / 4).sum(axis=0)
            outer = np.einsum("nki,nkj->nij", corners, corners) + np.einsum("ni,nj->nij", sums, sums)
            second += density * np.einsum("n,nij->ij", volumes / 20, outer)
        centre /= kilograms
        second -= kilograms * np.outer(centre, centre)
        return Mass(float(kilograms), centre, np.trace(second) * np.eye(3) - second)

    @cached_property
    def wall(self) -> float:
        """What counts as the thinnest wall in mm: nine tenths of the surface of its thinnest part are thicker."""
        samples = max(_FEWEST, _SAMPLES // len(self.model.bodies))
        found = (thickness_of(body, samples) for body in self.model.bodies)
        return min((float(np.quantile(one, 0.1)) for one in found if len(one)), default=0.0)


def grouped(given: Sequence[Solid], slack: float) -> tuple[tuple[Solid, ...], ...]:
    """Return solids in groups that are closer together than ``slack`` mm, in their first members' order."""
    group = list(range(len(given)))

    def head(number: int) -> int:
        while group[number] != number:
            number = group[number]
        return number

    lows, highs = np.array([one.bounds[0] for one in given]), np.array([one.bounds[1] for one in given])
    for one in range(len(given)):
        near = (lows[one] <= highs[one + 1 :] + slack).all(axis=1) & (lows[one + 1 :] <= highs[one] + slack).all(axis=1)
        for two in (np.flatnonzero(near) + one + 1).tolist():
            low, high = head(one), head(two)
            if low != high and given[one].shape.min_gap(given[two].shape, slack + 1e-3) <= slack:
                group[max(low, high)] = min(low, high)
    heads = sorted({head(number) for number in range(len(given))})
    return tuple(tuple(given[n] for n in range(len(given)) if head(n) == top) for top in heads)


def thickness_of(body: Body, samples: int) -> Floats:
    """Return how far it is straight inwards to the other side, from points spread over a part's surface by area."""
    corners = body.mesh.vertices[body.mesh.faces]
    one, edge, other = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    normals = np.cross(edge, other)
    areas = np.linalg.norm(normals, axis=1)
    whole = areas > 1e-9
    one, edge, other, normals, areas = one[whole], edge[whole], other[whole], normals[whole], areas[whole]
    random = np.random.default_rng(0)
    # Spread evenly over the summed area, so that the same part gives the same points.
    ends = np.cumsum(areas)
    chosen = np.searchsorted(ends, (np.arange(samples) + 0.5) / samples * ends[-1])
    chosen = np.clip(chosen, 0, len(areas) - 1)
    u, v = random.random(samples), random.random(samples)
    turned = u + v > 1
    u[turned], v[turned] = 1 - u[turned], 1 - v[turned]
    points = one[chosen] + u[:, None] * edge[chosen] + v[:, None] * other[chosen]
    inwards = -normals[chosen] / areas[chosen][:, None]
    nearest = np.full(samples, np.inf)
    for number in range(samples):
        # Moeller and Trumbore, 1997: one ray against all triangles.
        across = np.cross(inwards[number], other)
        facing = np.einsum("ij,ij->i", edge, across)
        safe = np.where(np.abs(facing) < 1e-12, np.nan, facing)
        away = points[number] - one
        a = np.einsum("ij,ij->i", away, across) / safe
        turned_away = np.cross(away, edge)
        b = turned_away @ inwards[number] / safe
        distance = np.einsum("ij,ij->i", other, turned_away) / safe
        hit = (a >= -1e-9) & (b >= -1e-9) & (a + b <= 1 + 1e-9) & (distance > 1e-4)
        if hit.any():
            nearest[number] = distance[hit].min()
    return np.sort(nearest[np.isfinite(nearest)])
