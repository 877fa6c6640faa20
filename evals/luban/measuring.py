"""How often planted defects are found in buildings, and how often good ones are blamed, check by check."""

import time
from collections.abc import Sequence

from agent.domain.artefacts import CriterionResult
from agent.domain.base import Fact
from agent.verification.artefacts.freezing import freeze
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import tried
from agent.verification.artefacts.voxel.building import VoxelBuild
from agent.verification.artefacts.voxel.world import VoxelWorld
from evals.checks import CheckCounts, counted
from evals.luban.builds import GOOD
from evals.luban.sabotages import BREAKS, SABOTAGES
from evals.luban.tasks import TASKS, LubanTask


class CheckRow(CheckCounts):
    """One check of one task: what it said of good builds and of those with a defect, which most need not concern it."""

    task: str
    check: str


class Confusion(Fact):
    """All tasks together.

    Attributes:
        found: builds with a defect that the check for it failed.
        sabotaged: builds with a defect.
        missed: those that it passed, or about which it could say nothing, by task and defect.
        alarms: checks of good builds that did not pass, with the reason.
        good_checks: checks of good builds.
        checks: checks made, each with its control.
        seconds: what they took, building included.
    """

    rows: tuple[CheckRow, ...]
    found: int
    sabotaged: int
    missed: tuple[str, ...]
    alarms: tuple[str, ...]
    good_checks: int
    good_builds: int
    accepted_builds: int
    checks: int
    seconds: float

    @property
    def detection(self) -> float:
        """Share of builds with a defect that the check for it failed."""
        return self.found / self.sabotaged

    @property
    def false_alarms(self) -> float:
        """Share of the checks of good builds that did not pass."""
        return len(self.alarms) / self.good_checks


async def confusion(world: VoxelWorld) -> Confusion:
    """Try every good and every sabotaged build by the criteria of its task."""
    begun = time.perf_counter()
    rows: list[CheckRow] = []
    missed: list[str] = []
    alarms: list[str] = []
    good_checks = good_builds = accepted_builds = checks = sabotaged = 0
    for task in TASKS:
        good: list[tuple[CriterionResult, ...]] = []
        for number, make in enumerate(GOOD[task.name], start=1):
            build, results = await checked(world, task, make().program())
            good.append(results)
            alarms += [f"{task.name} {number}: {one.criterion.id}: {one.detail}" for one in _not_passed(results)]
            accepted_builds += accepted(await world.inspect(build), results).accepted
            good_checks += len(results)
            good_builds += 1
        bad: list[tuple[CriterionResult, ...]] = []
        for (defect, make), meant in zip(SABOTAGES[task.name].items(), BREAKS[task.name], strict=True):
            _, results = await checked(world, task, make().program())
            bad.append(results)
            sabotaged += 1
            if not any(one.outcome == "fail" and one.criterion.id == meant for one in results):
                missed.append(f"{task.name}: {defect}")
        checks += sum(map(len, good)) + sum(map(len, bad))
        rows += [_row(task, place, good, bad) for place in range(len(task.criteria))]
    return Confusion(
        rows=tuple(rows),
        found=sabotaged - len(missed),
        sabotaged=sabotaged,
        missed=tuple(missed),
        alarms=tuple(alarms),
        good_checks=good_checks,
        good_builds=good_builds,
        accepted_builds=accepted_builds,
        checks=checks,
        seconds=time.perf_counter() - begun,
    )


async def checked(world: VoxelWorld, task: LubanTask, program: str) -> tuple[VoxelBuild, tuple[CriterionResult, ...]]:
    """Build a program and try it by the frozen criteria of a task; return the build and the results."""
    criteria = freeze(world, task.frozen(hint=False)).criteria
    build = await world.build(program)
    return build, tuple([await tried(world, build, criterion, seed=0) for criterion in criteria.criteria])


def _not_passed(results: Sequence[CriterionResult]) -> list[CriterionResult]:
    return [one for one in results if one.outcome != "pass"]


def _row(
    task: LubanTask, place: int, good: Sequence[Sequence[CriterionResult]], bad: Sequence[Sequence[CriterionResult]]
) -> CheckRow:
    of_good = [results[place].outcome for results in good]
    of_bad = [results[place].outcome for results in bad]
    return CheckRow(task=task.name, check=task.criteria[place].id, **counted(of_good, of_bad))
