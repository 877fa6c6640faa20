"""The chain of checks as a graph: take claims out, look at each, ask models about what is open, score, rethink.

It keeps no checkpoint: what its parts cannot recompute is recorded under their steps, so a re-run comes to the same
place. Claims are judged side by side; the order of results is that of the text, whoever was ready first. Models are
asked in waves, since between two waves nothing is under way: only there can it be said, alike on every re-run, whether
they may still be asked and whether it is of any use.
"""

from functools import cache
from typing import TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agent.domain.budget import Usage
from agent.domain.claims import Checking, Claim
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.judging import Quotes, asked, look
from agent.verification.chain.looked import Looked
from agent.verification.chain.parts import Checked, Parts
from agent.verification.chain.reading import extract
from agent.verification.chain.rounds import rethink, score
from agent.verification.chain.state import Chain, Done, State, to_judge
from agent.verification.chain.stopping import best_round
from agent.verification.chain.waves import choose, failed_models

_STEPS_OF_THE_GRAPH = 100_000
"""Only a stop against a graph that never ends; rounds and waves are limited."""


async def check_answer(text: str, parts: Parts, config: CheckingConfig, *, step: str = "check") -> Checked:
    """Check the claims of an answer, and have those that fail written anew where somebody can.

    Args:
        text: the answer.
        parts: who does the work.
        config: limits and weights.
        step: begins the names of all effects: ``{step}/r{round}/{claim}/{judge}`` and the like.

    Raises:
        RunStopped, LeaseLost, ReplayDivergence, LedgerUnavailable, SandboxUnavailable: the run cannot go on now. All
            else that fails is told in the result.
    """
    start = State(
        number=0,
        answer=text,
        changed=(),
        places=(),
        bases=(),
        kept=(),
        looked={},
        unchecked={},
        notes=(),
        told=(),
        usage=Usage(),
        evidence={item.id: item for item in parts.evidence},
        beyond=(),
        done=(),
    )
    chain = Chain(parts, config, step, Quotes(parts.text_of))
    state = await _graph().ainvoke(
        start, {"recursion_limit": _STEPS_OF_THE_GRAPH, "max_concurrency": config.parallel}, context=chain
    )
    rounds: dict[int, Done] = {one.round.number: one for one in state["done"]}
    best = rounds[best_round([one.round for one in rounds.values()]).number]
    names = {one.claim.id for one in best.claims}
    told = (note for number, note in state["told"] if number <= best.round.number)
    unchecked = (*state["notes"], *told, *(why for name, why in state["unchecked"].items() if name in names))
    return Checked(
        answer=best.round.answer,
        draft=text,
        claims=best.claims,
        evidence=state["evidence"],
        uncovered=best.uncovered,
        checking=Checking(
            rounds=tuple(one.round for one in rounds.values()),
            best=best.round.number,
            stopped=state["stopped"],
            unchecked=tuple(dict.fromkeys(unchecked)),
        ),
    )


@cache
def _graph() -> CompiledStateGraph[State, Chain, State, State]:
    """Return the graph, which holds no state of its own and serves all chains of a process."""
    graph = StateGraph(State, context_schema=Chain)
    graph.add_node("extract", extract)
    graph.add_node("look", _look)
    graph.add_node("choose", choose)
    graph.add_node("ask", _ask)
    graph.add_node("score", score)
    graph.add_node("rethink", rethink)
    graph.add_edge(START, "extract")
    graph.add_conditional_edges("extract", _to_look)
    graph.add_edge("look", "choose")
    graph.add_conditional_edges("choose", _to_ask)
    graph.add_edge("ask", "choose")
    graph.add_conditional_edges("score", lambda state: END if state["stopped"] else "rethink")
    graph.add_conditional_edges("rethink", lambda state: END if state["stopped"] else "extract")
    return graph.compile()


class _LookState(TypedDict):
    claim: Claim
    number: int


def _to_look(state: State) -> list[Send] | str:
    """Send each claim that is to be judged to a worker of its own."""
    return [Send("look", _LookState(claim=one, number=state["number"])) for one in to_judge(state)] or "choose"


async def _look(state: _LookState, runtime: Runtime[Chain]) -> State:
    """Find evidence for one claim, and ask what needs no model about it."""
    chain, claim = runtime.context, state["claim"]
    looked = await look(f"{chain.step}/r{state['number']}/{claim.id}", claim, chain.parts, chain.quotes)
    return {"looked": {claim.id: looked}}


class _AskState(TypedDict):
    looked: Looked
    number: int


def _to_ask(state: State) -> list[Send] | str:
    """Send each claim of the wave to a worker of its own; score when there is none."""
    asks = [_AskState(looked=state["looked"][name], number=state["number"]) for name in state["wave"]]
    return [Send("ask", one) for one in asks] or "score"


async def _ask(state: _AskState, runtime: Runtime[Chain]) -> State:
    """Ask models about one claim; about one where they failed, only those that did."""
    chain, looked = runtime.context, state["looked"]
    step = f"{chain.step}/r{state['number']}/{looked.claim.id}"
    models = [judge for judge in chain.parts.judges if judge.tier == "T3"]
    if failed := failed_models(looked):
        models = [judge for judge in models if judge.name in failed]
        step = f"{step}/again"
    said = await asked(step, looked, models)
    before = tuple(one for one in looked.judgements if one.tier != "T3" or one.judge not in failed)
    return {"looked": {looked.claim.id: looked.model_copy(update={"judgements": (*before, *said)})}}
