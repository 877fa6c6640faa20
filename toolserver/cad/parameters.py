"""What the scenarios of CAD artefacts take: numbers with units in their names, and words instead of coordinates.

An artefact stands on z = 0, its front towards -y; so its right is +x and its back +y.
"""

from typing import Annotated, Literal

from msgspec import Meta

from toolserver.protocol import Form

Side = Literal["front", "back", "left", "right"]
"""A side of the artefact: -y, +y, -x, +x."""

Spot = Literal["centre", "front", "back", "left", "right", "front_left", "front_right", "back_left", "back_right"]
"""A place on a surface, seen from above: its middle, or an eighth of its size away from that border or corner."""

Goal = Literal["inside", "top", "opening"]
"""The middle of the room or hollow inside, of the highest surface, or of the largest opening."""

Way = Literal["long", "x", "y"]
"""Along the longer of width and depth, along the width, along the depth."""

Material = Literal[
    "pine", "oak", "plywood", "steel", "aluminium", "concrete", "pla", "abs", "ceramic", "glass", "granite", "brick"
]
"""What it is made of, for strength and mass."""

PartName = Annotated[
    str, Meta(min_length=1, max_length=100, description="name of a part, or what the names of several begin with")
]
Density = Annotated[
    float,
    Meta(ge=1, le=25_000, description="kg/m3 of parts that have none of their own; without it that of soft wood, 600"),
]
Friction = Annotated[float, Meta(ge=0, le=2, description="sliding friction between it and what it touches")]


class Stands(Form):
    """It is let fall by a few millimetres."""

    drop_mm: Annotated[float, Meta(ge=0, le=50)] = 3.0
    friction: Friction = 0.8
    density_kg_m3: Density | None = None


class StandsOnSlope(Form):
    """The ground slopes down towards a side."""

    slope_deg: Annotated[float, Meta(gt=0, le=45)]
    downhill: Side = "front"
    friction: Friction = 0.8
    density_kg_m3: Density | None = None


class Bears(Form):
    """A weight is set down on it.

    ``surface`` counts surfaces from above at that spot, so that 2 is the next lower board of a shelf.
    """

    load_kg: Annotated[float, Meta(gt=0, le=5000)]
    at: Spot = "centre"
    surface: Annotated[int, Meta(ge=1, le=20)] = 1
    friction: Friction = 0.8
    density_kg_m3: Density | None = None


class Strength(Form):
    """A weight at a spot, the material, and how many times more it has to bear before it breaks."""

    load_kg: Annotated[float, Meta(gt=0, le=100_000)]
    material: Material
    at: Spot = "centre"
    surface: Annotated[int, Meta(ge=1, le=20)] = 1
    safety: Annotated[float, Meta(ge=1, le=20, description="the strength is divided by this")] = 3.0


class Push(Form):
    """A horizontal force towards the opposite side, for a short time, at a share of the height."""

    force_n: Annotated[float, Meta(gt=0, le=10_000)]
    seconds: Annotated[float, Meta(gt=0, le=2)] = 0.2
    at_height_share: Annotated[float, Meta(ge=0, le=1)] = 0.8
    against: Side = "front"
    friction: Friction = 0.8
    density_kg_m3: Density | None = None


class Drop(Form):
    """It is let fall from a height, tilted towards its front."""

    height_mm: Annotated[float, Meta(gt=0, le=2000)]
    tilted_deg: Annotated[float, Meta(ge=0, le=30)] = 0.0
    friction: Friction = 0.8
    density_kg_m3: Density | None = None


class BallRolls(Form):
    """A ball rolls over it from one end to the other."""

    radius_mm: Annotated[float, Meta(ge=2, le=500)] = 40.0
    speed_m_s: Annotated[float, Meta(gt=0, le=5)] = 1.2
    sideways_m_s: Annotated[float, Meta(ge=0, le=2)] = 0.1
    way: Way = "long"


class RailsHold(Form):
    """Balls on its way, all along it, are pushed to both sides in turn."""

    radius_mm: Annotated[float, Meta(ge=2, le=500)] = 40.0
    sideways_m_s: Annotated[float, Meta(gt=0, le=5)] = 0.5
    balls: Annotated[int, Meta(ge=2, le=30)] = 12
    way: Way = "long"


class WalksIn(Form):
    """A person, as an upright capsule, who may step up a little; the way is looked for."""

    height_mm: Annotated[float, Meta(ge=300, le=3000)] = 1750.0
    radius_mm: Annotated[float, Meta(ge=50, le=1000)] = 250.0
    step_mm: Annotated[float, Meta(ge=0, le=400)] = 200.0
    side: Annotated[Side, Meta(description="where the person comes from")] = "front"


class HasOpenings(Form):
    """Openings of one side, or of any, that lead inside; a door reaches down to a step, a window does not."""

    side: Side | Literal["any"] = "front"
    least_mm: Annotated[float, Meta(ge=1, le=2000, description="openings narrower or lower than this are none")] = 50.0
    step_mm: Annotated[float, Meta(ge=0, le=400)] = 200.0


