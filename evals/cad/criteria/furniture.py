"""What is asked of table, stool, bench and shelf."""

from typing import Final

from agent.domain.artefacts import Criterion, Mutation
from evals.cad.criteria.asking import TIPS, asks, bears, size, strong, tipped, upright, whole

TABLE: Final[tuple[Criterion, ...]] = (
    size("length", "1200 mm long and 800 mm wide", "width", 1188, 1212),
    size("width", "1200 mm long and 800 mm wide", "depth", 792, 808),
    asks(
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
        size(
            f"knees at the {side}",
            "room for the knees: 620 mm of free height, 300 mm deep",
            "free_below",
            613.8,
            100_000,
            at=side,
            inset_share=0.375,
            control=Mutation(name="scale", parameters={"factor": 0.5}),
        )
        for side in ("front", "back")
    ),
    whole("The table stands on its own"),
    upright("The table stands on its own"),
    *(
        asks(f"no rocking {spot}", "does not rock", "bears", "tilt", "<", 0.5, tipped(spot), load_kg=40, at=spot)
        for spot in ("front_left", "front_right", "back_left", "back_right")
    ),
    *bears("leans on a corner or an edge with 40 kg does not tip it over", 40, "front", "left"),
    *strong("carries 100 kg in the middle of the top", 100, "pine", "centre"),
)
"""What the wish for a table asks for."""

STOOL: Final[tuple[Criterion, ...]] = (
    size("width", "at least 250 mm wide and deep", "width", 247.5, 1000),
    size("depth", "at least 250 mm wide and deep", "depth", 247.5, 1000),
    # a round seat of that width has 490 cm2
    asks(
        "level seat",
        "The seat is level, 300 mm above the floor",
        "has_surface",
        "area",
        ">=",
        490,
        least_height_mm=297,
        most_height_mm=303,
    ),
    whole("a child of 30 kg can sit on"),
    *bears("a child of 30 kg can sit on", 30, "centre"),
    *bears("must not tip over when the child sits on any edge of the seat", 30, "front", "back", "left", "right"),
    *(
        asks(
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
    *strong("a child of 30 kg can sit on", 30, "pine", "centre"),
    asks(
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
"""What the wish for a stool asks for."""

BENCH: Final[tuple[Criterion, ...]] = (
    size("length", "The seat is 1500 mm long", "width", 1485, 1515),
    # 1500 mm by 380 mm, less a twentieth for the gaps between slats
    asks(
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
    size("backrest", "a backrest reaches from the seat up to at least 800 mm", "height", 792, 1300),
    whole("a backrest reaches from the seat"),
    upright("It must not tip over"),
    *bears("must not tip over when one adult alone sits at one end", 80, "left", "right"),
    asks(
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
    *strong("does not break under the three", 80, "pine", "left", "centre", "right"),
)
"""What the wish for a bench asks for."""

SHELF: Final[tuple[Criterion, ...]] = (
    size("width", "800 mm wide, 350 mm deep and 1200 mm high", "width", 792, 808),
    size("depth", "800 mm wide, 350 mm deep and 1200 mm high", "depth", 346, 354),
    size("height", "800 mm wide, 350 mm deep and 1200 mm high", "height", 1188, 1212),
    asks("boards", "at least 280 mm for the books", "has_levels", "levels", ">=", 4, clear_mm=280),
    whole("Each board is level and carries 25 kg"),
    *(
        asks(
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
        asks(
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
    upright("stands upright"),
    *(
        asks(
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
"""What the wish for a shelf asks for."""
