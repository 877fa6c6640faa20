"""Tests of what a task makes, written from its words before the work is begun, and frozen."""

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from pydantic import Field

from agent.domain.artefacts import Criteria
from agent.domain.base import Form
from agent.domain.checks import ArtefactCheck, CheckResult
from agent.domain.errors import ModelOutputError, UsageError
from agent.domain.messages import Transcript
from agent.domain.plan import ROOT, Milestone, Plan, Result, SubtaskId
from agent.domain.task import Task
from agent.domain.wishes import Wished
from agent.execution.context import Branch, RunContext
from agent.execution.milestones import run_checks
from agent.execution.plannable import offered_tries, planning_spec, require_triable
from agent.models.asking import ask_form
from agent.models.templates import render
from agent.verification.artefacts.checks import criterion_of
from agent.verification.artefacts.freezing import freeze

_STEP: Final = "tests"
_MADE: Final = re.compile(r"(?<![\w./:-])[\w./-]*\w\.(?:csv|tsv|jsonl?|py|html?)(?![\w/-])", re.IGNORECASE | re.ASCII)
"""Files of the kinds that can be tried out, as people name them."""


class WishedTest(Form):
    """One test of what the task makes."""

    id: SubtaskId
    wish: str = Field(min_length=1, max_length=300, description="the words of the task that it comes from")
    check: ArtefactCheck


class WriteTests(Form):
    """Write how the files that the task makes will be tested. All lists are empty where it makes none."""

    tests: list[WishedTest] = Field(default_factory=list, max_length=30)
    untestable: list[str] = Field(
        default_factory=list, max_length=20, description="wishes that no test can measure, each with the reason"
    )


def made_files(task: Task) -> tuple[str, ...]:
    """Return the files that a task names and that are not given: those which it may be meant to make."""
    given = {file.path for file in task.files}
    named = (match.group() for text in (task.goal, *task.constraints) for match in _MADE.finditer(text))
    # names end where letters of other scripts begin, since nothing stands between words there
    return tuple(dict.fromkeys(path for path in named if not any(one.endswith(path.lstrip("./")) for one in given)))


async def write_wishes(run: RunContext) -> None:
    """Have the planner write tests for what the task makes, and freeze them in the run.

    Nothing is written for a task that names no file of a kind that can be tried out, for one that is no ordinary run,
    and for a model that the loop drives, whose goal is taken apart by rules. A planner that cannot write tests leaves
    the run without, which is said.
    """
    task, most = run.task, run.limits.tests
    ordinary = task.browse is None and task.check is None and task.ask is None and task.build is None
    if not (ordinary and run.setting.strategy == "free" and run.setting.tries and most and made_files(task)):
        return
    text = render(
        __package__,
        "tests",
        goal=task.goal,
        constraints=task.constraints,
        files=[file.path for file in task.files],
        most=most,
        tries=offered_tries(run),
    )
    system = render(__package__, "planner", tries="")
    transcript = Transcript([{"role": "system", "content": system}, {"role": "user", "content": text}])
    try:
        form = await ask_form(
            run.branch("plan"),
            _STEP,
            transcript,
            WriteTests,
            role="planner",
            check=lambda form: _require_frozen(run, form),
            spec=planning_spec(WriteTests, run),
        )
    except ModelOutputError as error:
        run.notes.append(f"No tests were written for what the task makes: {error}.")
        return
    run.wishes = _wished(run, form)
    run.notes += [f"Not tested: {' '.join(wish.split())}" for wish in form.untestable]


def wished_milestones(run: RunContext, text: str | None = None) -> list[Milestone]:
    """Return the frozen tests as milestones: all of them, or those of files that a text names."""
    return [
        Milestone(id=one.id, text=one.wish, check=check)
        for wished in run.wishes
        if text is None or any(path.rpartition("/")[2] in text for path in wished.paths[:1])
        for one, (_, check) in zip(wished.criteria.criteria, wished.checks(), strict=True)
    ]


async def broken_wishes(run: RunContext, number: int, plan: Plan) -> tuple[CheckResult, ...]:
    """Return the frozen tests that fail once nothing of a plan is left to do; ``number`` is that of the review."""
    if not run.wishes or plan.ready():
        return ()
    every = [(name, check) for wished in run.wishes for name, check in wished.checks()]
    results = await run_checks(run.branch("plan"), f"{_STEP}/{number}", list(every), subtask=None)
    return tuple(result for result in results if result.outcome == "fail")


async def tested_wishes(branch: Branch, final: Result) -> tuple[CheckResult, ...]:
    """Return the results of frozen tests that the last submission of the whole task has not run.

    Raises:
        UsageError: the tests are not those that were frozen.
    """
    run = branch.run
    if changed := [wished for wished in run.wishes if not wished.intact]:
        raise UsageError(f"the tests of {changed[0].paths[0]} are not those that were frozen; start the run anew")
    tested = {check.milestone for check in final.checks if check.subtask == ROOT}
    left = [(name, check) for wished in run.wishes for name, check in wished.checks() if name not in tested]
    return await run_checks(branch, "wishes", list(left), subtask=None)


def _require_frozen(run: RunContext, form: WriteTests) -> None:
    """Raise if tests cannot be frozen as they are.

    Raises:
        ModelOutputError: one line that says what to write instead.
    """
    most, names = run.limits.tests, [test.id for test in form.tests]
    if len(names) > most:
        raise ModelOutputError(f"there are {len(names)} tests; write the {most} that matter most")
    if doubled := sorted({name for name in names if names.count(name) > 1}):
        raise ModelOutputError(f"two tests have the id {doubled[0]}; give each its own")
    require_triable(run, [Milestone(id=test.id, text=test.wish, check=test.check) for test in form.tests])
    given = {file.path for file in run.task.files}
    for test in form.tests:
        if test.check.paths[0] in given:
            raise ModelOutputError(f"{test.id}: {test.check.paths[0]} is an input file; test what the task makes")
    try:
        _wished(run, form)
    except UsageError as error:
        raise ModelOutputError(str(error)) from None


def _wished(run: RunContext, form: WriteTests) -> tuple[Wished, ...]:
    by_files: dict[tuple[str, tuple[str, ...]], list[WishedTest]] = defaultdict(list)
    for test in form.tests:
        by_files[test.check.artefact, test.check.paths].append(test)
    return tuple(
        _group(run, tests, form.untestable if not number else ()) for number, tests in enumerate(by_files.values())
    )


def _group(run: RunContext, tests: Sequence[WishedTest], untestable: Sequence[str]) -> Wished:
    """Return the tests of one artefact, frozen.

    Raises:
        UsageError: they contradict each other.
    """
    first = tests[0].check
    world = run.workshops.world(first.artefact)
    criteria = tuple(criterion_of(world, test.id, test.check).model_copy(update={"wish": test.wish}) for test in tests)
    asked = Criteria(wish=run.task.goal, kind=first.artefact, criteria=criteria, untestable=tuple(untestable))
    frozen = freeze(world, asked)
    return Wished(paths=first.paths, artefact=first.artefact, criteria=frozen.criteria, sha256=frozen.sha256)
