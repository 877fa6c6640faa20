"""The things that scenarios are tried with: good ones, and what is left of them after one change."""

from typing import Any

from build123d import Box, Cylinder, Pos, Rot, Torus

from toolserver.cad.model import Body, Model, packed, unpacked


def block(size: tuple[float, float, float], middle: tuple[float, float], bottom: float) -> Any:
    """Return a box by its size, the middle of its ground plan, and the height of its underside."""
    return Pos(middle[0], middle[1], bottom + size[2] / 2) * Box(*size)


def model(**parts: Any) -> Model:
    """Return parts as they come out of the process that ran a program."""
    return unpacked(packed(Model(tuple(Body(name, solid) for name, solid in parts.items()), {})))


def table(legs: str = "abcd", top: float = 25.0) -> Model:
    at = {"a": (-260.0, -160.0), "b": (260.0, -160.0), "c": (-260.0, 160.0), "d": (260.0, 160.0)}
    return model(
        top=block((600, 400, top), (0, 0), 425), **{f"leg_{leg}": block((40, 40, 425), at[leg], 0) for leg in legs}
    )


def floating_table() -> Model:
    return model(
        top=block((600, 400, 25), (0, 0), 425),
        lamp=block((50, 50, 50), (0, 0), 700),
        **{
            f"leg_{n}": block((40, 40, 425), at, 0)
            for n, at in enumerate([(-260, -160), (260, -160), (-260, 160), (260, 160)])
        },
    )


def upside_down_table() -> Model:
    return model(
        top=block((600, 400, 25), (0, 0), 0),
        **{
            f"leg_{n}": block((40, 40, 425), at, 25)
            for n, at in enumerate([(-260, -160), (260, -160), (-260, 160), (260, 160)])
        },
    )


def cup(wall: float = 4.0) -> Model:
    return model(cup=Pos(0, 0, 47.5) * Cylinder(40, 95) - Pos(0, 0, 50 + wall) * Cylinder(40 - wall, 100))


def pierced_mug() -> Model:
    """A mug with a hole of 3 mm low in its wall."""
    whole = mug()
    hole = Pos(0, -40, 10) * (Rot(90, 0, 0) * Cylinder(1.5, 30))
    return model(cup=whole.bodies[0].solid - hole, handle=whole.bodies[1].solid)


def closed_mug() -> Model:
    whole = mug()
    return model(cup=whole.bodies[0].solid + Pos(0, 0, 93) * Cylinder(40, 4), handle=whole.bodies[1].solid)


def mug(bottom: bool = True) -> Model:
    hollow = Pos(0, 0, 52 if bottom else 50) * Cylinder(36, 96 if bottom else 110)
    handle = Pos(50, 0, 47) * (Rot(90, 0, 0) * Torus(24, 5)) - Pos(0, 0, 47.5) * Cylinder(38, 200)
    return model(cup=Pos(0, 0, 47.5) * Cylinder(40, 95) - hollow, handle=handle)


def house(door: tuple[float, float] | None = (900, 2000), window: bool = True) -> Model:
    walls = block((3000, 3000, 2400), (0, 0), 0) - block((2700, 2700, 2400), (0, 0), 0)
    if door is not None:
        walls -= block((door[0], 400, door[1]), (0, -1500), 0)
    if window:
        walls -= block((800, 400, 900), (1000, -1500), 1000)
    return model(walls=walls, roof=block((3200, 3200, 150), (0, 0), 2400))


def bridge(rails: bool = True, gap: float = 0.0) -> Model:
    parts: dict[str, Any] = {}
    deck = block((2000, 300, 30), (0, 0), 285)
    parts["deck"] = deck - block((gap, 400, 100), (0, 0), 250) if gap else deck
    for name, x in (("left", -940), ("right", 940)):
        parts[f"pier_{name}"] = block((120, 300, 285), (x, 0), 0)
    if rails:
        for side, y in (("front", -142), ("back", 142)):
            parts[f"rail_{side}"] = block((2000, 16, 16), (0, y), 375)
            for number in range(9):
                parts[f"post_{side}_{number}"] = block((16, 16, 60), (-992 + 248 * number, y), 315)
    return model(**parts)


