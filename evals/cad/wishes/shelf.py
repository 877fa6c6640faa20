"""A bookshelf."""

from typing import Final

from evals.cad.wish import Sabotage, Wish, scaled

_PANELS: Final = """\
from build123d import *

WIDTH, DEPTH, HEIGHT = 800, 350, 1200
T = 25
LOWEST = 50
inner = WIDTH - 2 * T
step = (HEIGHT - T - LOWEST) / 3

parts = {
    "side_left": Pos(-(WIDTH - T) / 2, 0, HEIGHT / 2) * Box(T, DEPTH, HEIGHT),
    "side_right": Pos((WIDTH - T) / 2, 0, HEIGHT / 2) * Box(T, DEPTH, HEIGHT),
}
heights = [LOWEST + step * number for number in range(4)]
lengths = [inner] * 4
for number, (z, length) in enumerate(zip(heights, lengths), start=1):
    parts[f"board_{number}"] = Pos(0, 0, z + T / 2) * Box(length, DEPTH, T)
parameters = {"width": WIDTH, "depth": DEPTH, "height": HEIGHT, "board": T}
"""

_POSTS: Final = """\
from build123d import *

BOARD = 24
POST = 40
HEIGHT = 1200
places = {"front_left": (-380, -155), "front_right": (380, -155), "back_left": (-380, 155), "back_right": (380, 155)}

notches = [Pos(x, y, 0) * Box(POST, POST, 2 * BOARD) for x, y in places.values()]
board = Box(800, 350, BOARD) - notches

parts = {f"post_{name}": Pos(x, y, HEIGHT / 2) * Box(POST, POST, HEIGHT) for name, (x, y) in places.items()}
for number, top in enumerate((100, 450, 800, 1200), start=1):
    parts[f"board_{number}"] = Pos(0, 0, top - BOARD / 2) * board
parameters = {"height": HEIGHT}
"""

_BACKED: Final = """\
from build123d import *

W, D, H, T = 800, 350, 1200, 22

carcass = Pos(0, 0, H / 2) * Box(W, D, H)
for number in range(3):
    opening = Pos(0, -10, 80 + 366 * number + 170 + T) * Box(W - 2 * T, D - 20, 344)
    carcass = carcass - opening
carcass = carcass - Pos(0, 0, 30) * Box(W - 2 * T, D, 60)
parts = {"carcass": carcass}
parameters = {"width": W, "depth": D, "height": H, "thickness": T}
"""

SHELF: Final = Wish(
    name="shelf",
    text=(
        "A free-standing wooden shelf for books, 800 mm wide, 350 mm deep and 1200 mm high. It has four boards, or as "
        "many in one piece, the highest at the very top and the lowest close to the floor. Between two boards there "
        "are at least 280 mm for the books, over the whole width. Each board is level and carries 25 kg. The shelf "
        "stands upright and does not fall over when a child bumps against its top with 15 N."
    ),
    good={"two sides": _PANELS, "four posts": _POSTS, "one piece with a back": _BACKED},
    sabotages=(
        Sabotage(
            wrong="the side on the left is missing",
            breaks="Each board is level and carries 25 kg",
            of="two sides",
            edits=(('    "side_left": Pos(-(WIDTH - T) / 2, 0, HEIGHT / 2) * Box(T, DEPTH, HEIGHT),\n', ""),),
        ),
        Sabotage(
            wrong="the boards are 1.5 mm thick",
            breaks="carries 25 kg",
            of="four posts",
            edits=(("BOARD = 24", "BOARD = 1.5"),),
        ),
        Sabotage(
            wrong="the second board is too short and touches neither side",
            breaks="Each board is level and carries 25 kg",
            of="two sides",
            edits=(("lengths = [inner] * 4", "lengths = [inner, inner - 40, inner, inner]"),),
        ),
        Sabotage(
            wrong="the boards stand 120 mm above each other, all below",
            breaks="at least 280 mm for the books",
            of="four posts",
            edits=(("(100, 450, 800, 1200)", "(100, 244, 388, 1200)"),),
        ),
        Sabotage(
            wrong="only 60 mm deep",
            breaks="does not fall over when a child bumps against its top",
            of="two sides",
            edits=(("WIDTH, DEPTH, HEIGHT = 800, 350, 1200", "WIDTH, DEPTH, HEIGHT = 800, 60, 1200"),),
        ),
        Sabotage(
            wrong="the boards slope to the side by 10 degrees",
            breaks="Each board is level",
            of="two sides",
            edits=(
                (
                    "Pos(0, 0, z + T / 2) * Box(length, DEPTH, T)",
                    "Pos(0, 0, min(z + 80, 1040)) * Rot(0, 10, 0) * Box((length - 4.3) / 0.9848, DEPTH, T)",
                ),
            ),
        ),
        Sabotage(
            wrong="it leans forwards by 14 degrees",
            breaks="stands upright",
            of="one piece with a back",
            tail=(
                "\nleaning = Pos(0, 0, 30) * Rot(14, 0, 0) * carcass\n"
                'parts = {"carcass": leaning & (Pos(0, 0, 1000) * Box(3000, 3000, 2000))}\n'
            ),
        ),
        Sabotage(
            wrong="a fifth as large, a shelf for a doll's house",
            breaks="800 mm wide, 350 mm deep and 1200 mm high",
            of="one piece with a back",
            tail=scaled(0.2),
        ),
    ),
)
"""The wish for a shelf."""
