"""What was promised and has to be tested at the end: milestones nobody has tested yet, and files named as results."""

from collections.abc import Iterable, Mapping

from agent.domain.checks import CheckResult, FileCheck
from agent.domain.plan import Plan, Result
from agent.domain.task import Task, workspace_path
from agent.execution.context import Branch
from agent.execution.milestones import run_checks
from agent.execution.taking import Collected


async def untested_milestones(branch: Branch, plan: Plan, results: Mapping[str, Result]) -> tuple[CheckResult, ...]:
    """Run the checks of those milestones that no submission has run, such as those of a subtask that was split."""
    found: list[CheckResult] = []
    for subtask in plan:
        tested = {check.milestone for check in results[subtask.id].checks} if subtask.id in results else set()
        left = [(m.id, m.check) for m in subtask.milestones if m.check is not None and m.id not in tested]
        if left and subtask.status != "dropped":
            found += await run_checks(branch, f"milestones/{subtask.id}", list(left), subtask=subtask.id)
    return tuple(found)


def named_artefacts(
    task: Task, collected: Collected, results: Mapping[str, Result], final: Result
) -> tuple[CheckResult, ...]:
    """Return one check for each file or folder that was named as a result: it passes when the file is there.

    An input file that the run left as it was is there too.
    """
    left_alone = {file.path for file in task.files}.difference(collected.removed)
    there = left_alone.union((a.path for a in collected.taken), collected.too_large, collected.unreadable)
    named: list[tuple[str | None, str]] = [(name, path) for name in results for path in results[name].artefacts]
    named += [(None, path) for path in final.artefacts]
    checks: dict[str, CheckResult] = {}
    for subtask, path in named:
        if path not in checks:
            checks[path] = _looked_for(path, there, subtask)
    return tuple(checks.values())


def _looked_for(path: str, there: Iterable[str], subtask: str | None) -> CheckResult:
    check = FileCheck(path=path[:1000] or "(no name)", min_bytes=0)
    try:
        wanted = workspace_path(path)
    except ValueError as error:
        return CheckResult(check=check, outcome="fail", detail=str(error)[:300], subtask=subtask)
    if any(name == wanted or name.startswith(f"{wanted}/") for name in there):
        return CheckResult(check=check, outcome="pass", detail=f"{wanted} is there", subtask=subtask)
    detail = f"{wanted} was named as a result and is not there"
    return CheckResult(check=check, outcome="fail", detail=detail, subtask=subtask)
