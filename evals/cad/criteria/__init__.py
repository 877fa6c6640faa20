"""What the ten wishes ask for, as criteria: written from their words alone, before any program was tried by them.

Bounds are those of the wish. Where it names none: nothing tips by 5 degrees or more, "does not rock" is half a degree,
sizes are met to a hundredth. A weight is tried for tipping; strength is asked for apart.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from agent.domain.artefacts import Criteria, Criterion
from agent.verification.artefacts.freezing import FrozenCriteria
from evals.cad.criteria.furniture import BENCH, SHELF, STOOL, TABLE
from evals.cad.criteria.hollow import BOX, HOUSE, MUG
from evals.cad.criteria.ways import BRIDGE, RAMP, STAIRS
from evals.cad.wishes import WISHES

_ASKED: Final[Mapping[str, tuple[Criterion, ...]]] = {
    "table": TABLE,
    "stool": STOOL,
    "bench": BENCH,
    "bridge": BRIDGE,
    "mug": MUG,
    "shelf": SHELF,
    "ramp": RAMP,
    "house": HOUSE,
    "stairs": STAIRS,
    "box": BOX,
}

CRITERIA: Final[Mapping[str, Criteria]] = MappingProxyType(
    {wish.name: Criteria(wish=wish.text, kind="cad", criteria=_ASKED[wish.name]) for wish in WISHES}
)
"""The criteria of each wish, by its name."""


def frozen(wish: str) -> FrozenCriteria:
    """Return the criteria of a wish as they are in force."""
    return FrozenCriteria(criteria=CRITERIA[wish], sha256=CRITERIA[wish].sha256)
