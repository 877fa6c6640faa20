"""The chain of checks as a graph: take claims out, look at each, ask models about what is open, score, rethink.

It keeps no checkpoint: what its parts cannot recompute is recorded under their steps, so a re-run comes to the same
place. Claims are judged side by side; the order of results is that of the text, whoever was ready first. Models are
asked in waves, since between two waves nothing is under way: only there can it be said, alike on every re-run, whether
they may still be asked and whether it is of any use.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import Send

from agent.domain.budget import Usage
from agent.domain.claims import CheckedClaim, Checking, Claim, Round, StopReason
from agent.domain.evidence import Evidence
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.deciding import verdict_of
from agent.verification.chain.judging import PASS_THROUGH, Looked, Quotes, asked, look
from agent.verification.chain.parts import Checked, Parts
from agent.verification.chain.ports import Extraction, JudgeFailed
from agent.verification.chain.scoring import score_answer
from agent.verification.chain.splicing import adopted, splice
from agent.verification.chain.stopping import best_round, why_stop
from agent.verification.sentences import Span

_STEPS_OF_THE_GRAPH = 100_000
"""Only a stop against a graph that never ends; rounds and waves are limited."""
_FAILED_WAVES = 2
"""After so many waves in which a model failed on every claim, it is no longer asked."""


@dataclass(frozen=True)
class _Chain:
    """What the graph's nodes work with."""

    parts: Parts
    config: CheckingConfig
    step: str
    quotes: Quotes


@dataclass(frozen=True)
class _Done:
    """A round with the claims of its answer."""

    round: Round
    claims: tuple[CheckedClaim, ...]


class _State(TypedDict, total=False):
    """What passes from node to node.

    Attributes:
        places: where the sentences are that are new in this round's answer.
        fresh, kept: claims that this round judges, and those of sentences that stayed as they were.
        uncovered: sentences from which no claim was taken.
        beyond: ids of claims that are not judged because there are too many.
        asked, wave: claims that models were asked about in this round, wave by wave, and those of the next wave.
        unchecked: why claims were not checked, by their ids.
        usage: what the round has cost beside its judges.
    """

    number: int
    answer: str
    changed: tuple[str, ...]
    places: tuple[Span, ...]
    fresh: tuple[Claim, ...]
    kept: tuple[CheckedClaim, ...]
    uncovered: tuple[str, ...]
    beyond: tuple[str, ...]
    looked: Annotated[dict[str, Looked], lambda before, now: {**before, **now}]
    asked: tuple[tuple[str, ...], ...]
    wave: tuple[str, ...]
    unchecked: Mapping[str, str]
    notes: tuple[str, ...]
    usage: Usage
    evidence: Mapping[str, Evidence]
    done: tuple[_Done, ...]
    stopped: StopReason | None


async def check_answer(text: str, parts: Parts, config: CheckingConfig, *, step: str = "check") -> Checked:
    """Check the claims of an answer, and have those that fail written anew where somebody can.

    Args:
        text: the answer.
        parts: who does the work.
        config: limits and weights.
        step: begins the names of all effects: ``{step}/r{round}/{claim}/{judge}`` and the like.

    Raises:
        RunStopped, LeaseLost, ReplayDivergence, LedgerUnavailable: the run cannot go on now. All else that fails is
            told in the result.
    """
    start = _State(
        number=0,
        answer=text,
        changed=(),
        places=(),
        kept=(),
        looked={},
        unchecked={},
        notes=(),
        usage=Usage(),
        evidence={item.id: item for item in parts.evidence},
        done=(),
    )
    chain = _Chain(parts, config, step, Quotes(parts.text_of))
    state = await _graph().ainvoke(
        start, {"recursion_limit": _STEPS_OF_THE_GRAPH, "max_concurrency": config.parallel}, context=chain
    )
    rounds: dict[int, _Done] = {one.round.number: one for one in state["done"]}
    best = rounds[best_round([one.round for one in rounds.values()]).number]
    names = {one.claim.id for one in best.claims}
    unchecked = (*state["notes"], *(why for name, why in state["unchecked"].items() if name in names))
    return Checked(
        answer=best.round.answer,
        draft=text,
        claims=best.claims,
        evidence=state["evidence"],
        checking=Checking(
            rounds=tuple(one.round for one in rounds.values()),
            best=best.round.number,
            stopped=state["stopped"],
            unchecked=tuple(dict.fromkeys(unchecked)),
        ),
    )


