"""A box with a lid."""

from typing import Final

from evals.cad.wish import UPSIDE_DOWN, Sabotage, Wish, scaled

_RIMMED: Final = """\
from build123d import *

LENGTH, WIDTH, HEIGHT = 220, 170, 100
WALL, BOTTOM = 5, 5
LID, RIM, PLAY = 5, 10, 0.6

outer = Pos(0, 0, HEIGHT / 2) * Box(LENGTH, WIDTH, HEIGHT)
room = Pos(0, 0, BOTTOM + HEIGHT / 2) * Box(LENGTH - 2 * WALL, WIDTH - 2 * WALL, HEIGHT)

x, y = LENGTH - 2 * WALL - 2 * PLAY, WIDTH - 2 * WALL - 2 * PLAY
plate = Pos(0, 0, HEIGHT + LID / 2) * Box(LENGTH, WIDTH, LID)
rim = Pos(0, 0, HEIGHT - RIM / 2) * (Box(x, y, RIM) - Box(x - 8, y - 8, RIM))
parts = {"box": outer - room, "lid": plate + rim}
parameters = {"wall": WALL, "play": PLAY, "rim": RIM}
"""

_ROUNDED: Final = """\
from build123d import *

with BuildPart() as tray:
    with BuildSketch():
        RectangleRounded(224, 174, 16)
    extrude(amount=96)
    with BuildSketch(Plane.XY.offset(6)):
        RectangleRounded(212, 162, 10)
    extrude(amount=96, mode=Mode.SUBTRACT)

# The lid reaches down over the outside.
with BuildPart() as cap:
    with BuildSketch(Plane.XY.offset(76)):
        RectangleRounded(235.6, 185.6, 21.8)
    extrude(amount=26)
    with BuildSketch(Plane.XY.offset(76)):
        RectangleRounded(225.6, 175.6, 16.8)
    extrude(amount=20, mode=Mode.SUBTRACT)

parts = {"box": tray.part, "lid": cap.part}
parameters = {"play": 0.8}
"""

_BOARDS: Final = """\
from build123d import *

T = 8
L, W, H = 230, 180, 105       # outside, without the lid

parts = {
    "bottom": Pos(0, 0, T / 2) * Box(L, W, T),
    "front": Pos(0, -(W - T) / 2, (H + T) / 2) * Box(L, T, H - T),
    "back": Pos(0, (W - T) / 2, (H + T) / 2) * Box(L, T, H - T),
    "left": Pos(-(L - T) / 2, 0, (H + T) / 2) * Box(T, W - 2 * T, H - T),
    "right": Pos((L - T) / 2, 0, (H + T) / 2) * Box(T, W - 2 * T, H - T),
}
lid = Pos(0, 0, H + T / 2) * Box(L, W, T)
plug = Pos(0, 0, H - 7) * Box(L - 2 * T - 1.6, W - 2 * T - 1.6, 14)
knob = Pos(0, 0, H + T + 10) * Cylinder(12, 20)
parts["lid"] = lid + plug + knob
parameters = {"board": T}
"""

BOX: Final = Wish(
    name="box",
    text=(
        "A box with a loose lid for marbles of 16 mm, 2 kg of them. Inside it is at least 200 mm long, 150 mm wide and "
        "80 mm high when the lid is on. Bottom and walls have no holes, no marble gets out, and with the lid on it is "
        "closed all around. The lid lies on the box and lifts straight off without jamming: its rim has a play of 0.3 "
        "to 1.5 mm on each side. The rim keeps the lid from sliding off when the box is tilted by 20 degrees. "
        "Everything is at least 3 mm thick, and the box stands flat on a table."
    ),
    good={"rim inside": _RIMMED, "cap outside": _ROUNDED, "boards with a knob": _BOARDS},
    sabotages=(
        Sabotage(
            wrong="there is no bottom",
            breaks="Bottom and walls have no holes",
            of="rim inside",
            edits=(("Pos(0, 0, BOTTOM + HEIGHT / 2) * Box(", "Pos(0, 0, HEIGHT / 2) * Box("),),
        ),
        Sabotage(
            wrong="a hole of 40 mm in the front, close to the bottom",
            breaks="no marble gets out",
            of="boards with a knob",
            edits=(
                (
                    '* Box(L, T, H - T),\n    "back"',
                    '* (Box(L, T, H - T) - Pos(40, 0, -25) * Rot(90, 0, 0) * Cylinder(20, 30)),\n    "back"',
                ),
            ),
        ),
        Sabotage(
            wrong="there is no lid",
            breaks="A box with a loose lid",
            of="cap outside",
            edits=((', "lid": cap.part}', "}"),),
        ),
        Sabotage(
            wrong="the lid is a plain plate without a rim",
            breaks="The rim keeps the lid from sliding off",
            of="rim inside",
            edits=(('"lid": plate + rim}', '"lid": plate}'),),
        ),
        Sabotage(
            wrong="the rim is 2 mm larger than the opening and cuts into the walls",
            breaks="lifts straight off without jamming",
            of="rim inside",
            edits=(("LID, RIM, PLAY = 5, 10, 0.6", "LID, RIM, PLAY = 5, 10, -2"),),
        ),
        Sabotage(
            wrong="the lid hangs 30 mm above the box",
            breaks="The lid lies on the box",
            of="boards with a knob",
            edits=(("lid + plug + knob", "Pos(0, 0, 30) * (lid + plug + knob)"),),
        ),
        Sabotage(
            wrong="half as large",
            breaks="at least 200 mm long, 150 mm wide and 80 mm high",
            of="cap outside",
            tail=scaled(0.5),
        ),
        Sabotage(
            wrong="upside down, it stands on its lid, and the room opens downwards",
            breaks="The lid lies on the box",
            of="boards with a knob",
            tail=UPSIDE_DOWN,
        ),
    ),
)
"""The wish for a box."""
