"""Stairs up to a terrace."""

from typing import Final

from evals.cad.wish import Sabotage, Wish, scaled

_SOLID: Final = """\
from build123d import *

STEPS, RISE, TREAD, WIDTH = 5, 180, 280, 900
rises = [RISE] * STEPS

parts = {}
height = 0
for number, rise in enumerate(rises):
    height += rise
    parts[f"step_{number + 1}"] = Pos(0, (number + 0.5) * TREAD, height / 2) * Box(WIDTH, TREAD, height)
parameters = {"steps": STEPS, "rise": RISE, "tread": TREAD, "width": WIDTH}
"""

_STRINGERS: Final = """\
from build123d import *

STEPS, RISE, TREAD = 5, 180, 280
BOARD = 40
points = [(0, 0)]
for number in range(STEPS):
    level = RISE * (number + 1) - BOARD
    points += [(TREAD * number, level), (TREAD * (number + 1), level)]
points.append((TREAD * STEPS, 0))
stringer = extrude(Plane.YZ * Polygon(*points, align=None), 30, both=True)

parts = {f"stringer_{number}": Pos(x, 0, 0) * stringer for number, x in enumerate((-420, 0, 420), start=1)}
widths = [920] * STEPS
for number, width in enumerate(widths):
    at = Pos(0, TREAD * (number + 0.5), RISE * (number + 1) - BOARD / 2)
    parts[f"tread_{number + 1}"] = at * Box(width, TREAD, BOARD)
parameters = {"steps": STEPS, "rise": RISE, "tread": TREAD, "board": BOARD}
"""

_BOXES: Final = """\
from build123d import *

COUNT = 6
rise, tread, width, board = 900 / COUNT, 300, 950, 35

parts = {}
for step in range(1, COUNT + 1):
    y = (step - 0.5) * tread
    under = step * rise - board
    parts[f"tread_{step}"] = Pos(0, y, under + board / 2) * Box(width, tread, board)
    for name, x in (("left", -1), ("right", 1)):
        parts[f"side_{name}_{step}"] = Pos(x * (width - 40) / 2, y, under / 2) * Box(40, tread, under)
parameters = {"steps": COUNT, "rise": rise, "tread": tread}
"""

_SLOPING: Final = """\
from build123d import *

parts = {}
for number in range(1, 6):
    front, back, top = (number - 1) * 280, number * 280, number * 180
    side = [(front, 0), (back, 0), (back, top), (front, top - 80)]
    parts[f"step_{number}"] = extrude(Plane.YZ * Polygon(*side, align=None), 450, both=True)
"""

STAIRS: Final = Wish(
    name="stairs",
    text=(
        "Stairs from the garden up to a terrace 900 mm high; one walks up from the front to the back. No step is "
        "higher than 190 mm, and all are equally high. Each tread is level, at least 260 mm deep and 900 mm wide. The "
        "last tread is as high as the terrace. The stairs stand by themselves, and a person of 120 kg may step on any "
        "tread, in the middle or at its edge, without anything breaking or tipping."
    ),
    good={"solid steps": _SOLID, "treads on stringers": _STRINGERS, "row of boxes": _BOXES},
    sabotages=(
        Sabotage(
            wrong="the third tread is missing, one steps into a hole",
            breaks="No step is higher than 190 mm",
            of="row of boxes",
            edits=(
                (
                    '    parts[f"tread_{step}"] =',
                    '    if step == 3:\n        continue\n    parts[f"tread_{step}"] =',
                ),
            ),
        ),
        Sabotage(
            wrong="one step is 300 mm high and one 60 mm",
            breaks="all are equally high",
            of="solid steps",
            edits=(("rises = [RISE] * STEPS", "rises = [180, 180, 300, 60, 180]"),),
        ),
        Sabotage(
            wrong="the treads are 100 mm deep",
            breaks="at least 260 mm deep",
            of="treads on stringers",
            edits=(("STEPS, RISE, TREAD = 5, 180, 280", "STEPS, RISE, TREAD = 5, 180, 100"),),
        ),
        Sabotage(
            wrong="two steps short, it ends at 540 mm",
            breaks="The last tread is as high as the terrace",
            of="solid steps",
            edits=(("STEPS, RISE, TREAD, WIDTH = 5,", "STEPS, RISE, TREAD, WIDTH = 3,"),),
        ),
        Sabotage(
            wrong="the treads are sheets of 1.5 mm",
            breaks="without anything breaking",
            of="row of boxes",
            edits=(
                ("tread, width, board = 900 / COUNT, 300, 950, 35", "tread, width, board = 900 / COUNT, 300, 950, 1.5"),
            ),
        ),
        Sabotage(
            wrong="the fourth tread sits 30 mm too high, above its support",
            breaks="all are equally high",
            of="treads on stringers",
            edits=(
                (
                    "RISE * (number + 1) - BOARD / 2)\n",
                    "RISE * (number + 1) - BOARD / 2 + (30 if number == 3 else 0))\n",
                ),
            ),
        ),
        Sabotage(
            wrong="the treads slope to the front by 16 degrees",
            breaks="Each tread is level",
            of="solid steps",
            program=_SLOPING,
        ),
        Sabotage(
            wrong="ten times too small: centimetres taken for millimetres",
            breaks="a terrace 900 mm high",
            of="treads on stringers",
            tail=scaled(0.1),
        ),
    ),
)
"""The wish for stairs."""
