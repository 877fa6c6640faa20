"""The blocks there are, what a player and the air can do with each, and what Minecraft calls them."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

BlockName = Literal[
    "air",
    "stone",
    "cobblestone",
    "bricks",
    "planks",
    "log",
    "sandstone",
    "tiles",
    "wool",
    "glass",
    "fence",
    "torch",
    "lantern",
]
"""What a program may name; doors and ladders have actions of their own, since they face somewhere."""

Facing = Literal["north", "east", "south", "west"]
STEP: Final[dict[Facing, tuple[int, int]]] = {"north": (0, -1), "east": (1, 0), "south": (0, 1), "west": (-1, 0)}
"""One cell in each direction. As on a map x points east and y points south; z points up."""


@dataclass(frozen=True, slots=True)
class Block:
    """One kind of block.

    Attributes:
        state: how Minecraft writes it.
        colour: red, green and blue of its pictures.
        blocks_body: a player cannot be where it is.
        carries: a player can stand on it. A fence blocks the body and is too high to step on.
        blocks_air: no air passes, for enclosure. A closed door is tight.
        blocks_light: no light passes.
        light: level it gives, from 0 to 15.
    """

    name: str
    state: str
    colour: tuple[int, int, int]
    blocks_body: bool = True
    carries: bool = True
    blocks_air: bool = True
    blocks_light: bool = True
    light: int = 0


def _thing(name: str, state: str, colour: tuple[int, int, int], *, air: bool = False, light: int = 0) -> Block:
    return Block(name, state, colour, False, False, air, False, light)


_PLAIN = (
    _thing("air", "minecraft:air", (255, 255, 255)),
    Block("stone", "minecraft:stone", (125, 125, 125)),
    Block("cobblestone", "minecraft:cobblestone", (105, 105, 110)),
    Block("bricks", "minecraft:bricks", (150, 85, 70)),
    Block("planks", "minecraft:oak_planks", (175, 140, 85)),
    Block("log", "minecraft:oak_log", (105, 80, 50)),
    Block("sandstone", "minecraft:sandstone", (220, 205, 160)),
    Block("tiles", "minecraft:deepslate_tiles", (60, 60, 70)),
    Block("wool", "minecraft:red_wool", (165, 40, 35)),
    Block("glass", "minecraft:glass", (170, 215, 235), blocks_light=False),
    Block("fence", "minecraft:oak_fence", (160, 120, 70), carries=False, blocks_air=False, blocks_light=False),
    _thing("torch", "minecraft:torch", (255, 200, 40), light=14),
    Block(
        "lantern", "minecraft:lantern", (255, 170, 60), carries=False, blocks_air=False, blocks_light=False, light=15
    ),
)
# In Minecraft a door faces as the player did who came from outside and placed it.
_INWARD: Final[dict[Facing, Facing]] = {"north": "south", "east": "west", "south": "north", "west": "east"}
_DOORS = tuple(
    _thing(
        f"door_{half}_{facing}", f"minecraft:oak_door[facing={_INWARD[facing]},half={half}]", (120, 70, 30), air=True
    )
    for half in ("lower", "upper")
    for facing in STEP
)
_LADDERS = tuple(_thing(f"ladder_{facing}", f"minecraft:ladder[facing={facing}]", (200, 160, 90)) for facing in STEP)

BLOCKS: Final = (*_PLAIN, *_DOORS, *_LADDERS, Block("ground", "minecraft:grass_block", (110, 160, 80)))
"""All of them; the place of one is its number in a grid. The last stands for the earth that scenarios add."""

NUMBER: Final = {block.name: number for number, block in enumerate(BLOCKS)}
AIR: Final = NUMBER["air"]
GROUND: Final = NUMBER["ground"]

BLOCKS_BODY: Final = np.array([block.blocks_body for block in BLOCKS])
CARRIES: Final = np.array([block.carries for block in BLOCKS])
BLOCKS_AIR: Final = np.array([block.blocks_air for block in BLOCKS])
BLOCKS_LIGHT: Final = np.array([block.blocks_light for block in BLOCKS])
LIGHT: Final = np.array([block.light for block in BLOCKS], dtype=np.int8)
IS_DOOR: Final = np.array([block.name.startswith("door_") for block in BLOCKS])
IS_LADDER: Final = np.array([block.name.startswith("ladder_") for block in BLOCKS])
COLOUR: Final = np.array([block.colour for block in BLOCKS], dtype=np.uint8)
