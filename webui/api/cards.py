"""Runs as cards: how one stands, how it is filed, and what it came to."""

from typing import Annotated

from fastapi import Depends, Header
from pydantic import Field

from agent.ledger.library import FiledRun, Library
from webui.context import Context, context_of

Here = Annotated[Context, Depends(context_of)]
"""The context of the application."""

IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=200, description="the same request sent twice with one key has one effect"),
]


class RunCard(FiledRun):
    """A run in the library."""

    waiting: bool = Field(description="whether it waits for a person")
    worked_here: bool = Field(description="whether this server works on it, or will when there is a place")


async def card(here: Context, run_id: str) -> RunCard:
    """Return the card of a run."""
    return card_of(here, await Library(here.ledger).find(run_id))


def card_of(here: Context, run: FiledRun) -> RunCard:
    """Return a run as a card."""
    return RunCard(**run.model_dump(), waiting=run.status == "waiting", worked_here=here.runner.holds(run.id))