@cache
def _graph() -> CompiledStateGraph[_State, _Chain, _State, _State]:
    """Return the graph, which holds no state of its own and serves all chains of a process."""
    graph = StateGraph(_State, context_schema=_Chain)
    graph.add_node("extract", _extract)
    graph.add_node("look", _look)
    graph.add_node("choose", _choose)
    graph.add_node("ask", _ask)
    graph.add_node("score", _score)
    graph.add_node("rethink", _rethink)
    graph.add_edge(START, "extract")
    graph.add_conditional_edges("extract", _to_look)
    graph.add_edge("look", "choose")
    graph.add_conditional_edges("choose", _to_ask)
    graph.add_edge("ask", "choose")
    graph.add_conditional_edges("score", lambda state: END if state["stopped"] else "rethink")
    graph.add_conditional_edges("rethink", lambda state: END if state["stopped"] else "extract")
    return graph.compile()


async def _extract(state: _State, runtime: Runtime[_Chain]) -> _State:
    """Take the claims out of the answer, or out of the sentences that are new in it."""
    chain, number = runtime.context, state["number"]
    step = f"{chain.step}/r{number}/extract"
    if number:
        extraction = await _from_new_sentences(chain, step, state)
    elif chain.parts.claims is not None:
        extraction = Extraction(claims=chain.parts.claims)
    else:
        extraction = await _extracted(chain, step, state["answer"])
    claims = extraction.claims
    room = max(chain.config.claims - len(state["kept"]), 0)
    beyond = [claim.id for claim in claims if claim.kind != "opinion"][room:]
    notes = [*state["notes"], *extraction.notes]
    if beyond:
        notes.append(f"{len(beyond)} claims after the first {chain.config.claims} were not checked")
    if not number and all(claim.kind == "opinion" for claim in claims):
        notes.append("nothing was found in the text that could be checked")
    return {
        "fresh": claims,
        "uncovered": extraction.uncovered,
        "beyond": tuple(beyond),
        "asked": (),
        "notes": tuple(notes),
    }


async def _from_new_sentences(chain: _Chain, step: str, state: _State) -> Extraction:
    names = {one.claim.text: one.claim.id for done in state["done"] for one in done.claims}
    claims: list[Claim] = []
    uncovered: list[str] = []
    notes: list[str] = []
    for place, span in enumerate(state["places"]):
        sentence = state["answer"][span.start : span.end]
        extraction = await _extracted(chain, f"{step}/{place}", sentence)
        taken = [one.claim.id for one in state["kept"]] + [claim.id for claim in claims]
        new = adopted(extraction.claims, sentence, span, names, taken)
        names.update({claim.text: claim.id for claim in new})
        claims += new
        uncovered += extraction.uncovered
        notes += extraction.notes
    return Extraction(claims=tuple(claims), uncovered=tuple(uncovered), notes=tuple(notes))


async def _extracted(chain: _Chain, step: str, text: str) -> Extraction:
    """Return the claims of a text; a failure is told, and leaves none."""
    try:
        extraction = await chain.parts.extractor.extract(step, text)
    except PASS_THROUGH:
        raise
    except Exception as failure:  # noqa: BLE001 - a text that cannot be taken apart is one that was not checked
        return Extraction(claims=(), notes=(f"no claims could be taken from the text: {_reason(failure)}",))
    return extraction.model_copy(update={"claims": _with_own_ids(extraction.claims)})


