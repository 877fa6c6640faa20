"""Runs: submitting, finding, filing and deleting them."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from agent.domain.base import Fact, Form
from agent.domain.errors import PlumblineError, RunBusy
from agent.domain.events import TERMINAL, RunStatus
from agent.ledger.filing import MOST_TAGS, Filing, Tag, Title
from agent.ledger.library import Library, Search, Tagged
from webui.api.cards import Here, IdempotencyKey, RunCard, card, card_of
from webui.api.submission import Submission, check_uploads
from webui.guard.audited import audit_as
from webui.guard.choices import check_choices
from webui.guard.runs import ShownTo, TheRun, Who
from webui.guard.sandboxes import check_sandbox
from webui.live.hub import TheHub
from webui.live.seats import SeatsHere

router = APIRouter(prefix="/api", tags=["runs"])


class RunPage(Fact):
    """Runs, newest first; ``more`` is what ``before`` is to be for the next page, and null at the end."""

    runs: tuple[RunCard, ...]
    more: str | None


class Change(Form):
    """How a run is to be filed; what is left out stays."""

    title: Title | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=MOST_TAGS)] | None = None


@router.get("/runs", operation_id="list_runs")
async def list_runs(
    here: Here,
    shown_to: ShownTo,
    search: Annotated[str, Query(max_length=200, description="words of the goal, the title or the id")] = "",
    status: RunStatus | None = None,
    tag: Annotated[str | None, Query(max_length=64)] = None,
    owner: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str | None, Query(max_length=200, description="what the page before told as more")] = None,
) -> RunPage:
    """Return runs, newest first."""
    if shown_to is not None and owner not in (None, shown_to):
        return RunPage(runs=(), more=None)
    wanted = Search(words=search, status=status, tag=tag, owner=shown_to or owner, limit=limit, before=before)
    page = await Library(here.ledger).search(wanted)
    return RunPage(runs=tuple(card_of(here, run) for run in page.runs), more=page.more)


@router.get("/tags", operation_id="list_tags")
async def list_tags(here: Here, shown_to: ShownTo) -> list[Tagged]:
    """Return the tags of runs, the most used first."""
    return list(await Library(here.ledger).tags(owner=shown_to))


@router.post("/runs", operation_id="submit_run", status_code=202)
async def submit_run(
    submission: Submission,
    here: Here,
    who: Who,
    shown_to: ShownTo,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> RunCard:
    """Submit a task. The run is in the ledger when this is answered: it will reach an end or show why it did not.

    The same submission sent again with the same key gives the same run; another one is refused (409).
    """
    task = submission.task(here.settings.budget)
    check_choices(who, here.settings, submission.options, task.budget)
    await check_uploads(task, here.ledger, who.name, shown_to=shown_to)
    await check_sandbox(here, task, submission.options)
    filing = Filing(owner=who.name, title=submission.title, tags=tuple(submission.tags), key=idempotency_key)
    run_id = await here.runner.start(task, submission.options, filing=filing)
    audit_as(request, run_id=run_id)
    return await card(here, run_id)


@router.get("/runs/{run_id}", operation_id="find_run")
async def find_run(run: TheRun, here: Here) -> RunCard:
    """Return a run."""
    return card_of(here, run)


@router.patch("/runs/{run_id}", operation_id="change_run")
async def change_run(run: TheRun, change: Change, here: Here) -> RunCard:
    """Give a run another title or other tags."""
    await Library(here.ledger).change(run.id, title=change.title, tags=change.tags)
    return await card(here, run.id)


@router.delete("/runs/{run_id}", operation_id="delete_run", status_code=204)
async def delete_run(run: TheRun, here: Here, hub: TheHub, seats: SeatsHere, request: Request) -> None:
    """Delete a run with all its events. One that is under way in this server is cancelled before."""
    if run.status not in TERMINAL and (run.alive or here.runner.holds(run.id)):
        await here.runner.cancel(run.id)
        if here.runner.holds(run.id):
            await _ended(here, run.id)
        elif (await here.ledger.find(run.id)).alive:
            raise RunBusy(f"run {run.id} is worked on by another process, which was told to end it; delete it then")
    await here.ledger.delete(run.id)
    seats.forget(run.id)
    await hub.deleted(run.id)
    audit_as(request, run.title or run.goal)


async def _ended(here: Here, run_id: str) -> None:
    """Wait until a run of this process has stopped, however it did."""
    try:
        await here.runner.wait(run_id)
    except PlumblineError:
        # what stopped it is in the ledger, and about to be deleted with it
        return
