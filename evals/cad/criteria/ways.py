"""What is asked of bridge, ramp and stairs."""

from typing import Final

from agent.domain.artefacts import Criterion, Mutation, Relation
from evals.cad.criteria.asking import asks, bears, size, strong, upright, whole


def _bounds(least: float, most: float, *, larger: float) -> tuple[tuple[str, Relation, float, Mutation | None], ...]:
    """Return a bound from below and one from above, of which the second fails once all is so much larger."""
    scaled = Mutation(name="scale", parameters={"factor": larger})
    return ("high enough", ">=", least, None), ("not too high", "<=", most, scaled)


BRIDGE: Final[tuple[Criterion, ...]] = (
    size("length", "at least 2.3 m long", "width", 2277, 10_000),
    asks(
        "ball crosses",
        "without steps and without gaps wider than 10 mm, so that a ball rolls across",
        "ball_rolls_across",
        "share_crossed",
        ">=",
        0.95,
        radius_mm=60,
        way="x",
    ),
    asks(
        "wide enough",
        "800 mm wide",
        "ball_rolls_across",
        "share_crossed",
        ">=",
        0.95,
        radius_mm=396,
        sideways_m_s=0,
        way="x",
        control=Mutation(name="cut_gap", parameters={"axis": "x", "share": 0.6}),
    ),
    asks(
        "railings",
        "no ball of 120 mm gets through it",
        "rails_hold",
        "share_kept",
        ">=",
        1,
        radius_mm=60,
        way="x",
    ),
    asks("railing height", "at least 900 mm high", "rails_high", "height", ">=", 891, way="x", headroom_mm=1000),
    whole("The bridge stands on two abutments"),
    upright("The bridge stands on two abutments"),
    *bears("180 kg together, stand in the middle, and it neither breaks nor tips", 180, "centre"),
    *strong("180 kg together, stand in the middle, and it neither breaks nor tips", 180, "pine", "centre"),
)
"""What the wish for a bridge asks for."""

RAMP: Final[tuple[Criterion, ...]] = (
    asks(
        "rolled up",
        "It begins on the floor with an edge of at most 5 mm",
        "ramp_rises",
        "share_climbed",
        ">=",
        0.95,
        edge_mm=5,
        width_mm=841,
    ),
    asks(
        "gentle",
        "rises evenly by no more than 6 degrees",
        "ramp_rises",
        "steepest",
        "<=",
        6,
        edge_mm=5,
        width_mm=841,
    ),
    size(
        "low edge",
        "It begins on the floor with an edge of at most 5 mm",
        "surface_height",
        0,
        6,
        at="front",
        inset_share=0.005,
    ),
    # but for the edge that it may have
    size("high enough", "ends exactly 120 mm high", "surface_height", 115, 125, at="back", inset_share=0.005),
    asks(
        "kerb height",
        "a kerb on each side, at least 40 mm high",
        "rails_high",
        "height",
        ">=",
        39.6,
        way="y",
    ),
    asks(
        "kerbs",
        "a kerb on each side, at least 40 mm high, keeps the wheels from rolling off",
        "rails_hold",
        "share_kept",
        ">=",
        1,
        radius_mm=50,
        way="y",
    ),
    whole("It lies firmly on the floor"),
    upright("It lies firmly on the floor"),
    *bears("carries a person in an electric wheelchair, 250 kg, everywhere", 250, "front", "back"),
    *strong("carries a person in an electric wheelchair, 250 kg, everywhere", 250, "pine", "centre", "back"),
)
"""What the wish for a ramp asks for."""

STAIRS: Final[tuple[Criterion, ...]] = (
    asks(
        "climbed",
        "No step is higher than 190 mm",
        "stairs_climbable",
        "share_climbed",
        ">=",
        0.95,
        step_mm=190,
        body_mm=500,
    ),
    *(
        asks(
            name,
            "The last tread is as high as the terrace",
            "stairs_climbable",
            "height_reached",
            relation,
            bound,
            step_mm=190,
            body_mm=500,
            control=control,
        )
        for name, relation, bound, control in _bounds(891, 909, larger=1.05)
    ),
    asks("deep treads", "at least 260 mm deep", "stairs_measured", "shortest_tread", ">=", 257.4),
    asks("wide treads", "900 mm wide", "stairs_measured", "narrowest", ">=", 891),
    asks("level treads", "Each tread is level", "stairs_measured", "steps", ">=", 5),
    whole("The stairs stand by themselves"),
    upright("The stairs stand by themselves"),
    *bears("may step on any tread", 120, "front", "centre", "back"),
    *strong("without anything breaking", 120, "pine", "front", "centre"),
)
"""What the wish for stairs asks for."""
