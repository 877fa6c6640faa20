"""Correcting a claim: what a person says is right is kept, and runs about the same go by it from then on."""

import asyncio

from fastapi import APIRouter
from pydantic import Field

from agent.domain.base import Fact, Form
from agent.domain.errors import ConfigurationError, NotAllowed, NotInRun
from agent.memory.corrections.facts import LONGEST_SITUATION, LONGEST_VALUE, Added, Applied, Correction, Situation
from agent.memory.corrections.store import Corrections
from agent.runtime.history import report_of
from agent.verification.judges.corrections import says_wrong
from webui.api.cards import Here
from webui.guard.runs import TheRun, Who

router = APIRouter(prefix="/api/runs/{run_id}", tags=["corrections"])


class ClaimCorrection(Form):
    """What is right in place of a claim.

    Attributes:
        claim: id of the claim in the report.
        correction: what is right.
        situation: what it is about, in words, best without the figure that was wrong; empty for the question that the
            claim answers, or the claim itself.
    """

    claim: str = Field(min_length=1, max_length=200)
    correction: str = Field(min_length=1, max_length=LONGEST_VALUE)
    situation: str = Field(default="", max_length=LONGEST_SITUATION)


class Corrected(Fact):
    """What became of a correction, and what it does from now on.

    Attributes:
        correction: as it is kept.
        widened: it was said before of something near by, and now reaches this too.
        replaced: corrections of the very same situation that said something else; they are gone.
        narrowed: corrections near by that say something else, and now reach less far.
        told: a run with this run's goal would be told of it when it begins.
        judged: this claim would be shown with it.
        contradicts: this claim would count as contradicted by it.
        next: the same in one sentence for people.
    """

    correction: Correction
    widened: bool
    replaced: tuple[int, ...]
    narrowed: tuple[int, ...]
    told: bool
    judged: bool
    contradicts: bool
    next: str


@router.post("/corrections", operation_id="correct_claim", status_code=201)
async def correct_claim(run: TheRun, said: ClaimCorrection, here: Here, who: Who) -> Corrected:
    """Keep what is right in place of a claim. All runs on this server go by it, so an admin alone may say it."""
    reported = await report_of(here.ledger, run.id)
    claims = reported[0].claims if reported is not None else ()
    claim = next((one.claim for one in claims if one.claim.id == said.claim), None)
    if claim is None:
        raise NotInRun(f"the report of run {run.id} has no claim {said.claim!r}")
    if not who.has("admin"):
        raise NotAllowed("corrections hold for the runs of everybody here, so only an admin may add one; ask an admin")
    memory = here.services.corrections()
    if memory is None:
        raise ConfigurationError("this server keeps no corrections")
    situation = Situation(text=said.situation.strip() or claim.question or claim.text)
    task, _ = await here.ledger.created(run.id)
    return await asyncio.to_thread(_kept, memory, situation, said.correction, task.goal, (claim.text, claim.question))


def _kept(memory: Corrections, situation: Situation, correction: str, goal: str, claim: tuple[str, str]) -> Corrected:
    """Keep a correction and look up where it applies, as a run would."""
    added = memory.add(situation, correction)
    told = _applied(memory, added, goal) is not None
    found = [_applied(memory, added, text) for text in claim if text]
    judging = next((one for one in found if one is not None), None)
    contradicts = judging is not None and says_wrong(judging, claim[0])
    return Corrected(
        correction=added.correction,
        widened=added.widened,
        replaced=added.replaced,
        narrowed=added.narrowed,
        told=told,
        judged=judging is not None,
        contradicts=contradicts,
        next=_next(told, judging is not None, contradicts),
    )


def _applied(memory: Corrections, added: Added, text: str) -> Applied | None:
    applied = memory.applicable(Situation(text=text))
    return next((one for one in applied if one.correction.number == added.correction.number), None)


def _next(told: bool, judged: bool, contradicts: bool) -> str:
    begins = "The next run with this goal is told of it when it begins. " if told else ""
    if contradicts:
        return f"{begins}A report that states this claim again has it contradicted, unless its evidence supports it."
    if judged:
        return (
            f"{begins}A report that states this claim again shows the correction with it; to have it contradicted, "
            "say what is wrong: 12 m, not 10 m."
        )
    if told:
        return f"{begins}This claim in these words is not looked up by it: name what it is about in nearer words."
    return "It is kept, but its words are too far from this goal and this claim: name what it is about in nearer words."
