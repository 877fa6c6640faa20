"""From what a camera saw to a picture for people and models: outlines, hatched cuts, names, a scale, the size."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from toolserver.cad.looking.scene import Camera, Floats, Raster
from toolserver.cad.looking.units import millimetres

FINE: Final = 2
"""Pixels are drawn as so many in each direction, and then made one."""
_HEAD: Final = 26
_FOOT: Final = 26
_INK: Final = (40, 40, 40)
_CREASE: Final = float(np.tan(np.radians(25)))
"""Tangent of the angle between two surfaces from which the edge between them is drawn."""
_LINE: Final = 15
_PALE: Final = 0.5
"""How much of its colour what is farthest away has lost."""


@dataclass(frozen=True)
class Label:
    """A name that a line connects with a part.

    Attributes:
        at: column and row of the part in the drawing, in pixels.
    """

    text: str
    at: tuple[float, float]


def finished(
    raster: Raster,
    camera: Camera,
    *,
    title: str,
    size: Floats,
    cut_depth: float | None = None,
    labels: Sequence[Label] = (),
) -> tuple[bytes, int, int]:
    """Return a PNG with its width and height in pixels.

    Args:
        raster: what was seen, ``FINE`` times as large.
        camera: who saw it, with the size that the drawing is to have.
        title: of the picture.
        size: of the whole artefact in millimetres, along x, y and z.
        cut_depth: where a cut lies, so that what was cut is hatched.
        labels: names beside the drawing.
    """
    assert raster.colours is not None  # noqa: S101 - pictures are drawn with colours
    drawing = raster.colours.astype(np.float32)
    # what is farther away is paler: an opening would not be seen where the wall behind it has the same colour
    seen = np.isfinite(raster.depth)
    nearest = float(raster.depth[seen].min(initial=np.inf))
    away = (raster.depth[seen] - nearest).astype(np.float32) * np.float32(_PALE / (camera.far - camera.near))
    shaded = drawing[seen]
    drawing[seen] = shaded + (255.0 - shaded) * away[:, None]
    if cut_depth is not None:
        rows, columns = np.nonzero(np.abs(raster.depth - cut_depth) < 0.003 * (camera.far - camera.near))
        hatched = (rows + columns) // 3 % 5 == 0
        drawing[rows[hatched], columns[hatched]] *= 0.45
    drawing[_lines(raster, camera.scale * FINE)] *= 0.25
    height, width = camera.height, camera.width
    parted = drawing.reshape(height, FINE, width, FINE, 3)
    mean = sum(parted[:, row, :, column] for row in range(FINE) for column in range(FINE)) / FINE**2
    small = np.asarray(mean).round().astype(np.uint8)
    image = Image.new("RGB", (width, height + _HEAD + _FOOT), "white")
    image.paste(Image.fromarray(small), (0, _HEAD))
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(13)
    pen.text((8, 6), drawable(title), fill=_INK, font=font)
    _footer(pen, font, camera, size, image.height)
    _labelled(pen, labels, width, height)
    written = io.BytesIO()
    image.save(written, "PNG", compress_level=3)
    return written.getvalue(), image.width, image.height


def drawable(text: str) -> str:
    """Return a text with what the built-in font can draw; other letters become question marks."""
    return text.encode("latin-1", "replace").decode("latin-1")


def _lines(raster: Raster, scale: float) -> NDArray[np.bool_]:
    """Return where one part ends, where a surface ends before another one, and where it has an edge."""
    lines = np.zeros(raster.parts.shape, dtype=bool)
    deep = np.where(raster.parts >= 0, raster.depth * scale, 0.0).astype(np.float32)
    for axis in (0, 1):
        parts, depth, marked = (np.moveaxis(one, axis, 0) for one in (raster.parts, deep, lines))
        marked[1:] |= parts[1:] != parts[:-1]
        marked[:-1] |= parts[1:] != parts[:-1]
        same = (parts[3:] == parts[:-3]) & (parts[1:-2] == parts[2:-1]) & (parts[3:] == parts[2:-1]) & (parts[3:] >= 0)
        steps = np.diff(depth, axis=0)
        before, between, after = steps[:-2], steps[1:-1], steps[2:]
        steepest = np.maximum(np.abs(before), np.abs(after))
        jump = np.abs(between) > 3 * steepest + 6
        # the angle between the two slopes, by the tangent of a difference
        crease = np.abs(before - after) > _CREASE * np.maximum(1 + before * after, 0)
        marked[1:-2] |= same & (jump | (crease & (steepest <= 8)))
    return lines


def _footer(
    pen: ImageDraw.ImageDraw,
    font: ImageFont.ImageFont | ImageFont.FreeTypeFont,
    camera: Camera,
    size: Floats,
    bottom: int,
) -> None:
    room = 0.22 * camera.width / camera.scale
    power = 10.0 ** np.floor(np.log10(room))
    length = float(max(step * power for step in (1, 2, 5) if step * power <= room))
    row, wide = bottom - 10, length * camera.scale
    pen.line([(8, row), (8 + wide, row)], fill=_INK, width=2)
    for column in (8, 8 + wide):
        pen.line([(column, row - 4), (column, row + 4)], fill=_INK, width=1)
    pen.text((14 + wide, row - 9), f"{length:g} mm", fill=_INK, font=font)
    told = " x ".join(millimetres(side) for side in size.tolist()) + " mm"
    for text in (f"whole: {told} (x, y, z)", told):
        across = pen.textlength(text, font=font)
        if across < camera.width - wide - 100:
            pen.text((camera.width - 8 - across, row - 9), text, fill=_INK, font=font)
            return


def _labelled(pen: ImageDraw.ImageDraw, labels: Sequence[Label], width: int, height: int) -> None:
    """Write labels in two columns beside the drawing, each at the height of its part as far as there is room."""
    font = ImageFont.load_default(12)
    sides: tuple[list[Label], list[Label]] = ([], [])
    middle = float(np.median([label.at[0] for label in labels])) if labels else 0.0
    for label in sorted(labels, key=lambda label: label.at[1]):
        left = label.at[0] < middle or (label.at[0] == middle and len(sides[0]) <= len(sides[1]))
        sides[0 if left else 1].append(label)
    for on_left, column in zip((True, False), sides, strict=True):
        rows = _spread([label.at[1] for label in column], height)
        for label, row in zip(column, rows, strict=True):
            text = drawable(label.text)
            across = pen.textlength(text, font=font)
            start = 8 + across + 3 if on_left else width - 8 - across - 3
            pen.line([(start, _HEAD + row), (label.at[0], _HEAD + label.at[1])], fill=(120, 120, 120), width=1)
            spot = (label.at[0], _HEAD + label.at[1])
            pen.ellipse([(spot[0] - 2, spot[1] - 2), (spot[0] + 2, spot[1] + 2)], fill=_INK)
            pen.text((8 if on_left else width - 8 - across, _HEAD + row - 8), text, fill=_INK, font=font)


def _spread(wanted: Sequence[float], height: int) -> list[float]:
    """Return rows in the same order, a line apart where there is room, as near to the wanted ones as that allows."""
    if not wanted:
        return []
    line = min(_LINE, (height - _LINE) / max(1, len(wanted)))
    rows = list(wanted)
    for place in range(len(rows)):
        rows[place] = max(rows[place], _LINE / 2 if place == 0 else rows[place - 1] + line)
    limit = height - _LINE / 2
    for place in reversed(range(len(rows))):
        rows[place] = min(rows[place], limit)
        limit = rows[place] - line
    return rows
