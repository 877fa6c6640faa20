"""How plans may be checked: the checks that a planner is offered, and whether those it wrote can be run."""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from agent.domain.base import Form
from agent.domain.checks import ArtefactCheck
from agent.domain.errors import ModelOutputError
from agent.domain.functions import function_spec
from agent.domain.messages import ToolSpec
from agent.domain.plan import Milestone, NewSubtask
from agent.execution.context import RunContext
from agent.verification.artefacts.checks import criterion_of, told
from agent.verification.artefacts.world import World


def offered_tries(run: RunContext) -> str:
    """Return what checks of a run may try out, one line for each scenario; empty where they may not."""
    return told(_worlds(run))


def planning_spec(form: type[Form], run: RunContext) -> ToolSpec:
    """Return the function of a form with milestones, whose checks try out only what this run can.

    A run that can try out nothing gets the function as it was before there were such checks, so that runs recorded
    then replay.
    """
    worlds = _worlds(run)
    templates = [template for world in worlds for template in world.scenarios()]
    return _narrowed(
        form,
        tuple(world.kind for world in worlds),
        tuple(dict.fromkeys(template.name for template in templates)),
        tuple(dict.fromkeys(measure for template in templates for measure in template.measures)),
    )


def require_runnable(run: RunContext, subtasks: Iterable[NewSubtask]) -> None:
    """Raise if a milestone has a check that cannot be tried out as it is written.

    Raises:
        ModelOutputError: one line that says what to write instead.
    """
    for subtask in subtasks:
        require_triable(run, subtask.milestones)


def require_triable(run: RunContext, milestones: Iterable[Milestone]) -> None:
    """Raise if one of these milestones has a check that cannot be tried out; see ``require_runnable``."""
    for milestone in milestones:
        check = milestone.check
        if not isinstance(check, ArtefactCheck):
            continue
        if check.artefact not in run.setting.tries:
            known = ", ".join(run.setting.tries) or "nothing"
            raise ModelOutputError(
                f"{milestone.id}: {check.artefact} cannot be tried out in this run; what can: {known}"
            )
        criterion_of(run.workshops.world(check.artefact), milestone.id, check)


def _worlds(run: RunContext) -> list[World[Any]]:
    return [run.workshops.world(kind) for kind in run.setting.tries]


# the same objects each time, since what is computed of a tool is remembered by its identity
@cache
def _narrowed(form: type[Form], kinds: Sequence[str], scenarios: Sequence[str], measures: Sequence[str]) -> ToolSpec:
    spec = function_spec(form)
    names = {"artefact": kinds, "scenario": scenarios, "measure": measures}
    return spec.model_copy(update={"parameters": _kept(spec.parameters, names)})


def _kept(node: Any, names: dict[str, Sequence[str]]) -> Any:
    """Return a schema in which checks that try something out name what there is, or are not there at all."""
    if isinstance(node, list):
        return [_kept(item, names) for item in node if names["artefact"] or not _tries_out(item)]
    if not isinstance(node, dict):
        return node
    copy = {key: _kept(value, names) for key, value in node.items()}
    if _tries_out(node):
        properties = {**copy["properties"]}
        for name, known in names.items():
            properties[name] = {"enum": list(known), "type": "string"}
        copy["properties"] = properties
    return copy


def _tries_out(node: Any) -> bool:
    """Return whether a schema is that of a check which tries something out."""
    properties = node.get("properties", {}) if isinstance(node, dict) else {}
    kind = properties.get("kind") if isinstance(properties, dict) else None
    return isinstance(kind, dict) and kind.get("const") == "artefact"
