"""Writing a model as a file for other programs: STEP with exact shapes, STL, GLB and 3MF with triangles."""

import io
import struct
import zipfile
from typing import Final
from xml.sax.saxutils import quoteattr

import numpy as np

from toolserver.cad.model import Model
from toolserver.cad.wire import Format
from toolserver.errors import CadFailed

WRITTEN_AT: Final = "2000-01-01T00:00:00"
"""What files say about when they were written: the same model gives the same bytes."""

_ZIPPED_AT: Final = (2000, 1, 1, 0, 0, 0)
_METRE: Final = 0.001


def exported(model: Model, file: Format) -> bytes:
    """Return a model as a file. GLB is in metres with y up, as its definition says; all others in millimetres, z up.

    Raises:
        CadFailed: it cannot be written.
    """
    match file:
        case "step":
            return _step(model)
        case "stl":
            return _stl(model)
        case "glb":
            return _glb(model)
        case "3mf":
            return _3mf(model)


def _step(model: Model) -> bytes:
    from build123d import Compound, export_step

    shapes = []
    for body in model.bodies:
        shape = type(body.solid)(body.solid.wrapped)
        shape.label = body.name
        shapes.append(shape)
    stream = io.BytesIO()
    try:
        export_step(Compound(label="artefact", children=shapes), stream, timestamp=WRITTEN_AT)
    except RuntimeError as error:
        raise CadFailed("impossible", f"no STEP file can be written of it: {error}") from None
    return stream.getvalue()


def _stl(model: Model) -> bytes:
    triangles = np.concatenate([body.mesh.triangles for body in model.bodies])
    normals = np.cross(triangles[:, 1] - triangles[:, 0], triangles[:, 2] - triangles[:, 0])
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    normals = normals / np.where(length == 0, 1, length)
    rows = np.zeros(len(triangles), dtype=[("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    rows["normal"], rows["corners"] = normals, triangles
    header = b"plumbline, millimetres".ljust(80, b"\0")
    return header + struct.pack("<I", len(rows)) + rows.tobytes()


def _glb(model: Model) -> bytes:
    import trimesh

    # z up becomes y up
    turn = np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]) * _METRE
    scene = trimesh.Scene()
    for body in model.bodies:
        mesh = trimesh.Trimesh(body.mesh.vertices @ turn.T, body.mesh.faces, process=False)
        scene.add_geometry(mesh, node_name=body.name, geom_name=body.name)
    data: bytes = scene.export(file_type="glb")  # type: ignore[no-untyped-call]
    return data


def _3mf(model: Model) -> bytes:
    objects, items = [], []
    for number, body in enumerate(model.bodies, 1):
        vertices = "".join(f'<vertex x="{x:.9g}" y="{y:.9g}" z="{z:.9g}"/>' for x, y, z in body.mesh.vertices.tolist())
        faces = "".join(f'<triangle v1="{a}" v2="{b}" v3="{c}"/>' for a, b, c in body.mesh.faces.tolist())
        objects.append(
            f'<object id="{number}" type="model" name={quoteattr(body.name)}><mesh><vertices>{vertices}</vertices>'
            f"<triangles>{faces}</triangles></mesh></object>"
        )
        items.append(f'<item objectid="{number}"/>')
    space = "http://schemas.microsoft.com/3dmanufacturing/core/2015/02"
    text = (
        f'<?xml version="1.0" encoding="UTF-8"?><model unit="millimeter" xml:lang="en" xmlns="{space}">'
        f"<resources>{''.join(objects)}</resources><build>{''.join(items)}</build></model>"
    )
    return _zipped({"[Content_Types].xml": _TYPES, "_rels/.rels": _RELATIONS, "3D/3dmodel.model": text})


_TYPES: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="model" ContentType="application/vnd.ms-package.3dmanufacturing-3dmodel+xml"/></Types>'
)
_RELATIONS: Final = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Target="/3D/3dmodel.model" Id="rel0" '
    'Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>'
)


def _zipped(files: dict[str, str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIPPED_AT), text, zipfile.ZIP_DEFLATED)
    return stream.getvalue()
