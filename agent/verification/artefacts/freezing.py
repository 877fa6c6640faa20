"""Freezing criteria before any program is written, so that no program can bend what it is measured by.

Whoever writes a program would choose tests that it passes. So criteria are written from the wish alone, checked for
contradictions and for what cannot be tested here, and hashed. After that the scenario of a criterion may be repaired
where it proved wrong, with a reason that stays on record; what is measured and its threshold never change.
"""

import hashlib
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any, Final, Literal

import orjson

from agent.domain.artefacts import Criteria, Criterion, Mutation, Repair, Scenario
from agent.domain.base import Fact
from agent.domain.errors import UsageError
from agent.verification.artefacts.templates import misfit_of
from agent.verification.artefacts.world import BuildT, ScenarioTemplate, World, control_of

_REPAIRABLE: Final = frozenset({"scenario", "control"})
_LARGEST: Final = 2**63


class Problem(Fact):
    """Why criteria cannot be frozen as they are.

    Attributes:
        kind: ``contradiction``: nothing can meet them all; ``untestable``: nothing here can measure one of them;
            ``ambiguous``: two have the same id, or there are none.
        criteria: ids of those concerned.
        detail: one line.
    """

    kind: Literal["contradiction", "untestable", "ambiguous"]
    criteria: tuple[str, ...]
    detail: str


class FrozenCriteria(Fact):
    """Criteria with the hash that they were frozen under, and all repairs since, the latest last."""

    criteria: Criteria
    sha256: str
    repairs: tuple[Repair, ...] = ()

    @property
    def original(self) -> str:
        """The hash of the criteria as they were first frozen."""
        return self.repairs[0].sha256 if self.repairs else self.sha256


def problems_of(world: World[BuildT], criteria: Criteria) -> tuple[Problem, ...]:
    """Return what keeps criteria from being frozen, for whoever wrote them to repair."""
    if criteria.kind != world.kind:
        return (_problem("untestable", f"they are for the kind {criteria.kind}, and this is {world.kind}"),)
    if not criteria.criteria:
        return (_problem("ambiguous", "there are no criteria, so nothing would be checked"),)
    templates = {template.name: template for template in world.scenarios()}
    counts = Counter(criterion.id for criterion in criteria.criteria)
    return (
        *(_problem("ambiguous", f"{n} criteria have the id {name}", name) for name, n in counts.items() if n > 1),
        *(
            _problem("untestable", f"{criterion.id}: {reason}", criterion.id)
            for criterion in criteria.criteria
            for reason in _untestable(criterion, templates)
        ),
        *_contradictions(criteria.criteria),
    )


def completed(world: World[BuildT], criteria: Criteria) -> Criteria:
    """Return criteria in which those without a control have the usual one of their scenario and measure.

    A parameter of a template's control that reads ``$column`` takes the value of the scenario's parameter ``column``,
    and is left out where the scenario has none.
    """
    templates = {template.name: template for template in world.scenarios()}

    def with_control(criterion: Criterion) -> Criterion:
        template = templates.get(criterion.scenario.name)
        if criterion.control is not None or template is None:
            return criterion
        control = control_of(template, criterion.measure)
        return criterion.model_copy(update={"control": _filled(control, criterion.scenario)})

    return criteria.model_copy(update={"criteria": tuple(map(with_control, criteria.criteria))})


def set_aside(world: World[BuildT], criteria: Criteria) -> Criteria:
    """Return criteria without those that cannot be tested; their wishes stand under ``untestable``, with the reason."""
    reasons = {problem.criteria[0]: problem for problem in problems_of(world, criteria) if _is_about_one(problem)}
    said = tuple(
        f"{criterion.wish}: {reasons[criterion.id].detail}"
        for criterion in criteria.criteria
        if criterion.id in reasons
    )
    kept = tuple(criterion for criterion in criteria.criteria if criterion.id not in reasons)
    return criteria.model_copy(update={"criteria": kept, "untestable": (*criteria.untestable, *said)})


