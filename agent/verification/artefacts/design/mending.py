"""What the repair of a check may change, so that no check becomes one that is easier to pass.

Whoever repairs a check knows that it did not come out, so it is bound more closely than whoever wrote it. Where some
artefact was measured, the scenario works, and only its control may change. Where none was, the scenario stays the same
one, with the same numbers, and with what the wish names; places and names in it may change, and so may code.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from agent.domain.artefacts import Criterion, CriterionResult, Mutation, Repair, Scenario
from agent.verification.artefacts.design.ports import Mending
from agent.verification.artefacts.trying import read
from agent.verification.artefacts.world import ScenarioTemplate, control_of

LEAVES_NOTHING: Final = frozenset({"empty", "keep_nothing"})
"""Mutations of worlds that take everything away: almost any check fails after them, so that they show little."""


def measured(result: CriterionResult) -> bool:
    """Return whether the artefact itself was measured, in all trials; then whatever was wrong is in the control."""
    complete = len(result.trials) == result.criterion.repeats
    return complete and read(result.criterion, result.trials).outcome in ("pass", "fail")


def loosened(
    criterion: Criterion, mending: Mending, templates: Sequence[ScenarioTemplate], *, wish: str, works: bool
) -> str:
    """Return why a repair may make a check easier, in a line for whoever wrote it; empty where it does not.

    Args:
        criterion: as it is in force.
        mending: what is proposed.
        templates: of the world.
        wish: the whole one.
        works: whether some artefact was measured by the scenario as it is.
    """
    before, after = criterion.scenario, mending.scenario
    if works and after != before:
        return "the scenario measured what was made, so only its control may change"
    if after.name != before.name:
        return f"it has to stay a trial of {before.name}"
    if _numbers(before) != _numbers(after):
        return f"numbers have to stay as they are: {_told(_numbers(before)) or 'there are none'}"
    said = f"{wish}\n{criterion.wish}".casefold()
    kept = {text.casefold() for _, text in _leaves(after.parameters) if isinstance(text, str)}
    for place, text in _leaves(before.parameters):
        if isinstance(text, str) and text.strip() and text.casefold() in said and text.casefold() not in kept:
            return f"the wish names {text!r}, so {place} has to keep it"
    return _lame(mending.control, criterion, templates)


def change_of(repair: Repair, after: Criterion) -> str:
    """Return in words what a repair changed: ``control remove_lights -> fill_openings``."""
    told = []
    if repair.scenario != after.scenario:
        told.append(f"trial {_said(repair.scenario)} -> {_said(after.scenario)}")
    if repair.control != after.control:
        told.append(f"control {_said(repair.control)} -> {_said(after.control)}")
    return "; ".join(told)


def _lame(control: Mutation | None, criterion: Criterion, templates: Sequence[ScenarioTemplate]) -> str:
    tried = (template for template in templates if template.name == criterion.scenario.name)
    usual = {control_of(template, criterion.measure).name for template in tried}
    if control is None or control.name not in LEAVES_NOTHING or control.name in usual:
        return ""
    return f"the control {control.name} leaves nothing, so that any check fails; name one that is about this check"


def _numbers(scenario: Scenario) -> dict[str, float | None]:
    return {
        place: value for place, value in _leaves(scenario.parameters) if isinstance(value, int | float) or value is None
    }


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what parameters hold that holds nothing else, each with its place: ``points.0.x``."""
    if isinstance(value, Mapping):
        for name in value:
            yield from _leaves(value[name], f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _leaves(item, f"{place}.{number}")
    else:
        yield place, value


def _told(numbers: Mapping[str, float | None]) -> str:
    return ", ".join(f"{place} {value}" for place, value in numbers.items())[:300]


def _said(what: Scenario | Mutation | None) -> str:
    if what is None:
        return "none"
    parameters = ", ".join(f"{place} {value}" for place, value in _leaves(what.parameters))
    shown = parameters if len(parameters) <= 120 else f"{parameters[:117]}..."
    return f"{what.name} ({shown})" if shown else what.name
