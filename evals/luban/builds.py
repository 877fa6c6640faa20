"""A good build of each of Luban's five tasks, with the parameters that planted defects turn."""

from collections.abc import Callable, Mapping
from typing import Final

from agent.verification.artefacts.voxel.builder import Builder

CLIFF = 8
GAP = 12
COLUMN = 10


def stair(*, steps: int = CLIFF, width: int = 3) -> Builder:
    """A stair up to a cliff in the east of it."""
    return Builder().stairs((0, 0, 0), "east", steps, width, "cobblestone", part="steps")


def bridge(*, length: int = 18, width: int = 3, rails: str = "both") -> Builder:
    """A bridge along x, one step above both banks, with a rail on either side."""
    end, edge = length - 1, width + 1
    made = Builder()
    made.box((0, 0, 0), (2, edge, 0), "stone", part="west_abutment")
    made.box((end - 2, 0, 0), (end, edge, 0), "stone", part="east_abutment")
    made.box((1, 0, 1), (end - 1, edge, 1), "planks", part="deck")
    if rails in ("both", "north"):
        made.box((1, 0, 2), (end - 1, 0, 2), "fence", part="north_rail")
    if rails in ("both", "south"):
        made.box((1, edge, 2), (end - 1, edge, 2), "fence", part="south_rail")
    return made


def house(
    *, door: int = 2, upper_floor: bool = True, rungs: int = 4, upper_torches: bool = True, roof_at: int = 9
) -> Builder:
    """Two storeys, each with windows and torches, a door in the south, a ladder inside."""
    made = Builder((2, 2, 0))
    made.box((0, 0, 0), (8, 6, 0), "planks", part="ground_floor")
    made.walls((0, 0, 1), (8, 6, 8), "bricks", part="walls")
    if upper_floor:
        made.box((1, 1, 4), (7, 5, 4), "planks", part="upper_floor")
    made.ladder((1, 1, 1), rungs, "east", part="ladder")
    if door:
        made.door((4, 6, 1), "south", height=door, part="door")
    for z in (2, 6):
        made.window((0, 3, z), (0, 4, z + 1), part="west_windows")
        made.window((8, 3, z), (8, 4, z + 1), part="east_windows")
    made.window((4, 6, 6), (5, 6, 7), part="south_windows")
    made.torch((4, 1, 2), part="torches")
    if upper_torches:
        made.torch((4, 1, 6), part="torches")
    made.roof((0, 0), (8, 6), roof_at, "gable", overhang=1, block="tiles", part="roof")
    return made


def old_house(
    *, door_width: int = 2, overhang: int = 2, lit: bool = True, roof_at: int = 5, steps: bool = True, columns: int = 1
) -> Builder:
    """An old Chinese house: a terrace, columns in front, a double door, a roof with corners that turn up."""
    made = Builder()
    made.box((2, 2, 0), (14, 12, 1), "stone", part="terrace")
    if steps:
        made.box((7, 13, 0), (9, 13, 0), "stone", part="front_steps")
    made.walls((3, 3, 2), (13, 10, 4), "sandstone", part="walls")
    for x in (3, 6, 10, 13):
        made.box((x, 12, 1 + columns), (x, 12, 4), "log", part="columns")
        made.box((x, 10, 2), (x, 10, 4), "log", part="posts")
    made.box((3, 12, 4), (13, 12, 4), "log", part="beam")
    made.door((8, 10, 2), "south", width=door_width, part="door")
    made.window((4, 10, 3), (5, 10, 3), part="lattice")
    made.window((11, 10, 3), (12, 10, 3), part="lattice")
    if lit:
        for x in (5, 11):
            made.set((x, 4, 4), "lantern", part="lanterns")
    made.roof((3, 3), (13, 10), roof_at, "swept", overhang=overhang, block="tiles", part="roof")
    return made


def arrow_tower(*, height: int = 13, rungs_from: int = 0, rungs_to: int = 13, parapet: bool = True) -> Builder:
    """A tower with a platform behind battlements, and a ladder up its south wall."""
    made = Builder()
    made.walls((1, 1, 0), (7, 7, height - 1), "stone", part="shaft")
    made.box((1, 1, height - 1), (7, 7, height - 1), "planks", part="platform")
    for z in range(3, height - 2, 4):
        made.clear((4, 1, z), (4, 1, z + 1))
        made.clear((1, 4, z), (1, 4, z + 1))
    if parapet:
        made.walls((1, 1, height), (7, 7, height), "stone", part="battlements")
        for x, y in ((1, 1), (7, 1), (1, 7), (7, 7)):
            made.set((x, y, height + 1), "stone", part="battlements")
        made.clear((4, 7, height), (4, 7, height))
    made.ladder((4, 8, rungs_from), rungs_to - rungs_from, "south", part="ladder")
    return made


def narrow_stair() -> Builder:
    """Two wide and hollow below, rising to the north."""
    return Builder((0, 20, 0)).stairs((0, 0, 0), "north", CLIFF, 2, "planks", filled=False, part="steps")


def stair_with_landing() -> Builder:
    """Two flights with a landing between them, and walls at the sides."""
    made = Builder().stairs((0, 1, 0), "east", 4, 3, "stone", part="lower_flight")
    made.box((4, 1, 0), (6, 3, 3), "stone", part="landing")
    made.box((7, 1, 0), (10, 3, 3), "stone", part="foot")
    made.stairs((7, 1, 4), "east", 4, 3, "stone", part="upper_flight")
    made.box((0, 0, 0), (10, 0, 8), "bricks", part="north_wall")
    return made


