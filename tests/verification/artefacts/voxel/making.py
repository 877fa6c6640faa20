"""Small buildings for the tests of the voxel world."""

from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.building import VoxelBuild, build


def made(program: Builder) -> VoxelBuild:
    return build(program.program())


def hut() -> Builder:
    """Seven cells square, with a door in the south, a window and a torch."""
    return (
        Builder()
        .walls((0, 0, 0), (6, 6, 3), "planks", part="walls")
        .door((3, 6, 0), "south", part="door")
        .window((0, 3, 1), (0, 3, 2), part="window")
        .torch((1, 1, 0), part="torch")
        .roof((0, 0), (6, 6), 4, "flat", part="roof")
    )


def tower() -> Builder:
    """A solid tower, six high, with a fence around its top and a ladder in the south."""
    return (
        Builder()
        .box((0, 0, 0), (4, 4, 5), "stone", part="shaft")
        .walls((0, 0, 6), (4, 4, 6), "fence", part="rails")
        .clear((2, 4, 6), (2, 4, 6))
        .ladder((2, 5, 0), 6, "south", part="ladder")
    )


def bridge() -> Builder:
    """Twelve long and three to walk on, with fences."""
    return (
        Builder()
        .box((0, 0, 0), (11, 4, 0), "planks", part="deck")
        .box((0, 0, 1), (11, 0, 1), "fence", part="rails")
        .box((0, 4, 1), (11, 4, 1), "fence", part="rails")
    )
