"""The end of a round: it is scored, and where that is of use the sentences of failed claims are written anew."""

from collections.abc import Sequence

from langgraph.runtime import Runtime

from agent.domain.claims import CheckedClaim, Claim, Round
from agent.verification.chain.deciding import verdict_of
from agent.verification.chain.gathering import gathered
from agent.verification.chain.judging import PASS_THROUGH, reason_of
from agent.verification.chain.looked import Looked
from agent.verification.chain.scoring import score_answer
from agent.verification.chain.splicing import splice
from agent.verification.chain.state import Chain, Done, State, judged
from agent.verification.chain.stopping import why_stop


async def score(state: State, runtime: Runtime[Chain]) -> State:
    """Make verdicts and the score, and see whether that is all."""
    chain, number, answer = runtime.context, state["number"], state["answer"]
    evidence, renamed = gathered(state["evidence"], judged(state))
    looked = {one.claim.id: one for one in renamed}
    fresh = [_checked(claim, looked.get(claim.id)) for claim in state["fresh"]]
    claims = _in_order((*state["kept"], *fresh))
    parts, step = chain.parts, f"{chain.step}/r{number}/follows"
    score_now, claims = await score_answer(
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
        score=score_now,
        changed=state["changed"],
        contradicted=tuple(one.claim.id for one in counted if one.verdict == "contradicted"),
        open=tuple(one.claim.id for one in counted if one.verdict not in ("contradicted", "supported")),
        usage=sum(spent, state["usage"]),
    )
    done = (*state["done"], Done(now, claims, state["uncovered"]))
    stopped = why_stop(
        [one.round for one in done],
        chain.config,
        left=chain.parts.allowance(),
        rethinks=chain.parts.rethinker is not None,
    )
    return {"done": done, "stopped": stopped, "evidence": evidence}


def _checked(claim: Claim, looked: Looked | None) -> CheckedClaim:
    if looked is None:
        return CheckedClaim(claim=claim, verdict="unverifiable")
    verdict = verdict_of(claim, looked.judgements)
    return CheckedClaim(claim=claim, verdict=verdict, judgements=looked.judgements)


def _in_order(claims: Sequence[CheckedClaim]) -> tuple[CheckedClaim, ...]:
    """Return claims by their places in the text; those without one come last, as they came."""
    return tuple(sorted(claims, key=lambda one: (one.claim.start is None, one.claim.start or 0)))


async def rethink(state: State, runtime: Runtime[Chain]) -> State:
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
        return {"stopped": "not rethought", "notes": (*state["notes"], f"rethinking failed: {reason_of(failure)}")}
    if spliced.text == state["answer"]:
        *before, last = state["done"]
        tried = last.round.model_copy(update={"usage": last.round.usage + new.usage})
        notes = (*state["notes"], *new.notes)
        return {"stopped": "no evidence", "notes": notes, "done": (*before, Done(tried, last.claims, last.uncovered))}
    return {
        "number": number,
        "answer": spliced.text,
        "changed": spliced.changed,
        "places": spliced.fresh,
        "bases": spliced.bases,
        "kept": spliced.kept,
        "usage": new.usage,
        "told": (*state["told"], *((number, note) for note in new.notes)),
    }
