"""The stream of a run's events as they come."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from typing import Annotated, Final

from fastapi import APIRouter, Header, Query
from fastapi.responses import Response
from starlette.types import Receive, Scope, Send

from agent.domain.errors import PlumblineError
from webui.guard.runs import TheRun
from webui.live.hub import TheHub

router = APIRouter(prefix="/api/runs/{run_id}", tags=["events"])

_FIRST: Final = b"retry: 1000\n\n"
"""A browser whose connection broke comes back after a second."""

_MEDIA_TYPE: Final = "text/event-stream"
_STREAM: Final = {
    "description": "Messages without a name are arrays of `SlimEvent` in order, whose id is the number of the last "
    "one. `text` {key, text} is the next piece of a reply, `progress` {key, seconds, line} tells how a call gets on; "
    "neither is stored. After `gone` {} the run is deleted.",
    "content": {_MEDIA_TYPE: {"schema": {"type": "string"}}},
}


class EventStream(Response):
    """Sends messages as they come, each as it is, and ends when there are no more or nobody is there any more.

    Starlette's own streams start a group of tasks for each, which costs more than all else with very many watchers.
    """

    media_type = _MEDIA_TYPE

    def __init__(self, messages: AsyncGenerator[bytes]) -> None:
        super().__init__(headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        del self.headers["content-length"]
        self._messages = messages

    async def __call__(self, _scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        sending = asyncio.create_task(self._send(send), name="stream")
        left = asyncio.create_task(_left(receive), name="watcher leaves")
        try:
            await asyncio.wait({sending, left}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                await sending
        finally:
            sending.cancel()
            left.cancel()
            await asyncio.wait({sending, left})

    async def _send(self, send: Send) -> None:
        async with aclosing(self._messages) as messages:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            await send({"type": "http.response.body", "body": _FIRST, "more_body": True})
            # a run or ledger that is gone is told to whoever opens the stream again
            with suppress(PlumblineError):
                async for message in messages:
                    await send({"type": "http.response.body", "body": message, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _left(receive: Receive) -> None:
    """Wait until whoever asked has gone."""
    while (await receive())["type"] != "http.disconnect":
        continue


@router.get("/stream", operation_id="stream_run", status_code=200, response_class=EventStream, responses={200: _STREAM})
async def stream_run(
    run: TheRun,
    hub: TheHub,
    after: Annotated[int, Query(ge=0, le=2**53, description="number of the last event that is known")] = 0,
    last_event_id: Annotated[str | None, Header(description="what a browser that comes back says instead")] = None,
) -> EventStream:
    """Follow a run: the events after one that is known, and then what comes, until the client leaves."""
    known = last_event_id if last_event_id is not None and last_event_id.isascii() else ""
    return EventStream(hub.follow(run.id, int(known) if known.isdecimal() and len(known) < 19 else after))
