"""A garden house with a door and a window."""

from typing import Final

from evals.cad.wish import Sabotage, Wish, scaled

_FLAT: Final = """\
from build123d import *

SIDE, HEIGHT, WALL = 3000, 2400, 120
DOOR_WIDTH, DOOR_HEIGHT = 900, 2050
inner = SIDE - 2 * WALL
at = (SIDE - WALL) / 2

front = Pos(0, -at, HEIGHT / 2) * Box(SIDE, WALL, HEIGHT)
door = Pos(0, -at, DOOR_HEIGHT / 2) * Box(DOOR_WIDTH, 2 * WALL, DOOR_HEIGHT)
right = Pos(at, 0, HEIGHT / 2) * Box(WALL, inner, HEIGHT)
window = Pos(at, 0, 1400) * Box(2 * WALL, 900, 800)
parts = {
    "wall_front": front - door,
    "wall_back": Pos(0, at, HEIGHT / 2) * Box(SIDE, WALL, HEIGHT),
    "wall_left": Pos(-at, 0, HEIGHT / 2) * Box(WALL, inner, HEIGHT),
    "wall_right": right - window,
    "roof": Pos(0, 0, HEIGHT + 75) * Box(SIDE + 300, SIDE + 300, 150),
}
parameters = {"door_width": DOOR_WIDTH, "door_height": DOOR_HEIGHT}
"""

_GABLE: Final = """\
from build123d import *

DEPTH = 3000
EAVES, RIDGE, HALF = 2350, 3250, 1500
WALL = 120

def along_y(points, depth):
    return extrude(Plane.XZ * Polygon(*points, align=None), depth / 2, both=True)

def under_roof(x):
    return RIDGE - (RIDGE - EAVES) * abs(x) / HALF

full = along_y([(-HALF, 0), (HALF, 0), (HALF, EAVES), (0, RIDGE), (-HALF, EAVES)], DEPTH)
x = HALF - WALL
room = along_y([(-x, 0), (x, 0), (x, under_roof(x)), (0, RIDGE), (-x, under_roof(x))], DEPTH - 2 * WALL)
door = Pos(-400, -DEPTH / 2, 1025) * Box(850, 4 * WALL, 2050)
window = Pos(0, DEPTH / 2, 1400) * Box(1000, 4 * WALL, 900)

def slope(side):
    low = under_roof(1700)
    return along_y([(0, RIDGE), (side * 1700, low), (side * 1700, low + 120), (0, RIDGE + 120)], DEPTH + 400)

parts = {"walls": full - room - door - window, "roof_left": slope(-1), "roof_right": slope(1)}
parameters = {"eaves": EAVES, "ridge": RIDGE}
"""

_FRAMED: Final = """\
from build123d import *

W, D, H, T = 3100, 2900, 2450, 100
FLOOR = 15

with BuildPart() as shell:
    with BuildSketch():
        Rectangle(W, D)
        Rectangle(W - 2 * T, D - 2 * T, mode=Mode.SUBTRACT)
    extrude(amount=H)
    with Locations((500, -D / 2, 0)):
        Box(1000, 4 * T, 2100, align=(Align.CENTER, Align.CENTER, Align.MIN), mode=Mode.SUBTRACT)
    with Locations((-W / 2, 300, 900)):
        Box(4 * T, 700, 700, align=(Align.CENTER, Align.CENTER, Align.MIN), mode=Mode.SUBTRACT)

parts = {
    "shell": shell.part,
    "floor": Pos(0, 0, FLOOR / 2) * Box(W - 2 * T, D - 2 * T, FLOOR),
    "roof": Pos(0, 0, H + 60) * Box(W + 200, D + 200, 120),
}
parameters = {"door_width": 1000, "door_height": 2100}
"""

HOUSE: Final = Wish(
    name="house",
    text=(
        "A garden house about 3 m by 3 m. A grown-up of 1.80 m walks in at the front, upright and without squeezing, "
        "through a doorway at least 800 mm wide and 2000 mm high, without a sill higher than 20 mm, and can go on to "
        "the middle of the room. Inside there are at least 2.5 m by 2.5 m, and 2.2 m of height. One window, at least "
        "600 mm by 600 mm, its sill between 800 mm and 1200 mm above the floor, is in another wall. Walls and roof are "
        "closed otherwise, so that no rain comes in, and the roof rests on the walls."
    ),
    good={"flat roof": _FLAT, "gable roof": _GABLE, "shell with a floor": _FRAMED},
    sabotages=(
        Sabotage(
            wrong="the doorway is 400 mm wide",
            breaks="a doorway at least 800 mm wide",
            of="flat roof",
            edits=(("DOOR_WIDTH, DOOR_HEIGHT = 900, 2050", "DOOR_WIDTH, DOOR_HEIGHT = 400, 2050"),),
        ),
        Sabotage(
            wrong="the doorway is 1400 mm high",
            breaks="upright and without squeezing",
            of="flat roof",
            edits=(("DOOR_WIDTH, DOOR_HEIGHT = 900, 2050", "DOOR_WIDTH, DOOR_HEIGHT = 900, 1400"),),
        ),
        Sabotage(
            wrong="there is no doorway",
            breaks="walks in at the front",
            of="gable roof",
            edits=(("full - room - door - window", "full - room - window"),),
        ),
        Sabotage(
            wrong="there is no window",
            breaks="One window, at least 600 mm by 600 mm",
            of="flat roof",
            edits=(('"wall_right": right - window', '"wall_right": right'),),
        ),
        Sabotage(
            wrong="the roof hangs 200 mm above the walls",
            breaks="the roof rests on the walls",
            of="shell with a floor",
            edits=(("Pos(0, 0, H + 60)", "Pos(0, 0, H + 260)"),),
        ),
        Sabotage(
            wrong="one half of the roof is missing",
            breaks="no rain comes in",
            of="gable roof",
            edits=((', "roof_right": slope(1)}', "}"),),
        ),
        Sabotage(
            wrong="a wall stands close behind the doorway, from side to side",
            breaks="can go on to the middle of the room",
            of="shell with a floor",
            edits=(
                ('    "roof":', '    "partition": Pos(0, -900, FLOOR + 1200) * Box(W - 2 * T, 80, 2400),\n    "roof":'),
            ),
        ),
        Sabotage(
            wrong="a model at 1:10",
            breaks="about 3 m by 3 m",
            of="gable roof",
            tail=scaled(0.1),
        ),
    ),
)
"""The wish for a house."""
