"""Runs: submitting, listing and finding them."""

from fastapi import APIRouter

from agent.ledger.store import RunSummary
from webui.guard.runs import TheRun

router = APIRouter(prefix="/api/runs", tags=["runs"])


@router.get("/{run_id}", operation_id="find_run")
async def find_run(run: TheRun) -> RunSummary:
    """Return a run."""
    return run
