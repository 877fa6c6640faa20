"""What a model looks like, in words and digits, for models that cannot see and for people who read.

Letters of parts hide openings: behind a doorway stands a wall that is the same part. Digits of depth show them.
"""

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from toolserver.cad.looking.exploding import stem
from toolserver.cad.looking.scene import Camera, Floats, Piece, box_of, camera
from toolserver.cad.looking.units import millimetres, volume
from toolserver.cad.looking.zbuffer import drawn

_CELLS: Final = 48
"""Cells along the longer side of a grid."""
_LETTERS: Final = string.ascii_uppercase + string.ascii_lowercase
_MOST_ROWS: Final = 60
"""Rows of the table of parts; parts above are told by how many there are of each kind."""
_STANDARD: Final = 600.0
"""kg/m3 where a part says nothing: about that of wood."""


@dataclass(frozen=True, eq=False)
class PartSeen:
    """What is told of a part.

    Attributes:
        low, high: corners of its box in millimetres.
        volume: cubic millimetres.
        density: kg/m3; None where the program says nothing.
        touches: names of the parts that it touches.
    """

    name: str
    low: Floats
    high: Floats
    volume: float
    density: float | None
    touches: tuple[str, ...]

    @property
    def size(self) -> Floats:
        """Along x, y and z in millimetres."""
        return self.high - self.low

    @property
    def middle(self) -> Floats:
        """Of its box."""
        return (self.low + self.high) / 2


def letters(names: Sequence[str]) -> dict[str, str]:
    """Return a letter for each part; parts that are alike in name share one where there are too many."""
    likes = list(names) if len(names) <= len(_LETTERS) else [stem(name) for name in names]
    kinds = list(dict.fromkeys(likes))
    return {
        name: _LETTERS[kinds.index(like)] if kinds.index(like) < len(_LETTERS) else "#"
        for name, like in zip(names, likes, strict=True)
    }


