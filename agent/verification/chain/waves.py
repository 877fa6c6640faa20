"""Which claims models are asked about next.

Between two waves nothing is under way. Only there can it be said, alike on every re-run, whether models may still be
asked, and whether asking them is of any use.
"""

from langgraph.runtime import Runtime

from agent.verification.chain.looked import Looked
from agent.verification.chain.state import Chain, State, judged

_FAILED_WAVES = 2
"""After so many waves in which models failed on every claim, they are no longer asked."""


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
        reason = "models failed on every claim that they were last asked about"
    if reason:
        told = {name: f"{name} was not judged by a model: {reason}" for name in first}
        return {"wave": (), "unchecked": {**state["unchecked"], **told}}
    wave = tuple((first or second)[: chain.config.parallel])
    return {"wave": wave, "asked": (*state["asked"], wave)}


def failed_models(looked: Looked) -> list[str]:
    """Return the models that failed on a claim."""
    return [one.judge for one in looked.judgements if one.tier == "T3" and one.verdict == "error"]


def _all_failed(state: State) -> bool:
    """Whether models gave nothing but errors in several waves, one after the other."""
    last = state["asked"][-_FAILED_WAVES:]
    said = [one for wave in last for name in wave for one in state["looked"][name].judgements if one.tier == "T3"]
    return len(last) == _FAILED_WAVES and bool(said) and all(one.verdict == "error" for one in said)
