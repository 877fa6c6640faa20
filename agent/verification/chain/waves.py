"""Which claims models are asked about next.

Between two waves nothing is under way. Only there can it be said, alike on every re-run, whether models may still be
asked, and whether asking them is of any use.
"""

from langgraph.runtime import Runtime

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
    first = [one.claim.id for one in waiting if one.claim.id not in was_asked]
    second = [one.claim.id for one in waiting if failed_models(one) and was_asked.count(one.claim.id) == 1]
    reason = ""
    if (first or second) and not chain.parts.allowance():
        reason = "the share of the budget for checking is used up"
    elif _all_failed(state):
        reason = f"models failed on {FAILURES} claims in a row before it"
    if reason:
        told = {name: f"{name} was not judged by a model: {reason}" for name in first}
        return {"wave": (), "unchecked": {**state["unchecked"], **told}}
    wave = tuple((first or second)[: chain.config.parallel])
    return {"wave": wave, "asked": (*state["asked"], wave)}


def failed_models(looked: Looked) -> list[str]:
    """Return the models that failed on a claim."""
    return [one.judge for one in looked.judgements if one.tier == "T3" and one.verdict == "error"]


def _all_failed(state: State) -> bool:
    """Whether models gave nothing but errors on the claims that they were last asked about."""
    last = [name for wave in state["asked"] for name in wave][-FAILURES:]
    said = [[one.verdict for one in state["looked"][name].judgements if one.tier == "T3"] for name in last]
    return len(last) == FAILURES and all(verdicts and set(verdicts) == {"error"} for verdicts in said)
