"""Runs: submitting, listing and finding them."""

from typing import Annotated

from fastapi import APIRouter, Depends

from agent.ledger.store import RunSummary
from webui.context import Context, context_of

router = APIRouter(prefix="/api/runs", tags=["runs"])

Here = Annotated[Context, Depends(context_of)]


@router.get("/{run_id}", operation_id="find_run")
async def find_run(run_id: str, here: Here) -> RunSummary:
    """Return a run."""
    return await here.ledger.find(run_id)
