"""The building actions a program consists of: validated one by one, so that a failure names its action."""

from typing import Annotated, ClassVar, Final, Literal

from pydantic import ConfigDict, Field, TypeAdapter, model_validator

from agent.domain.base import Form
from agent.verification.artefacts.voxel.blocks import BlockName, Facing

WIDE: Final = 96
"""Cells of a world along x and along y."""
HIGH: Final = 64
"""Cells of a world along z; 0 stands on the ground."""
MOST_ACTIONS: Final = 5000

_Across = Annotated[int, Field(strict=True, ge=0, lt=WIDE)]
_Up = Annotated[int, Field(strict=True, ge=0, lt=HIGH)]
Cell = tuple[_Across, _Across, _Up]


class _Action(Form):
    """``part`` names what the action belongs to, such as ``left_wall``; without it the kind of action does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: str = Field(default="", max_length=60, pattern=r"^[\w -]*$")


class _Span(_Action):
    """Two opposite corners, both belonging to it; the first has the lower coordinates."""

    low: Cell
    high: Cell
    in_order: ClassVar[bool] = True

    @model_validator(mode="after")
    def _ordered(self) -> "_Span":
        if self.in_order and any(b < a for a, b in zip(self.low, self.high, strict=True)):
            raise ValueError(f"high {list(self.high)} is below low {list(self.low)}: a size would be negative")
        return self


class Box(_Span):
    """Fill a box; of air it clears one."""

    do: Literal["box"]
    block: BlockName


class Hollow(_Span):
    """Floor, ceiling and four walls of a box, one cell thick; what is inside is cleared."""

    do: Literal["hollow"]
    block: BlockName


class Walls(_Span):
    """The four walls of a box, one cell thick, without floor and ceiling."""

    do: Literal["walls"]
    block: BlockName


class Put(_Action):
    """One block."""

    do: Literal["set"]
    at: Cell
    block: BlockName


class Line(_Span):
    """A straight line of blocks between two cells, in any direction."""

    do: Literal["line"]
    block: BlockName
    in_order: ClassVar[bool] = False


class Stairs(_Action):
    """Steps that rise by one cell each in the direction of ``facing``; ``width`` grows east or south of ``at``."""

    do: Literal["stairs"]
    at: Cell
    facing: Facing
    steps: int = Field(strict=True, ge=1, le=HIGH)
    width: int = Field(default=1, strict=True, ge=1, le=WIDE)
    block: BlockName = "stone"
    filled: bool = Field(default=True, description="whether there are blocks below the steps, down to at")


class Ladder(_Action):
    """Rungs one above the other from ``at``; ``facing`` is away from the wall they hang on."""

    do: Literal["ladder"]
    at: Cell
    height: int = Field(strict=True, ge=1, le=HIGH)
    facing: Facing


class Door(_Action):
    """Doors that open, side by side; ``facing`` is outwards, and ``width`` grows east or south of ``at``."""

    do: Literal["door"]
    at: Cell
    facing: Facing
    width: int = Field(default=1, strict=True, ge=1, le=8)
    height: int = Field(default=2, strict=True, ge=1, le=8)


class Window(_Span):
    """A pane of glass."""

    do: Literal["window"]


class Torch(_Action):
    """A torch, which lights 14 cells far."""

    do: Literal["torch"]
    at: Cell


class Roof(_Action):
    """A roof over the outer rectangle of the walls; its lowest layer is at ``z``, just above them.

    ``gable`` has its ridge along x, and its two ends are closed; ``pyramid`` rises from all four sides; ``swept`` is a
    pyramid whose corners turn up, as on old Chinese houses. ``overhang`` is how far it stands out on every side.
    """

    do: Literal["roof"]
    low: tuple[_Across, _Across]
    high: tuple[_Across, _Across]
    z: _Up
    style: Literal["flat", "gable", "pyramid", "swept"] = "gable"
    overhang: int = Field(default=0, strict=True, ge=0, le=6)
    block: BlockName = "tiles"

    @model_validator(mode="after")
    def _ordered(self) -> "Roof":
        if self.high[0] < self.low[0] or self.high[1] < self.low[1]:
            raise ValueError(f"high {list(self.high)} is below low {list(self.low)}: a size would be negative")
        return self


Action = Annotated[
    Box | Hollow | Walls | Put | Line | Stairs | Ladder | Door | Window | Torch | Roof, Field(discriminator="do")
]
ACTION: Final[TypeAdapter[Action]] = TypeAdapter(Action)


class BuildingProgram(Form):
    """A building as a list of actions, carried out in order; later ones replace the blocks of earlier ones.

    x points east, y points south, z up; the ground is below z 0. A cell is [x, y, z]. This is the form a model fills
    in; programs are validated action by action, so that what is wrong is said with the action's number.
    """

    actions: list[Action] = Field(min_length=1, max_length=MOST_ACTIONS)
