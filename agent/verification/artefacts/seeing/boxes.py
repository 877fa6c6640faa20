"""The boxes of parts, as inspections of worlds with a shape tell them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.domain.artefacts import Inspection, Part

Point = tuple[float, float, float]


@dataclass(frozen=True)
class PartBox:
    """A part as a box; z points up.

    Attributes:
        low, high: its corners, in the unit of the inspection.
        fills: share of the box that the part fills; 0 where that is not known.
    """

    name: str
    low: Point
    high: Point
    fills: float = 0.0

    @property
    def size(self) -> Point:
        """Along x, y and z."""
        x, y, z = (high - low for low, high in zip(self.low, self.high, strict=True))
        return x, y, z

    @property
    def longest(self) -> float:
        """Its longest side."""
        return max(self.size)

    @property
    def middle_height(self) -> float:
        """Height of its middle."""
        return (self.low[2] + self.high[2]) / 2

    def near(self, other: "PartBox", gap: float) -> bool:
        """Whether the boxes are no farther apart than a gap; parts whose boxes are not near cannot touch."""
        edges = zip(self.low, self.high, other.low, other.high, strict=True)
        return all(low <= end + gap and begin <= high + gap for low, high, begin, end in edges)

    def within(self, other: "PartBox") -> bool:
        """Whether it lies wholly in the box of another."""
        lows, highs = zip(other.low, self.low, strict=True), zip(other.high, self.high, strict=True)
        return all(begin <= low for begin, low in lows) and all(high <= end for end, high in highs)


def boxes_of(inspection: Inspection) -> tuple[tuple[PartBox, ...], str]:
    """Return the boxes of the parts and the unit of their lengths; none where parts have no place."""
    made = [(box, unit) for part in inspection.parts for box, unit in [_box(part)] if box is not None]
    units = {unit for _, unit in made}
    if len(units) != 1:
        return (), ""
    return tuple(box for box, _ in made), units.pop()


def whole_of(boxes: Sequence[PartBox]) -> PartBox:
    """Return the box around all."""
    low = tuple(min(box.low[axis] for box in boxes) for axis in range(3))
    high = tuple(max(box.high[axis] for box in boxes) for axis in range(3))
    return PartBox("", (low[0], low[1], low[2]), (high[0], high[1], high[2]))


def _box(part: Part) -> tuple[PartBox | None, str]:
    """Return a part's box in millimetres from measures of solids, or in cells from those of blocks."""
    known = {name: float(value) for name, value in part.measures.items() if isinstance(value, int | float)}
    sides = [known.get(name) for name in ("width_mm", "depth_mm", "height_mm")]
    corner = [known.get(name) for name in ("x_min_mm", "y_min_mm", "z_min_mm")]
    if all(value is not None for value in (*sides, *corner)):
        x, y, z = (value or 0.0 for value in corner)
        wide, deep, high = (value or 0.0 for value in sides)
        space = wide * deep * high / 1000
        fills = min(1.0, known.get("volume_cm3", 0.0) / space) if space > 0 else 0.0
        return PartBox(part.name, (x, y, z), (x + wide, y + deep, z + high), fills), "mm"
    first, last = _cell(part.measures, "from"), _cell(part.measures, "to")
    if first is not None and last is not None:
        return PartBox(part.name, first, (last[0] + 1, last[1] + 1, last[2] + 1)), "cells"
    return None, ""


def _cell(measures: Mapping[str, float | str | bool], name: str) -> Point | None:
    numbers = str(measures.get(name, "")).split(",")
    if len(numbers) != 3 or not all(number.lstrip("-").isdecimal() for number in numbers):
        return None
    return float(numbers[0]), float(numbers[1]), float(numbers[2])
