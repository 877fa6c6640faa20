"""Trying an artefact out by its criteria: trials, gates, and the negative control that keeps a check honest.

A check that passes looks like success also when it can pass nothing else. So each is run a second time, on a copy that
was sabotaged on purpose: only a check that fails there says anything about the artefact itself.
"""

import asyncio
import math
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Relation, Trial
from agent.domain.errors import ModelOutputError, PlumblineError, UsageError
from agent.domain.outcomes import Outcome
from agent.models.together import together
from agent.verification.artefacts.lines import in_a_line
from agent.verification.artefacts.world import BuildT, NotConcerned, TrialImpossible, World

AT_ONCE: Final = 4
"""How many criteria are tried side by side, unless told otherwise."""

_DIGITS: Final = 3
_NOISE: Final = 5
"""Decimal places: what is less than one at the last of them was not measured."""

_COUNTED: Final = 1e6
_EXACT: Final = 6
_LITTLE: Final = 1e-3
"""What is less, as a share of the threshold, is told as 0."""

T = TypeVar("T")


@dataclass(frozen=True)
class Reading:
    """What the trials of one build say by themselves, whatever its control does.

    Attributes:
        outcome: ``not_applicable`` only where the world said so of every trial.
        detail: why, in one line.
    """

    outcome: Outcome
    detail: str
    trials: tuple[Trial, ...] = ()


class _Unreliable(Exception):
    """Something that a verdict rests on broke. The message is one line."""


async def tried(world: World[BuildT], build: BuildT, criterion: Criterion, *, seed: int) -> CriterionResult:
    """Try one criterion, and its control, each ``repeats`` times with the seeds ``seed``, ``seed + 1``, ...

    ``pass``: every trial met the threshold, every gate holds, and the same check fails on the sabotaged copy.
    ``fail``: a trial did not meet it, every gate holds, and the same check fails on the sabotaged copy.
    ``not_applicable``: the world says that the criterion does not concern this artefact.
    ``inconclusive``: all else. A broken gate, nothing measured, an error of the scenario, a control that is missing,
    cannot be made, is the very build that was given, or does not fail. The detail says which. An equal copy counts: a
    house without a door fails with its openings filled as well, and what passes has a control that passes.

    Raises:
        PlumblineError: what is no matter of this check: a lost sandbox, a missing package, a run that stops.
    """
    artefact = await _read(world, build, criterion, seed)
    if artefact.outcome in ("inconclusive", "not_applicable"):
        return _result(criterion, artefact.outcome, artefact.detail, artefact)
    if criterion.control is None:
        return _result(criterion, "inconclusive", "no control: nothing shows that this check can fail", artefact)
    name = criterion.control.name
    try:
        sabotaged = await _reliable(world.mutate(build, criterion.control), f"the control {name} cannot be made")
    except _Unreliable as reason:
        return _result(criterion, "inconclusive", str(reason), artefact)
    except NotConcerned as reason:
        return _result(criterion, "inconclusive", in_a_line(f"the control {name} cannot be made: {reason}"), artefact)
    if sabotaged is build:
        return _result(criterion, "inconclusive", f"the control {name} changed nothing", artefact)
    control = await _read(world, sabotaged, criterion, seed)
    if control.outcome != "fail":
        said = {
            "pass": f"the control {name} passes as well, so this check shows nothing",
            "not_applicable": f"the control {name} does not fail: the check does not apply to it",
        }.get(control.outcome, f"the control {name} does not fail")
        detail = f"{said}: {control.detail}" if control.outcome != "not_applicable" else said
        return _result(criterion, "inconclusive", detail, artefact, control)
    return _result(criterion, artefact.outcome, artefact.detail, artefact, control)


async def judged(
    world: World[BuildT], build: BuildT, criteria: Criteria, *, seed: int = 0, at_once: int = AT_ONCE
) -> tuple[CriterionResult, ...]:
    """Try all criteria side by side and return the results in the order of the criteria.

    The same seed gives the same results, however many are tried at once.

    Args:
        world: of the kind that the criteria are for.
        build: what is tried; it is not changed.
        criteria: frozen ones, as a rule.
        seed: of the first trial of each criterion.
        at_once: how many criteria are tried at the same time.

    Raises:
        UsageError: the criteria are for another kind, or ``at_once`` is less than 1.
        PlumblineError: see ``tried``.
    """
    if criteria.kind != world.kind:
        raise UsageError(
            f"the criteria are for the kind {criteria.kind}, not {world.kind}; write them for {world.kind}"
        )
    if at_once < 1:
        raise UsageError(f"at least one criterion has to be tried at a time, not {at_once}")
    places = asyncio.Semaphore(at_once)

    async def in_turn(criterion: Criterion) -> CriterionResult:
        async with places:
            return await tried(world, build, criterion, seed=seed)

    return tuple(await together(in_turn(criterion) for criterion in criteria.criteria))


def meets(value: float, relation: Relation, threshold: float, tolerance: float = 0.0) -> bool:
    """Return whether a value is on the right side of a threshold; ``tolerance`` counts for ``==`` alone."""
    match relation:
        case "<":
            return value < threshold
        case "<=":
            return value <= threshold
        case ">":
            return value > threshold
        case ">=":
            return value >= threshold
        case "==":
            return abs(value - threshold) <= tolerance


