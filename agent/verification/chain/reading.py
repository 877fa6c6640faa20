"""The first node of a round: claims are taken out of the answer, or out of the sentences that are new in it."""

import asyncio
from collections.abc import Iterable

from langgraph.runtime import Runtime

from agent.domain.claims import Claim
from agent.verification.chain.judging import PASS_THROUGH, reason_of
from agent.verification.chain.placing import placed
from agent.verification.chain.ports import Extraction
from agent.verification.chain.splicing import adopted
from agent.verification.chain.state import Chain, State


async def extract(state: State, runtime: Runtime[Chain]) -> State:
    """Take the claims out of the answer, or out of the sentences that are new in it."""
    chain, number = runtime.context, state["number"]
    step = f"{chain.step}/r{number}/extract"
    if number:
        extraction = await _from_new_sentences(chain, step, state)
    elif chain.parts.claims is not None:
        claims = await asyncio.to_thread(placed, state["answer"], _with_own_ids(chain.parts.claims))
        extraction = Extraction(claims=claims)
    else:
        extraction = await _extracted(chain, step, state["answer"])
    claims = extraction.claims
    kept = [one for one in state["kept"] if one.claim.kind != "opinion" and one.claim.id not in state["beyond"]]
    room = max(chain.config.claims - len(kept), 0)
    beyond = [claim.id for claim in claims if claim.kind != "opinion"][room:]
    notes = [*state["notes"], *extraction.notes]
    if beyond:
        notes.append(f"claims after the first {chain.config.claims} were not checked: {len(beyond)}")
    if not number and all(claim.kind == "opinion" for claim in claims):
        notes.append("nothing was found in the text that could be checked")
    return {
        "fresh": claims,
        "uncovered": extraction.uncovered,
        "beyond": (*state["beyond"], *beyond),
        "order": None,
        "asked": (),
        "notes": tuple(notes),
    }


async def _from_new_sentences(chain: Chain, step: str, state: State) -> Extraction:
    names = {one.claim.text: one.claim.id for done in state["done"] for one in done.claims}
    claims: list[Claim] = []
    uncovered = [sentence for sentence in state["uncovered"] if sentence in state["answer"]]
    notes: list[str] = []
    # what retrievers found is theirs to find again; nobody else could cite it
    citable = {item.id for item in chain.parts.evidence}
    for place, (span, named) in enumerate(zip(state["places"], state["bases"], strict=True)):
        basis = [name for name in named if name in citable]
        sentence = state["answer"][span.start : span.end]
        extraction = await _extracted(chain, f"{step}/{place}", sentence)
        taken = [one.claim.id for one in state["kept"]] + [claim.id for claim in claims]
        new = adopted(extraction.claims, sentence, span, names, taken, basis=basis)
        names.update({claim.text: claim.id for claim in new})
        claims += new
        # nothing of a new sentence may go unseen
        uncovered += extraction.uncovered or (() if new else (sentence,))
        notes += extraction.notes
    return Extraction(claims=tuple(claims), uncovered=tuple(uncovered), notes=tuple(notes))


async def _extracted(chain: Chain, step: str, text: str) -> Extraction:
    """Return the claims of a text; a failure is told, and leaves none."""
    try:
        extraction = await chain.parts.extractor.extract(step, text)
    except PASS_THROUGH:
        raise
    except Exception as failure:  # noqa: BLE001 - a text that cannot be taken apart is one that was not checked
        return Extraction(claims=(), notes=(f"no claims could be taken from the text: {reason_of(failure)}",))
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