def freeze(world: World[BuildT], criteria: Criteria) -> FrozenCriteria:
    """Return criteria with their hash, to be kept before any program is written.

    Raises:
        UsageError: they contradict each other, cannot be tested, or have the same id twice. What cannot be tested has
            to be said under ``untestable`` (see ``set_aside``).
    """
    problems = problems_of(world, criteria)
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise UsageError(f"these criteria cannot be frozen: {problems[0].detail}{more}; write them anew")
    return FrozenCriteria(criteria=criteria, sha256=criteria.sha256)


def repaired(
    frozen: FrozenCriteria, criterion: str, scenario: Scenario, *, control: Mutation | None = None, reason: str
) -> FrozenCriteria:
    """Return frozen criteria of which one is tried in another way from now on. Threshold and measure stay.

    The new hash covers the old one, so no repair can be hidden later. ``scenario`` should have been checked first with
    ``problems_of``.

    Args:
        frozen: what is in force.
        criterion: id of the one to repair.
        scenario: how it is tried from now on.
        control: must make it fail from now on; None keeps the one it has.
        reason: what was wrong; it stands in the report.

    Raises:
        UsageError: there is no such criterion, nothing would change, or the criteria were changed since.
    """
    check_intact(frozen)
    before = next((one for one in frozen.criteria.criteria if one.id == criterion), None)
    if before is None:
        known = ", ".join(one.id for one in frozen.criteria.criteria)
        raise UsageError(f"there is no criterion {criterion!r}; there are {known}")
    after = before.model_copy(update={"scenario": scenario, "control": control or before.control})
    if after == before:
        raise UsageError(f"the repair of {criterion} changes nothing")
    repair = Repair(
        criterion=criterion,
        reason=reason,
        scenario=before.scenario,
        control=before.control,
        sha256=frozen.sha256,
    )
    criteria = _with(frozen.criteria, after)
    return FrozenCriteria(criteria=criteria, sha256=_chained(criteria, repair), repairs=(*frozen.repairs, repair))


def check_intact(frozen: FrozenCriteria, original: str | None = None) -> None:
    """Check that nothing was changed after freezing but by repairs, back to the first hash.

    Args:
        frozen: what is in force.
        original: the hash that was recorded when they were first frozen, if it is at hand.

    Raises:
        UsageError: something was changed.
    """
    criteria, sha256 = frozen.criteria, frozen.sha256
    for repair in reversed(frozen.repairs):
        if _chained(criteria, repair) != sha256:
            raise UsageError(f"the criteria were changed after the repair of {repair.criterion}; use those recorded")
        before = next((one for one in criteria.criteria if one.id == repair.criterion), None)
        if before is None:
            raise UsageError(f"the repaired criterion {repair.criterion} is missing; use the recorded criteria")
        old = before.model_copy(update={"scenario": repair.scenario, "control": repair.control})
        criteria, sha256 = _with(criteria, old), repair.sha256
    if criteria.sha256 != sha256:
        raise UsageError("the criteria were changed after they were frozen; use those that were recorded")
    if original is not None and original != sha256:
        raise UsageError("these are not the criteria that were frozen first; use those that were recorded")


def forbidden_changes(before: Criteria, after: Criteria) -> tuple[str, ...]:
    """Return what differs between two versions of criteria and never may: all but scenarios and controls."""
    old = {criterion.id: criterion for criterion in before.criteria}
    new = {criterion.id: criterion for criterion in after.criteria}
    found = [f"{name} was left out" for name in old if name not in new]
    found += [f"{name} was added" for name in new if name not in old]
    for name in old.keys() & new.keys():
        found += [
            f"{name}: {field} was {getattr(old[name], field)!r} and is {getattr(new[name], field)!r}"
            for field in Criterion.model_fields
            if field not in _REPAIRABLE and getattr(old[name], field) != getattr(new[name], field)
        ]
        if old[name].control is not None and new[name].control is None:
            found.append(f"{name}: its control was left out")
    for field in ("wish", "kind", "untestable"):
        if getattr(before, field) != getattr(after, field):
            found.append(f"{field} was changed")
    return tuple(sorted(found))


