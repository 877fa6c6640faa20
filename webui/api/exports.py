"""A run for others: as a file to download, and by a link that shows it to whoever has it."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal

import orjson
from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response, StreamingResponse

from agent.cli.sharing.gathering import gathered
from agent.cli.sharing.writing import report_as_markdown
from agent.domain.base import Fact
from agent.domain.errors import NotInRun
from agent.ledger.cassette import export_run
from agent.ledger.shares import Share, Shares
from agent.ledger.store import Ledger
from webui.api.cards import Here
from webui.files.sending import disposition
from webui.guard.runs import TheRun, Who
from webui.sharing.links import SharedPages, shared_pages_of

router = APIRouter(prefix="/api", tags=["exports"])

Pages = Annotated[SharedPages, Depends(shared_pages_of)]

ExportFormat = Literal["html", "markdown", "json", "cassette"]

_ENDINGS: dict[ExportFormat, tuple[str, str]] = {
    "html": ("html", "application/octet-stream"),
    "markdown": ("md", "application/octet-stream"),
    "json": ("json", "application/json"),
    "cassette": ("jsonl", "application/jsonl"),
}
_BATCH = 262_144


class ShareLink(Fact):
    """A link that shows a run to whoever has it, until it is taken back.

    Attributes:
        token: its secret.
        url: where it leads on this server.
    """

    token: str
    url: str
    made_by: str
    made_at: datetime


class ShareState(Fact):
    """Whether a run is shared; the link itself is shown to those alone who may take it back."""

    shared: bool
    link: ShareLink | None = None


@router.get("/runs/{run_id}/export", operation_id="export_run", response_class=Response)
async def export(
    run: TheRun, here: Here, pages: Pages, form: Annotated[ExportFormat, Query(alias="format")] = "html"
) -> Response:
    """Download a run: as one HTML file that opens without a network, as Markdown, JSON, or a cassette."""
    ending, media_type = _ENDINGS[form]
    headers = {"Content-Disposition": disposition(f"{run.id}.{ending}"), "Cache-Control": "no-store"}
    if form == "cassette":
        return StreamingResponse(_batches(here.ledger, run.id), media_type=media_type, headers=headers)
    if form == "html":
        data = (await pages.page(run.id)).html.encode("utf-8", "replace")
    else:
        found = await gathered(here.ledger, run.id)
        if form == "markdown":
            data = report_as_markdown(found).encode("utf-8", "replace")
        else:
            view, told = found.view.model_dump(mode="json"), found.run.model_dump(mode="json")
            data = orjson.dumps({"run": told, "view": view, "origins": dict(found.origins)})
    return Response(data, media_type=media_type, headers=headers)


@router.get("/runs/{run_id}/share", operation_id="find_share")
async def find_share(run: TheRun, here: Here, who: Who) -> ShareState:
    """Return whether a run is shared, and by which link where whoever asks may take it back."""
    shares = await Shares(here.ledger).of(run.id)
    steers = who.has("admin") or run.owner == who.name
    return ShareState(shared=bool(shares), link=_link(shares[-1]) if shares and steers else None)


@router.post("/runs/{run_id}/share", operation_id="share_run")
async def share(run: TheRun, here: Here, who: Who) -> ShareLink:
    """Make a link to a run; where there is one already, that one is returned."""
    return _link(await Shares(here.ledger).make(run.id, who.name))


@router.delete("/runs/{run_id}/share", operation_id="take_share_back", status_code=204)
async def take_back(run: TheRun, here: Here) -> None:
    """Take back all links to a run: from now on they show nothing."""
    await Shares(here.ledger).take_back(run.id)


@router.get("/shared/{token}", operation_id="show_shared", response_class=Response)
async def show_shared(token: str, here: Here, pages: Pages) -> Response:
    """Show a shared run to whoever has its link: one page that loads nothing and leads nowhere into this server."""
    run_id = await Shares(here.ledger).run_of(token)
    if run_id is None:
        raise NotInRun("this link shows nothing; it may have been taken back")
    page = await pages.page(run_id)
    headers = {
        "Content-Security-Policy": f"{page.policy}; frame-ancestors 'none'",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, nofollow",
    }
    return Response(page.html.encode("utf-8", "replace"), media_type="text/html; charset=utf-8", headers=headers)


async def _batches(ledger: Ledger, run_id: str) -> AsyncIterator[bytes]:
    """Yield a cassette in pieces of some size: its lines are many and short."""
    waiting = bytearray()
    async for line in export_run(ledger, run_id):
        waiting += line
        if len(waiting) >= _BATCH:
            yield bytes(waiting)
            waiting.clear()
    yield bytes(waiting)


def _link(one: Share) -> ShareLink:
    return ShareLink(token=one.token, url=f"/api/shared/{one.token}", made_by=one.made_by, made_at=one.made_at)
