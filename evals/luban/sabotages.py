"""Builds with one planted defect each, written before the checks that have to find them."""

from collections.abc import Callable, Mapping
from typing import Final

from agent.verification.artefacts.voxel.builder import Builder
from evals.luban.builds import arrow_tower, bridge, house, old_house, stair

Maker = Callable[[], Builder]


def _upside_down(made: Builder, height: int) -> Builder:
    """Turn whatever a program says by its lowest and highest cells; what faces somewhere keeps facing there."""
    turned = Builder()
    for action in made.actions:
        new = dict(action)
        if "low" in new and len(new["low"]) == 3:
            low, high = new["low"], new["high"]
            new["low"], new["high"] = (*low[:2], height - 1 - high[2]), (*high[:2], height - 1 - low[2])
        elif new["do"] in ("ladder", "door"):
            x, y, z = new["at"]
            new["at"] = (x, y, height - z - new.get("height", 1))
        elif "at" in new and new["do"] != "stairs":
            x, y, z = new["at"]
            new["at"] = (x, y, height - 1 - z)
        elif new["do"] == "roof":
            new["z"] = 0
        turned.actions.append(new)
    return turned


def _hanging_stair() -> Builder:
    made = Builder()
    for step in range(8):
        made.box((step, 0, 7 - step), (step, 2, 7), "cobblestone", part="steps")
    return made


def _raised_stair() -> Builder:
    return Builder().stairs((0, 0, 3), "east", 6, 3, "cobblestone", part="steps")


def _steep_stair() -> Builder:
    made = Builder()
    for step in range(4):
        made.box((step, 0, 0), (step, 2, 2 * step + 1), "cobblestone", part="steps")
    return made


def _bridge_too_high() -> Builder:
    made = Builder()
    for action in bridge().actions:
        if action["part"].endswith("abutment"):
            continue
        x, y, z = action["low"]
        a, b, c = action["high"]
        made.actions.append({**action, "low": (x, y, z + 2), "high": (a, b, c + 2)})
    return made.box((2, 0, 0), (2, 4, 2), "stone", part="piers").box((15, 0, 0), (15, 4, 2), "stone", part="piers")


def _half_house() -> Builder:
    made = Builder((2, 2, 0))
    made.box((0, 0, 0), (4, 3, 0), "planks").walls((0, 0, 1), (4, 3, 4), "bricks")
    made.box((1, 1, 2), (3, 2, 2), "planks").ladder((1, 1, 1), 2, "east").door((2, 3, 1), "south", height=1)
    return made.torch((3, 1, 1)).roof((0, 0), (4, 3), 5, "gable", overhang=1)


def _half_tower() -> Builder:
    made = Builder().walls((0, 0, 0), (3, 3, 6), "stone").box((0, 0, 6), (3, 3, 6), "planks")
    return made.walls((0, 0, 7), (3, 3, 7), "stone").clear((2, 3, 7), (2, 3, 7)).ladder((2, 4, 0), 7, "south")


SABOTAGES: Final[Mapping[str, Mapping[str, Maker]]] = {
    "stair": {
        "two steps missing in the middle": lambda: stair().clear((3, 0, 0), (4, 2, 7)),
        "two steps short": lambda: stair(steps=6),
        "half as large": lambda: stair(steps=4, width=2),
        "every step two high": _steep_stair,
        "upside down": _hanging_stair,
        "begins in the air": _raised_stair,
        "a ceiling too low over a step": lambda: stair().box((5, 0, 7), (5, 2, 7), "planks"),
        "a wall across": lambda: stair().box((4, 0, 5), (4, 2, 6), "stone"),
    },
    "bridge": {
        "a gap in the deck": lambda: bridge().clear((8, 0, 1), (9, 4, 2)),
        "a gap of one cell": lambda: bridge().clear((8, 0, 1), (8, 4, 2)),
        "too short": lambda: bridge(length=10),
        "no rail on one side": lambda: bridge(rails="south"),
        "a hole in the rail": lambda: bridge().clear((9, 4, 2), (9, 4, 2)),
        "a rail floats": lambda: bridge(rails="south").box((1, 0, 4), (16, 0, 4), "fence"),
        "a beam at head height": lambda: bridge().box((8, 0, 3), (8, 4, 3), "log"),
        "cannot be stepped onto": _bridge_too_high,
    },
    "two-storey house": {
        "door one cell high": lambda: house(door=1).set((4, 6, 2), "bricks"),
        "no door": lambda: house(door=0),
        "a cupboard behind the door": lambda: house().box((3, 5, 1), (5, 5, 2), "planks"),
        "a hole in the roof": lambda: house().clear((4, 2, 9), (4, 2, 13)),
        "the upper floor is missing": lambda: house(upper_floor=False),
        "a rung is missing": lambda: house().clear((1, 1, 2), (1, 1, 2)),
        "dark upstairs": lambda: house(upper_torches=False),
        "half as large": _half_house,
    },
    "old-style house": {
        "door one cell wide": lambda: old_house(door_width=1),
        "no steps up to the terrace": lambda: old_house(steps=False),
        "no overhang of the roof": lambda: old_house(overhang=0),
        "a wall is missing": lambda: old_house().clear((3, 4, 2), (3, 9, 4)),
        "the roof lies on the heads": lambda: old_house().box((4, 4, 3), (12, 9, 4), "tiles"),
        "a floating roof": lambda: old_house(roof_at=8),
        "dark": lambda: old_house(lit=False),
        "upside down": lambda: _upside_down(old_house(), 10),
    },
    "arrow tower": {
        "a rung is missing": lambda: arrow_tower().clear((4, 8, 6), (4, 8, 6)),
        "lower than the column": lambda: arrow_tower(height=9, rungs_to=9),
        "the ladder begins too high": lambda: arrow_tower(rungs_from=3),
        "the ladder ends too low": lambda: arrow_tower(rungs_to=11),
        "a ledge over the ladder": lambda: arrow_tower().box((3, 8, 10), (5, 8, 10), "stone"),
        "the upper half floats": lambda: arrow_tower().clear((1, 1, 5), (7, 7, 6)),
        "no battlements": lambda: arrow_tower(parapet=False),
        "half as large": _half_tower,
    },
}
"""Eight of each task, by what is wrong with them."""

BREAKS: Final[Mapping[str, tuple[str, ...]]] = {
    "stair": ("climb", "climb", "climb", "climb", "climb", "stands", "climb", "climb"),
    "bridge": ("cross", "cross", "cross", "rails", "rails", "stands", "cross", "cross"),
    "two-storey house": ("entry", "entry", "entry", "closed", "storeys", "upstairs", "light", "windows"),
    "old-style house": ("door", "entry", "eaves", "closed", "entry", "stands", "light", "entry"),
    "arrow tower": ("top", "top", "top", "top", "top", "stands", "battlements", "top"),
}
"""The check that has to find each defect, in their order; that another one finds it too does not count."""
