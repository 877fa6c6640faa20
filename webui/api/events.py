"""Events of runs: pages of them, single ones whole, and the state they add up to."""

import json
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import Response
from pydantic import BaseModel

from agent.domain.base import Fact
from agent.domain.errors import UnknownRun
from agent.domain.events import Event
from agent.domain.view import RunView
from agent.runtime.history import read_view
from webui.api.cards import Here
from webui.guard.runs import TheRun
from webui.live.hub import TheHub
from webui.live.slim import SlimEvent

router = APIRouter(prefix="/api/runs/{run_id}", tags=["events"])

MOST_EVENTS = 10_000
_LAST = 2**53
"""Highest number that an event can have."""

_PAGE_BYTES = 16 << 20
_READ = 2_500
"""Events that are read at once: each reading waits for a thread of the database's, which a busy machine makes long."""


class EventPage(Fact):
    """Events of a run in order. There are more where the last one's number is below ``last_seq``."""

    events: tuple[SlimEvent, ...]
    last_seq: int


@router.get("/events", operation_id="list_events", response_model=EventPage)
async def list_events(
    run: TheRun,
    here: Here,
    hub: TheHub,
    after: Annotated[int, Query(ge=0, le=_LAST, description="number of the last event that is known")] = 0,
    until: Annotated[int | None, Query(ge=1, le=_LAST, description="number of the last event that is wanted")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_EVENTS)] = MOST_EVENTS,
) -> Response:
    """Return events of a run in order, long strings cut. A page ends early where it would be very large."""
    encoded: list[bytes] = []
    size = 0
    while len(encoded) < limit and size < _PAGE_BYTES:
        wanted = min(limit - len(encoded), _READ)
        rows = await here.ledger.raw_events(run.id, after=after, until=until, limit=wanted)
        encoded += await hub.slimmer.encode(rows)
        size = sum(map(len, encoded))
        if len(rows) < wanted:
            break
        after = rows[-1].seq
    last_seq = await here.ledger.last_seq(run.id)
    return _json(b'{"events":[' + b",".join(encoded) + b'],"last_seq":' + str(last_seq).encode() + b"}")


@router.get("/events/{seq}", operation_id="get_event", response_model=Event)
async def get_event(run: TheRun, seq: Annotated[int, Path(ge=1, le=_LAST)], here: Here) -> Response:
    """Return one event whole."""
    async for event in here.ledger.events(run.id, after=seq - 1, until=seq, limit=1):
        return _json(_escaped(event))
    raise UnknownRun(f"run {run.id} has no event {seq}; it has events 1 to {run.last_seq}")


@router.get("/view", operation_id="view_run", response_model=RunView)
async def view_run(
    run: TheRun, here: Here, at: Annotated[int | None, Query(ge=1, le=_LAST, description="after this event")] = None
) -> Response:
    """Return the state of a run after an event, or as it stands."""
    return _json(_escaped(await read_view(here.ledger, run.id, until=at)))


def _escaped(model: BaseModel) -> bytes:
    """Return a model as JSON in ASCII: what a tool printed may hold halves of characters, which UTF-8 does not have."""
    return json.dumps(model.model_dump(mode="json")).encode()


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})
