"""Evidence of a run: what a claim rests on, in the page it was read on."""

from fastapi import APIRouter

from agent.runtime.shown_evidence import ShownEvidence, find_evidence, shown_evidence
from webui.api.cards import Here
from webui.guard.runs import TheRun

router = APIRouter(prefix="/api/runs/{run_id}", tags=["evidence"])


@router.get("/evidence/{eid:path}", operation_id="find_evidence")
async def get_evidence(eid: str, run: TheRun, here: Here) -> ShownEvidence:
    """Return a piece of evidence with the text around it as it was read, and whether it still holds."""
    evidence = await find_evidence(here.ledger, run.id, eid)
    return await shown_evidence(here.ledger, run.id, evidence)
