"""What the ten wishes ask for, as criteria: written from their words alone, before any program was tried by them.

Bounds are those of the wish. Where it names none: nothing tips by 5 degrees or more, "does not rock" is half a degree,
sizes are met to a hundredth. A weight is tried for tipping; strength is asked for apart.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from agent.domain.artefacts import Criteria, Criterion, Mutation, Relation, Scenario
from agent.verification.artefacts.freezing import FrozenCriteria, repaired
from evals.cad.wishes import WISHES
from toolserver.cad.scenarios import SCENARIOS

TIPS: Final = 5.0
"""Degrees."""


def _asks(
    name: str,
    wish: str,
    scenario: str,
    measure: str,
    relation: Relation,
    threshold: float,
    control: Mutation | None = None,
    **parameters: Any,
) -> Criterion:
    """Return a criterion in the unit of its measure; without a control it has the usual one of its scenario."""
    return Criterion(
        id=name,
        wish=wish,
        scenario=Scenario(name=scenario, parameters=parameters),
        measure=measure,
        relation=relation,
        threshold=threshold,
        unit=SCENARIOS[scenario].measures[measure],
        control=control,
    )


def _size(name: str, wish: str, extent: str, least: float, most: float, **parameters: Any) -> Criterion:
    return _asks(
        name, wish, "size_within", "outside", "<=", 0, extent=extent, least_mm=least, most_mm=most, **parameters
    )


def _whole(wish: str) -> Criterion:
    return _asks("whole", wish, "connected", "pieces", "==", 1)


def _upright(wish: str) -> Criterion:
    return _asks("upright", wish, "stands", "tilt", "<", TIPS)


def _bears(wish: str, load: float, *spots: str, **parameters: Any) -> tuple[Criterion, ...]:
    return tuple(
        _asks(f"bears at {spot}", wish, "bears", "tilt", "<", TIPS, load_kg=load, at=spot, **parameters)
        for spot in spots
    )


def _strong(wish: str, load: float, material: str, *spots: str, **parameters: Any) -> tuple[Criterion, ...]:
    return tuple(
        _asks(
            f"strong at {spot}",
            wish,
            "strength",
            "utilisation",
            "<",
            1,
            load_kg=load,
            material=material,
            at=spot,
            **parameters,
        )
        for spot in spots
    )


_TABLE = (
    _size("length", "1200 mm long and 800 mm wide", "width", 1188, 1212),
    _size("width", "1200 mm long and 800 mm wide", "depth", 792, 808),
    _asks(
        "level top",
        "lies level, 750 mm above the floor",
        "has_surface",
        "area_share",
        ">=",
        0.95,
        least_height_mm=742,
        most_height_mm=758,
    ),
    *(
        _asks(
            f"knees at the {side}",
            "room for the knees: 620 mm of free height",
            "has_openings",
            "door_height",
            ">=",
            613.8,
            side=side,
        )
        for side in ("front", "back")
    ),
    _whole("The table stands on its own"),
    _upright("The table stands on its own"),
    *(
        _asks(f"no rocking {spot}", "does not rock", "bears", "tilt", "<", 0.5, load_kg=40, at=spot)
        for spot in ("front_left", "front_right", "back_left", "back_right")
    ),
    *_bears("leans on a corner or an edge with 40 kg does not tip it over", 40, "front", "left"),
    *_strong("carries 100 kg in the middle of the top", 100, "pine", "centre"),
)

_STOOL = (
    _size("width", "at least 250 mm wide and deep", "width", 247.5, 1000),
    _size("depth", "at least 250 mm wide and deep", "depth", 247.5, 1000),
    # a round seat of that width has 490 cm2
    _asks(
        "level seat",
        "The seat is level, 300 mm above the floor",
        "has_surface",
        "area",
        ">=",
        490,
        least_height_mm=297,
        most_height_mm=303,
    ),
    _whole("a child of 30 kg can sit on"),
    *_bears("a child of 30 kg can sit on", 30, "centre"),
    *_bears("must not tip over when the child sits on any edge of the seat", 30, "front", "back", "left", "right"),
    *(
        _asks(
            f"slope to the {side}",
            "stands on a floor that slopes by 5 degrees",
            "stands_on_slope",
            "tilt",
            "<",
            TIPS,
            slope_deg=5,
            downhill=side,
        )
        for side in ("front", "left")
    ),
    *_strong("a child of 30 kg can sit on", 30, "pine", "centre"),
    _asks(
        "light",
        "weighs no more than 6 kg",
        "weighs",
        "outside",
        "<=",
        0,
        least_kg=0,
        most_kg=6,
        material="pine",
    ),
)

_BENCH = (
    _size("length", "The seat is 1500 mm long", "width", 1485, 1515),
    # 1500 mm by 380 mm, less a twentieth for the gaps between slats
    _asks(
        "level seat",
        "at least 380 mm deep and 450 mm above the ground",
        "has_surface",
        "area",
        ">=",
        5415,
        least_height_mm=445,
        most_height_mm=455,
        clear_mm=50,
    ),
    _size("backrest", "a backrest reaches from the seat up to at least 800 mm", "height", 792, 1300),
    _whole("a backrest reaches from the seat"),
    _upright("It must not tip over"),
    *_bears("must not tip over when one adult alone sits at one end", 80, "left", "right"),
    _asks(
        "push",
        "nor fall over backwards when somebody pushes the top of the backrest with 30 N",
        "survives_push",
        "tilt",
        "<",
        TIPS,
        force_n=30,
        seconds=1,
        at_height_share=1,
        against="front",
        control=Mutation(name="remove_support", parameters={"towards": "back"}),
    ),
    *_strong("does not break under the three", 80, "pine", "left", "centre", "right"),
)

_BRIDGE = (
    _size("length", "at least 2.3 m long", "width", 2277, 10_000),
    _asks(
        "ball crosses",
        "without steps and without gaps wider than 10 mm, so that a ball rolls across",
        "ball_rolls_across",
        "share_crossed",
        ">=",
        0.95,
        radius_mm=60,
        way="x",
    ),
    _asks(
        "wide enough",
        "800 mm wide",
        "ball_rolls_across",
        "share_crossed",
        ">=",
        0.95,
        radius_mm=396,
        sideways_m_s=0,
        way="x",
    ),
    _asks(
        "railings",
        "no ball of 120 mm gets through it",
        "rails_hold",
        "share_kept",
        ">=",
        1,
        radius_mm=60,
        way="x",
    ),
    _whole("The bridge stands on two abutments"),
    _upright("The bridge stands on two abutments"),
    *_bears("180 kg together, stand in the middle, and it neither breaks nor tips", 180, "centre"),
    *_strong("180 kg together, stand in the middle, and it neither breaks nor tips", 180, "pine", "centre"),
)

_MUG = (
    _asks("capacity", "一滴也不漏", "holds_liquid", "capacity", ">=", 300),
    _size("height", "高度不超过 110 毫米", "height", 0, 111.1),
    _asks("opening", "杯口内径至少 65 毫米", "holds", "share_kept", ">=", 1, balls=1, radius_mm=32.2),
    _asks(
        "two fingers",
        "把手的孔里伸得进两根手指",
        "reachable",
        "distance",
        "<=",
        0,
        goal="opening",
        side="front",
        shoulder_mm=50,
        distance_mm=100,
        upper_arm_mm=100,
        forearm_mm=100,
        thickness_mm=20,
    ),
    _whole("把手要连在杯身上"),
    *(
        _asks(
            f"slope to the {side}",
            "放在倾斜 10 度的托盘上也不会翻倒",
            "stands_on_slope",
            "tilt",
            "<",
            TIPS,
            slope_deg=10,
            downhill=side,
            density_kg_m3=2300,
        )
        for side in ("front", "right")
    ),
    _asks("thick enough", "杯壁和杯底至少 3 毫米厚", "thickness", "thinnest", ">=", 2.97),
)

_SHELF = (
    _size("width", "800 mm wide, 350 mm deep and 1200 mm high", "width", 792, 808),
    _size("depth", "800 mm wide, 350 mm deep and 1200 mm high", "depth", 346, 354),
    _size("height", "800 mm wide, 350 mm deep and 1200 mm high", "height", 1188, 1212),
    _asks("boards", "at least 280 mm for the books", "has_levels", "levels", ">=", 4, clear_mm=280),
    _whole("Each board is level and carries 25 kg"),
    *(
        _asks(
            f"board {surface} bears",
            "Each board is level and carries 25 kg",
            "bears",
            "sink",
            "<",
            20,
            load_kg=25,
            surface=surface,
        )
        for surface in (1, 2, 3, 4)
    ),
    *(
        _asks(
            f"board {surface} is strong",
            "carries 25 kg",
            "strength",
            "utilisation",
            "<",
            1,
            load_kg=25,
            material="pine",
            surface=surface,
        )
        for surface in (1, 2, 3)
    ),
    _upright("stands upright"),
    *(
        _asks(
            f"bump from the {side}",
            "does not fall over when a child bumps against its top with 15 N",
            "survives_push",
            "tilt",
            "<",
            TIPS,
            force_n=15,
            seconds=0.5,
            at_height_share=1,
            against=side,
        )
        for side in ("front", "back")
    ),
)

_RAMP = (
    _asks(
        "rolled up",
        "It begins on the floor with an edge of at most 5 mm",
        "ramp_rises",
        "share_climbed",
        ">=",
        0.95,
        edge_mm=5,
        width_mm=841,
    ),
    _asks(
        "gentle",
        "rises evenly by no more than 6 degrees",
        "ramp_rises",
        "steepest",
        "<=",
        6,
        edge_mm=5,
        width_mm=841,
    ),
    # ends 120 mm high, but for the edge that it may have
    *(
        _asks(
            name,
            "ends exactly 120 mm high",
            "stairs_climbable",
            "height_reached",
            relation,
            bound,
            step_mm=10,
            body_mm=841,
            control=control,
        )
        for name, relation, bound, control in (
            ("high enough", ">=", 115, None),
            ("not too high", "<=", 125, Mutation(name="scale", parameters={"factor": 1.1})),
        )
    ),
    _asks(
        "kerbs",
        "a kerb on each side, at least 40 mm high, keeps the wheels from rolling off",
        "rails_hold",
        "share_kept",
        ">=",
        1,
        radius_mm=50,
        way="y",
    ),
    _whole("It lies firmly on the floor"),
    _upright("It lies firmly on the floor"),
    *_bears("carries a person in an electric wheelchair, 250 kg, everywhere", 250, "front", "back"),
    *_strong("carries a person in an electric wheelchair, 250 kg, everywhere", 250, "pine", "centre", "back"),
)

_HOUSE = (
    _size("width", "about 3 m by 3 m", "width", 2700, 3500),
    _size("depth", "about 3 m by 3 m", "depth", 2700, 3500),
    _asks(
        "walks in",
        "can go on to the middle of the room",
        "walks_in",
        "distance_to_goal",
        "<",
        300,
        height_mm=1800,
        radius_mm=250,
        step_mm=20,
    ),
    _asks("door width", "a doorway at least 800 mm wide", "has_openings", "door_width", ">=", 792, step_mm=20),
    _asks("door height", "2000 mm high", "has_openings", "door_height", ">=", 1980, step_mm=20),
    _whole("the roof rests on the walls"),
    _upright("the roof rests on the walls"),
)

_STAIRS = (
    _asks(
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
        _asks(
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
        for name, relation, bound, control in (
            ("high enough", ">=", 891, None),
            ("not too high", "<=", 909, Mutation(name="scale", parameters={"factor": 1.05})),
        )
    ),
    _asks("deep treads", "at least 260 mm deep", "stairs_measured", "shortest_tread", ">=", 257.4),
    _asks("wide treads", "900 mm wide", "stairs_measured", "narrowest", ">=", 891),
    _asks("level treads", "Each tread is level", "stairs_measured", "steps", ">=", 5),
    _whole("The stairs stand by themselves"),
    _upright("The stairs stand by themselves"),
    *_bears("may step on any tread", 120, "front", "centre", "back"),
    *_strong("without anything breaking", 120, "pine", "front", "centre"),
)

_BOX = (
    # the room inside, and walls of 3 mm
    _size("length", "at least 200 mm long, 150 mm wide and 80 mm high", "width", 204, 600),
    _size("width", "at least 200 mm long, 150 mm wide and 80 mm high", "depth", 154.4, 600),
    _size("height", "at least 200 mm long, 150 mm wide and 80 mm high", "height", 85.1, 400),
    _asks("no hole", "Bottom and walls have no holes, no marble gets out", "holds", "share_kept", ">=", 1, radius_mm=8),
    _asks("room", "at least 200 mm long, 150 mm wide and 80 mm high", "holds_liquid", "capacity", ">=", 2400),
    *(
        _asks(name, wish, "parts_fit", measure, relation, bound, part="lid")
        for name, wish, measure, relation, bound in (
            ("play", "its rim has a play of 0.3 to 1.5 mm on each side", "play", ">=", 0.3),
            ("rim", "The rim keeps the lid from sliding off", "slack", "<=", 1.5),
            ("apart", "lifts straight off without jamming", "overlap", "<=", 1),
            ("lifts off", "lifts straight off without jamming", "blocked", "<=", 1),
        )
    ),
    _asks("lid lies on it", "The lid lies on the box", "connected", "floating", "==", 0),
    _asks("thick enough", "Everything is at least 3 mm thick", "thickness", "thinnest", ">=", 2.97),
    _upright("the box stands flat on a table"),
)

_ASKED: Final[Mapping[str, tuple[Criterion, ...]]] = {
    "table": _TABLE,
    "stool": _STOOL,
    "bench": _BENCH,
    "bridge": _BRIDGE,
    "mug": _MUG,
    "shelf": _SHELF,
    "ramp": _RAMP,
    "house": _HOUSE,
    "stairs": _STAIRS,
    "box": _BOX,
}

_UNTESTABLE: Final[Mapping[str, tuple[str, ...]]] = {
    "bridge": ("at least 900 mm high: no scenario measures the height of a railing above the way",),
    "house": (
        "One window, at least 600 mm by 600 mm: has_openings asks about one side, and any of three will do",
        "no rain comes in: no scenario tells whether a roof is closed",
    ),
}

CRITERIA: Final[Mapping[str, Criteria]] = MappingProxyType(
    {
        wish.name: Criteria(
            wish=wish.text, kind="cad", criteria=_ASKED[wish.name], untestable=_UNTESTABLE.get(wish.name, ())
        )
        for wish in WISHES
    }
)
"""The criteria of each wish, by its name."""

REPAIRS: Final[tuple[tuple[str, str, Scenario, Mutation | None, str], ...]] = ()
"""What was tried in another way since, each with wish, criterion, scenario, control and the reason."""


def frozen(wish: str) -> FrozenCriteria:
    """Return the criteria of a wish as they are in force, with every repair since they were written."""
    found = FrozenCriteria(criteria=CRITERIA[wish], sha256=CRITERIA[wish].sha256)
    for name, criterion, scenario, control, reason in REPAIRS:
        if name == wish:
            found = repaired(found, criterion, scenario, control=control, reason=reason)
    return found
