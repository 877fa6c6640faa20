"""What can be tried with CAD artefacts: the table that whoever writes criteria chooses from.

It names no library of geometry or physics, so hosts list it without having one. What each scenario does stands in
``toolserver.cad.simulating``, what each mutation does in ``toolserver.cad.mutating``.

The usual control of a scenario fits any design, since criteria are written before there is one. What is asked of the
mutations that controls name:

======================  ===============================================================================================
``remove_support``      Lifts it onto a single wall under the outermost 15 % of its footprint opposite ``towards`` (a
                        side, else ``front``), so that it tips over towards that side.
``raise_all``           Moves it up ``by`` millimetres.
``on_rollers``          Sets it on a plate on loose rollers that turn towards ``downhill``.
``on_plinth``           Sets it on a plinth that is half as high again as ``step`` at least.
``lighten``             Makes it so light that a push of ``force`` newtons moves it far.
``scale_beyond``        Makes it smaller than ``least`` where that is above 0, else larger and higher than ``most``.
``flimsy``              Leaves a sheet as large as it is on a thin post at each corner.
``cut_gap``             Cuts away a slice of ``share`` of the extent along ``axis`` (``long``, else ``x``, ``y``,
                        ``z``), in the middle of it, through all parts and down to the ground. Along ``z`` what is
                        above then floats.
``remove_rails``        Cuts away all that stands above the surface one meets from above in the middle of the artefact.
``fill_openings``       Fills openings of walls: the space between the outermost material to all four sides, from the
                        ground to the highest point, becomes solid or is closed by a wall on its outside.
``remove_bottom``       Cuts a hole through the bottom of a hollow, as wide as the hollow is there.
``shift_part``          Moves ``part`` along x and y by ``share`` of its size each. An equal copy if there is none.
``scale``               Makes all larger by ``factor``, about the origin.
``flip``                Turns it upside down; what was highest stands on the ground.
``cut_above``           Cuts away all above ``share`` of the height.
``keep_nothing``        Leaves a cube of 1 mm at the origin: a trivially empty artefact.
======================  ===============================================================================================
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from toolserver.cad import parameters as form
from toolserver.cad.schema import schema_of
from toolserver.cad.written import GUIDE
from toolserver.protocol import Form


@dataclass(frozen=True, slots=True)
class CadControl:
    """A mutation after which a check has to fail. A parameter ``$column`` takes the scenario's ``column``."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CadScenario:
    """One row of the table.

    Attributes:
        name: how criteria name it.
        description: what it tries and what its measures mean, for whoever writes criteria.
        form: of its parameters.
        measures: unit of each; empty for counts and shares.
        control: the mutation that makes it fail, as a rule.
        controls: those of measures that need another one.
    """

    name: str
    description: str
    form: type[Form]
    measures: Mapping[str, str]
    control: CadControl
    controls: Mapping[str, CadControl] = field(default_factory=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """JSON Schema of the parameters, without references."""
        return schema_of(self.form)


_TIPS: Final = CadControl("remove_support", {"towards": "front"})
_GAP: Final = CadControl("cut_gap", {"axis": "long", "share": 0.15})
_MUCH_SMALLER: Final = CadControl("scale", {"factor": 0.1})

_ROWS: Final = (
    CadScenario(
        "stands",
        "Set down on level ground from a few millimetres above it, does it stay upright? tilt is the angle it ends at, "
        "drift how far it or a loose piece moved. 5 deg and 50 mm are usual bounds from above.",
        form.Stands,
        {"tilt": "deg", "drift": "mm"},
        _TIPS,
        {"drift": CadControl("raise_all", {"by": 80})},
    ),
    CadScenario(
        "stands_on_slope",
        "Stands on ground that slopes. tilt is measured against the slope, slide along it.",
        form.StandsOnSlope,
        {"tilt": "deg", "slide": "mm"},
        CadControl("remove_support", {"towards": "$downhill"}),
        {"slide": CadControl("on_rollers", {"downhill": "$downhill"})},
    ),
    CadScenario(
        "bears",
        "A weight is set down at a spot: does anything tip over? Rigid bodies, so this says nothing of strength. tilt "
        "is the angle it ends at, sink how much lower the weight ends than it was set down. Usual: below 5 deg, 20 mm.",
        form.Bears,
        {"tilt": "deg", "sink": "mm"},
        CadControl("remove_support", {"towards": "$at"}),
    ),
    CadScenario(
        "strength",
        "A beam formula, not a simulation: the stress and the sag of what carries the weight at a spot, between the "
        "supports found there. utilisation is the stress as a share of what the material may bear (below 1), sag is in "
        "mm, sag_share the sag as a share of the free length (below 0.01, say).",
        form.Strength,
        {"utilisation": "", "stress": "MPa", "sag": "mm", "sag_share": ""},
        CadControl("flimsy"),
    ),
    CadScenario(
        "survives_push",
        "Pushed from a side for a moment, does it stay upright, and how far does it move?",
        form.Push,
        {"tilt": "deg", "drift": "mm"},
        _TIPS,
        {"drift": CadControl("lighten", {"force": "$force_n", "seconds": "$seconds", "friction": "$friction"})},
    ),
    CadScenario(
        "survives_drop",
        "Let fall from a height, does it end upright? Rigid bodies: nothing is said of breaking.",
        form.Drop,
        {"tilt": "deg"},
        _TIPS,
    ),
    CadScenario(
        "ball_rolls_across",
        "A ball rolls over it from end to end, a little sideways. share_crossed is how much of the way it got before "
        "it fell below the surface; at least 0.95 is a crossing.",
        form.BallRolls,
        {"share_crossed": ""},
        CadControl("cut_gap", {"axis": "$way", "share": 0.15}),
    ),
    CadScenario(
        "rails_hold",
        "Balls all along a way are pushed to its sides. share_kept is the share of them that do not fall off.",
        form.RailsHold,
        {"share_kept": ""},
        CadControl("remove_rails"),
    ),
    CadScenario(
        "walks_in",
        "A person walks in from outside, through whatever opening is wide and high enough on that side. "
        "distance_to_goal is how far from the middle of the inside they end; below 300 mm is inside.",
        form.WalksIn,
        {"distance_to_goal": "mm"},
        CadControl("fill_openings"),
    ),
    CadScenario(
        "has_openings",
        "Doors and windows of one side: how many there are, and the size of the largest of each.",
        form.HasOpenings,
        {
            "doors": "",
            "windows": "",
            "door_width": "mm",
            "door_height": "mm",
            "window_width": "mm",
            "window_height": "mm",
        },
        CadControl("fill_openings"),
    ),
    CadScenario(
        "see_through",
        "Holes that go all the way through, with something around them, such as that of a handle: how many there are "
        "from that side, and how far the largest extends.",
        form.SeeThrough,
        {"holes": "", "width": "mm", "height": "mm"},
        CadControl("fill_openings"),
    ),
    CadScenario(
        "room_inside",
        "How large the room inside is, such as that of a house or box, between its walls, floor and roof, measured "
        "through the place in it that is farthest from all walls.",
        form.RoomInside,
        {"width": "mm", "depth": "mm", "height": "mm"},
        _MUCH_SMALLER,
    ),
    CadScenario(
        "shelters",
        "Does rain get in? share_dry is how much of the room inside has a roof above it; 1 is all of it.",
        form.Shelters,
        {"share_dry": ""},
        CadControl("cut_above", {"share": 0.6}),
    ),
    CadScenario(
        "rails_high",
        "How high railings, parapets or kerbs stand beside a way, on both sides and all along it, where they are "
        "lowest; 0 where one side has none.",
        form.RailsHigh,
        {"height": "mm"},
        CadControl("remove_rails"),
    ),
    CadScenario(
        "stairs_climbable",
        "How far up does someone get who takes no higher step, and has room for body and head? share_climbed is of the "
        "height of the highest surface one can stand on (at least 0.95 is up), height_reached is in mm.",
        form.Climbable,
        {"share_climbed": "", "height_reached": "mm"},
        CadControl("on_plinth", {"step": "$step_mm"}),
    ),
    CadScenario(
        "stairs_measured",
        "Steps one above the other: shortest tread and narrowest step in mm, and how many; ask for at least so much.",
        form.StairsMeasured,
        {"steps": "", "shortest_tread": "mm", "narrowest": "mm"},
        CadControl("keep_nothing"),
    ),
    CadScenario(
        "ramp_rises",
        "How far up do wheels get, and how steep is the way? share_climbed is of its height, steepest the angle of the "
        "way to the top, 90 where there is none.",
        form.RampRises,
        {"share_climbed": "", "steepest": "deg"},
        CadControl("on_plinth", {"step": "$edge_mm"}),
    ),
    CadScenario(
        "holds",
        "Balls fall into it while it is held in the air, so that no ground holds them. share_kept is the share that "
        "stays in it.",
        form.Holds,
        {"share_kept": ""},
        CadControl("remove_bottom"),
    ),
    CadScenario(
        "holds_liquid",
        "From its shape alone: capacity is what stays in it when it is filled to the brim; small holes count.",
        form.HoldsLiquid,
        {"capacity": "ml"},
        CadControl("remove_bottom"),
    ),
    CadScenario(
        "parts_fit",
        "A part such as a lid, and the rest. play is how far it can be moved sideways, the least of the four "
        "directions (a clearance to bound from below); slack the most of them (to bound from above: it does not slide "
        "off; 1000 where nothing holds it or it does not fit at all); overlap is what both take up at once as built; "
        "blocked what is in the way when it is lifted straight off.",
        form.PartsFit,
        {"play": "mm", "slack": "mm", "overlap": "mm3", "blocked": "mm3"},
        CadControl("shift_part", {"part": "$part", "share": 0.2}),
    ),
    CadScenario(
        "reachable",
        "How close does the hand of a simple arm get to a place without touching anything else? Below 20 mm is "
        "reached. Poses are tried, not the way to them.",
        form.Reachable,
        {"distance": "mm"},
        CadControl("scale", {"factor": 20}),
    ),
    CadScenario(
        "size_within",
        "Is an extent between two bounds? outside is by how much it is not; ask for at most 0. This finds metres taken "
        "for millimetres. width is along x, depth along y, height along z.",
        form.SizeWithin,
        {"outside": "mm"},
        CadControl("scale_beyond", {"of": "size", "least": "$least_mm", "most": "$most_mm"}),
    ),
    CadScenario(
        "has_surface",
        "Level surfaces that face up at a height, such as the seat of a chair; upside down there is none. area in cm2, "
        "area_share of the rectangle that it covers seen from above, highest in mm.",
        form.HasSurface,
        {"area": "cm2", "area_share": ""},
        _MUCH_SMALLER,
    ),
    CadScenario(
        "has_levels",
        "How many surfaces are one above the other, such as the boards of a shelf; ask for at least so many.",
        form.HasLevels,
        {"levels": ""},
        CadControl("cut_above", {"share": 0.1}),
    ),
    CadScenario(
        "connected",
        "Does all hold together? pieces counts groups of parts that touch each other (1 is one whole), floating those "
        "that reach no ground (0). For boxes with a loose lid ask for floating.",
        form.Connected,
        {"pieces": "", "floating": ""},
        CadControl("cut_gap", {"axis": "z", "share": 0.05}),
    ),
    CadScenario(
        "thickness",
        "How thick its walls are: thinnest, measured from points all over its surface straight inwards.",
        form.Thickness,
        {"thinnest": "mm"},
        CadControl("scale", {"factor": 0.05}),
    ),
    CadScenario(
        "weighs",
        "Is its mass between two bounds? outside is by how much it is not; ask for at most 0.",
        form.Weighs,
        {"outside": "kg"},
        CadControl("scale_beyond", {"of": "mass", "least": "$least_kg", "most": "$most_kg"}),
    ),
    CadScenario(
        "custom",
        "A scenario that you write in Python, where none of the others fits. value is what it returns. Give a control "
        f"of your own that has to make it fail.\n{GUIDE}",
        form.Custom,
        {"value": ""},
        CadControl("keep_nothing"),
    ),
)

SCENARIOS: Final[Mapping[str, CadScenario]] = MappingProxyType({row.name: row for row in _ROWS})
"""The table, by name."""
