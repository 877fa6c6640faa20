"""The outer loop as a graph: begin, work on what is ready, review, and conclude.

The graph keeps no checkpoint. After a crash it is run again from its start over the recorded effects, so its nodes do
nothing that is not an effect or does not follow from effects. Subtasks that are ready at the same time are worked on at
the same time; the next review comes when all of them have ended, which makes what it sees the same on every re-run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send
from pydantic import TypeAdapter

from agent.domain.errors import ModelOutputError, PlanEditError, RunPaused, WaitingForPerson
from agent.domain.plan import ROOT, Add, Edit, Plan, Result, Status, Stop, Subtask
from agent.domain.report import Report
from agent.execution.context import RunContext
from agent.planning.report import build_report
from agent.planning.strategy import Strategy
from agent.planning.wishes import write_wishes

PLAN = "plan"
"""Branch of all that concerns the plan itself."""

_EDITS: TypeAdapter[list[Edit]] = TypeAdapter(list[Edit])


@dataclass(frozen=True)
class Planning:
    """What the graph's nodes work with."""

    run: RunContext
    strategy: Strategy


class State(TypedDict, total=False):
    """What passes from node to node; everything larger lives in the ledger."""

    plan: Plan
    results: Annotated[dict[str, Result], lambda before, now: {**before, **now}]
    reviewed: tuple[str, ...]
    reviews: int
    waiting: Annotated[tuple[str, ...], lambda before, now: (*before, *now)]
    final: Result
    report: Report


async def run_graph(planning: Planning, *, parallel: int) -> Report:
    """Take a run from its task to its report.

    Raises:
        RunStopped: the run stops in good order and can be resumed.
        ServiceError, ModelOutputError, ReplayDivergence: it cannot go on.
    """
    start: State = {"plan": Plan(), "results": {}, "reviewed": (), "reviews": 0, "waiting": ()}
    state = await _graph().ainvoke(start, {"recursion_limit": 10_000, "max_concurrency": parallel}, context=planning)
    report: Report = state["report"]
    return report


@cache
def _graph() -> CompiledStateGraph[State, Planning, State, State]:
    """Return the graph, which holds no state of its own and serves all runs of a process."""
    graph = StateGraph(State, context_schema=Planning)
    graph.add_node("begin", _begin)
    graph.add_node("work", _work)
    graph.add_node("review", _review)
    graph.add_node("conclude", _conclude)
    graph.add_edge(START, "begin")
    graph.add_conditional_edges("begin", _next)
    graph.add_edge("work", "review")
    graph.add_conditional_edges("review", _next)
    graph.add_edge("conclude", END)
    return graph.compile()


async def _begin(state: State, runtime: Runtime[Planning]) -> State:
    """Do the task at once, or make the first plan."""
    run = runtime.context.run
    await write_wishes(run)
    plan = Plan(wishes=run.wishes)
    if run.wishes:
        await _record_plan(run, plan, "wished")
    outcome = await runtime.context.strategy.begin(run)
    if isinstance(outcome, Result):
        return {"plan": plan, "final": outcome.model_copy(update={"untrusted": run.untrusted(ROOT)})}
    plan = _edited(run, plan, [Add(op="add", subtask=subtask) for subtask in outcome])
    await _record_plan(run, plan, "made")
    if run.task.mode == "review":
        plan = await _approved(runtime.context, plan)
    return {"plan": plan}


def _next(state: State) -> list[Send] | str:
    """Send each ready subtask to a worker of its own; conclude when there is nothing left to do."""
    ready = () if "final" in state else state["plan"].ready()
    if not ready:
        return "conclude"
    return [Send("work", {**state, "subtask": subtask, "waiting": ()}) for subtask in ready]


class _WorkState(State):
    subtask: Subtask


