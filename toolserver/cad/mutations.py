"""How CAD artefacts can be sabotaged: the table of mutations. It names no library of geometry, so hosts can list it.

Mutations fit any design, since the criteria whose controls they are were written before there is one. Where an artefact
already is what a mutation makes of it, the copy is equal. What they do stands in ``toolserver.cad.mutating``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from toolserver.cad.schema import schema_of
from toolserver.protocol import Form

Spot = Literal["centre", "front", "back", "left", "right", "front_left", "front_right", "back_left", "back_right"]
Side = Literal["front", "back", "left", "right"]
PartName = Annotated[str, Meta(min_length=1, max_length=64, description="a part by its name")]
Share = Annotated[float, Meta(ge=0.001, le=0.999)]
Millimetres = Annotated[float, Meta(ge=0.001, le=1e6)]


class NoParameters(Form):
    """It takes none."""


class Towards(Form):
    """To which side; towards a corner it is front or back, and front for the middle."""

    towards: Spot = "front"


class Downhill(Form):
    """To which side it goes down."""

    downhill: Side = "front"


class Raised(Form):
    """By how many millimetres."""

    by: Millimetres = 80.0


class Plinth(Form):
    """The step in millimetres that is to be too low for it."""

    step: Millimetres = 200.0


class Pushed(Form):
    """The push that is to move it."""

    force: Annotated[float, Meta(gt=0, le=1e6, description="newtons")] = 10.0
    seconds: Annotated[float, Meta(gt=0, le=10)] = 0.2
    friction: Annotated[float, Meta(ge=0, le=2)] = 0.8


class Bounds(Form):
    """Between what its size in millimetres or its mass in kilograms is asked to be."""

    of: Literal["size", "mass"] = "size"
    least: float = 0.0
    most: float = 0.0


class Gap(Form):
    """Where a slice is cut out, and how thick it is as a share of the extent in that direction."""

    axis: Literal["long", "x", "y", "z"] = "long"
    share: Share = 0.15


class OfPart(Form):
    """Which part."""

    part: PartName


class Shift(Form):
    """Which part, and by what share of its size."""

    part: PartName
    share: Annotated[float, Meta(ge=-10, le=10)] = 0.2


class Lift(Form):
    """Which part, and how many millimetres."""

    part: PartName
    by: Annotated[float, Meta(ge=-1e5, le=1e5)] = 30.0


class Scale(Form):
    """How much larger."""

    factor: Annotated[float, Meta(ge=0.001, le=1000)]


class Thin(Form):
    """How much is left of the thickness, of one part or of all."""

    factor: Annotated[float, Meta(ge=0.001, le=0.999)] = 0.1
    part: PartName | None = None


class Above(Form):
    """At which share of the height."""

    share: Share = 0.5


class Height(Form):
    """Up to which height above the ground, in millimetres."""

    height: Millimetres = 1000.0


@dataclass(frozen=True, slots=True)
class CadMutation:
    """One row of the table; ``form`` is that of its parameters."""

    name: str
    description: str
    form: type[Form]

    @property
    def parameters(self) -> dict[str, Any]:
        """JSON Schema of the parameters, without references."""
        return schema_of(self.form)


_ROWS: Final = (
    CadMutation(
        "remove_support",
        "Lifts it onto a single wall under the edge opposite to towards, so that it tips over there.",
        Towards,
    ),
    CadMutation("raise_all", "Moves all of it up, so that it falls.", Raised),
    CadMutation("on_rollers", "Sets it on a plate on loose rollers, so that it rolls downhill.", Downhill),
    CadMutation("on_plinth", "Sets it on a plinth that is much higher than a step.", Plinth),
    CadMutation("lighten", "Makes it so light that a push moves it far.", Pushed),
    CadMutation(
        "scale_beyond",
        "Makes all smaller than asked for where there is a least, else larger and higher than the most.",
        Bounds,
    ),
    CadMutation("flimsy", "Leaves a sheet as large as it is on a thin post at each corner.", NoParameters),
    CadMutation("cut_gap", "Cuts away a slice in the middle, through all parts; along z the upper half floats.", Gap),
    CadMutation("remove_rails", "Cuts away all that stands above the surface in the middle.", NoParameters),
    CadMutation("fill_openings", "Closes all sides by a wall from the ground to the highest point.", NoParameters),
    CadMutation("lower_openings", "Closes openings of all sides above a height above the ground.", Height),
    CadMutation("remove_bottom", "Cuts a hole through the bottom of a hollow, as wide as the hollow.", NoParameters),
    CadMutation("block_top", "Lays a plate over all of it, so that nothing gets in from above.", NoParameters),
    CadMutation("remove_part", "Leaves a part out.", OfPart),
    CadMutation("lift_part", "Moves a part up.", Lift),
    CadMutation("shift_part", "Moves a part along x and y by a share of its size each.", Shift),
    CadMutation("thin", "Makes parts thinner in the direction in which they are thinnest.", Thin),
    CadMutation("scale", "Makes all larger about the origin, or smaller with a factor below 1.", Scale),
    CadMutation("flip", "Turns it upside down.", NoParameters),
    CadMutation("cut_above", "Cuts away all above a share of the height.", Above),
    CadMutation("keep_nothing", "Leaves a cube of 1 mm at the origin: a trivially empty artefact.", NoParameters),
)

MUTATIONS: Final[Mapping[str, CadMutation]] = MappingProxyType({row.name: row for row in _ROWS})
"""The table, by name."""
