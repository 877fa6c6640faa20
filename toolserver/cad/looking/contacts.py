"""Which parts touch, by their meshes."""

from collections.abc import Sequence
from itertools import combinations
from typing import Final

from toolserver.cad.looking.cutting import Solid

NEAR: Final = 0.5
"""Millimetres below which parts touch; meshes of round parts are up to 0.2 mm away from the true surface."""


def touching(solids: Sequence[Solid], names: Sequence[str]) -> list[tuple[str, str]]:
    """Return pairs of parts that are closer than ``NEAR`` or overlap; those with an open mesh go by their box."""
    boxes = [(one.vertices.min(axis=0) - NEAR / 2, one.vertices.max(axis=0) + NEAR / 2) for one in solids]
    found = []
    for (one, (low, high)), (other, (begin, end)) in combinations(zip(solids, boxes, strict=True), 2):
        if (low > end).any() or (begin > high).any():
            continue
        if one.body is None or other.body is None or one.body.min_gap(other.body, 2 * NEAR) < NEAR:
            found.append((names[one.part], names[other.part]))
    return found
