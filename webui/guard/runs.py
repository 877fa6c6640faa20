"""The one way in which a route gets the run that its address names."""

from typing import Annotated

from fastapi import Depends, Request

from agent.domain.errors import UnknownRun
from agent.ledger.store import RunSummary
from webui.context import context_of


async def run_of(request: Request, run_id: str) -> RunSummary:
    """Return the run of an address, if whoever asks may do with it what the method says; a dependency of routes.

    Methods that change nothing need the right to see the run, all others the right to steer it.

    Raises:
        UnknownRun: there is none of that whole id, or who asks may not see it.
    """
    run = await context_of(request).ledger.find(run_id)
    if run.id != run_id:
        raise UnknownRun(f"there is no run {run_id!r}")
    return run


TheRun = Annotated[RunSummary, Depends(run_of)]
"""The run of an address, as a parameter of a route."""