def _contradictions(criteria: tuple[Criterion, ...]) -> Iterator[Problem]:
    """Yield the pairs of which each bounds the same measure of the same scenario so that no value meets both.

    Pairs are enough: intervals that meet two by two have a point in common.
    """
    for one, other in combinations(criteria, 2):
        if one.measure != other.measure or one.scenario != other.scenario:
            continue
        if one.unit != other.unit:
            continue  # the unit of at least one is not the template's, which is said already
        low, high = max(_bounds(one)[0], _bounds(other)[0]), min(_bounds(one)[1], _bounds(other)[1])
        if low > high:
            said = f"{_said(one)} and {_said(other)} of the same scenario cannot both hold"
            yield _problem("contradiction", f"{one.id} and {other.id}: {said}", one.id, other.id)


def _bounds(criterion: Criterion) -> tuple[tuple[float, int], tuple[float, int]]:
    """Return the least and the greatest value that meets a criterion; 1 and -1 stand for just above and just below."""
    match criterion.relation:
        case "<":
            return (-math.inf, 0), (criterion.threshold, -1)
        case "<=":
            return (-math.inf, 0), (criterion.threshold, 0)
        case ">":
            return (criterion.threshold, 1), (math.inf, 0)
        case ">=":
            return (criterion.threshold, 0), (math.inf, 0)
        case "==":
            threshold, tolerance = criterion.threshold, criterion.tolerance
            return (threshold - tolerance, 0), (threshold + tolerance, 0)


def _untestable(criterion: Criterion, templates: Mapping[str, ScenarioTemplate]) -> Iterator[str]:
    """Yield why a criterion cannot be tested in a world."""
    template = templates.get(criterion.scenario.name)
    if template is None:
        yield f"there is no scenario {criterion.scenario.name!r}; there are {', '.join(templates) or 'none'}"
        return
    if criterion.measure not in template.measures:
        known = ", ".join(template.measures)
        yield f"{template.name} does not measure {criterion.measure!r}; it measures {known}"
    elif criterion.unit != template.measures[criterion.measure]:
        unit = template.measures[criterion.measure] or "no unit"
        yield f"{criterion.measure} is measured in {unit}, and the threshold is in {criterion.unit or 'no unit'}"
    if not _plain(criterion.scenario.parameters):
        yield "a parameter is no finite number, text, list or object of such"
    else:
        error = misfit_of(template, criterion.scenario)
        if error is not None:
            said = " ".join(error.message.split())[:200]
            yield f"the parameters do not fit {template.name}: {error.json_path}: {said}"
    if criterion.control is None:
        yield "it has no control, so nothing could show that its check can fail"
    elif not _plain(criterion.control.parameters):
        yield "a parameter of its control is no finite number, text, list or object of such"


def _plain(value: Any, depth: int = 0) -> bool:
    """Return whether a value is JSON that two different values never share: a hash of NaN would be that of null."""
    if depth > 50:
        return False
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _plain(item, depth + 1) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(_plain(item, depth + 1) for item in value)
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, int):
        return abs(value) < _LARGEST
    return value is None or isinstance(value, str)


def _filled(control: Mutation, scenario: Scenario) -> Mutation:
    filled = {}
    for name, value in control.parameters.items():
        if not (isinstance(value, str) and value.startswith("$")):
            filled[name] = value
        elif value[1:] in scenario.parameters:
            filled[name] = scenario.parameters[value[1:]]
    return Mutation(name=control.name, parameters=filled)


def _chained(criteria: Criteria, repair: Repair) -> str:
    """Return a hash of criteria, of their latest repair, and by its means of all before it."""
    data = {"criteria": criteria.sha256, "repair": repair.model_dump(mode="json")}
    return hashlib.sha256(orjson.dumps(data, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _with(criteria: Criteria, changed: Criterion) -> Criteria:
    every = tuple(changed if criterion.id == changed.id else criterion for criterion in criteria.criteria)
    return criteria.model_copy(update={"criteria": every})


def _is_about_one(problem: Problem) -> bool:
    return problem.kind == "untestable" and len(problem.criteria) == 1


def _said(criterion: Criterion) -> str:
    unit = f" {criterion.unit}" if criterion.unit else ""
    return f"{criterion.measure} {criterion.relation} {criterion.threshold:g}{unit}"


def _problem(kind: Literal["contradiction", "untestable", "ambiguous"], detail: str, *criteria: str) -> Problem:
    return Problem(kind=kind, criteria=criteria, detail=detail)