class Climbable(Form):
    """Someone goes up as high as they can; the way is looked for."""

    step_mm: Annotated[float, Meta(gt=0, le=1000, description="the highest step they take")] = 200.0
    body_mm: Annotated[float, Meta(ge=10, le=1000, description="how wide they are")] = 300.0
    headroom_mm: Annotated[float, Meta(ge=0, le=3000)] = 1800.0


class StairsMeasured(Form):
    """Level treads, one above the other."""

    least_rise_mm: Annotated[float, Meta(ge=1, le=500, description="what is lower is no step")] = 20.0


class RampRises(Form):
    """Wheels go up as high as they can, over edges that are lower than ``edge_mm``."""

    edge_mm: Annotated[float, Meta(ge=0, le=100)] = 10.0
    width_mm: Annotated[float, Meta(ge=10, le=2000, description="how wide what rolls is")] = 200.0


class Holds(Form):
    """Balls fall into it from above while it is held in the air.

    Without ``radius_mm`` they are an eighth as wide as its opening.
    """

    balls: Annotated[int, Meta(ge=1, le=60)] = 20
    radius_mm: Annotated[float, Meta(ge=1, le=500)] | None = None
    tilted_deg: Annotated[float, Meta(ge=0, le=60, description="towards its front, while it is filled")] = 0.0


class HoldsLiquid(Form):
    """Nothing but its shape: how much stays in it when it is filled to the brim and stands upright."""

    without: Annotated[PartName | None, Meta(description="taken off before, such as a lid")] = None


class PartsFit(Form):
    """A part that comes off upwards, and all other parts."""

    part: PartName
    lift_mm: Annotated[float, Meta(gt=0, le=5000, description="without it as far as it has to go")] | None = None


class Reachable(Form):
    """An arm of two links with a hand at its end; its shoulder is beside the artefact."""

    goal: Goal = "inside"
    side: Side = "front"
    shoulder_mm: Annotated[float, Meta(ge=0, le=5000, description="above the ground")] = 1300.0
    distance_mm: Annotated[float, Meta(ge=0, le=5000, description="from that side")] = 300.0
    upper_arm_mm: Annotated[float, Meta(ge=20, le=2000)] = 350.0
    forearm_mm: Annotated[float, Meta(ge=20, le=2000)] = 350.0
    thickness_mm: Annotated[float, Meta(ge=1, le=300)] = 70.0


class RoomInside(Form):
    """How large the room inside is, through the place in it that is farthest from all walls."""


class Shelters(Form):
    """How much of the room inside has a roof above it."""


class SeeThrough(Form):
    """Holes through which one looks from one side to the other, such as that of a handle."""

    side: Side = "front"


class RailsHigh(Form):
    """What stands beside a way, on both sides of it."""

    way: Way = "long"
    headroom_mm: Annotated[float, Meta(ge=0, le=3000, description="free height above the way")] = 50.0


class SizeWithin(Form):
    """One extent and between what it has to be.

    ``surface_height`` is that of what one meets from above at a spot, ``free_below`` the free
    height between the ground and what one meets from below, all the way from the border to the spot.
    """

    extent: Literal["width", "depth", "height", "longest", "shortest", "surface_height", "free_below", "lowest"]
    least_mm: Annotated[float, Meta(ge=-100, le=1_000_000)]
    most_mm: Annotated[float, Meta(ge=-100, le=1_000_000)]
    at: Spot = "centre"
    inset_share: Annotated[
        float, Meta(ge=0, le=0.5, description="how far the spot is from its border, as a share of the extent")
    ] = 0.125


class HasSurface(Form):
    """Level surfaces that face up, are at such a height, and have nothing close above them."""

    least_height_mm: Annotated[float, Meta(ge=0, le=100_000)]
    most_height_mm: Annotated[float, Meta(ge=0, le=100_000)]
    clear_mm: Annotated[float, Meta(ge=0, le=10_000, description="free height above")] = 50.0


class HasLevels(Form):
    """Level surfaces one above the other, each with so much of the largest one's area and free height above it."""

    share: Annotated[float, Meta(gt=0, le=1)] = 0.5
    clear_mm: Annotated[float, Meta(ge=0, le=10_000)] = 50.0


class Connected(Form):
    """What touches, or is closer than ``slack_mm``, is one piece."""

    slack_mm: Annotated[float, Meta(ge=0, le=10)] = 0.5


class Thickness(Form):
    """How thick walls are, everywhere; ``ignored_share`` of the surface may be thinner, such as sharp edges."""

    ignored_share: Annotated[float, Meta(ge=0, le=0.5)] = 0.02
    part: Annotated[PartName | None, Meta(description="only this one")] = None


class Weighs(Form):
    """Its mass, and between what it has to be."""

    least_kg: Annotated[float, Meta(ge=0, le=1_000_000)]
    most_kg: Annotated[float, Meta(ge=0, le=1_000_000)]
    material: Annotated[Material | None, Meta(description="of parts without a density of their own")] = None


class Custom(Form):
    """A scenario in Python; see ``toolserver.cad.written``."""

    code: Annotated[str, Meta(min_length=1, max_length=20_000)]