def shown(value: float, digits: int = _DIGITS) -> str:
    """Return a measured value as prompts and people read it: with three significant digits, and noise as 0.

    Whole numbers stay as they are. What simulations measure differs in the last digits between machines, and recorded
    requests to models must not.
    """
    if abs(value) < 10.0 ** (1 - _NOISE - digits + _DIGITS):
        return "0"
    if value == round(value) and abs(value) < _COUNTED:
        return f"{round(value)}"
    return f"{float(f'{value:.{digits}g}'):.15g}"


def read(criterion: Criterion, trials: Sequence[Trial]) -> Reading:
    """Return what trials of one build say: pass, fail, or inconclusive where one of them cannot be relied on."""
    kept = tuple(trials)
    if not kept:
        return Reading("inconclusive", "it was not tried")
    for trial in kept:
        broken = [gate for gate in trial.gates if not gate.holds]
        if broken:
            return Reading("inconclusive", in_a_line(f"the gate {broken[0].name} is broken: {broken[0].detail}"), kept)
        if trial.value is None:
            return Reading("inconclusive", in_a_line(f"nothing was measured: {trial.detail}"), kept)
        if not math.isfinite(trial.value):
            return Reading("inconclusive", in_a_line(f"{criterion.measure} is no finite number: {trial.detail}"), kept)
    for trial in kept:
        if not _met(criterion, trial):
            return Reading("fail", in_a_line(f"{_said(criterion, trial)}: {trial.detail}"), kept)
    return Reading("pass", in_a_line(f"{_said(criterion, kept[0])}: {kept[0].detail}"), kept)


async def _read(world: World[BuildT], build: BuildT, criterion: Criterion, seed: int) -> Reading:
    """Try a build as often as the criterion asks and read the trials."""
    trials: list[Trial] = []
    unconcerned: list[str] = []
    for number in range(seed, seed + criterion.repeats):
        try:
            trial = await _reliable(
                world.simulate(build, criterion.scenario, criterion.measure, number),
                f"{criterion.scenario.name} failed",
            )
        except NotConcerned as reason:
            unconcerned.append(in_a_line(str(reason)))
            continue
        except _Unreliable as reason:
            return Reading("inconclusive", str(reason), tuple(trials))
        trials.append(trial)
        if trial.seed != number:
            return Reading(
                "inconclusive", f"it was tried with the seed {trial.seed} instead of {number}", tuple(trials)
            )
    if unconcerned and trials:
        return Reading(
            "inconclusive", f"it concerns this artefact in some trials only: {unconcerned[0]}", tuple(trials)
        )
    if unconcerned:
        return Reading("not_applicable", unconcerned[0])
    return read(criterion, trials)


async def _reliable(work: Awaitable[T], what: str) -> T:
    """Return what a world gives; turn what breaks there into one line.

    Raises:
        _Unreliable: the work could not be done.
        NotConcerned: as the world raised it.
        PlumblineError: what is no matter of the check.
    """
    try:
        return await work
    except NotConcerned:
        raise
    except (TrialImpossible, UsageError, ModelOutputError) as error:
        raise _Unreliable(in_a_line(f"{what}: {error}")) from None
    except PlumblineError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever breaks a trial makes it inconclusive, never a verdict
        raise _Unreliable(in_a_line(f"{what}: {type(error).__name__}: {error}")) from None


def _met(criterion: Criterion, trial: Trial) -> bool:
    return trial.value is not None and meets(trial.value, criterion.relation, criterion.threshold, criterion.tolerance)


def _said(criterion: Criterion, trial: Trial) -> str:
    """Return measure, value and bound as a person reads them."""
    unit = f" {criterion.unit}" if criterion.unit else ""
    within = f" +- {criterion.tolerance:g}" if criterion.relation == "==" and criterion.tolerance else ""
    asked = f"{criterion.relation} {criterion.threshold:g}{within}{unit}"
    times = f", in each of {criterion.repeats} trials" if criterion.repeats > 1 and _met(criterion, trial) else ""
    return f"{criterion.measure} is {_told(criterion, trial.value or 0.0)}{unit}, asked for is {asked}{times}"


def _told(criterion: Criterion, value: float) -> str:
    """Return a value with as many digits as it takes to see on which side of the threshold it is."""
    tolerance = criterion.tolerance
    true = meets(value, criterion.relation, criterion.threshold, tolerance)
    # sums and counts that have to be exact are told as they are
    first = _DIGITS if criterion.relation != "==" else _EXACT
    little = ["0"] if abs(value) < abs(criterion.threshold) * _LITTLE else []
    for told in (*little, *(shown(value, digits) for digits in range(first, 17))):
        if meets(float(told), criterion.relation, criterion.threshold, tolerance) == true:
            return told
    return repr(value)


def _result(
    criterion: Criterion, outcome: Outcome, detail: str, artefact: Reading, control: Reading | None = None
) -> CriterionResult:
    return CriterionResult(
        criterion=criterion,
        outcome=outcome,
        detail=detail,
        trials=artefact.trials,
        control=() if control is None else control.trials,
    )
