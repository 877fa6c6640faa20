"""Drawing parts apart, so that each is seen; and colours by which they are told apart."""

import colorsys
import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from toolserver.cad.looking.scene import Floats, Piece, box_of

_APART: Final = 0.75
"""How much farther from the middle a part's own middle is drawn."""
_NESTED: Final = 0.55
"""Share of the height by which parts are lifted that have the same middle as another one."""
_NUMBER: Final = re.compile(r"[\W_]*\d+$")


def exploded(pieces: Sequence[Piece]) -> list[Piece]:
    """Return pieces moved away from the middle; those in the same place, one in the other, are lifted out."""
    low, high = box_of(pieces)
    size = high - low
    # along what is long anyway, parts lie beside each other already; along what is thin they hide each other
    stretch = _APART * np.clip(size.mean() / np.maximum(size, 1e-9), 0.3, 2.0)
    middles = [_middle(piece) for piece in pieces]
    moved: list[Piece] = []
    taken: list[Floats] = []
    for number in sorted(range(len(pieces)), key=lambda number: (-_bulk(pieces[number]), number)):
        middle = middles[number]
        same = sum(bool(np.all(np.abs(middle - other) <= 0.03 * size)) for other in taken)
        taken.append(middle)
        by = stretch * (middle - (low + high) / 2)
        by[2] += same * _NESTED * max(size[2], 0.5 * size.max())
        moved.append(pieces[number].moved(by))
    return sorted(moved, key=lambda piece: piece.part)


def stem(name: str) -> str:
    """Return a part's name without its number, which it shares with its likes: ``leg`` of ``leg_3``."""
    return _NUMBER.sub("", name) or name


def colours(names: Sequence[str]) -> Floats:
    """Return a colour for each part, (parts, 3) between 0 and 1; parts that are alike in name have like colours."""
    stems = list(dict.fromkeys(stem(name) for name in names))
    given = []
    for place, name in enumerate(names):
        own = stem(name)
        kind = stems.index(own)
        # steps of the golden ratio never come close to a hue that was used shortly before
        hue = (0.09 + kind * 0.618034) % 1.0
        among = sum(stem(other) == own for other in names[:place])
        given.append(colorsys.hls_to_rgb(hue, 0.66 + 0.05 * (among % 3 - 1), 0.5))
    return np.array(given).reshape(-1, 3)


def _middle(piece: Piece) -> Floats:
    points = piece.triangles.reshape(-1, 3)
    return np.asarray((points.min(axis=0) + points.max(axis=0)) / 2)


def _bulk(piece: Piece) -> float:
    return float(np.prod(np.ptp(piece.triangles.reshape(-1, 3), axis=0) + 1e-9))
