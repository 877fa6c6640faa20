"""A child's stool."""

from typing import Final

from evals.cad.wish import UPSIDE_DOWN, Sabotage, Wish, scaled

_SQUARE: Final = """\
from build123d import *

SEAT, THICK = 300, 30
LEG = 40
HEIGHT = 300
at = SEAT / 2 - LEG / 2
leg_height = HEIGHT - THICK

parts = {"seat": Pos(0, 0, leg_height + THICK / 2) * Box(SEAT, SEAT, THICK)}
for name, x, y in (("a", -at, -at), ("b", at, -at), ("c", at, at), ("d", -at, at)):
    parts[f"leg_{name}"] = Pos(x, y, leg_height / 2) * Box(LEG, LEG, leg_height)
for name, y in (("front", -at), ("back", at)):
    parts[f"rung_{name}"] = Pos(0, y, 90) * Box(SEAT - 2 * LEG, 20, 25)
parameters = {"seat_height": HEIGHT, "seat_width": SEAT}
"""

_SPLAYED: Final = """\
from build123d import *

RADIUS = 150
THICK = 28
REACH = 165     # of the middle of a leg from the axis
SPLAY = 25.7    # degrees, feet outwards
under = 300 - THICK

slab = Pos(0, 0, under / 2) * Box(900, 900, under)
leg = (Pos(REACH, 0, under / 2) * Rot(0, -SPLAY, 0) * Cylinder(18, 420)) & slab

parts = {"seat": Pos(0, 0, under + THICK / 2) * Cylinder(RADIUS, THICK)}
for number in range(4):
    parts[f"leg_{number + 1}"] = Rot(0, 0, 45 + 90 * number) * leg
parameters = {"seat_height": 300, "seat_radius": RADIUS, "splay_degrees": SPLAY}
"""

_PANELS: Final = """\
from build123d import *

T = 20
W, D, H = 340, 280, 300

seat = Pos(0, 0, H - T / 2) * Box(W, D, T)
panel = Box(T, D, H - T) - Pos(0, 0, -(H - T) / 2) * Rot(0, 90, 0) * Cylinder(70, 2 * T)
parts = {
    "seat": fillet(seat.edges().filter_by(Axis.Z), 15),
    "side_left": Pos(-120, 0, (H - T) / 2) * panel,
    "side_right": Pos(120, 0, (H - T) / 2) * panel,
    "stretcher": Pos(0, 0, H - T - 50) * Box(220, T, 100),
}
parameters = {"seat_height": H}
"""

_SLOPING: Final = """\
from build123d import *

seat = extrude(Plane.YZ * Polygon((-150, 210), (150, 270), (150, 300), (-150, 240), align=None), 150, both=True)
below = extrude(Plane.YZ * Polygon((-150, 0), (150, 0), (150, 270), (-150, 210), align=None), 150, both=True)
parts = {"seat": seat}
for number, (x, y) in enumerate([(-130, -130), (130, -130), (130, 130), (-130, 130)], start=1):
    parts[f"leg_{number}"] = (Pos(x, y, 150) * Box(40, 40, 300)) & below
"""

STOOL: Final = Wish(
    name="stool",
    text=(
        "A wooden stool a child of 30 kg can sit on. The seat is level, 300 mm above the floor, and at least 250 mm "
        "wide and deep. It must not tip over when the child sits on any edge of the seat, and it stands on a floor "
        "that slopes by 5 degrees as well. A child has to carry it around, so it weighs no more than 6 kg."
    ),
    good={"square with rungs": _SQUARE, "round with splayed legs": _SPLAYED, "two side panels": _PANELS},
    sabotages=(
        Sabotage(
            wrong="one of the four legs is missing",
            breaks="must not tip over when the child sits on any edge of the seat",
            of="round with splayed legs",
            edits=(("for number in range(4):", "for number in range(3):"),),
        ),
        Sabotage(
            wrong="the seat hangs 15 mm above the legs",
            breaks="a child of 30 kg can sit on",
            of="square with rungs",
            edits=(
                ("leg_height = HEIGHT - THICK\n", "leg_height = HEIGHT - THICK - 15\n"),
                ("leg_height + THICK / 2", "leg_height + 15 + THICK / 2"),
            ),
        ),
        Sabotage(
            wrong="the seat is a sheet of 1 mm",
            breaks="a child of 30 kg can sit on",
            of="round with splayed legs",
            edits=(("THICK = 28", "THICK = 1"),),
        ),
        Sabotage(
            wrong="the legs lean inwards, and the feet stand close together",
            breaks="must not tip over when the child sits on any edge of the seat",
            of="round with splayed legs",
            edits=(("REACH = 165 ", "REACH = 80 "), ("SPLAY = 25.7 ", "SPLAY = -10 ")),
        ),
        Sabotage(
            wrong="upside down, the seat lies on the floor",
            breaks="300 mm above the floor",
            of="square with rungs",
            tail=UPSIDE_DOWN,
        ),
        Sabotage(
            wrong="ten times too small: centimetres taken for millimetres",
            breaks="at least 250 mm wide and deep",
            of="two side panels",
            tail=scaled(0.1),
        ),
        Sabotage(
            wrong="the seat slopes to the front by 11 degrees",
            breaks="The seat is level",
            of="square with rungs",
            program=_SLOPING,
        ),
        Sabotage(
            wrong="a solid block of wood of 16 kg",
            breaks="weighs no more than 6 kg",
            of="two side panels",
            program='from build123d import *\n\nparts = {"block": Pos(0, 0, 150) * Box(300, 300, 300)}\n',
        ),
    ),
)
"""The wish for a stool."""