async def _work(state: _WorkState, runtime: Runtime[Planning]) -> State:
    """Work on one subtask."""
    run, subtask = runtime.context.run, state["subtask"]
    await run.ledger.fact(f"{subtask.id}/began", "subtask", {"id": subtask.id, "goal": subtask.goal})
    if texts := _inherited(run, state, subtask):
        run.branch(subtask.id).distrust(looked=_looked(run, state, subtask), texts=texts)
    try:
        result = await runtime.context.strategy.work(run, state["plan"], subtask, state["results"])
    except WaitingForPerson as waiting:
        # the other subtasks of this round go on; the review stops the run
        return {"waiting": (str(waiting),)}
    result = result.model_copy(update={"untrusted": run.untrusted(subtask.id)})
    if not run.ledger.knows(f"{subtask.id}/ended"):
        await run.keep(f"{subtask.id}/snapshot")
    await _record_result(run, subtask.id, result)
    return {"results": {subtask.id: result}}


def _inherited(run: RunContext, state: State, subtask: Subtask) -> tuple[str, ...]:
    """Return what a subtask begins with of those who had read text of unknown origin: results, and its own goal."""
    plan, results = state["plan"], state["results"]
    needed = set(plan.needs(subtask))
    read = [
        result.answer
        for name, result in results.items()
        if result.untrusted and needed & set(_with_those_above(plan, name))
    ]
    if run.branch(ROOT).untrusted or run.branch(PLAN).untrusted:
        read.append(subtask.goal)
    return tuple(read)


def _looked(run: RunContext, state: State, subtask: Subtask) -> bool:
    """Return whether a subtask, or what it builds on, was written by somebody who had read files or documents."""
    plan, needed = state["plan"], set(state["plan"].needs(subtask))
    built_on = (name for name in state["results"] if needed & set(_with_those_above(plan, name)))
    return any(run.looked(name) for name in (*built_on, ROOT))


def _with_those_above(plan: Plan, name: str) -> list[str]:
    names, subtask = [name], plan.find(name)
    while subtask is not None and subtask.parent is not None:
        names.append(subtask.parent)
        subtask = plan.find(subtask.parent)
    return names


async def _review(state: State, runtime: Runtime[Planning]) -> State:
    """Take in what came out, what a person wants changed, and what the planner makes of both."""
    run = runtime.context.run
    if state["waiting"]:
        raise WaitingForPerson(state["waiting"][0])
    number = state["reviews"] + 1
    news = {name: result for name, result in state["results"].items() if name not in state["reviewed"]}
    statuses: dict[str, Status] = {name: "done" if result.success else "failed" for name, result in news.items()}
    plan = state["plan"].with_status(statuses)
    version = plan.version
    plan, guidance = await _person(run, number, plan)
    plan = await _reviewed(runtime.context, number, plan, news, guidance)
    if not plan.ready() and any(subtask.status == "pending" for subtask in plan.leaves()):
        # what is left waits for something that failed
        plan = _edited(run, plan, [Stop(op="stop", reason="nothing that is left can begin")])
    if plan.version != version:
        await _record_plan(run, plan, "revised")
    return {"plan": plan, "reviews": number, "reviewed": (*state["reviewed"], *news)}


async def _conclude(state: State, runtime: Runtime[Planning]) -> State:
    """Make the report."""
    run, strategy = runtime.context.run, runtime.context.strategy
    plan, results = state["plan"], state["results"]
    final = state.get("final")
    if final is None:
        final = await strategy.conclude(run, plan, results)
    if not run.ledger.knows(f"{ROOT}/ended"):
        await run.keep(f"{ROOT}/snapshot")
    # kept before it is checked, since checking may be more than is left of the budget
    await _record_result(run, ROOT, final)
    report = await build_report(run, plan, results, final)
    await run.ledger.fact("report", "report", {"report": report.model_dump(mode="json")})
    return {"report": report}


async def _person(run: RunContext, number: int, plan: Plan) -> tuple[Plan, list[str]]:
    """Apply the edits a person sent since the last review, and return what they said besides."""
    begun = f"review/{number}"
    items = await run.branch(PLAN).take(f"inbox/{number}", before=begun)
    # says that the inbox was looked into, before anything else is done that a re-run must find again
    await run.ledger.fact(f"{PLAN}/{begun}", "plan", {"version": plan.version, "review": number})
    return await _applied(run, plan, items)


