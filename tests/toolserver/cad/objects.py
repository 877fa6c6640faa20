"""Models to look at: a table, a house, a mug, a bridge. Millimetres."""

import numpy as np
from build123d import Box, Cylinder, Part, Pos, Rot, Torus

from toolserver.cad.meshing import Mesh
from toolserver.cad.model import Body, Model


def box(size: tuple[float, float, float], middle: tuple[float, float, float]) -> Part:
    return Pos(*middle) * Box(*size)


def made(parts: dict[str, Part]) -> Model:
    return Model(tuple(Body(name, part) for name, part in parts.items()))


def moved(body: Body, *by: float) -> Body:
    return Body(body.name, Pos(*by) * body.solid)


def opened(body: Body) -> Body:
    """Return a part whose mesh lacks a triangle."""
    return Body(body.name, body.solid, given=Mesh(body.mesh.vertices, body.mesh.faces[:-1]))


def flat(name: str) -> Body:
    """Return a part without any surface."""
    return Body(name, None, given=Mesh(np.zeros((3, 3)), np.array([[0, 1, 2]], dtype=np.int32)))


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
    cup = Pos(0, 0, 47.5) * (Cylinder(40, 95) - Pos(0, 0, 4) * Cylinder(36, 95))
    handle = Pos(52, 0, 47.5) * (Rot(90, 0, 0) * Torus(24, 5)) - Pos(0, 0, 47.5) * Cylinder(40, 95)
    return made({"cup": cup, "handle": handle})


def bridge() -> Model:
    parts = {"deck": box((2000, 300, 30), (0, 0, 300))}
    for name, x in (("pier_left", -940.0), ("pier_right", 940.0)):
        parts[name] = box((120, 300, 285), (x, 0, 142.5))
    for side, y in (("front", -140.0), ("back", 140.0)):
        parts |= {f"post_{side}_{i + 1}": box((16, 16, 60), (-980 + i * 245, y, 345)) for i in range(9)}
        parts[f"rail_{side}"] = box((2000, 16, 16), (0, y, 383))
    return made(parts)
