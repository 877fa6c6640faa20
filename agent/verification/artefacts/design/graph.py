"""The design of an artefact as a graph: criteria, parts, candidates, a round's judgement, and what comes next (Luban).

It keeps no checkpoint: what its parts cannot recompute is recorded under their steps, so a re-run comes to the same
place. Candidates of a round are worked on side by side; a round is judged when all of them have ended, so what it sees
is the same on every re-run, whoever was ready first.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agent.domain.artefacts import Criteria
from agent.domain.design import Candidate, Design, PartPlan
from agent.domain.errors import ModelOutputError
from agent.domain.task import BuildOrder
from agent.verification.artefacts.design.candidates import candidate_of
from agent.verification.artefacts.design.config import DesignConfig
from agent.verification.artefacts.design.criteria import write_criteria
from agent.verification.artefacts.design.deciding import decide
from agent.verification.artefacts.design.judging import judge
from agent.verification.artefacts.design.state import Course, Crew, State, sentence
from agent.verification.artefacts.world import World

_STEPS_OF_THE_GRAPH = 1_000
"""Only a stop against a graph that never ends; rounds are limited."""


@dataclass(frozen=True)
class Designed:
    """What a design came to, and the build that is handed over; None where nothing was built."""

    design: Design
    build: Any


async def design(
    wish: str,
    order: BuildOrder,
    world: World[Any],
    crew: Crew,
    config: DesignConfig,
    *,
    criteria: Criteria | None = None,
) -> Designed:
    """Make an artefact as wished.

    Args:
        wish: what is wished for, in any language.
        order: how many candidates and rounds, and what is left out.
        world: of the kind that is made.
        crew: who does the work.
        config: limits.
        criteria: those that a person wrote; None has them written from the wish.

    Raises:
        RunStopped, LeaseLost, ReplayDivergence, ServiceError: the design cannot go on now. All else that fails is told
            in the result.
    """
    start = State(
        criteria=criteria or Criteria(wish=wish, kind=world.kind, criteria=()),
        frozen=None,
        parts=(),
        number=1,
        candidates=order.candidates,
        made={},
        builds={},
        rounds=(),
        base=None,
        best=None,
        preferred=(),
        told="",
        stalls=0,
        asked=False,
        mendings=0,
        notes=(),
        stop=None,
    )
    course = Course(wish, order, criteria, world, crew, config)
    state: Any = await _graph().ainvoke(
        start, {"recursion_limit": _STEPS_OF_THE_GRAPH, "max_concurrency": config.parallel}, context=course
    )
    made = _design_of(state, order)
    await course.tell("end/told", "stopped", f"The design ended: {made.stop}.", accepted=made.accepted, stop=made.stop)
    return Designed(made, state["builds"].get(made.best))


@cache
def _graph() -> CompiledStateGraph[State, Course, State, State]:
    """Return the graph, which holds no state of its own and serves all designs of a process."""
    graph = StateGraph(State, context_schema=Course)
    graph.add_node("criteria", _criteria)
    graph.add_node("parts", _parts)
    graph.add_node("candidate", _candidate)
    graph.add_node("judge", _judge)
    graph.add_node("decide", _decide)
    graph.add_edge(START, "criteria")
    graph.add_conditional_edges("criteria", lambda state: END if state["stop"] else "parts")
    graph.add_conditional_edges("parts", _to_candidates)
    graph.add_edge("candidate", "judge")
    graph.add_edge("judge", "decide")
    graph.add_conditional_edges("decide", lambda state: END if state["stop"] else _to_candidates(state))
    return graph.compile()


async def _criteria(state: State, runtime: Runtime[Course]) -> State:
    return await write_criteria(runtime.context, state)


async def _parts(state: State, runtime: Runtime[Course]) -> State:
    """Have the artefact taken apart in thought, before there is a program."""
    course = runtime.context
    try:
        parts = await course.crew.designer.parts("parts/plan", course.brief(()))
    except ModelOutputError as error:
        return {"notes": (*state["notes"], sentence(f"Nobody could say of what parts it is to be made: {error}"))}
    named = ", ".join(part.name for part in parts) or "one piece"
    told = [part.model_dump(mode="json") for part in parts]
    await course.tell("parts/told", "parts", f"It is to be made of {named}.", parts=told)
    return {"parts": parts}


class _CandidateState(TypedDict):
    number: int
    place: int
    parts: tuple[PartPlan, ...]
    base: Candidate | None
    told: str


def _to_candidates(state: State) -> list[Send]:
    """Send each candidate of the round to a worker of its own."""
    base = state["made"].get(state["base"] or "")
    return [
        Send(
            "candidate",
            _CandidateState(number=state["number"], place=place, parts=state["parts"], base=base, told=state["told"]),
        )
        for place in range(1, state["candidates"] + 1)
    ]


async def _candidate(state: _CandidateState, runtime: Runtime[Course]) -> State:
    """Have one program written, and make what it makes."""
    made, build = await candidate_of(
        runtime.context,
        number=state["number"],
        place=state["place"],
        parts=state["parts"],
        base=state["base"],
        told=state["told"],
    )
    return {"made": {made.id: made}, "builds": {} if build is None else {made.id: build}}


async def _judge(state: State, runtime: Runtime[Course]) -> State:
    return await judge(runtime.context, state)


async def _decide(state: State, runtime: Runtime[Course]) -> State:
    return await decide(runtime.context, state)


def _design_of(state: State, order: BuildOrder) -> Design:
    frozen = state["frozen"]
    criteria = state["criteria"] if frozen is None else frozen.criteria
    return Design(
        criteria=criteria,
        criteria_sha256=criteria.sha256 if frozen is None else frozen.original,
        repairs=() if frozen is None else frozen.repairs,
        parts=state["parts"],
        rounds=state["rounds"],
        visual=order.visual,
        pragmatic=order.pragmatic,
        best=state["best"],
        accepted=state["stop"] == "accepted",
        stop=state["stop"] or "rounds",
        notes=tuple(dict.fromkeys(state["notes"])),
    )
