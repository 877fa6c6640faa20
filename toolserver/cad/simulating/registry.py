"""Which function tries which scenario of the table."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from toolserver.cad.simulating import (
    bordering,
    climbing,
    custom,
    fitting,
    holding,
    measuring,
    openings,
    reaching,
    rolling,
    rooms,
    standing,
    strength,
    walking,
)
from toolserver.cad.simulating.trying import Measured, Trying

Function = Callable[[Trying, Any], Measured]

FUNCTIONS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        "stands": standing.stands,
        "stands_on_slope": standing.stands_on_slope,
        "bears": standing.bears,
        "strength": strength.strength,
        "survives_push": standing.survives_push,
        "survives_drop": standing.survives_drop,
        "ball_rolls_across": rolling.ball_rolls_across,
        "rails_hold": rolling.rails_hold,
        "walks_in": walking.walks_in,
        "has_openings": openings.has_openings,
        "see_through": openings.see_through,
        "room_inside": rooms.room_inside,
        "shelters": rooms.shelters,
        "rails_high": bordering.rails_high,
        "stairs_climbable": climbing.stairs_climbable,
        "stairs_measured": climbing.stairs_measured,
        "ramp_rises": climbing.ramp_rises,
        "holds": holding.holds,
        "holds_liquid": holding.holds_liquid,
        "parts_fit": fitting.parts_fit,
        "reachable": reaching.reachable,
        "size_within": measuring.size_within,
        "has_surface": measuring.has_surface,
        "has_levels": measuring.has_levels,
        "connected": measuring.connected,
        "thickness": measuring.thickness,
        "weighs": measuring.weighs,
        "custom": custom.custom,
    }
)
"""By the name that stands in ``toolserver.cad.scenarios.SCENARIOS``."""
