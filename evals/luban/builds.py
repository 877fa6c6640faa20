"""A good build of each of Luban's five tasks, with the parameters that planted defects turn."""

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
