"""Meshes of solids: triangles that share their corners, wound so that normals point outwards. Millimetres."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

TOLERANCE: Final = 0.2
"""Millimetres that a mesh may be away from the true surface."""

COARSE: Final = 2e-4
"""The same as a share of the largest extent, for what is larger than a metre."""

ANGLE: Final = 0.2
"""Radians between the normals of neighbours of one curved face."""

_MERGED: Final = 6
"""Decimals of a millimetre to which corners are the same corner."""


@dataclass(frozen=True)
class Mesh:
    """A surface.

    Attributes:
        vertices: (n, 3), float64.
        faces: (m, 3), int32, indices of vertices; counter-clockwise seen from outside.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int32]

    @cached_property
    def triangles(self) -> NDArray[np.float64]:
        """Corners of the faces, (m, 3, 3)."""
        return self.vertices[self.faces]

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """Lowest and highest corner, (2, 3)."""
        return np.array([self.vertices.min(axis=0), self.vertices.max(axis=0)])

    @cached_property
    def volume(self) -> float:
        """Cubic millimetres that it encloses, by signed tetrahedra; negative where it is inside out."""
        one, two, three = self.triangles[:, 0], self.triangles[:, 1], self.triangles[:, 2]
        return float(np.einsum("ij,ij->i", one, np.cross(two, three)).sum() / 6)

    @cached_property
    def _edges(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Directed edges as numbers, and the same edges the other way round."""
        start = self.faces.astype(np.int64).ravel()
        end = np.roll(self.faces, -1, axis=1).astype(np.int64).ravel()
        count = len(self.vertices)
        return start * count + end, end * count + start

    @cached_property
    def watertight(self) -> bool:
        """Whether each edge has a neighbour on each side: it encloses something."""
        there, back = self._edges
        low = np.unique(np.minimum(there, back), return_counts=True)[1]
        return bool(len(low)) and bool((low % 2 == 0).all())

    @cached_property
    def wound(self) -> bool:
        """Whether neighbours agree which side is outside."""
        there, back = self._edges
        return bool(np.array_equal(np.sort(there), np.sort(back)))


def meshed(solid: Any) -> Mesh:
    """Return the mesh of a solid of build123d; what it may have of an earlier mesh is not used.

    Raises:
        ValueError: it has no surface.
    """
    from OCP.BRep import BRep_Tool
    from OCP.BRepMesh import BRepMesh_IncrementalMesh
    from OCP.BRepTools import BRepTools
    from OCP.TopAbs import TopAbs_Orientation
    from OCP.TopLoc import TopLoc_Location

    BRepTools.Clean_s(solid.wrapped, True)
    size = solid.bounding_box().size
    tolerance = max(TOLERANCE, COARSE * max(size.X, size.Y, size.Z))
    BRepMesh_IncrementalMesh(solid.wrapped, tolerance, False, ANGLE, False)
    points: list[NDArray[np.float64]] = []
    faces: list[NDArray[np.int32]] = []
    offset = 0
    for face in solid.faces():
        location = TopLoc_Location()
        found = BRep_Tool.Triangulation_s(face.wrapped, location)
        if found is None:
            continue
        nodes = np.array([_xyz(found.Node(i)) for i in range(1, found.NbNodes() + 1)])
        if not location.IsIdentity():
            matrix = location.Transformation()
            turn = np.array([[matrix.Value(row, column) for column in range(1, 5)] for row in range(1, 4)])
            nodes = nodes @ turn[:, :3].T + turn[:, 3]
        corners = np.array([found.Triangle(i).Get() for i in range(1, found.NbTriangles() + 1)], dtype=np.int32)
        corners = corners.reshape(-1, 3) - 1
        if face.wrapped.Orientation() == TopAbs_Orientation.TopAbs_REVERSED:
            corners = corners[:, ::-1]
        points.append(nodes)
        faces.append(corners + offset)
        offset += len(nodes)
    if not points:
        raise ValueError("a solid without a surface")
    return merged(np.concatenate(points), np.concatenate(faces))


def merged(points: NDArray[np.float64], faces: NDArray[np.int32]) -> Mesh:
    """Return a mesh whose triangles share their corners, without those that this makes flat."""
    _, first, index = np.unique(np.round(points, _MERGED) + 0.0, axis=0, return_index=True, return_inverse=True)
    corners = index.reshape(-1)[faces].astype(np.int32)
    one, two, three = corners.T
    whole = (one != two) & (two != three) & (three != one)
    return Mesh(np.ascontiguousarray(points[first], dtype=np.float64), np.ascontiguousarray(corners[whole]))


def _xyz(point: Any) -> tuple[float, float, float]:
    return point.X(), point.Y(), point.Z()