def _with_own_ids(claims: Iterable[Claim]) -> tuple[Claim, ...]:
    """Return claims with ids that are unique among them."""
    known: dict[str, Claim] = {}
    for claim in claims:
        name, number = claim.id, 1
        while name in known:
            number += 1
            name = f"{claim.id}-{number}"
        known[name] = claim.model_copy(update={"id": name})
    return tuple(known.values())


class _LookState(TypedDict):
    claim: Claim
    number: int


def _to_look(state: _State) -> list[Send] | str:
    """Send each claim that is to be judged to a worker of its own."""
    return [Send("look", _LookState(claim=one, number=state["number"])) for one in _to_judge(state)] or "choose"


def _to_judge(state: _State) -> list[Claim]:
    return [claim for claim in state["fresh"] if claim.kind != "opinion" and claim.id not in state["beyond"]]


async def _look(state: _LookState, runtime: Runtime[_Chain]) -> _State:
    """Find evidence for one claim, and ask what needs no model about it."""
    chain, claim = runtime.context, state["claim"]
    looked = await look(f"{chain.step}/r{state['number']}/{claim.id}", claim, chain.parts, chain.quotes)
    return {"looked": {claim.id: looked}}


async def _choose(state: _State, runtime: Runtime[_Chain]) -> _State:
    """Choose the claims that models are asked about next: each once, and once more where they failed."""
    chain = runtime.context
    if not any(judge.tier == "T3" for judge in chain.parts.judges):
        return {"wave": ()}
    was_asked = [name for wave in state["asked"] for name in wave]
    waiting = [one for one in _judged(state) if not one.decided]
    first = [one.claim.id for one in waiting if one.claim.id not in was_asked]
    second = [one.claim.id for one in waiting if _failed(one) and was_asked.count(one.claim.id) == 1]
    reason = ""
    if (first or second) and not chain.parts.allowance():
        reason = "the share of the budget for checking is used up"
    elif _all_failed(state):
        reason = "models failed on every claim that they were last asked about"
    if reason:
        told = {name: f"{name} was not judged by a model: {reason}" for name in first}
        return {"wave": (), "unchecked": {**state["unchecked"], **told}}
    wave = tuple((first or second)[: chain.config.parallel])
    return {"wave": wave, "asked": (*state["asked"], wave)}


def _judged(state: _State) -> list[Looked]:
    """Return the claims of this round that were looked at, in order."""
    return [state["looked"][claim.id] for claim in _to_judge(state)]


def _failed(looked: Looked) -> list[str]:
    """Return the models that failed on a claim."""
    return [one.judge for one in looked.judgements if one.tier == "T3" and one.verdict == "error"]


def _all_failed(state: _State) -> bool:
    """Whether models gave nothing but errors in several waves, one after the other."""
    last = state["asked"][-_FAILED_WAVES:]
    said = [one for wave in last for name in wave for one in state["looked"][name].judgements if one.tier == "T3"]
    return len(last) == _FAILED_WAVES and bool(said) and all(one.verdict == "error" for one in said)


class _AskState(TypedDict):
    looked: Looked
    number: int


def _to_ask(state: _State) -> list[Send] | str:
    """Send each claim of the wave to a worker of its own; score when there is none."""
    asks = [_AskState(looked=state["looked"][name], number=state["number"]) for name in state["wave"]]
    return [Send("ask", one) for one in asks] or "score"


async def _ask(state: _AskState, runtime: Runtime[_Chain]) -> _State:
    """Ask models about one claim; about one where they failed, only those that did."""
    chain, looked = runtime.context, state["looked"]
    step = f"{chain.step}/r{state['number']}/{looked.claim.id}"
    models = [judge for judge in chain.parts.judges if judge.tier == "T3"]
    if failed := _failed(looked):
        models = [judge for judge in models if judge.name in failed]
        step = f"{step}/again"
    said = await asked(step, looked, models)
    before = tuple(one for one in looked.judgements if one.tier != "T3" or one.judge not in failed)
    return {"looked": {looked.claim.id: looked.model_copy(update={"judgements": (*before, *said)})}}


