"""Which claims models are asked about next.

Between two waves nothing is under way. Only there can it be said, alike on every re-run, whether models may still be
asked, and whether asking them is of any use.
"""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from agent.domain.claims import Claim
from agent.verification.chain.judging import PASS_THROUGH, reason_of
from agent.verification.chain.looked import Looked
from agent.verification.chain.state import Chain, State, judged

FAILURES = 8
"""After so many claims in a row on which models gave nothing but errors, they are no longer asked."""


async def choose(state: State, runtime: Runtime[Chain]) -> State:
    """Choose the claims that models are asked about next: each once, and once more where they failed."""
    chain = runtime.context
    if not any(judge.tier == "T3" for judge in chain.parts.judges):
        return {"wave": ()}
    was_asked = [name for wave in state["asked"] for name in wave]
    waiting = [one for one in judged(state) if not one.decided]
    notes, order = state["notes"], state["order"]
    if order is None:
        order, problem = await _ranked(chain, state["number"], [one.claim for one in waiting])
        notes = (*notes, *problem)
    places = {name: place for place, name in enumerate(order)}
    waiting.sort(key=lambda one: places.get(one.claim.id, len(places)))
    first = [one.claim.id for one in waiting if one.claim.id not in was_asked]
    second = [one.claim.id for one in waiting if failed_models(one) and was_asked.count(one.claim.id) == 1]
    reason = ""
    if (first or second) and not chain.parts.allowance():
        reason = "the share of the budget for checking is used up"
    elif _all_failed(state):
        reason = f"models failed on {FAILURES} claims in a row before it"
    if reason:
        told = {name: f"{name} was not judged by a model: {reason}" for name in first}
        return {"wave": (), "unchecked": {**state["unchecked"], **told}, "order": order, "notes": notes}
    wave = tuple((first or second)[: chain.config.parallel])
    return {"wave": wave, "asked": (*state["asked"], wave), "order": order, "notes": notes}


async def _ranked(chain: Chain, number: int, claims: Sequence[Claim]) -> tuple[Sequence[str], tuple[str, ...]]:
    """Return in which order claims are asked about, and what went wrong with that."""
    if chain.parts.ranker is None or not claims:
        return (), ()
    try:
        return tuple(dict.fromkeys(await chain.parts.ranker(f"{chain.step}/r{number}/rank", claims))), ()
    except PASS_THROUGH:
        raise
    except Exception as failure:  # noqa: BLE001 - the order of the text does as well
        return (), (f"claims were asked about in the order of the text: {reason_of(failure)}",)


def failed_models(looked: Looked) -> list[str]:
    """Return the models that failed on a claim."""
    return [one.judge for one in looked.judgements if one.tier == "T3" and one.verdict == "error"]


def _all_failed(state: State) -> bool:
    """Whether models gave nothing but errors on the claims that they were last asked about."""
    last = [name for wave in state["asked"] for name in wave][-FAILURES:]
    said = [[one.verdict for one in state["looked"][name].judgements if one.tier == "T3"] for name in last]
    return len(last) == FAILURES and all(verdicts and set(verdicts) == {"error"} for verdicts in said)
