"""A mug, wished for in Chinese."""

from typing import Final

from evals.cad.wish import UPSIDE_DOWN, Sabotage, Wish, scaled

_TURNED: Final = """\
from build123d import *

RADIUS, HEIGHT, WALL, BOTTOM = 42, 94, 4, 5

cup = Pos(0, 0, HEIGHT / 2) * Cylinder(RADIUS, HEIGHT)
bore = Pos(0, 0, BOTTOM + HEIGHT / 2) * Cylinder(RADIUS - WALL, HEIGHT)
ring = Pos(RADIUS, 0, HEIGHT / 2) * Rot(90, 0, 0) * Torus(30, 5)
parts = {"cup": cup - bore, "handle": ring - cup}
densities = {"cup": 2300, "handle": 2300}
parameters = {"radius": RADIUS, "height": HEIGHT, "wall": WALL, "bottom": BOTTOM}
"""

_CONICAL: Final = """\
from build123d import *

def turned(*points):
    return revolve(Plane.XZ * Polygon(*points, align=None), Axis.Z)

cup = turned((0, 0), (33, 0), (41, 98), (37, 98), (29.5, 5), (0, 5))
outside = turned((0, 0), (33, 0), (41, 98), (0, 98))
bow = Pos(48.5, 0, 50) * Box(47, 14, 72) - Pos(41, 0, 50) * Box(42, 14, 52)
parts = {"cup": cup, "handle": bow - outside}
densities = {"cup": 2300, "handle": 2300}
parameters = {"height": 98, "rim_diameter": 74}
"""

_SQUARE: Final = """\
from build123d import *

SIDE, HEIGHT, WALL = 80, 92, 4

with BuildPart() as mug:
    with BuildSketch():
        RectangleRounded(SIDE, SIDE, 14)
    extrude(amount=HEIGHT)
    with BuildSketch(Plane.XY.offset(WALL)):
        RectangleRounded(SIDE - 2 * WALL, SIDE - 2 * WALL, 10)
    extrude(amount=HEIGHT, mode=Mode.SUBTRACT)
    with BuildSketch(Plane.XZ):
        with Locations((SIDE / 2 + 16, HEIGHT / 2)):
            Rectangle(32, 66)
        with Locations((SIDE / 2 + 12, HEIGHT / 2)):
            Rectangle(24, 50, mode=Mode.SUBTRACT)
    extrude(amount=6, both=True)
parts = {"mug": mug.part}
densities = {"mug": 2300}
parameters = {"side": SIDE, "height": HEIGHT, "wall": WALL}
"""

MUG: Final = Wish(
    name="mug",
    text=(
        "一个带把手的陶瓷马克杯：至少能装 300 毫升水，一滴也不漏；高度不超过 110 毫米，"
        "杯口内径至少 65 毫米，方便清洗；把手的孔里伸得进两根手指（至少宽 20 毫米、高 45 毫米），把手要连在杯身上；"
        "放在倾斜 10 度的托盘上也不会翻倒；杯壁和杯底至少 3 毫米厚，不容易碎。"
    ),
    good={"turned with a ring": _TURNED, "conical with a bow": _CONICAL, "square in one piece": _SQUARE},
    sabotages=(
        Sabotage(
            wrong="there is no bottom",
            breaks="一滴也不漏",
            of="turned with a ring",
            edits=(("Pos(0, 0, BOTTOM + HEIGHT / 2) *", "Pos(0, 0, HEIGHT / 2) *"),),
        ),
        Sabotage(
            wrong="a hole of 16 mm in the wall, near the bottom",
            breaks="一滴也不漏",
            of="turned with a ring",
            edits=(
                ('"cup": cup - bore,', '"cup": cup - bore - Pos(-RADIUS, 0, 16) * Rot(0, 90, 0) * Cylinder(8, 30),'),
            ),
        ),
        Sabotage(
            wrong="there is no handle",
            breaks="带把手",
            of="conical with a bow",
            edits=((', "handle": bow - outside}', "}"), (', "handle": 2300}', "}")),
        ),
        Sabotage(
            wrong="the handle hangs 6 mm beside the cup",
            breaks="把手要连在杯身上",
            of="turned with a ring",
            edits=(('"handle": ring - cup}', '"handle": Pos(6, 0, 0) * (ring - cup)}'),),
        ),
        Sabotage(
            wrong="the handle is a solid lug without a hole",
            breaks="伸得进两根手指",
            of="conical with a bow",
            edits=((" - Pos(41, 0, 50) * Box(42, 14, 52)", ""),),
        ),
        Sabotage(
            wrong="wall and bottom are 0.4 mm thick",
            breaks="杯壁和杯底至少 3 毫米厚",
            of="square in one piece",
            edits=(("SIDE, HEIGHT, WALL = 80, 92, 4", "SIDE, HEIGHT, WALL = 80, 92, 0.4"),),
        ),
        Sabotage(
            wrong="upside down, the opening at the bottom",
            breaks="至少能装 300 毫升水",
            of="conical with a bow",
            tail=UPSIDE_DOWN,
        ),
        Sabotage(
            wrong="half as large, it holds a sip",
            breaks="至少能装 300 毫升水",
            of="square in one piece",
            tail=scaled(0.5),
        ),
    ),
)
"""The wish for a mug."""
