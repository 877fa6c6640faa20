"""Reading files that other programs wrote: STEP and BREP with exact shapes; STL, GLB and 3MF with triangles.

Triangles become solids with a flat face each, so that everything can be asked of them that is asked of a solid.
"""

import io
import math
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.building import MOST_PARTS, one_line
from toolserver.cad.cutting import transformed
from toolserver.cad.meshing import merged
from toolserver.cad.model import Body, Model
from toolserver.cad.sewing import of_triangles
from toolserver.cad.wire import FileFormat
from toolserver.errors import CadFailed

MOST_TRIANGLES: Final = 40_000
"""Of all parts of a file together: each becomes a face of its own."""

_METRES: Final = 1000.0


def imported(data: bytes, file: FileFormat, name: str, scale: float | None = None) -> Model:
    """Return the model that a file holds.

    Args:
        data: content of the file.
        file: its format.
        name: for parts that have none in the file.
        scale: millimetres of a unit of the file. None is what the file says, a metre for GLB, a millimetre for STL.

    Raises:
        CadFailed: it cannot be read, or holds no solid.
    """
    if scale is not None and not (math.isfinite(scale) and scale > 0):
        raise CadFailed("usage", "scale is no length; give the millimetres of a unit, such as 1000 for metres")
    try:
        if file == "step":
            found = list(_step(data))
        elif file == "brep":
            found = [(None, _brep(data))]
        else:
            return _of_triangles(data, file, name, scale)
    except (RuntimeError, ValueError, KeyError, IndexError, TypeError, AttributeError) as error:
        raise CadFailed("impossible", one_line(f"this is no {file.upper()} file that can be read: {error}")) from None
    solids = [(label, solid) for label, shape in found for solid in _grouped(shape)]
    if not solids:
        raise CadFailed("impossible", f"this {file.upper()} file holds no solid")
    factor = 1.0 if scale is None else scale
    bodies = tuple(Body(given, solid) for given, solid in _distinct(solids, name))
    if factor != 1:
        matrix = np.column_stack([np.eye(3) * factor, np.zeros(3)])
        bodies = tuple(transformed(body, matrix) for body in bodies)
    return Model(bodies)


def _grouped(shape: Any) -> Iterable[Any]:
    return [shape] if shape.solids() else []


def _step(data: bytes) -> Iterable[tuple[str | None, Any]]:
    """Return leaves of the file's assembly with their labels, where they stand in the whole."""
    from build123d import import_step

    with tempfile.TemporaryDirectory(prefix="step-") as folder:
        path = Path(folder) / "given.step"
        path.write_bytes(data)
        yield from _leaves(import_step(path))


def _leaves(shape: Any) -> Iterable[tuple[str | None, Any]]:
    children = list(getattr(shape, "children", ()))
    if not children:
        yield shape.label or None, shape
    for child in children:
        yield from _leaves(child)


def _brep(data: bytes) -> Any:
    from build123d import import_brep

    with tempfile.TemporaryDirectory(prefix="brep-") as folder:
        path = Path(folder) / "given.brep"
        path.write_bytes(data)
        return import_brep(path)


def _of_triangles(data: bytes, file: FileFormat, name: str, scale: float | None) -> Model:
    import trimesh

    turned = file == "glb"
    factor = scale if scale is not None else _METRES if turned else 1.0
    try:
        scene = trimesh.load_scene(io.BytesIO(data), file_type=file)
        meshes = [(label, *_placed(scene, label)) for label in sorted(scene.graph.nodes_geometry)]
    except Exception as error:  # noqa: BLE001 - readers of files fail with whatever a broken file makes of them
        message = f"this is no {file.upper()} file that can be read ({type(error).__name__}: {error})"
        raise CadFailed("impossible", one_line(message)) from None
    count = sum(len(faces) for _, _, faces in meshes)
    if not count:
        raise CadFailed("impossible", f"this {file.upper()} file holds no triangle")
    if count > MOST_TRIANGLES:
        message = f"it has {count} triangles, and at most {MOST_TRIANGLES} can be taken; make the mesh coarser"
        raise CadFailed("limit", message)
    found = []
    for label, points, faces in meshes:
        corners = points @ _Y_UP.T * factor if turned else points * factor
        mesh = merged(corners, faces.astype(np.int32))
        found.append((str(label) if file != "stl" else None, mesh))
    return Model(tuple(Body(given, of_triangles(mesh, given), given=mesh) for given, mesh in _distinct(found, name)))


_Y_UP: Final = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])
"""Turns y up into z up."""


def _placed(scene: Any, label: Any) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    matrix, geometry = scene.graph[label]
    mesh = scene.geometry[geometry]
    if not hasattr(mesh, "faces"):
        return np.zeros((0, 3)), np.zeros((0, 3), dtype=np.int64)
    points = np.asarray(mesh.vertices, dtype=np.float64)
    return points @ matrix[:3, :3].T + matrix[:3, 3], np.asarray(mesh.faces)


def _distinct(found: list[tuple[str | None, Any]], name: str) -> list[tuple[str, Any]]:
    """Give each part a name of its own that a program could have given it."""
    if len(found) > MOST_PARTS:
        raise CadFailed("limit", f"it has {len(found)} parts, and at most {MOST_PARTS} can be taken")
    used: set[str] = set()
    named = []
    for label, shape in found:
        plain = re.sub(r"[^A-Za-z0-9_.-]+", "_", label or name).strip("_.-")[:56] or "part"
        given, number = plain, 1
        while given in used:
            number += 1
            given = f"{plain}_{number}"
        used.add(given)
        named.append((given, shape))
    return named
