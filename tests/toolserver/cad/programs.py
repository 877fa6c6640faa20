"""CAD programs that tests build: things that are as they should be."""

import re
from pathlib import Path

import agent.verification.artefacts as artefacts

TABLE = """
from build123d import *

parts = {"top": Pos(0, 0, 437.5) * Box(600, 400, 25)}
for number, (x, y) in enumerate([(-260, -160), (260, -160), (-260, 160), (260, 160)], 1):
    parts[f"leg_{number}"] = Pos(x, y, 0) * Box(40, 40, 425, align=(Align.CENTER, Align.CENTER, Align.MIN))
parameters = {"height": 450}
densities = {"top": 700}
"""

MUG = """
from build123d import *

UP = (Align.CENTER, Align.CENTER, Align.MIN)
body = Cylinder(40, 95, align=UP) - Pos(0, 0, 4) * Cylinder(36, 95, align=UP)
handle = Pos(52, 0, 47) * Rot(90, 0, 0) * Torus(24, 5) - Cylinder(38, 200)
parts = {"mug": body + handle}
"""

HOUSE = """
from build123d import *

UP = (Align.CENTER, Align.CENTER, Align.MIN)
walls = Box(3000, 3000, 2400, align=UP) - Box(2700, 2700, 2500, align=UP)
walls -= Pos(0, -1500, 0) * Box(900, 400, 2000, align=UP)
parts = {"walls": walls, "roof": Pos(0, 0, 2400) * Box(3200, 3200, 150, align=UP)}
"""

CASKET = """
from build123d import *

UP = (Align.CENTER, Align.CENTER, Align.MIN)
parts = {
    "box": Box(200, 100, 80, align=UP) - Pos(0, 0, 4) * Box(192, 92, 90, align=UP),
    "lid": Pos(0, 0, 80) * Box(204, 104, 4, align=UP),
}
"""

BRIDGE = """
from build123d import *

parts = {
    "deck": Pos(0, 0, 300) * Box(2000, 300, 30),
    "pier_1": Pos(-940, 0, 142.5) * Box(120, 300, 285),
    "pier_2": Pos(940, 0, 142.5) * Box(120, 300, 285),
}
for side, y in (("left", -140), ("right", 140)):
    for number in range(9):
        parts[f"{side}_post_{number}"] = Pos(-960 + number * 240, y, 345) * Box(16, 16, 60)
    parts[f"{side}_rail"] = Pos(0, y, 383) * Box(2000, 16, 16)
"""


def sheet() -> list[str]:
    """Return the programs that stand in the guide of the CAD world."""
    text = (Path(artefacts.__path__[0]) / "prompts" / "cad_guide.j2").read_text()
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)
