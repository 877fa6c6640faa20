"""Looking at a building without a vision model: slices, elevations with depth digits, a plan, sections; and pictures.

Letters of blocks alone hide openings, since behind a doorway stands a wall of the same kind; depth digits show them.
"""

import struct
import zlib
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from agent.verification.artefacts.voxel.blocks import AIR, BLOCKS, COLOUR
from agent.verification.artefacts.voxel.building import VoxelBuild

Side = Literal["south", "east", "north", "west", "top"]
SIDES: Final[tuple[Side, ...]] = ("south", "east", "north", "west", "top")
_MOST_SLICES: Final = 12
_MOST_CELLS: Final = 12_000
"""Of all layers together that are shown; a wide building is shown in fewer, at least three."""
_LETTER: Final = np.array(list(".SCBKLOTWG#*o" + "D" * 8 + "H" * 4 + "_"))
_PIXELS: Final = 480


@dataclass(frozen=True, eq=False)
class Seen:
    """What is seen from one side: the nearest block of each cell (rows from the top) and how far behind the nearest.

    ``depth`` is -1 where nothing is seen.
    """

    blocks: NDArray[np.uint8]
    depth: NDArray[np.int16]


def seen(build: VoxelBuild, side: Side) -> Seen:
    """Look from one side, without perspective. From the top north is up."""
    blocks = build.blocks
    turned = {
        "south": blocks[:, ::-1, ::-1].transpose(2, 0, 1),
        "north": blocks[::-1, :, ::-1].transpose(2, 0, 1),
        "east": blocks[::-1, ::-1, ::-1].transpose(2, 1, 0),
        "west": blocks[:, :, ::-1].transpose(2, 1, 0),
        "top": blocks[:, :, ::-1].transpose(1, 0, 2),
    }[side]
    there = turned != AIR
    depth = np.where(there.any(axis=2), there.argmax(axis=2), -1).astype(np.int16)
    nearest = np.take_along_axis(turned, np.maximum(depth, 0)[:, :, None].astype(np.intp), axis=2)[:, :, 0]
    return Seen(nearest, depth)


def legend(build: VoxelBuild) -> str:
    """Return what the letters mean that occur."""
    there = np.unique(build.blocks[build.blocks != AIR]).tolist()
    letters = {str(_LETTER[number]): BLOCKS[number].name.split("_")[0] for number in there}
    return ", ".join(f"{letter} {name}" for letter, name in letters.items()) + ", . air"


def slices(build: VoxelBuild) -> str:
    """Return layers from the lowest up, each as a map with north up: all, or some evenly where they are many."""
    wide, deep, high = build.blocks.shape
    shown = min(high, _MOST_SLICES, max(3, _MOST_CELLS // (wide * deep)))
    levels = np.unique(np.linspace(0, high - 1, shown).round().astype(int))
    layers = [f"z {level}\n{_rows(_LETTER[build.blocks[:, :, level].T])}" for level in levels.tolist()]
    return "\n\n".join(layers)


def section(build: VoxelBuild, axis: Literal["x", "y"]) -> str:
    """Return the building cut in the middle, across x as seen from the east, or across y as seen from the south."""
    wide, deep, _ = build.blocks.shape
    cut = build.blocks[wide // 2, ::-1] if axis == "x" else build.blocks[:, deep // 2]
    return _rows(_LETTER[cut.T[::-1]])


def elevation(build: VoxelBuild, side: Side) -> str:
    """Return a side as letters and, beside them, as depth: 0 nearest, 9 farthest in ten equal bands."""
    view = seen(build, side)
    farthest = max(1, int(view.depth.max(initial=0)))
    bands = np.minimum(9, view.depth * 10 // (farthest + 1))
    digits = np.where(view.depth < 0, ".", bands.astype(str))
    letters = _rows(_LETTER[view.blocks]).split("\n")
    return "\n".join(f"{a}   {b}" for a, b in zip(letters, _rows(digits).split("\n"), strict=True))


def _rows(marks: NDArray[np.str_]) -> str:
    return "\n".join("".join(row) for row in marks.tolist())


def picture(build: VoxelBuild, side: Side) -> tuple[bytes, int, int]:
    """Return a PNG of one side with its width and height in pixels; what is farther away is darker."""
    view = seen(build, side)
    shade = 1.0 - 0.5 * np.maximum(view.depth, 0) / max(1, int(view.depth.max(initial=0)))
    colours = np.where((view.depth < 0)[:, :, None], 255, COLOUR[view.blocks] * shade[:, :, None]).astype(np.uint8)
    cell = max(4, _PIXELS // max(colours.shape[:2]))
    pixels = colours.repeat(cell, axis=0).repeat(cell, axis=1)
    lines = np.s_[cell - 1 :: cell]
    pixels[lines] = pixels[lines] // 8 * 7
    pixels[:, lines] = pixels[:, lines] // 8 * 7
    height, width = pixels.shape[:2]
    return _png(pixels), width, height


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Write red, green and blue of shape (height, width, 3) as PNG (ISO 15948), every row unfiltered."""
    height, width = pixels.shape[:2]
    rows = np.zeros((height, 1 + width * 3), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, width * 3)
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows.tobytes())),
        (b"IEND", b""),
    )
    written = b"\x89PNG\r\n\x1a\n"
    for name, data in chunks:
        written += struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
    return written