async def _score(state: _State, runtime: Runtime[_Chain]) -> _State:
    """Make verdicts and the score, and see whether that is all."""
    chain, number, answer = runtime.context, state["number"], state["answer"]
    looked = {one.claim.id: one for one in _judged(state)}
    fresh = [_checked(claim, looked.get(claim.id)) for claim in state["fresh"]]
    claims = _in_order((*state["kept"], *fresh))
    parts, step = chain.parts, f"{chain.step}/r{number}/follows"
    score = await score_answer(
        step,
        answer,
        claims,
        chain.config,
        uncovered=state["uncovered"],
        entails=parts.entails,
        allowance=parts.allowance,
    )
    spent = (one.usage for item in looked.values() for one in item.judgements)
    counted = [one for one in claims if one.claim.kind != "opinion"]
    now = Round(
        number=number,
        answer=answer,
        score=score,
        changed=state["changed"],
        contradicted=tuple(one.claim.id for one in counted if one.verdict == "contradicted"),
        open=tuple(one.claim.id for one in counted if one.verdict not in ("contradicted", "supported")),
        usage=sum(spent, state["usage"]),
    )
    done = (*state["done"], _Done(now, claims))
    stopped = why_stop(
        [one.round for one in done],
        chain.config,
        left=chain.parts.allowance(),
        rethinks=chain.parts.rethinker is not None,
    )
    return {"done": done, "stopped": stopped, "evidence": _gathered(state["evidence"], looked.values())}


def _checked(claim: Claim, looked: Looked | None) -> CheckedClaim:
    if looked is None:
        return CheckedClaim(claim=claim, verdict="unverifiable")
    verdict = verdict_of(claim, looked.judgements)
    return CheckedClaim(claim=claim, verdict=verdict, judgements=looked.judgements)


def _in_order(claims: Sequence[CheckedClaim]) -> tuple[CheckedClaim, ...]:
    """Return claims by their places in the text; those without one come last, as they came."""
    return tuple(sorted(claims, key=lambda one: (one.claim.start is None, one.claim.start or 0)))


def _gathered(known: Mapping[str, Evidence], looked: Iterable[Looked]) -> Mapping[str, Evidence]:
    """Return evidence by id."""
    return {**known, **{item.id: item for one in looked for item in one.evidence}}


async def _rethink(state: _State, runtime: Runtime[_Chain]) -> _State:
    """Have the sentences of failed claims written anew."""
    chain, number, claims = runtime.context, state["number"] + 1, state["done"][-1].claims
    rethinker = chain.parts.rethinker
    if rethinker is None:
        return {"stopped": "not rethought"}
    try:
        new = await rethinker.rethink(f"{chain.step}/r{number}/rethink", state["answer"], claims, state["evidence"])
        spliced = splice(state["answer"], claims, new.sentences)
    except PASS_THROUGH:
        raise
    except Exception as failure:  # noqa: BLE001 - the answer stays as it is, and that is told
        return {"stopped": "not rethought", "notes": (*state["notes"], f"rethinking failed: {_reason(failure)}")}
    notes = (*state["notes"], *new.notes)
    if spliced.text == state["answer"]:
        return {"stopped": "no evidence", "notes": notes}
    return {
        "number": number,
        "answer": spliced.text,
        "changed": spliced.changed,
        "places": spliced.fresh,
        "kept": spliced.kept,
        "usage": new.usage,
        "notes": notes,
    }


def _reason(failure: Exception) -> str:
    return str(failure) if isinstance(failure, JudgeFailed) else f"{type(failure).__name__}: {failure}"
