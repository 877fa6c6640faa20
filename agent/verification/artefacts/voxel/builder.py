"""Makes building programs from Python. It needs the standard library alone, so that a sandbox can be given this file.

What it is told is not checked here but where the program is read, so that nothing depends on what ran elsewhere.
"""

import json
from typing import Any


class Builder:
    """A list of building actions; every method adds one.

    x points east, y points south, z up; the ground is below z 0.

    A cell is ``(x, y, z)``, counted from ``origin``. Worlds have no cells below 0, so a roof that stands out
    needs room.
    ``part`` names what an action belongs to, so that it can be inspected by that name.
    """

    def __init__(self, origin: tuple[int, int, int] = (0, 0, 0)) -> None:
        self.origin = origin
        self.actions: list[dict[str, Any]] = []

    def _add(self, do: str, part: str, **values: Any) -> "Builder":
        named = {"part": part} if part else {}
        for corner in ("low", "high", "at"):
            if corner in values:
                values[corner] = tuple(a + b for a, b in zip(values[corner], self.origin, strict=False))
        if do == "roof":
            values["z"] += self.origin[2]
        self.actions.append({"do": do, **values, **named})
        return self

    def box(self, low: tuple[int, int, int], high: tuple[int, int, int], block: str, part: str = "") -> "Builder":
        """Fill from one corner to the other, both included."""
        return self._add("box", part, low=low, high=high, block=block)

    def clear(self, low: tuple[int, int, int], high: tuple[int, int, int]) -> "Builder":
        """Remove what is between the corners."""
        return self._add("box", "", low=low, high=high, block="air")

    def hollow(self, low: tuple[int, int, int], high: tuple[int, int, int], block: str, part: str = "") -> "Builder":
        """Floor, ceiling and walls of a box."""
        return self._add("hollow", part, low=low, high=high, block=block)

    def walls(self, low: tuple[int, int, int], high: tuple[int, int, int], block: str, part: str = "") -> "Builder":
        """The four walls of a box."""
        return self._add("walls", part, low=low, high=high, block=block)

    def set(self, at: tuple[int, int, int], block: str, part: str = "") -> "Builder":
        """One block."""
        return self._add("set", part, at=at, block=block)

    def line(self, low: tuple[int, int, int], high: tuple[int, int, int], block: str, part: str = "") -> "Builder":
        """A straight line of blocks."""
        return self._add("line", part, low=low, high=high, block=block)

    def stairs(
        self,
        at: tuple[int, int, int],
        facing: str,
        steps: int,
        width: int = 1,
        block: str = "stone",
        *,
        filled: bool = True,
        part: str = "",
    ) -> "Builder":
        """Steps that rise by one cell each in the direction of ``facing``."""
        return self._add("stairs", part, at=at, facing=facing, steps=steps, width=width, block=block, filled=filled)

    def ladder(self, at: tuple[int, int, int], height: int, facing: str, part: str = "") -> "Builder":
        """Rungs; ``facing`` is away from the wall they hang on."""
        return self._add("ladder", part, at=at, height=height, facing=facing)

    def door(self, at: tuple[int, int, int], facing: str, width: int = 1, height: int = 2, part: str = "") -> "Builder":
        """Doors side by side; ``facing`` is outwards."""
        return self._add("door", part, at=at, facing=facing, width=width, height=height)

    def window(self, low: tuple[int, int, int], high: tuple[int, int, int], part: str = "") -> "Builder":
        """A pane of glass."""
        return self._add("window", part, low=low, high=high)

    def torch(self, at: tuple[int, int, int], part: str = "") -> "Builder":
        """A torch, which lights 14 cells far."""
        return self._add("torch", part, at=at)

    def roof(
        self,
        low: tuple[int, int],
        high: tuple[int, int],
        z: int,
        style: str = "gable",
        overhang: int = 0,
        block: str = "tiles",
        part: str = "",
    ) -> "Builder":
        """A roof (flat, gable, pyramid, swept) over a rectangle; ``z`` is its lowest layer."""
        return self._add("roof", part, low=low, high=high, z=z, style=style, overhang=overhang, block=block)

    def program(self) -> str:
        """Return the program as text, for ``World.build``."""
        return json.dumps({"actions": self.actions})
