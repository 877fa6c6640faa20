"""A garden bench."""

from typing import Final

from evals.cad.wish import UPSIDE_DOWN, Sabotage, Wish, scaled

_FRAMES: Final = """\
from build123d import *

LENGTH = 1500
SEAT, SEAT_TOP = 40, 450
FRAME = 60
AT = LENGTH / 2 - FRAME / 2

def along_x(points, length):
    return extrude(Plane.YZ * Polygon(*points, align=None), length / 2, both=True)

def lean(z):
    return 180 + 60 * (z - 410) / 440

under = SEAT_TOP - SEAT
frame = along_x([(-220, 0), (300, 0), (300, 850), (lean(850), 850), (lean(under), under), (-220, under)], FRAME)
board = [(lean(500) - 25, 500), (lean(500), 500), (lean(830), 830), (lean(830) - 25, 830)]
parts = {
    "frame_left": Pos(-AT, 0, 0) * frame,
    "frame_right": Pos(AT, 0, 0) * frame,
    "seat": Pos(0, -20, under + SEAT / 2) * Box(LENGTH, 400, SEAT),
    "backrest": along_x(board, LENGTH),
}
parameters = {"length": LENGTH, "seat_height": SEAT_TOP}
"""

_SLATS: Final = """\
from build123d import *

LENGTH = 1500
SEAT_TOP, SLAT = 450, 30
AT = 690          # legs left and right of the middle
rest = SEAT_TOP - SLAT

parts = {}
for side, x in (("left", -AT), ("right", AT)):
    parts[f"front_leg_{side}"] = Pos(x, -215, rest / 2) * Box(60, 60, rest)
    parts[f"back_leg_{side}"] = Pos(x, 210, 425) * Box(60, 60, 850)
    parts[f"bearer_{side}"] = Pos(x, -2.5, rest - 40) * Box(60, 365, 80)
for number in range(4):
    parts[f"seat_slat_{number + 1}"] = Pos(0, -196 + 102 * number, SEAT_TOP - SLAT / 2) * Box(LENGTH, 98, SLAT)
for number in range(3):
    parts[f"back_slat_{number + 1}"] = Pos(0, 170, 560 + 110 * number) * Box(LENGTH, 20, 90)
parameters = {"length": LENGTH, "seat_height": SEAT_TOP}
"""

_BLOCKS: Final = """\
from build123d import *

PLANK = 50
TOP = 450
block = Box(220, 520, TOP - PLANK)
post = fillet(Box(80, 60, 850).edges().filter_by(Axis.X), 8)

parts = {
    "block_left": Pos(-600, 0, (TOP - PLANK) / 2) * block,
    "block_right": Pos(600, 0, (TOP - PLANK) / 2) * block,
    "seat": Pos(0, -40, TOP - PLANK / 2) * Box(1500, 440, PLANK),
    "post_left": Pos(-600, 290, 425) * post,
    "post_right": Pos(600, 290, 425) * post,
    "backrest": Pos(0, 245, 690) * Box(1500, 30, 250),
}
densities = {"block_left": 2300, "block_right": 2300}
parameters = {"seat_height": TOP}
"""

BENCH: Final = Wish(
    name="bench",
    text=(
        "A garden bench for three adults of 80 kg each, who sit side by side. The seat is 1500 mm long, at least "
        "380 mm deep and 450 mm above the ground; a backrest reaches from the seat up to at least 800 mm. "
        "It must not tip over when one adult alone sits at one end, nor fall over backwards when somebody pushes the "
        "top of the backrest with 30 N while nobody sits there. The seat is level and does not break under the three."
    ),
    good={"two side frames": _FRAMES, "slats on four legs": _SLATS, "planks on two blocks": _BLOCKS},
    sabotages=(
        Sabotage(
            wrong="the frame on the right is missing",
            breaks="A garden bench for three adults",
            of="two side frames",
            edits=(('    "frame_right": Pos(AT, 0, 0) * frame,\n', ""),),
        ),
        Sabotage(
            wrong="both frames stand close to the middle",
            breaks="must not tip over when one adult alone sits at one end",
            of="two side frames",
            edits=(("AT = LENGTH / 2 - FRAME / 2", "AT = 120"),),
        ),
        Sabotage(
            wrong="the seat is a sheet of 3 mm",
            breaks="does not break under the three",
            of="two side frames",
            edits=(("SEAT, SEAT_TOP = 40, 450", "SEAT, SEAT_TOP = 3, 450"),),
        ),
        Sabotage(
            wrong="the backrest hangs in the air before its posts",
            breaks="a backrest reaches from the seat up to at least 800 mm",
            of="planks on two blocks",
            edits=(('"backrest": Pos(0, 245, 690)', '"backrest": Pos(0, 205, 690)'),),
        ),
        Sabotage(
            wrong="there is no backrest",
            breaks="a backrest reaches from the seat up to at least 800 mm",
            of="two side frames",
            edits=(
                ('    "backrest": along_x(board, LENGTH),\n', ""),
                (
                    "[(-220, 0), (300, 0), (300, 850), (lean(850), 850), (lean(under), under), (-220, under)]",
                    "[(-220, 0), (300, 0), (300, under), (-220, under)]",
                ),
            ),
        ),
        Sabotage(
            wrong="the seat is 700 mm above the ground",
            breaks="450 mm above the ground",
            of="slats on four legs",
            edits=(
                ("SEAT_TOP, SLAT = 450, 30", "SEAT_TOP, SLAT = 700, 30"),
                ("425) * Box(60, 60, 850)", "550) * Box(60, 60, 1100)"),
                ("560 + 110 * number", "810 + 110 * number"),
            ),
        ),
        Sabotage(
            wrong="upside down, it stands on its backrest",
            breaks="The seat is level",
            of="slats on four legs",
            tail=UPSIDE_DOWN,
        ),
        Sabotage(
            wrong="a model at 1:10",
            breaks="1500 mm long",
            of="planks on two blocks",
            tail=scaled(0.1),
        ),
    ),
)
"""The wish for a bench."""
