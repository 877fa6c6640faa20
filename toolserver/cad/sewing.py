"""Solids out of triangles."""

from typing import Any

from toolserver.cad.meshing import Mesh
from toolserver.errors import CadFailed


def of_triangles(mesh: Mesh, name: str) -> Any:
    """Return a solid that has a flat face for each triangle.

    Raises:
        CadFailed: it encloses nothing.
    """
    from build123d import Compound, Solid
    from OCP.BRepBuilderAPI import BRepBuilderAPI_MakeFace, BRepBuilderAPI_MakePolygon, BRepBuilderAPI_Sewing
    from OCP.gp import gp_Pnt
    from OCP.ShapeFix import ShapeFix_Solid
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopExp import TopExp_Explorer
    from OCP.TopoDS import TopoDS

    if not mesh.watertight:
        raise CadFailed("impossible", f"{name!r} is an open surface, not a solid; close its holes")
    points = [gp_Pnt(*point) for point in mesh.vertices.tolist()]
    sewing = BRepBuilderAPI_Sewing(1e-6)
    for one, two, three in mesh.faces.tolist():
        outline = BRepBuilderAPI_MakePolygon(points[one], points[two], points[three], True)
        face = BRepBuilderAPI_MakeFace(outline.Wire(), True)
        if face.IsDone():
            sewing.Add(face.Face())
    sewing.Perform()
    shells = TopExp_Explorer(sewing.SewedShape(), TopAbs_ShapeEnum.TopAbs_SHELL)
    made = []
    while shells.More():
        made.append(Solid(ShapeFix_Solid().SolidFromShell(TopoDS.Shell(shells.Current()))))
        shells.Next()
    if not made:
        raise CadFailed("impossible", f"the triangles of {name!r} do not make a solid")
    return made[0] if len(made) == 1 else Compound(made)
