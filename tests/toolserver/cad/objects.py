"""Models made of meshes alone, so that looking at them needs no CAD kernel. Millimetres."""

import numpy as np
from manifold3d import Manifold

from toolserver.cad.meshing import Mesh
from toolserver.cad.model import Body, Model


def box(size: tuple[float, float, float], middle: tuple[float, float, float]) -> Manifold:
    return Manifold.cube(size, center=True).translate(middle)


def made(parts: dict[str, Manifold]) -> Model:
    bodies = []
    for name, solid in parts.items():
        mesh = solid.to_mesh64()
        vertices = np.asarray(mesh.vert_properties, dtype=np.float64)[:, :3]
        bodies.append(Body(name, None, given=Mesh(vertices, np.asarray(mesh.tri_verts, dtype=np.int32))))
    return Model(tuple(bodies))


def table() -> Model:
    legs = {
        f"leg_{number}": box((40, 40, 425), (x, y, 212.5))
        for number, (x, y) in enumerate([(-260, -160), (260, -160), (-260, 160), (260, 160)], start=1)
    }
    return made({"top": box((600, 400, 25), (0, 0, 437.5)), **legs})


def house() -> Model:
    """A house with a door of 900 x 2000 in front, down to the floor, and a window to the right without a pane."""
    walls = box((3000, 3000, 2400), (0, 0, 1200)) - box((2700, 2700, 2400), (0, 0, 1200))
    walls = walls - box((900, 200, 2000), (0, -1425, 1000)) - box((200, 1000, 900), (1425, 0, 1450))
    return made({"walls": walls, "roof": box((3200, 3200, 150), (0, 0, 2475))})


def mug() -> Model:
    cup = Manifold.cylinder(95, 40, circular_segments=64) - Manifold.cylinder(95, 36, circular_segments=64).translate(
        (0, 0, 4)
    )
    ring = Manifold.revolve(Manifold.sphere(5, 16).slice(0).translate((24, 0)), 48).rotate((90, 0, 0))
    handle = ring.translate((52, 0, 47.5)) - Manifold.cylinder(95, 40, circular_segments=64)
    return made({"cup": cup, "handle": handle})


def bridge() -> Model:
    parts = {"deck": box((2000, 300, 30), (0, 0, 300))}
    for name, x in (("pier_left", -940.0), ("pier_right", 940.0)):
        parts[name] = box((120, 300, 285), (x, 0, 142.5))
    for side, y in (("front", -140.0), ("back", 140.0)):
        parts |= {f"post_{side}_{i + 1}": box((16, 16, 60), (-980 + i * 245, y, 345)) for i in range(9)}
        parts[f"rail_{side}"] = box((2000, 16, 16), (0, y, 383))
    return made(parts)
