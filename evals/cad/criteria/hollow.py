"""What is asked of mug, house and box."""

from typing import Final

from agent.domain.artefacts import Criterion, Mutation
from evals.cad.criteria.asking import TIPS, asks, size, upright, whole

SMALLER: Final = Mutation(name="scale", parameters={"factor": 0.5})

MUG: Final[tuple[Criterion, ...]] = (
    asks("capacity", "一滴也不漏", "holds_liquid", "capacity", ">=", 300),
    size("height", "高度不超过 110 毫米", "height", 0, 111.1),
    asks("opening", "杯口内径至少 65 毫米", "holds", "share_kept", ">=", 1, balls=1, radius_mm=32.2, control=SMALLER),
    *(
        asks(
            f"finger {way}",
            "把手的孔里伸得进两根手指",
            "see_through",
            way,
            ">=",
            least,
        )
        for way, least in (("width", 19.8), ("height", 44.55))
    ),
    whole("把手要连在杯身上"),
    *(
        asks(
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
    asks("thick enough", "杯壁和杯底至少 3 毫米厚", "thickness", "thinnest", ">=", 2.97),
)
"""What the wish for a mug asks for."""

HOUSE: Final[tuple[Criterion, ...]] = (
    size("width", "about 3 m by 3 m", "width", 2700, 3500),
    size("depth", "about 3 m by 3 m", "depth", 2700, 3500),
    asks(
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
    asks("door width", "a doorway at least 800 mm wide", "has_openings", "door_width", ">=", 792, step_mm=20),
    asks("door height", "2000 mm high", "has_openings", "door_height", ">=", 1980, step_mm=20),
    *(
        asks(f"room {way}", "at least 2.5 m by 2.5 m, and 2.2 m of height", "room_inside", way, ">=", least)
        for way, least in (("width", 2475), ("depth", 2475), ("height", 2178))
    ),
    *(
        asks(
            f"window {way}",
            "One window, at least 600 mm by 600 mm",
            "has_openings",
            f"window_{way}",
            ">=",
            594,
            side="any",
            step_mm=20,
        )
        for way in ("width", "height")
    ),
    asks("dry", "no rain comes in", "shelters", "share_dry", ">=", 0.99),
    whole("the roof rests on the walls"),
    upright("the roof rests on the walls"),
)
"""What the wish for a house asks for."""

BOX: Final[tuple[Criterion, ...]] = (
    *(
        asks(f"room {way}", "at least 200 mm long, 150 mm wide and 80 mm high", "room_inside", way, ">=", least)
        for way, least in (("width", 198), ("depth", 148.5), ("height", 79.2))
    ),
    asks(
        "no hole",
        "Bottom and walls have no holes, no marble gets out",
        "holds",
        "share_kept",
        ">=",
        1,
        radius_mm=8,
        balls=12,
    ),
    asks(
        "room",
        "at least 200 mm long, 150 mm wide and 80 mm high",
        "holds_liquid",
        "capacity",
        ">=",
        2400,
        without="lid",
    ),
    asks("play", "its rim has a play of 0.3 to 1.5 mm on each side", "parts_fit", "play", ">=", 0.3, part="lid"),
    asks("rim", "The rim keeps the lid from sliding off", "parts_fit", "slack", "<=", 1.5, part="lid"),
    asks("apart", "lifts straight off without jamming", "parts_fit", "overlap", "<=", 1, part="lid"),
    asks("lifts off", "lifts straight off without jamming", "parts_fit", "blocked", "<=", 1, part="lid"),
    asks("lid lies on it", "The lid lies on the box", "connected", "floating", "==", 0),
    asks("thick enough", "Everything is at least 3 mm thick", "thickness", "thinnest", ">=", 2.97),
    upright("the box stands flat on a table"),
)
"""What the wish for a box asks for."""
