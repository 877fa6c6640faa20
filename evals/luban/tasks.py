"""Luban's five tasks as frozen criteria.

The paper's tasks name the parameter to change when a check fails. A benchmark that tells it measures less, so each can
be given with that hint and without it; the criteria are the same.
"""

from typing import Any, Final

from agent.domain.artefacts import Criteria, Criterion, Mutation, Relation, Scenario
from agent.domain.base import Fact
from evals.luban.builds import CLIFF, COLUMN, GAP


class LubanTask(Fact):
    """A building task.

    Attributes:
        wish: what is asked for, in words.
        hint: the key design parameter, as the paper's task names it.
        criteria: the same with and without the hint.
    """

    name: str
    wish: str
    hint: str
    criteria: tuple[Criterion, ...]

    def text(self, *, hint: bool) -> str:
        """Return the wish, with the design parameter or without it."""
        return f"{self.wish} The key design parameter is the {self.hint}." if hint else self.wish

    def frozen(self, *, hint: bool) -> Criteria:
        """Return the criteria as they are frozen; the hash covers the words of the wish too."""
        return Criteria(wish=self.text(hint=hint), kind="voxel", criteria=self.criteria)


def _wants(
    name: str,
    wish: str,
    scenario: tuple[str, dict[str, Any]],
    test: tuple[str, Relation, float, str],
    control: tuple[str, dict[str, Any]],
) -> Criterion:
    measure, relation, threshold, unit = test
    return Criterion(
        id=name,
        wish=wish,
        scenario=Scenario(name=scenario[0], parameters=scenario[1]),
        measure=measure,
        relation=relation,
        threshold=threshold,
        unit=unit,
        control=Mutation(name=control[0], parameters=control[1]),
    )


_STANDS = _wants("stands", "nothing floats", ("stands", {}), ("floating_blocks", "==", 0, ""), ("lift", {}))
_CLOSED = _wants("closed", "no wind inside", ("encloses", {}), ("open_share", "==", 0, ""), ("remove_roof", {}))
# Monsters appear where no light comes from torches at all (Minecraft since 1.18).
_LIGHT = _wants("light", "no monsters inside", ("lit", {}), ("darkest", ">=", 1, "levels"), ("remove_lights", {}))
_ENTRY = _wants(
    "entry",
    "the player gets into the ground floor through a door",
    ("enters", {"floor": 0, "through_door": True}),
    ("share_reached", ">=", 0.8, ""),
    ("fill_openings", {}),
)

TASKS: Final = (
    LubanTask(
        name="stair",
        wish=f"A stair, two cells wide or wider, by which players can climb a cliff of {CLIFF} cells.",
        hint="height of the stair",
        criteria=(
            _wants(
                "climb",
                "players can climb the cliff by it",
                ("climbs_cliff", {"height": CLIFF}),
                ("cliff_reached", "==", 1, ""),
                ("cut_layer", {}),
            ),
            _wants(
                "width",
                "two cells wide or wider",
                ("climbs_cliff", {"height": CLIFF}),
                ("narrowest", ">=", 2, "cells"),
                ("cut_layer", {}),
            ),
            _STANDS,
        ),
    ),
    LubanTask(
        name="bridge",
        wish=f"A bridge with rails on both sides on which two players side by side can cross a chasm of {GAP} cells.",
        hint="length of the bridge",
        criteria=(
            _wants(
                "cross",
                "players can cross from one bank to the other",
                ("crosses", {"gap": GAP}),
                ("crossed", "==", 1, ""),
                ("cut_gap", {}),
            ),
            _wants(
                "width",
                "two side by side",
                ("crosses", {"gap": GAP}),
                ("narrowest", ">=", 2, "cells"),
                ("wall_across", {}),
            ),
            _wants(
                "rails",
                "rails on both sides",
                ("guards_crossing", {"gap": GAP}),
                ("open_edges", "==", 0, ""),
                ("remove_rails", {}),
            ),
            _STANDS,
        ),
    ),
    LubanTask(
        name="two-storey house",
        wish="A house of two storeys with a door, windows, light, and a way up inside.",
        hint="size and position of the door",
        criteria=(
            _ENTRY,
            _wants(
                "upstairs",
                "the player gets upstairs",
                ("enters", {"floor": 1}),
                ("share_reached", ">=", 0.8, ""),
                ("close_floors", {}),
            ),
            _wants("storeys", "two storeys", ("measured", {}), ("storeys", "==", 2, ""), ("scale", {})),
            _wants(
                "windows",
                "it has windows",
                ("measured", {}),
                ("panes", ">=", 2, ""),
                ("remove_blocks", {"block": "glass"}),
            ),
            _CLOSED,
            _LIGHT,
            _STANDS,
        ),
    ),
    LubanTask(
        name="old-style house",
        wish="An old Chinese house on a terrace: a double door, light inside, a roof that stands out over all walls.",
        hint="size and position of the door",
        criteria=(
            _ENTRY,
            _wants("door", "a double door", ("has_door", {}), ("width", ">=", 2, "cells"), ("fill_openings", {})),
            _wants("eaves", "the roof stands out", ("measured", {}), ("overhang", ">=", 1, "cells"), ("empty", {})),
            _CLOSED,
            _LIGHT,
            _STANDS,
        ),
    ),
    LubanTask(
        name="arrow tower",
        wish=f"A tower with battlements, higher than a column of {COLUMN} cells; players reach its top by a ladder "
        "outside.",
        hint="height of the tower",
        criteria=(
            _wants(
                "top",
                "the player reaches the top by an outside ladder, higher than the column",
                ("climbs", {"ladders": "outside"}),
                ("platform_height", ">", COLUMN, "cells"),
                ("remove_rung", {}),
            ),
            _wants(
                "platform",
                "there is room to stand",
                ("climbs", {"ladders": "outside"}),
                ("platform_cells", ">=", 9, ""),
                ("remove_rung", {}),
            ),
            _wants(
                "battlements",
                "it has battlements",
                ("guards_top", {"ladders": "outside"}),
                ("open_edges", "==", 0, ""),
                ("remove_rails", {}),
            ),
            _STANDS,
        ),
    ),
)