def stairs(steps: int = 8, rise: float = 170.0, tread: float = 280.0, missing: int | None = None) -> Model:
    return model(
        **{
            f"step_{number}": block((900, tread, rise * (number + 1)), (0, tread * (number + 0.5)), 0)
            for number in range(steps)
            if number != missing
        }
    )


def ramp(length: float = 1200.0, height: float = 200.0) -> Model:
    from build123d import Plane, Polygon, extrude

    side = Plane.YZ * Polygon((0, 0), (length, 0), (length, height), align=None)
    return model(ramp=Pos(-400, 0, 0) * extrude(side, 800))


def box_with_lid(gap: float = 0.5) -> Model:
    box = block((120, 80, 60), (0, 0), 0) - block((112, 72, 60), (0, 0), 4)
    plug = block((112 - 2 * gap, 72 - 2 * gap, 6), (0, 0), 54)
    return model(box=box, lid=block((120, 80, 4), (0, 0), 60) + plug)


def shelf(boards: int = 3) -> Model:
    sides = {
        "left": block((20, 300, 1000), (-390, 0), 0),
        "right": block((20, 300, 1000), (390, 0), 0),
    }
    return model(**sides, **{f"board_{n}": block((760, 300, 20), (0, 0), 100 + 400 * n) for n in range(boards)})


def tray() -> Model:
    return model(tray=block((180, 120, 30), (0, 0), 0) - block((170, 110, 30), (0, 0), 5))


def mat() -> Model:
    return model(mat=block((600, 400, 8), (0, 0), 0))


def step_stool() -> Model:
    return model(low=block((450, 200, 200), (0, -100), 0), high=block((450, 200, 400), (0, 100), 0))


def dog_house() -> Model:
    walls = (
        block((900, 1000, 700), (0, 0), 0) - block((860, 960, 700), (0, 0), 0) - block((350, 100, 450), (0, -500), 0)
    )
    return model(walls=walls, roof=block((1000, 1100, 25), (0, 0), 700), floor=block((860, 960, 20), (0, 0), 0))


def bench(hole: float = 0.0) -> Model:
    """A board on two others, with a brace between these that does not touch it."""
    seat = block((1400, 350, 40), (0, 0), 410)
    return model(
        seat=seat - block((hole, 230, 100), (-250, 0), 380) if hole else seat,
        left=block((40, 320, 410), (-600, 0), 0),
        right=block((40, 320, 410), (600, 0), 0),
        brace=block((1160, 40, 80), (0, 0), 250),
    )


def bookcase() -> Model:
    """Boards between sides, with a back."""
    boards = {f"board_{n}": block((760, 300, 20), (0, 0), 50 + 430 * n) for n in range(5)}
    return model(
        left=block((20, 300, 1800), (-390, 0), 0),
        right=block((20, 300, 1800), (390, 0), 0),
        back=block((800, 10, 1800), (0, 155), 0),
        **boards,
    )


def column_table() -> Model:
    return model(
        foot=block((400, 400, 30), (0, 0), 0),
        column=block((80, 80, 670), (0, 0), 30),
        top=block((700, 700, 30), (0, 0), 700),
    )


def hung() -> Model:
    """A board in the air."""
    return model(board=block((600, 300, 20), (0, 0), 500), stone=block((100, 100, 100), (0, 0), 0))


def ribbed_ramp() -> Model:
    """A sloping plate, 20 mm thick, on two ribs and the ground."""
    from build123d import Plane, Polygon, extrude

    def across(*points: tuple[float, float]) -> Any:
        return extrude(Plane.YZ * Polygon(*points, align=None), 450, both=True)

    return model(
        plate=across((0, 0), (200, 0), (1200, 100), (1200, 120), (0, 0)),
        middle=across((580, 0), (620, 0), (620, 42), (580, 38)),
        back=across((1160, 0), (1200, 0), (1200, 100), (1160, 96)),
    )
