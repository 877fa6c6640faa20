"""The loop of browsing as a graph: choose an action, do it, until the session has ended.

It keeps no checkpoint: what policies and sessions cannot recompute is recorded, so a re-run comes to the same place.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agent.browsing.policy import Choice, Policy
from agent.browsing.session import Session
from agent.browsing.state import BrowseState, legal

_STEPS_OF_THE_GRAPH = 100_000
"""Only a stop against a graph that never ends; the session's profile limits the actions."""


@dataclass(frozen=True)
class Seat:
    """A session and who sits in it."""

    session: Session
    policy: Policy


class _Loop(TypedDict, total=False):
    choice: Choice


async def browse(session: Session, policy: Policy) -> BrowseState:
    """Let a policy act until nothing is possible any more, and return the session's last state.

    Raises:
        ServiceError: what fetches, searches or chooses is itself broken.
    """
    if legal(session.state):
        await _graph().ainvoke({}, {"recursion_limit": _STEPS_OF_THE_GRAPH}, context=Seat(session, policy))
    return session.state


@cache
def _graph() -> CompiledStateGraph[_Loop, Seat, _Loop, _Loop]:
    """Return the graph, which holds no state of its own and serves all sessions of a process."""
    graph = StateGraph(_Loop, context_schema=Seat)
    graph.add_node("choose", _choose)
    graph.add_node("act", _act)
    graph.add_edge(START, "choose")
    graph.add_edge("choose", "act")
    graph.add_conditional_edges("act", _next)
    return graph.compile()


async def _choose(state: _Loop, runtime: Runtime[Seat]) -> _Loop:
    return {"choice": await runtime.context.policy.choose(runtime.context.session)}


async def _act(state: _Loop, runtime: Runtime[Seat]) -> _Loop:
    choice = state["choice"]
    await runtime.context.session.call(choice.name, choice.arguments)
    return {}


def _next(state: _Loop, runtime: Runtime[Seat]) -> str:
    # a session whose steps are used up can go no further, whether or not it has ended
    return "choose" if legal(runtime.context.session.state) else END
