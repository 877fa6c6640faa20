"""The one way in which a route gets the run that its address names."""

from typing import Annotated

from fastapi import Depends, Request

from agent.ledger.library import FiledRun, Library
from webui.context import context_of
from webui.guard.door import principal_of
from webui.guard.principals import Principal


async def run_of(request: Request, run_id: str) -> FiledRun:
    """Return the run of an address, if whoever asks may do with it what the method says; a dependency of routes.

    Methods that change nothing need the right to see the run, all others the right to steer it.

    Raises:
        UnknownRun: there is none of that whole id, or who asks may not see it.
    """
    return await Library(context_of(request).ledger).find(run_id)


def shown_to(_request: Request) -> str | None:
    """Return whose runs whoever asks may see; None for everybody's."""
    return None


TheRun = Annotated[FiledRun, Depends(run_of)]
"""The run of an address, as a parameter of a route."""

ShownTo = Annotated[str | None, Depends(shown_to)]
"""Whose runs may be listed, as a parameter of a route."""

Who = Annotated[Principal, Depends(principal_of)]
"""Who asks, as a parameter of a route."""