def winding_stair() -> Builder:
    """Around a corner, with a fence at the outer side."""
    made = Builder((2, 2, 0)).stairs((0, 0, 0), "east", 4, 2, "stone", part="first_flight")
    made.box((4, 0, 0), (5, 1, 4), "stone", part="corner")
    for step in range(3):
        made.box((4, 2 + step, 0), (5, 2 + step, 5 + step), "stone", part="second_flight")
    for step in range(3):
        made.box((6, 2 + step, 0), (6, 2 + step, 5 + step), "log", part="side")
        made.set((6, 2 + step, 6 + step), "fence", part="rail")
    return made


def covered_bridge() -> Builder:
    """With posts and a roof three cells above the deck, longer than it need be."""
    made = bridge(length=24)
    for x in (2, 9, 14, 21):
        for y in (0, 4):
            made.box((x, y, 2), (x, y, 4), "log", part="posts")
    return made.roof((1, 0), (22, 4), 5, "gable", block="tiles", part="roof")


def arched_bridge() -> Builder:
    """Rises by three steps and falls again, with walls two cells high as rails."""
    made = Builder()
    for step in range(4):
        low, high = 2 * step, 21 - 2 * step
        made.box((low, 0, max(0, step - 1)), (high, 4, step), "stone", part="arch")
        made.clear((low + 2, 0, max(0, step - 1)), (high - 2, 4, step))
        for y in (0, 4):
            made.box((low, y, step), (low + 1, y, step + 2), "stone", part="rails")
            made.box((high - 1, y, step), (high, y, step + 2), "stone", part="rails")
    made.box((8, 0, 3), (13, 4, 3), "stone", part="crown")
    return made.box((8, 0, 4), (13, 0, 5), "stone", part="rails").box((8, 4, 4), (13, 4, 5), "stone", part="rails")


def house_with_stairs() -> Builder:
    """Stairs instead of a ladder, and a flat roof."""
    made = Builder((3, 3, 0))
    made.box((0, 0, 0), (10, 8, 0), "stone", part="ground_floor")
    made.walls((0, 0, 1), (10, 8, 8), "planks", part="walls")
    made.box((1, 1, 4), (9, 7, 4), "planks", part="upper_floor")
    made.clear((1, 1, 4), (3, 1, 4)).stairs((1, 1, 1), "east", 4, 1, "planks", part="stairs")
    made.door((10, 4, 1), "east", part="door").window((4, 0, 2), (6, 0, 3), part="windows")
    made.window((4, 0, 6), (6, 0, 7), part="windows")
    for z in (3, 7):
        made.torch((9, 7, z), part="torches").torch((2, 7, z), part="torches")
    return made.roof((0, 0), (10, 8), 9, "flat", overhang=1, block="bricks", part="roof")


def house_with_wide_door() -> Builder:
    """A pyramid as roof, a double door in the south and another door in the north."""
    made = house(roof_at=9)
    made.actions = [action for action in made.actions if action["do"] != "roof"]
    made.door((4, 6, 1), "south", width=2, part="door").door((6, 0, 1), "north", part="back_door")
    return made.roof((0, 0), (8, 6), 9, "pyramid", overhang=1, part="roof")


def hall() -> Builder:
    """An old house without columns, with a gable roof and three lanterns."""
    made = Builder((3, 3, 0))
    made.box((0, 0, 0), (14, 9, 0), "stone", part="terrace")
    made.walls((1, 1, 1), (13, 7, 4), "planks", part="walls")
    made.door((6, 7, 1), "south", width=3, height=3, part="door")
    for x in (3, 7, 11):
        made.set((x, 4, 4), "lantern", part="lanterns").set((x, 4, 5), "log", part="beams")
        made.box((x, 1, 5), (x, 7, 5), "log", part="beams")
    return made.roof((1, 1), (13, 7), 5, "gable", overhang=2, part="roof")


def square_tower() -> Builder:
    """Higher, with a fence as battlements and the ladder in the north."""
    made = Builder((2, 2, 0)).walls((0, 0, 0), (5, 5, 17), "bricks", part="shaft")
    made.box((0, 0, 17), (5, 5, 17), "planks", part="platform")
    made.walls((0, 0, 18), (5, 5, 18), "fence", part="battlements").clear((2, 0, 18), (2, 0, 18))
    return made.ladder((2, -1, 0), 18, "north", part="ladder")


def massive_tower() -> Builder:
    """Without rooms; battlements two high with slits, and a gate at the foot that leads nowhere."""
    made = Builder((2, 2, 0)).box((0, 0, 0), (8, 8, 11), "sandstone", part="shaft")
    made.walls((0, 0, 12), (8, 8, 13), "sandstone", part="battlements")
    for at in (2, 6):
        made.clear((at, 0, 13), (at, 0, 13)).clear((0, at, 13), (0, at, 13)).clear((8, at, 13), (8, at, 13))
    made.clear((4, 8, 12), (4, 8, 13)).box((2, 8, 0), (2, 8, 2), "log", part="gate")
    return made.ladder((4, 9, 0), 12, "south", part="ladder")


GOOD: Final[Mapping[str, tuple[Callable[[], Builder], ...]]] = {
    "stair": (stair, narrow_stair, stair_with_landing, winding_stair),
    "bridge": (bridge, covered_bridge, arched_bridge, lambda: bridge(width=2, length=20)),
    "two-storey house": (house, house_with_stairs, house_with_wide_door, lambda: house(door=3)),
    "old-style house": (old_house, hall, lambda: old_house(overhang=1), lambda: old_house(door_width=3)),
    "arrow tower": (arrow_tower, square_tower, massive_tower, lambda: arrow_tower(height=20, rungs_to=20)),
}
"""Builds that do what their task asks for. The first of each was written before the checks, the others after."""
