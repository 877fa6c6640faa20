"""What a CAD program made, as everything that judges it sees it: named parts, their meshes, their parameters.

Lengths are millimetres, z points up, things stand on z = 0 with their front towards -y, densities are kg/m3.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

import numpy as np
from msgspec import DecodeError, ValidationError, msgpack
from numpy.typing import NDArray

from toolserver.cad.meshing import Mesh, meshed
from toolserver.errors import CadFailed
from toolserver.protocol import Fact

LARGEST_MODEL: Final = 48 * 1024 * 1024
"""Bytes of a model as it travels."""


@dataclass(frozen=True)
class Body:
    """One named part.

    Attributes:
        solid: one solid, or a compound of solids, of build123d.
        density: kg/m3; None where the program says nothing.
        given: its mesh where that came first, as in a file of triangles, or was made before.
    """

    name: str
    solid: Any
    density: float | None = None
    given: Mesh | None = field(default=None, repr=False, compare=False)

    @cached_property
    def mesh(self) -> Mesh:
        """Its surface as triangles, at most 0.2 mm (0.2 per mille above a metre) and 0.2 rad off the true one."""
        return meshed(self.solid) if self.given is None else self.given


@dataclass(frozen=True)
class Model:
    """Everything a program made.

    Attributes:
        parameters: the numbers that the program says it was made by.
    """

    bodies: tuple[Body, ...]
    parameters: Mapping[str, float] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts in their order."""
        return tuple(body.name for body in self.bodies)

    def body(self, name: str) -> Body:
        """Return a part by its name.

        Raises:
            CadFailed: there is none.
        """
        found = next((body for body in self.bodies if body.name == name), None)
        if found is None:
            raise CadFailed("impossible", f"there is no part {name!r}; there are {', '.join(self.names)}")
        return found

    @cached_property
    def bounds(self) -> NDArray[np.float64]:
        """Lowest and highest corner of all parts together, as an array (2, 3)."""
        corners = np.array([body.mesh.bounds for body in self.bodies])
        return np.array([corners[:, 0].min(axis=0), corners[:, 1].max(axis=0)])


class _PackedBody(Fact):
    name: str
    shape: bytes
    density: float | None = None
    vertices: bytes | None = None
    faces: bytes | None = None


class _PackedModel(Fact):
    bodies: tuple[_PackedBody, ...]
    parameters: dict[str, float]


def packed(model: Model, *, meshes: bool = True) -> bytes:
    """Return a model as bytes; the same model gives the same bytes.

    Args:
        model: what to pack.
        meshes: with the meshes of its parts, so that nobody makes them a second time.
    """
    return msgpack.encode(
        _PackedModel(
            bodies=tuple(
                _PackedBody(
                    name=body.name,
                    shape=_written(body.solid),
                    density=body.density,
                    vertices=body.mesh.vertices.astype("<f8").tobytes() if meshes else None,
                    faces=body.mesh.faces.astype("<i4").tobytes() if meshes else None,
                )
                for body in model.bodies
            ),
            parameters=dict(sorted(model.parameters.items())),
        )
    )


def unpacked(data: bytes, *, meshes: bool = True) -> Model:
    """Return the model that bytes hold.

    Args:
        data: as ``packed`` made them.
        meshes: take their meshes too; they are made anew where nobody trusts whoever packed them.

    Raises:
        CadFailed: they hold none.
    """
    try:
        given = msgpack.decode(data, type=_PackedModel)
        return Model(tuple(_body(body, meshes=meshes) for body in given.bodies), given.parameters)
    except (DecodeError, ValidationError, ValueError, RuntimeError) as error:
        raise CadFailed("impossible", f"these bytes are no model ({type(error).__name__}); build it again") from error


def _body(packed_body: _PackedBody, *, meshes: bool) -> Body:
    mesh = None
    if meshes and packed_body.vertices is not None and packed_body.faces is not None:
        mesh = Mesh(
            np.frombuffer(packed_body.vertices, "<f8").reshape(-1, 3),
            np.frombuffer(packed_body.faces, "<i4").reshape(-1, 3),
        )
    return Body(packed_body.name, _read(packed_body.shape), packed_body.density, mesh)


def _written(solid: Any) -> bytes:
    from OCP.BinTools import BinTools, BinTools_FormatVersion

    stream = io.BytesIO()
    version = BinTools_FormatVersion.BinTools_FormatVersion_CURRENT
    BinTools.Write_s(solid.wrapped, stream, False, False, version)
    return stream.getvalue()


def _read(data: bytes) -> Any:
    from build123d import Compound, Solid
    from OCP.BinTools import BinTools
    from OCP.TopAbs import TopAbs_ShapeEnum
    from OCP.TopoDS import TopoDS_Shape

    shape = TopoDS_Shape()
    BinTools.Read_s(shape, io.BytesIO(data))
    if shape.IsNull():
        raise ValueError("an empty shape")
    return Solid.cast(shape) if shape.ShapeType() == TopAbs_ShapeEnum.TopAbs_SOLID else Compound.cast(shape)
