"""A ramp for a wheelchair."""

from typing import Final

from evals.cad.wish import UPSIDE_DOWN, Sabotage, Wish, scaled

_WEDGE: Final = """\
from build123d import *

LENGTH, RISE, LIP = 1250, 120, 3
WIDTH, KERB, KERB_HEIGHT = 960, 40, 50

def across(points, width):
    return extrude(Plane.YZ * Polygon(*points, align=None), width / 2, both=True)

wedge = across([(0, 0), (LENGTH, 0), (LENGTH, RISE), (0, LIP)], WIDTH)
kerb = across([(0, LIP), (LENGTH, RISE), (LENGTH, RISE + KERB_HEIGHT), (0, LIP + KERB_HEIGHT)], KERB)
parts = {
    "wedge": wedge,
    "kerb_left": Pos(-(WIDTH - KERB) / 2, 0, 0) * kerb,
    "kerb_right": Pos((WIDTH - KERB) / 2, 0, 0) * kerb,
}
parameters = {"length": LENGTH, "rise": RISE, "width": WIDTH}
"""

_RIBBED: Final = """\
from build123d import *

LENGTH, RISE, LIP = 1300, 120, 4
WIDTH = 950
PLATE = 20       # measured upwards, not across the slope

def top(y):
    return LIP + (RISE - LIP) * y / LENGTH

def across(points, width):
    return extrude(Plane.YZ * Polygon(*points, align=None), width / 2, both=True)

toe = (PLATE - LIP) * LENGTH / (RISE - LIP)
parts = {"plate": across([(0, 0), (toe, 0), (LENGTH, RISE - PLATE), (LENGTH, RISE), (0, LIP)], WIDTH)}
for number, y in enumerate((500, 850, LENGTH - 60), start=1):
    under = [(y, 0), (y + 60, 0), (y + 60, top(y + 60) - PLATE), (y, top(y) - PLATE)]
    parts[f"rib_{number}"] = across(under, WIDTH)
kerb = across([(0, LIP), (LENGTH, RISE), (LENGTH, RISE + 60), (0, LIP + 60)], 40)
for name, x in (("left", -1), ("right", 1)):
    parts[f"kerb_{name}"] = Pos(x * (WIDTH / 2 - 20), 0, 0) * kerb
parameters = {"length": LENGTH, "rise": RISE, "plate": PLATE}
"""

_SLATTED: Final = """\
from build123d import *

LENGTH, RISE, LIP, T = 1260, 120, 4, 32
slope = (RISE - LIP) / LENGTH
toe = (T - LIP) / slope

def top(y):
    return LIP + slope * y

def prism(points, width, x=0):
    return Pos(x, 0, 0) * extrude(Plane.YZ * Polygon(*points, align=None), width / 2, both=True)

parts = {"nose": prism([(0, 0), (toe, 0), (toe, T), (0, LIP)], 960)}
count = 7
pitch = (LENGTH - toe) / count
for number in range(count):
    a = toe + number * pitch + 4
    b = toe + (number + 1) * pitch
    parts[f"slat_{number + 1}"] = prism([(a, top(a) - T), (b, top(b) - T), (b, top(b)), (a, top(a))], 960)
for number, x in enumerate((-450, -150, 150, 450), start=1):
    parts[f"stringer_{number}"] = prism([(toe, 0), (LENGTH, 0), (LENGTH, RISE - T)], 50, x)
for name, x in (("left", -460), ("right", 460)):
    parts[f"kerb_{name}"] = prism([(0, LIP), (LENGTH, RISE), (LENGTH, RISE + 50), (0, LIP + 50)], 40, x)
parameters = {"length": LENGTH, "rise": RISE}
"""

RAMP: Final = Wish(
    name="ramp",
    text=(
        "A wooden ramp that takes a wheelchair up a step 120 mm high. One rolls from the front to the back. It begins "
        "on the floor with an edge of at most 5 mm, rises evenly by no more than 6 degrees and ends exactly 120 mm "
        "high. The way is at least 850 mm wide, without gaps wider than 10 mm, and a kerb on each side, at least 40 mm "
        "high, keeps the wheels from rolling off. It lies firmly on the floor and carries a person in an electric "
        "wheelchair, 250 kg, everywhere."
    ),
    good={"solid wedge": _WEDGE, "plate on ribs": _RIBBED, "slats on stringers": _SLATTED},
    sabotages=(
        Sabotage(
            wrong="too short, hence 17 degrees steep",
            breaks="rises evenly by no more than 6 degrees",
            of="solid wedge",
            edits=(("LENGTH, RISE, LIP = 1250, 120, 3", "LENGTH, RISE, LIP = 400, 120, 3"),),
        ),
        Sabotage(
            wrong="two slats are missing, a gap of more than 250 mm",
            breaks="without gaps wider than 10 mm",
            of="slats on stringers",
            edits=(("for number in range(count):", "for number in (0, 1, 2, 5, 6):"),),
        ),
        Sabotage(
            wrong="the kerb on the right is missing",
            breaks="a kerb on each side",
            of="plate on ribs",
            edits=(('(("left", -1), ("right", 1))', '(("left", -1),)'),),
        ),
        Sabotage(
            wrong="only 500 mm wide",
            breaks="at least 850 mm wide",
            of="solid wedge",
            edits=(("WIDTH, KERB, KERB_HEIGHT = 960, 40, 50", "WIDTH, KERB, KERB_HEIGHT = 500, 40, 50"),),
        ),
        Sabotage(
            wrong="a plate of 1.5 mm on one rib at the end",
            breaks="carries a person in an electric wheelchair, 250 kg",
            of="plate on ribs",
            edits=(
                ("PLATE = 20 ", "PLATE = 1.5 "),
                ("LIP = 1300, 120, 4", "LIP = 1300, 120, 1"),
                ("(500, 850, LENGTH - 60)", "(LENGTH - 60,)"),
            ),
        ),
        Sabotage(
            wrong="it begins with an edge of 60 mm",
            breaks="with an edge of at most 5 mm",
            of="solid wedge",
            edits=(("LENGTH, RISE, LIP = 1250, 120, 3", "LENGTH, RISE, LIP = 1250, 120, 60"),),
        ),
        Sabotage(
            wrong="half as large, it ends 60 mm too low",
            breaks="ends exactly 120 mm high",
            of="slats on stringers",
            tail=scaled(0.5),
        ),
        Sabotage(
            wrong="upside down, it lies on its kerbs",
            breaks="It begins on the floor",
            of="solid wedge",
            tail=UPSIDE_DOWN,
        ),
    ),
)
"""The wish for a ramp."""
