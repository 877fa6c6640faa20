"""The annotation seat: what a browsing run shows, what whoever sits there does, and the formats it is exported in."""

import io
import zipfile
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from agent.browsing.annotation.exports import ExportFormat, exported
from agent.browsing.annotation.forms import SeatAction, SeatState
from agent.browsing.annotation.record import RecordedSession
from agent.domain.base import Form
from webui.api.cards import Here
from webui.guard.runs import TheRun
from webui.live.seats import SeatsHere
from webui.problems import Problem

router = APIRouter(prefix="/api/runs/{run_id}/seat", tags=["seat"])

_PATIENCE: Final = 20.0
"""Seconds that a request waits for what comes of an action; a page from outside may take longer."""
_SUFFIX: Final[dict[ExportFormat, str]] = {
    "webcpm-interactive": "interactive.json",
    "webcpm-pipeline": "pipeline.zip",
    "chat-jsonl": "chat.jsonl",
}
_MEDIA_TYPE: Final[dict[ExportFormat, str]] = {
    "webcpm-interactive": "application/json",
    "webcpm-pipeline": "application/zip",
    "chat-jsonl": "application/jsonl",
}


class SeatRequest(Form):
    """An action and the step at which it was chosen.

    Attributes:
        step: ``step`` of the state that whoever acts has seen.
    """

    action: SeatAction
    step: int


@router.get("", operation_id="seat_state")
async def seat_state(run: TheRun, seats: SeatsHere) -> SeatState:
    """Return what there is to see from the seat of a browsing run."""
    return await (await seats.of(run.id)).state()


@router.post("/actions", operation_id="seat_act", responses={409: {"model": Problem}})
async def seat_act(run: TheRun, wanted: SeatRequest, seats: SeatsHere) -> SeatState:
    """Have an action done and return the state after it; refused with 409 where the session has moved on since.

    A state whose ``step`` is the one of the request tells that nothing has come of the action yet.
    """
    return await (await seats.of(run.id)).act(wanted.action, wanted.step, patience=_PATIENCE)


@router.get("/export", operation_id="seat_export", response_class=Response)
async def seat_export(run: TheRun, form: Annotated[ExportFormat, Query(alias="format")], here: Here) -> Response:
    """Return a browsing run in one of WebCPM's formats or as examples for fine-tuning, as a file."""
    texts = await exported([await RecordedSession.open(here.ledger, run.id)], form)
    data = texts[""].encode() if "" in texts else _zipped(texts)
    headers = {
        "Content-Disposition": f'attachment; filename="{run.id}.{_SUFFIX[form]}"',
        "X-Content-Type-Options": "nosniff",
    }
    return Response(data, media_type=_MEDIA_TYPE[form], headers=headers)


def _zipped(texts: dict[str, str]) -> bytes:
    """Return files as one archive, which is the same whenever it is made."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in texts.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
