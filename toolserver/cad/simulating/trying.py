"""What a scenario is given, and what it hands back."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from toolserver.cad.model import Model
from toolserver.cad.parameters import Side, Spot, Way
from toolserver.cad.simulating.columns import Grid, column_at, grid_of
from toolserver.cad.simulating.pieces import PieceCache
from toolserver.cad.simulating.scene import Scene
from toolserver.cad.simulating.shape import SOFT_WOOD, Shape
from toolserver.cad.wire import CadGate

Floats = NDArray[np.float64]

TOWARDS: Mapping[Side, tuple[float, float]] = {"front": (0, -1), "back": (0, 1), "left": (-1, 0), "right": (1, 0)}
"""Unit vector in the plane that points out of each side."""

_JOINT = 0.02
_WIDEST_JOINT = 20.0

COARSE_CELLS = 400_000
"""Cells for what needs no fine ones, such as rooms."""


@dataclass(frozen=True)
class Measured:
    """What a scenario measured.

    Attributes:
        values: of all its measures. What is missing has the worst value, so that the check fails.
        detail: one line.
        gates: whether it can be relied on.
        scene: as it was in the last moment, for a picture.
    """

    values: Mapping[str, float]
    detail: str
    gates: tuple[CadGate, ...] = ()
    scene: Scene | None = None


@dataclass(frozen=True)
class Trying:
    """A model that is tried out once.

    Attributes:
        seed: of all chance in it.
    """

    model: Model
    seed: int
    cache: PieceCache

    @cached_property
    def shape(self) -> Shape:
        """The model for physics, of soft wood where parts have no density."""
        return Shape(self.model, self.cache)

    def shape_of(self, density: float | None) -> Shape:
        """Return the model for physics with a density in kg/m3 for parts that have none."""
        return Shape(self.model, self.cache, SOFT_WOOD if density is None else density)

    @cached_property
    def random(self) -> np.random.Generator:
        """Chance, the same for the same seed."""
        return np.random.default_rng(self.seed)

    @cached_property
    def grid(self) -> Grid:
        """Coarse cells."""
        return grid_of(self.model, most=COARSE_CELLS)

    def spot(self, at: Spot, inset: float = 0.125) -> tuple[float, float]:
        """Return where a spot is, in mm: a share of the extent away from a border, an eighth unless told otherwise."""
        x, y, _ = self.shape.middle
        width, depth, _ = self.shape.extent * (0.5 - inset)
        return (
            float(x + (width if "right" in at else -width if "left" in at else 0)),
            float(y + (depth if "back" in at else -depth if "front" in at else 0)),
        )

    def surface(self, x: float, y: float, number: int) -> tuple[float, float] | None:
        """Return height and free height above of the ``number``-th surface from above at a place; None without one."""
        # a joint between two boards is no hole in a seat
        beside = float(np.clip(_JOINT * self.shape.extent[:2].min(), 0, _WIDEST_JOINT))
        found = []
        for dx, dy in ((0, 0), (beside, 0), (-beside, 0), (0, beside), (0, -beside)):
            tops = column_at(self.model, x + dx, y + dy)
            if len(tops) >= number:
                high = tops[-number][1]
                found.append((high, tops[-number + 1][0] - high if number > 1 else float("inf")))
        return max(found, default=None)

    def axis(self, way: Way) -> int:
        """Return 0 for a way along x, 1 along y."""
        if way == "long":
            return 0 if self.shape.extent[0] >= self.shape.extent[1] else 1
        return 0 if way == "x" else 1


def weight_side(trying: Trying) -> float:
    """Return how wide in mm a weight is that is set down on a model."""
    return float(np.clip(0.25 * min(trying.shape.extent[:2]), 5, 100))
