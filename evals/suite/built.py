"""Samples that have something built: the wishes that are kept with their criteria, as a suite."""

from typing import Any, Final

from agent.domain.artefacts import Criterion
from evals.cad.criteria import CRITERIA
from evals.cad.wishes import WISHES
from evals.luban.tasks import TASKS

_PARTS: Final = {"box": "easy", "shelf": "easy", "stool": "easy", "table": "easy", "bench": "easy"}
_CELLS: Final = {"stair": "easy", "bridge": "medium"}


def cad() -> list[dict[str, Any]]:
    """Return the samples of the suite ``cad``: ten solids, and five buildings of cells."""
    solids = [
        _built(wish.name, wish.text, "cad", CRITERIA[wish.name].criteria, _PARTS.get(wish.name, "hard"))
        for wish in WISHES
    ]
    cells = [
        _built(f"cells-{task.name.replace(' ', '-')}", task.wish, "voxel", task.criteria, _CELLS.get(task.name, "hard"))
        for task in TASKS
    ]
    return [*solids, *cells]


def _built(name: str, wish: str, kind: str, criteria: tuple[Criterion, ...], level: str) -> dict[str, Any]:
    chinese = any("\u4e00" <= sign <= "\u9fff" for sign in wish)
    return {
        "id": name,
        "goal": wish,
        "criteria": criteria,
        "task": {"build": {"artefact": kind}},
        "tags": ["solid" if kind == "cad" else "cells", level, *(["zh"] if chinese else [])],
    }
