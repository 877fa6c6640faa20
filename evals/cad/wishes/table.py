"""A dining table."""

from typing import Final

from evals.cad.wish import UPSIDE_DOWN, Sabotage, Wish, scaled

_APRON: Final = """\
from build123d import *

LENGTH, WIDTH, HEIGHT = 1200, 800, 750
TOP = 30
LEG = 70
INSET = 20
APRON, APRON_HEIGHT = 25, 90

under = HEIGHT - TOP
x = LENGTH / 2 - INSET - LEG / 2
y = WIDTH / 2 - INSET - LEG / 2
corners = {"front_left": (-x, -y), "front_right": (x, -y), "back_left": (-x, y), "back_right": (x, y)}

parts = {"top": Pos(0, 0, under + TOP / 2) * Box(LENGTH, WIDTH, TOP)}
for name, (at_x, at_y) in corners.items():
    parts[f"leg_{name}"] = Pos(at_x, at_y, under / 2) * Box(LEG, LEG, under)
for name, at_y in {"front": -y, "back": y}.items():
    parts[f"apron_{name}"] = Pos(0, at_y, under - APRON_HEIGHT / 2) * Box(2 * x - LEG, APRON, APRON_HEIGHT)
for name, at_x in {"left": -x, "right": x}.items():
    parts[f"apron_{name}"] = Pos(at_x, 0, under - APRON_HEIGHT / 2) * Box(APRON, 2 * y - LEG, APRON_HEIGHT)
parameters = {"length": LENGTH, "width": WIDTH, "height": HEIGHT, "top_thickness": TOP}
"""

_TRESTLE: Final = """\
from build123d import *

HEIGHT, TOP = 750, 35
FOOT = 60       # height of the beams at the floor and under the top
REACH = 700     # how long they are, across the table
AT = 480        # where the two ends stand

top = Pos(0, 0, HEIGHT - TOP / 2) * Box(1200, 800, TOP)
post = HEIGHT - TOP - 2 * FOOT
parts = {"top": top}
for side, x in (("left", -AT), ("right", AT)):
    parts[f"foot_{side}"] = Pos(x, 0, FOOT / 2) * Box(80, REACH, FOOT)
    parts[f"post_{side}"] = Pos(x, 0, FOOT + post / 2) * Box(80, 140, post)
    parts[f"head_{side}"] = Pos(x, 0, HEIGHT - TOP - FOOT / 2) * Box(80, REACH, FOOT)
parts["stretcher"] = Pos(0, 0, 300) * Box(2 * AT - 80, 40, 100)
parameters = {"height": HEIGHT, "top_thickness": TOP}
"""

_TAPERED: Final = """\
from build123d import *

TOP = 32
LEG = 750 - TOP

with BuildPart() as board:
    with BuildSketch():
        RectangleRounded(1200, 800, 60)
    extrude(amount=TOP)

parts = {"top": Pos(0, 0, LEG) * board.part}
places = [(-530, -330), (530, -330), (-530, 330), (530, 330)]
lengths = [LEG, LEG, LEG, LEG]
for number, ((x, y), length) in enumerate(zip(places, lengths), start=1):
    parts[f"leg_{number}"] = Pos(x, y, LEG - length / 2) * Cone(28, 42, length)
parameters = {"height": 750, "leg": LEG}
"""

_SLOPING: Final = """\
from build123d import *

def along_y(points, width):
    return extrude(Plane.XZ * Polygon(*points, align=None), width / 2, both=True)

top = along_y([(-600, 600), (600, 720), (600, 750), (-600, 630)], 800)
below = along_y([(-600, 0), (600, 0), (600, 720), (-600, 600)], 800)
parts = {"top": top}
for number, (x, y) in enumerate([(-545, -345), (545, -345), (-545, 345), (545, 345)], start=1):
    parts[f"leg_{number}"] = (Pos(x, y, 375) * Box(70, 70, 750)) & below
"""

TABLE: Final = Wish(
    name="table",
    text=(
        "A wooden dining table for four people. The top is 1200 mm long and 800 mm wide and lies level, 750 mm above "
        "the floor. Whoever sits at a long side needs room for the knees: 620 mm of free height, 300 mm deep. "
        "The table stands on its own and does not rock. Someone who leans on a corner or an edge with 40 kg does not "
        "tip it over, and it carries 100 kg in the middle of the top."
    ),
    good={"legs and aprons": _APRON, "two trestles": _TRESTLE, "tapered round legs": _TAPERED},
    sabotages=(
        Sabotage(
            wrong="the leg at the back right is missing",
            breaks="leans on a corner or an edge with 40 kg does not tip it over",
            of="legs and aprons",
            edits=((', "back_right": (x, y)}', "}"),),
        ),
        Sabotage(
            wrong="one leg ends 40 mm above the floor",
            breaks="does not rock",
            of="tapered round legs",
            edits=(("lengths = [LEG, LEG, LEG, LEG]", "lengths = [LEG, LEG - 40, LEG, LEG]"),),
        ),
        Sabotage(
            wrong="the top hangs 25 mm above its legs",
            breaks="The table stands on its own",
            of="tapered round legs",
            edits=(("LEG - length / 2) * Cone(28, 42, length)", "(LEG - 25) / 2) * Cone(28, 42, length - 25)"),),
        ),
        Sabotage(
            wrong="the top is a sheet of 2 mm",
            breaks="carries 100 kg in the middle of the top",
            of="tapered round legs",
            edits=(("TOP = 32", "TOP = 2"),),
        ),
        Sabotage(
            wrong="upside down, the legs point to the ceiling",
            breaks="lies level, 750 mm above the floor",
            of="legs and aprons",
            tail=UPSIDE_DOWN,
        ),
        Sabotage(
            wrong="the top slopes by 6 degrees",
            breaks="lies level",
            of="legs and aprons",
            program=_SLOPING,
        ),
        Sabotage(
            wrong="half as large, a table for dolls",
            breaks="1200 mm long and 800 mm wide",
            of="two trestles",
            tail=scaled(0.5),
        ),
        Sabotage(
            wrong="boards close both long sides down to the floor",
            breaks="room for the knees: 620 mm of free height",
            of="legs and aprons",
            edits=(
                (
                    "Pos(0, at_y, under - APRON_HEIGHT / 2) * Box(2 * x - LEG, APRON, APRON_HEIGHT)",
                    "Pos(0, at_y, under / 2) * Box(2 * x - LEG, APRON, under)",
                ),
            ),
        ),
    ),
)
"""The wish for a table."""