def elevation(pieces: Sequence[Piece], view: str, names: Sequence[str]) -> str:
    """Return what is seen from a side: letters of parts, beside them depth, 0 nearest and 9 farthest in equal bands.

    A cell is twice as high as it is wide, as characters are.
    """
    seen = _grid(pieces, view)
    raster = drawn(pieces, seen)
    there = raster.parts >= 0
    # of two rows the nearer one is told, so that thin parts do not fall between rows
    paired = np.where(there, raster.depth, np.inf)[: len(there) // 2 * 2].reshape(-1, 2, there.shape[1])
    which = paired.argmin(axis=1)
    deep = np.take_along_axis(paired, which[:, None], axis=1)[:, 0]
    parts = np.take_along_axis(raster.parts[: len(there) // 2 * 2].reshape(paired.shape), which[:, None], axis=1)[:, 0]
    shown = np.isfinite(deep)
    nearest, farthest = (float(deep[shown].min()), float(deep[shown].max())) if shown.any() else (0.0, 0.0)
    span = max(farthest - nearest, 1e-9)
    own = letters(names)
    lines = []
    for part_row, depth_row in zip(parts.tolist(), deep.tolist(), strict=True):
        left = "".join(
            own[names[part]] if np.isfinite(behind) else "." for part, behind in zip(part_row, depth_row, strict=True)
        )
        right = "".join(
            str(min(9, int((behind - nearest) / span * 10))) if np.isfinite(behind) else "." for behind in depth_row
        )
        lines.append(f"{left}  {right}")
    cell = 1 / seen.scale
    legend = ", ".join(f"{letter} {who}" for letter, who in _legend(names).items())
    depth = f"0 nearest to 9 farthest ({millimetres(span)} mm behind)" if span > 1e-6 else "all at the same one"
    head = (
        f"Left: parts ({legend}; . nothing). Right: depth, {depth}."
        f" A character is {millimetres(cell)} mm wide and {millimetres(2 * cell)} mm high."
    )
    return "\n".join([head, *lines])


def part_table(parts: Sequence[PartSeen], whole: tuple[Floats, Floats]) -> str:
    """Return a line for each part: where it is, how large, how heavy, and what it touches."""
    low, high = whole
    extent = f"from z {millimetres(float(low[2]))} to z {millimetres(float(high[2]))} mm"
    count = f"{len(parts)} part{'s' * (len(parts) != 1)}"
    lines = [f"{count}; the whole is {_size(high - low)} mm (x: left to right, y: front to back, z: up), {extent}."]
    if any(part.density is None for part in parts):
        lines.append(f"Masses are for {_STANDARD:g} kg/m3 where the program gives no density.")
    for number, part in enumerate(parts[:_MOST_ROWS], start=1):
        mass = part.volume * (part.density or _STANDARD) * 1e-9
        touches = ", ".join(part.touches) if part.touches else "nothing"
        lines.append(
            f"{number}. {part.name}: {_size(part.size)} mm, {where(part, whole)}, middle at ({_at(part.middle)}),"
            f" z {millimetres(float(part.low[2]))} to {millimetres(float(part.high[2]))},"
            f" {volume(part.volume)}, {mass:.3g} kg, touches {touches}"
        )
    if len(parts) > _MOST_ROWS:
        rest: dict[str, int] = {}
        for part in parts[_MOST_ROWS:]:
            rest[stem(part.name)] = rest.get(stem(part.name), 0) + 1
        told = ", ".join(f"{count} of {name}" for name, count in sorted(rest.items()))
        lines.append(f"and {len(parts) - _MOST_ROWS} more: {told}"[:2000])
    return "\n".join(lines)


def groups(names: Sequence[str], touching: Sequence[tuple[str, str]]) -> str:
    """Return which parts hang together, by what touches what."""
    group = {name: number for number, name in enumerate(names)}
    for one, other in touching:
        kept, gone = group[one], group[other]
        group = {name: kept if number == gone else number for name, number in group.items()}
    sets: dict[int, list[str]] = {}
    for name in names:
        sets.setdefault(group[name], []).append(name)
    together = sorted(sets.values(), key=lambda members: -len(members))
    if len(together) == 1:
        return "All parts hang together." if len(names) > 1 else "There is one part."
    told = "; ".join(", ".join(members[:12]) + (", ..." if len(members) > 12 else "") for members in together[:12])
    return f"The parts make {len(together)} groups that do not touch each other: {told}."


def facts(parts: Sequence[PartSeen], whole: tuple[Floats, Floats]) -> str:
    """Return symmetry, proportions, what stands on the ground, and where the weight is."""
    low, high = whole
    size = high - low
    lines = [_mirrored(parts, whole, axis, words) for axis, words in ((0, "left and right"), (1, "front and back"))]
    flat = " : ".join(f"{side / max(float(size.max()), 1e-9):.2f}" for side in size.tolist())
    lines.append(f"Proportions of the whole, x : y : z = {flat} (the longest side is 1).")
    ground = [part.name for part in parts if part.low[2] <= low[2] + 0.005 * size[2] + 0.01]
    lines.append(f"Lowest, at z {millimetres(float(low[2]))}: {_some(ground)}.")
    top = [part.name for part in parts if part.high[2] >= high[2] - 0.005 * size[2] - 0.01]
    lines.append(f"Highest, at z {millimetres(float(high[2]))}: {_some(top)}.")
    weights = np.array([part.volume * (part.density or _STANDARD) for part in parts])
    if weights.sum() > 0:
        centre = (weights[:, None] * np.array([part.middle for part in parts])).sum(axis=0) / weights.sum()
        share = (centre[2] - low[2]) / max(float(size[2]), 1e-9)
        lines.append(f"The weight is about at ({_at(centre)}) mm, {share:.0%} of the height (from the parts' boxes).")
    kinds: dict[str, list[PartSeen]] = {}
    for part in parts:
        kinds.setdefault(stem(part.name), []).append(part)
    for kind, likes in kinds.items():
        sizes = {tuple(part.size.round(1).tolist()) for part in likes}
        if len(likes) > 1:
            same = "all of the same size" if len(sizes) == 1 else f"of {len(sizes)} different sizes"
            lines.append(f"{kind}: {len(likes)} of them, {same}.")
    return "\n".join(lines)


def where(part: PartSeen, whole: tuple[Floats, Floats]) -> str:
    """Return in words where a part is in the whole."""
    low, high = whole
    words = []
    for axis, (before, after, all_of_it) in (
        (2, ("at the bottom", "at the top", "over the whole height")),
        (0, ("left", "right", "over the whole width")),
        (1, ("in front", "at the back", "over the whole depth")),
    ):
        size = max(float(high[axis] - low[axis]), 1e-9)
        begin, end = float(part.low[axis] - low[axis]) / size, float(part.high[axis] - low[axis]) / size
        middle = (begin + end) / 2
        if end - begin > 0.8:
            words.append(all_of_it)
        elif middle < 0.36:
            words.append(before)
        elif middle > 0.64:
            words.append(after)
        else:
            words.append({2: "at middle height", 0: "in the middle", 1: "halfway back"}[axis])
    return ", ".join(words)


def seen_parts(
    names: Sequence[str],
    pieces: Mapping[int, Piece],
    volumes: Sequence[float],
    densities: Sequence[float | None],
    touching: Sequence[tuple[str, str]],
) -> list[PartSeen]:
    """Return what is told of each part that has a surface."""
    told = []
    for number, name in enumerate(names):
        if number not in pieces:
            continue
        low, high = box_of([pieces[number]])
        beside = [other if one == name else one for one, other in touching if name in (one, other)]
        told.append(PartSeen(name, low, high, volumes[number], densities[number], tuple(sorted(set(beside)))))
    return told


def _grid(pieces: Sequence[Piece], view: str) -> Camera:
    probe = camera(pieces, view, 1000, 1000)
    points = np.concatenate([probe.pixels(piece.triangles.reshape(-1, 3)) for piece in pieces])
    wide, high = np.ptp(points[:, :2], axis=0).tolist()
    longer = max(wide, high, 1e-9)
    columns, rows = max(1, round(_CELLS * wide / longer)), max(2, round(_CELLS * high / longer / 2) * 2)
    return camera(pieces, view, columns, rows)


def _legend(names: Sequence[str]) -> dict[str, str]:
    told: dict[str, str] = {}
    for name, letter in letters(names).items():
        if letter == "#":
            told[letter] = "other parts"
        else:
            told[letter] = name if letter not in told else stem(name)
    return told


def _mirrored(parts: Sequence[PartSeen], whole: tuple[Floats, Floats], axis: int, words: str) -> str:
    """Say whether each part has a counterpart of its size at the other side; parts in the middle are their own."""
    low, high = whole
    slack = 0.01 * float((high - low).max())
    lonely = []
    for part in parts:
        mirrored = part.middle.copy()
        mirrored[axis] = low[axis] + high[axis] - mirrored[axis]
        if not any(
            np.all(np.abs(other.middle - mirrored) < slack)
            and np.all(np.abs(other.size - part.size) < slack)
            and abs(other.volume - part.volume) <= 0.02 * max(part.volume, other.volume)
            for other in parts
        ):
            lonely.append(part.name)
    if not lonely:
        return f"The boxes of the parts are the same with {words} exchanged."
    return f"Not the same with {words} exchanged: {_some(lonely)} without a counterpart."


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _size(size: Floats) -> str:
    return " x ".join(millimetres(side) for side in size.tolist())


def _at(point: Floats) -> str:
    return ", ".join(millimetres(value) for value in (point.round(3) + 0.0).tolist())
