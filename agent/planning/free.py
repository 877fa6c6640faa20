"""The free strategy: the model drives the loop."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agent.domain.checks import Check
from agent.domain.messages import Message, Transcript
from agent.domain.plan import ROOT, Add, Edit, Milestone, NewSubtask, Plan, Result, Split, Subtask, Update
from agent.execution.context import RunContext
from agent.execution.loop import Assignment, execute
from agent.execution.plannable import offered_tries, planning_spec, require_runnable, require_triable
from agent.execution.reminding import reminders
from agent.models.asking import ask_form
from agent.models.fence import fenced, unhidden
from agent.models.templates import render
from agent.planning.forms import RevisePlan
from agent.planning.wishes import broken_wishes, wished_milestones


class FreeStrategy:
    """Lets a capable model plan, act and report through function calls."""

    async def begin(self, run: RunContext) -> Result | Sequence[NewSubtask]:
        """Give the whole task to one executor, which may do it, or split it, in its very first call."""
        wished = wished_milestones(run)
        opening = _opening(run, run.task.goal, may_plan=True, history=run.task.history, milestones=wished)
        assignment = Assignment(opening=opening, checks=_checks(wished), may_plan=True, goal=run.task.goal)
        outcome = await execute(run.branch(ROOT), assignment)
        return outcome if isinstance(outcome, Result) else outcome.subtasks

    async def work(self, run: RunContext, plan: Plan, subtask: Subtask, results: Mapping[str, Result]) -> Result:
        """Let an executor of its own work on one subtask."""
        before = [(name, results[name]) for name in plan.needs(subtask) if name in results]
        milestones = [*subtask.milestones, *wished_milestones(run, subtask.goal)]
        opening = _opening(run, subtask.goal, whole=run.task.goal, milestones=milestones, before=before)
        assignment = Assignment(opening=opening, checks=_checks(milestones), goal=subtask.goal)
        outcome = await execute(run.branch(subtask.id), assignment)
        assert isinstance(outcome, Result), "an executor that may not plan has planned"  # noqa: S101
        return outcome

    async def review(
        self, run: RunContext, number: int, plan: Plan, news: Mapping[str, Result], guidance: Sequence[str]
    ) -> Sequence[Edit]:
        """Ask the planner for edits when a subtask failed or brought a surprise, or a person said something.

        So it is when all is done and a frozen test fails: what one subtask made another may have spoilt.
        """
        surprising = {name: result for name, result in news.items() if result.surprise or not result.success}
        if number > run.limits.revisions:
            return ()
        broken = await broken_wishes(run, number, plan)
        if not (surprising or guidance or broken):
            return ()
        known = reminders(run.setting.memory)
        text = render(
            __package__,
            "revise",
            goal=run.task.goal,
            plan=plan,
            news=surprising,
            guidance=guidance,
            broken=broken,
            corrections=known,
        )
        system = _system("planner", tries=offered_tries(run))
        transcript = Transcript([system, {"role": "user", "content": text}])
        form = await ask_form(
            run.branch("plan"),
            f"revise/{number}",
            transcript,
            RevisePlan,
            role="planner",
            check=lambda form: _require_usable(run, form.edits),
            spec=planning_spec(RevisePlan, run),
        )
        return form.edits

    async def conclude(self, run: RunContext, plan: Plan, results: Mapping[str, Result]) -> Result:
        """Ask the planner for the answer to the whole task, from the results of the subtasks."""
        known = reminders(run.setting.memory)
        text = render(__package__, "conclude", goal=run.task.goal, plan=plan, results=results, corrections=known)
        opening = [_system("planner", tries=""), {"role": "user", "content": text}]
        outcome = await execute(run.branch("report"), Assignment(opening=opening, tools=False))
        assert isinstance(outcome, Result), "an executor that may not plan has planned"  # noqa: S101
        return outcome


def _checks(milestones: Iterable[Milestone]) -> list[tuple[str | None, Check]]:
    return [(milestone.id, milestone.check) for milestone in milestones if milestone.check is not None]


def _require_usable(run: RunContext, edits: Iterable[Edit]) -> None:
    """Raise ModelOutputError if edits bring in a check that cannot be tried out as it is written."""
    for edit in edits:
        match edit:
            case Split():
                require_runnable(run, edit.into)
            case Add():
                require_runnable(run, [edit.subtask])
            case Update():
                require_triable(run, edit.milestones or ())
            case _:
                pass


def _system(name: str, **values: Any) -> Message:
    return {"role": "system", "content": render(__package__, name, **values)}


def _opening(run: RunContext, goal: str, *, may_plan: bool = False, **values: Any) -> Sequence[Message]:
    given = {"whole": "", "milestones": (), "before": (), "history": ()} | values
    assignment = render(
        "agent.execution",
        "assignment",
        goal=goal,
        constraints=run.task.constraints,
        files=[file.path for file in run.task.files],
        corpus=run.task.corpus,
        evidence=run.task.evidence,
        data=lambda text: fenced(unhidden(text)),
        corrections=reminders(run.setting.memory),
        **given,
    )
    tries = offered_tries(run) if may_plan else ""
    system = render("agent.execution", "executor", setting=run.setting, may_plan=may_plan, tries=tries)
    return [{"role": "system", "content": system}, {"role": "user", "content": assignment}]
