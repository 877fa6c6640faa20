"""A footbridge with railings."""

from typing import Final

from evals.cad.wish import UPSIDE_DOWN, Sabotage, Wish

_RAILS: Final = """\
from build123d import *

LENGTH, WIDTH, TOP = 2400, 1000, 400
DECK, BEAM = 40, 120
ABUTMENT = 200
RAILING = 900
low = TOP - DECK - BEAM

parts = {"deck": Pos(0, 0, TOP - DECK / 2) * Box(LENGTH, WIDTH, DECK)}
for name, x in (("left", -1), ("right", 1)):
    parts[f"abutment_{name}"] = Pos(x * (LENGTH - ABUTMENT) / 2, 0, low / 2) * Box(ABUTMENT, WIDTH, low)
for name, y in (("front", -300), ("back", 300)):
    parts[f"beam_{name}"] = Pos(0, y, low + BEAM / 2) * Box(LENGTH, 80, BEAM)
for name, side in (("front", -1), ("back", 1)):
    for number in range(7):
        at = Pos(-1170 + 390 * number, side * 470, TOP + RAILING / 2)
        parts[f"post_{name}_{number + 1}"] = at * Box(60, 60, RAILING)
    for number in range(6):
        at = Pos(0, side * 425, TOP + RAILING - 30 - 150 * number)
        parts[f"rail_{name}_{number + 1}"] = at * Box(LENGTH, 30, 60)
parameters = {"length": LENGTH, "width": WIDTH, "railing_height": RAILING}
"""

_PARAPETS: Final = """\
from build123d import *

LENGTH = 2600
TOP = 350
SLAB = 120
WALL = 60

slab = Pos(0, 0, TOP - SLAB / 2) * Box(LENGTH, 960, SLAB)
foot = Box(300, 960, TOP - SLAB)
parapet = Box(LENGTH, WALL, 950)
parts = {
    "slab": slab,
    "foot_left": Pos(-1150, 0, (TOP - SLAB) / 2) * foot,
    "foot_right": Pos(1150, 0, (TOP - SLAB) / 2) * foot,
    "parapet_front": Pos(0, -450, TOP + 475) * parapet,
    "parapet_back": Pos(0, 450, TOP + 475) * parapet,
}
parameters = {"length": LENGTH}
"""

_PLANKS: Final = """\
from build123d import *

PLANKS, PITCH, GAP = 20, 120, 5
LENGTH = PLANKS * PITCH - GAP
THICK = 40
PANEL = 960      # height of the railings
TOP = 420
low = 250

bars = Plane.XZ * (Rectangle(LENGTH, PANEL) - GridLocations(110, 0, 20, 1) * Rectangle(85, PANEL - 160))
panel = extrude(bars, 20, both=True)

parts = {}
for number in range(PLANKS):
    x = -LENGTH / 2 + PITCH * number + (PITCH - GAP) / 2
    parts[f"plank_{number + 1}"] = Pos(x, 0, TOP - THICK / 2) * Box(PITCH - GAP, 940, THICK)
for number, y in enumerate((-380, 0, 380), start=1):
    parts[f"beam_{number}"] = Pos(0, y, (low + TOP - THICK) / 2) * Box(LENGTH, 70, TOP - THICK - low)
for name, x in (("left", -1), ("right", 1)):
    parts[f"abutment_{name}"] = Pos(x * (LENGTH / 2 - 90), 0, low / 2) * Box(180, 940, low)
for name, y in (("front", -450), ("back", 450)):
    parts[f"railing_{name}"] = Pos(0, y, TOP + PANEL / 2) * panel
parameters = {"length": LENGTH, "railing_height": PANEL}
"""

BRIDGE: Final = Wish(
    name="bridge",
    text=(
        "A footbridge for the garden, across a ditch 2 m wide. One walks along x, from left to right. The walkway is "
        "at least 2.3 m long and 800 mm wide, level, without steps and without gaps wider than 10 mm, so that a ball "
        "rolls across. The bridge stands on two abutments, one at each end, and nothing else touches the ground. On "
        "both sides there is a railing along the whole walkway, at least 900 mm high, and no ball of 120 mm gets "
        "through it. Two people, 180 kg together, stand in the middle, and it neither breaks nor tips."
    ),
    good={"posts and rails": _RAILS, "slab with parapets": _PARAPETS, "planks and barred railings": _PLANKS},
    sabotages=(
        Sabotage(
            wrong="a gap of 360 mm in the walkway, with the beams below removed there",
            breaks="without gaps wider than 10 mm",
            of="slab with parapets",
            edits=(
                ("* Box(LENGTH, 960, SLAB)\n", "* (Box(LENGTH, 960, SLAB) - Pos(200, 0, 0) * Box(360, 830, SLAB))\n"),
            ),
        ),
        Sabotage(
            wrong="the railing at the front is missing",
            breaks="On both sides there is a railing",
            of="planks and barred railings",
            edits=(('(("front", -450), ("back", 450))', '(("back", 450),)'),),
        ),
        Sabotage(
            wrong="the railings are only 250 mm high",
            breaks="at least 900 mm high",
            of="slab with parapets",
            edits=(
                ("Box(LENGTH, WALL, 950)", "Box(LENGTH, WALL, 250)"),
                ("Pos(0, -450, TOP + 475)", "Pos(0, -450, TOP + 125)"),
                ("Pos(0, 450, TOP + 475)", "Pos(0, 450, TOP + 125)"),
            ),
        ),
        Sabotage(
            wrong="the lower rails are left out, and a child falls through below the handrail",
            breaks="no ball of 120 mm gets through it",
            of="posts and rails",
            edits=(("for number in range(6):", "for number in range(1):"),),
        ),
        Sabotage(
            wrong="the abutment on the right is missing",
            breaks="stands on two abutments, one at each end",
            of="planks and barred railings",
            edits=(('(("left", -1), ("right", 1))', '(("left", -1),)'),),
        ),
        Sabotage(
            wrong="half of the walkway lies 90 mm higher",
            breaks="without steps",
            of="slab with parapets",
            edits=(
                (
                    "* Box(LENGTH, 960, SLAB)\n",
                    "* (Box(LENGTH, 960, SLAB) + Pos(LENGTH / 4, 0, SLAB / 2 + 45) * Box(LENGTH / 2, 840, 90))\n",
                ),
            ),
        ),
        Sabotage(
            wrong="the walkway is a sheet of 3 mm without beams",
            breaks="it neither breaks nor tips",
            of="posts and rails",
            edits=(
                ("DECK, BEAM = 40, 120", "DECK, BEAM = 3, 0"),
                ('for name, y in (("front", -300), ("back", 300)):', "for name, y in ():"),
            ),
        ),
        Sabotage(
            wrong="upside down, it stands on its railings",
            breaks="stands on two abutments",
            of="slab with parapets",
            tail=UPSIDE_DOWN,
        ),
    ),
)
"""The wish for a bridge."""
