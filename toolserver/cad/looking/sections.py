"""Sections in words: what each cut meets, what it closes in, and where the outside gets in."""

from collections.abc import Sequence
from typing import Final

from toolserver.cad.looking.cutting import Axis, Cut, Solid, cut, levels, middle
from toolserver.cad.looking.exploding import stem
from toolserver.cad.looking.units import area as in_words
from toolserver.cad.looking.units import millimetres

_MOST_TOLD: Final = 6
"""Cuts across an axis that are told, those that differ the most from each other."""
_ACROSS: Final = {"x": "from the right", "y": "from the front", "z": "from above"}


def best_cuts(solids: Sequence[Solid]) -> tuple[Cut, Cut]:
    """Return the upright cut through the middle and the level one that show the most."""
    upright = max((cut(solids, axis, middle(solids, axis)) for axis in ("y", "x")), key=lambda made: made.told)
    flat = [cut(solids, "z", level) for level in levels(solids, "z") or [middle(solids, "z")]]
    return upright, max(flat, key=lambda made: made.told)


def told_cuts(solids: Sequence[Solid], axis: Axis, names: Sequence[str]) -> str:
    """Return the kinds of cuts across an axis, in the order of their places; those with the most in them."""
    kinds: dict[tuple[object, ...], list[Cut]] = {}
    for level in levels(solids, axis):
        made = cut(solids, axis, level)
        kinds.setdefault(_kind(made, names), []).append(made)
    telling = sorted(kinds.values(), key=lambda likes: likes[0].told, reverse=True)[:_MOST_TOLD]
    lines = [f"Cuts across {axis}, seen {_ACROSS[axis]}:"]
    for likes in sorted(telling, key=lambda likes: likes[0].at):
        also = ", ".join(millimetres(one.at) for one in likes[1:])
        lines.append(told_cut(likes[0], names) + (f"; likewise at {axis} = {also}" if also else ""))
    if len(kinds) > _MOST_TOLD:
        lines.append(f"{len(kinds) - _MOST_TOLD} kinds of cuts with less in them are not told.")
    lost = [names[one.part] for one in solids if one.body is None]
    if lost:
        lines.append(f"Left out, since their meshes are not closed: {', '.join(lost[:8])}.")
    return "\n".join(lines)


def told_cut(made: Cut, names: Sequence[str]) -> str:
    """Return one cut in a line."""
    across = {"x": ("y", "z"), "y": ("x", "z"), "z": ("x", "y")}[made.axis]
    if not made.areas:
        return f"{made.axis} = {millimetres(made.at)}: nothing"
    largest = sorted(made.areas.items(), key=lambda one: -one[1])
    met = ", ".join(f"{names[part]} {in_words(area)}" for part, area in largest[:6])
    more = f" and {len(largest) - 6} more" if len(largest) > 6 else ""
    words = [
        f"{made.axis} = {millimetres(made.at)}: cuts {met}{more}; {made.outlines} piece{'s' * (made.outlines != 1)}"
    ]
    if made.holes:
        holes = [
            f"{millimetres(float(size[0]))} x {millimetres(float(size[1]))} mm ({in_words(area)}) around"
            f" {across[0]} {millimetres(float(centre[0]))}, {across[1]} {millimetres(float(centre[1]))}"
            for area, size, centre in made.holes[:4]
        ]
        words.append(f"{len(made.holes)} space{'s' * (len(made.holes) != 1)} closed all around: {', '.join(holes)}")
    else:
        words.append("no space closed all around")
    if made.openings:
        gaps = [
            f"{one.side} {millimetres(one.width)} mm (from {across[0]} {millimetres(one.start[0])},"
            f" {across[1]} {millimetres(one.start[1])} to {across[0]} {millimetres(one.end[0])},"
            f" {across[1]} {millimetres(one.end[1])})"
            for one in made.openings[:6]
        ]
        more = f" and {len(made.openings) - 6} narrower" if len(made.openings) > 6 else ""
        words.append(f"open: {', '.join(gaps)}{more}")
    return "; ".join(words)


def _kind(made: Cut, names: Sequence[str]) -> tuple[object, ...]:
    """Return by what cuts are told apart: kinds of parts, pieces, closed spaces, openings within five per cent."""
    wide = tuple((one.side, round(one.width / max(made.openings[0].width, 1e-9) * 20)) for one in made.openings)
    return (tuple(sorted(stem(names[part]) for part in made.areas)), made.outlines, len(made.holes), wide)
