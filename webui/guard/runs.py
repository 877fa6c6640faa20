"""The one way in which a route gets the run that its address names."""

from typing import Annotated

from fastapi import Depends, Request

from agent.domain.errors import NotAllowed, UnknownRun
from agent.ledger.library import FiledRun, Library
from webui.context import context_of
from webui.guard.door import principal_of
from webui.guard.guard import guard_of
from webui.guard.places import SAFE_METHODS
from webui.guard.principals import Principal


async def run_of(request: Request, run_id: str) -> FiledRun:
    """Return the run of an address, if whoever asks may do with it what the method says; a dependency of routes.

    Methods that change nothing need the right to see the run, all others the right to steer it.

    Raises:
        UnknownRun: there is none of that whole id, or who asks may not see it.
        NotAllowed: who asks may see it, and no more.
    """
    who = principal_of(request)
    run = await Library(context_of(request).ledger).find(run_id)
    owns = who.has("admin") or run.owner == who.name
    if not (owns or guard_of(request).rules.everyone_reads):
        # the same words as where there is none
        raise UnknownRun(f"there is no run {run_id!r}")
    if request.method not in SAFE_METHODS and not owns:
        raise NotAllowed(
            f"run {run_id} belongs to {run.owner or 'an admin'}, and only its owner or an admin may do that"
        )
    return run


def shown_to(request: Request) -> str | None:
    """Return whose runs whoever asks may see; None for everybody's."""
    who = principal_of(request)
    return None if who.has("admin") or guard_of(request).rules.everyone_reads else who.name


def admin_of(request: Request) -> Principal:
    """Return who asks, an admin; a dependency of routes that are for admins alone.

    Raises:
        NotAllowed: it is none.
    """
    who = principal_of(request)
    if not who.has("admin"):
        raise NotAllowed("only an admin may do that")
    return who


TheRun = Annotated[FiledRun, Depends(run_of)]
"""The run of an address, as a parameter of a route."""

ShownTo = Annotated[str | None, Depends(shown_to)]
"""Whose runs may be listed, as a parameter of a route."""

Who = Annotated[Principal, Depends(principal_of)]
"""Who asks, as a parameter of a route."""

TheAdmin = Annotated[Principal, Depends(admin_of)]
"""Who asks, as a parameter of a route that is for admins alone."""