async def _reviewed(
    planning: Planning, number: int, plan: Plan, news: Mapping[str, Result], guidance: Sequence[str]
) -> Plan:
    """Return the plan after the planner's edits; a planner that cannot say what to change changes nothing."""
    try:
        edits = await planning.strategy.review(planning.run, number, plan, news, guidance)
    except ModelOutputError as error:
        await planning.run.ledger.fact(f"{PLAN}/unusable/{number}", "plan", {"refused": str(error)})
        return plan
    if edits and any(result.untrusted for result in news.values()):
        # whatever begins from now on may be as somebody else wants it
        planning.run.branch(PLAN).distrust()
    return await _revised(planning.run, str(number), plan, edits)


async def _revised(run: RunContext, name: str, plan: Plan, edits: Sequence[Edit]) -> Plan:
    """Return the plan after a batch of edits; a batch that cannot be applied is refused, and that is recorded."""
    if not edits:
        return plan
    try:
        return _edited(run, plan, edits)
    except PlanEditError as error:
        await run.ledger.fact(f"{PLAN}/refused/{name}", "plan", {"refused": str(error)})
        return plan


async def _approved(planning: Planning, plan: Plan) -> Plan:
    """Ask the person to approve the plan; anything but yes is guidance for a new version.

    What they changed in the plan while they were asked holds from the beginning.

    Raises:
        RunPaused: they did not approve the last version that may be made.
    """
    run = planning.run
    for attempt in range(run.limits.revisions + 1):
        text = "\n".join(f"{subtask.id}: {subtask.goal}" for subtask in plan)
        answer = await run.branch(PLAN).ask_person(f"approve/{attempt}", f"Go on with this plan?\n{text}", ("yes",))
        approved, said, version = answer.strip().lower() in ("y", "yes"), [answer], plan.version
        if approved:
            plan, said = await _sent_meanwhile(run, attempt, plan)
        if said and (approved or attempt < run.limits.revisions):
            plan = await _reviewed(planning, -1 - attempt, plan, {}, said)
        if plan.version != version:
            await _record_plan(run, plan, "revised")
        # their own edits need no second yes; what the planner makes of their words does
        if approved and not (said and attempt < run.limits.revisions):
            return plan
    raise RunPaused("the plan was not approved; cancel the run, or fork it from before its plan and say what to do")


def _edited(run: RunContext, plan: Plan, edits: Sequence[Edit]) -> Plan:
    return plan.edited(edits, max_depth=run.limits.depth, max_width=run.limits.width)


async def _sent_meanwhile(run: RunContext, attempt: int, plan: Plan) -> tuple[Plan, list[str]]:
    """Apply the edits a person sent before they approved the plan, and return what they said besides."""
    approved = f"approved/{attempt}"
    if not run.ledger.knows(f"{PLAN}/{approved}") and any(run.ledger.knows(f"{s.id}/began") for s in plan.leaves()):
        # recorded by a version that took nothing in here
        return plan, []
    items = await run.branch(PLAN).take(f"inbox/{approved}", before=approved)
    await run.ledger.fact(f"{PLAN}/{approved}", "plan", {"version": plan.version, "approved": attempt})
    return await _applied(run, plan, items)


async def _applied(run: RunContext, plan: Plan, items: Sequence[Mapping[str, Any]]) -> tuple[Plan, list[str]]:
    """Return the plan after the edits that have arrived, and what was said besides."""
    for item in items:
        if item["edits"]:
            plan = await _revised(run, f"edit/{item['seq']}", plan, _EDITS.validate_python(item["edits"]))
    return plan, [item["text"] for item in items if item["text"]]


async def _record_result(run: RunContext, name: str, result: Result) -> None:
    await run.ledger.fact(f"{name}/ended", "subtask", {"id": name, "result": result.model_dump(mode="json")})


async def _record_plan(run: RunContext, plan: Plan, why: str) -> None:
    await run.ledger.fact(f"{PLAN}/{plan.version}", "plan", {"plan": plan.model_dump(mode="json"), "why": why})
