"""Steering runs: commands, going on with runs that stopped, and forks."""

from fastapi import APIRouter, Request
from pydantic import Field

from agent.domain.base import Form
from agent.domain.budget import Budget
from agent.domain.errors import RunBusy
from agent.domain.events import Answer, Cancel, Command, EditPlan, Guide, Pause, SetBudget
from agent.ledger.filing import Filing, Title
from agent.ledger.library import FiledRun
from agent.runtime.options import RunOptions
from webui.api.cards import Here, IdempotencyKey, RunCard, card
from webui.context import Context
from webui.guard.audited import audit_as
from webui.guard.choices import check_choices
from webui.guard.runs import TheRun, Who
from webui.guard.sandboxes import check_sandbox_of
from webui.live.adoption import TheAdoption

router = APIRouter(prefix="/api/runs/{run_id}", tags=["steering"])


class Order(Form):
    """A command to a run.

    Attributes:
        seen: number of the last event that the sender has seen. Changes of the plan that were sent up to there and wait
            to take effect are known to the sender; any other change that waits makes a new one stale.
    """

    command: Command
    seen: int | None = Field(default=None, ge=1)


class Resumption(Form):
    """How a run goes on: with these options in place of those it has, and with this budget."""

    options: RunOptions = Field(default_factory=RunOptions)
    budget: Budget | None = None


class Branching(Form):
    """A fork: a new run that shares a run's events up to one of them."""

    seq: int = Field(ge=1, description="number of the last event that both have")
    options: RunOptions = Field(default_factory=RunOptions)
    resume: bool = Field(default=True, description="whether the new run begins at once")
    title: Title = ""


@router.post("/commands", operation_id="command_run")
async def command_run(
    run: TheRun,
    order: Order,
    here: Here,
    adoption: TheAdoption,
    who: Who,
    request: Request,
    idempotency_key: IdempotencyKey = None,
) -> RunCard:
    """Send a command to a run. One that is based on an older plan is refused (409), and so is a second answer.

    A run that stopped to wait for an answer goes on with it.
    """
    said = f": {order.command.text}" if isinstance(order.command, Answer) else ""
    audit_as(request, f"{order.command.op}{said}")
    if isinstance(order.command, SetBudget):
        check_choices(who, here.settings, budget=order.command.budget)
    await _carry_out(here, run, order, idempotency_key)
    if isinstance(order.command, Answer):
        await adoption.answered(run.id)
    return await card(here, run.id)


@router.post("/resume", operation_id="resume_run")
async def resume_run(run: TheRun, resumption: Resumption, here: Here, who: Who) -> RunCard:
    """Go on with a run that stopped, failed or was interrupted; with a budget, that is its budget from now on."""
    check_choices(who, here.settings, resumption.options, resumption.budget)
    await check_sandbox_of(here, run.id, resumption.options)
    if run.alive and not here.runner.holds(run.id):
        raise RunBusy(f"run {run.id} is being worked on by another process")
    if resumption.budget is not None:
        await here.runner.set_budget(run.id, resumption.budget)
    await here.runner.resume(run.id, resumption.options)
    return await card(here, run.id)


@router.post("/fork", operation_id="fork_run", status_code=201)
async def fork_run(
    run: TheRun, branching: Branching, here: Here, who: Who, request: Request, idempotency_key: IdempotencyKey = None
) -> RunCard:
    """Make a new run that shares the events of this one up to one of them; this one stays as it is.

    The same fork sent again with the same key gives the same run.
    """
    check_choices(who, here.settings, branching.options)
    if branching.resume:
        await check_sandbox_of(here, run.id, branching.options)
    filing = Filing(owner=who.name, title=branching.title, key=idempotency_key)
    fork = await here.runner.fork(run.id, branching.seq, branching.options, filing=filing)
    audit_as(request, f"{fork}, from event {branching.seq}")
    made = await card(here, fork)
    if not branching.resume or made.status != "paused" or made.worked_here:
        return made
    await here.runner.resume(fork)
    return await card(here, fork)


async def _carry_out(here: Context, run: FiledRun, order: Order, key: str | None) -> None:
    match order.command:
        case Pause() if run.status != "paused":
            await here.runner.pause(run.id)
        case Cancel() if run.status != "cancelled":
            await here.runner.cancel(run.id)
        case Answer(question=question, text=text):
            await here.runner.answer(run.id, text, question=question)
        case Guide(text=text):
            await here.runner.guide(run.id, text, key=key)
        case EditPlan(version=version, edits=edits):
            await here.runner.edit_plan(run.id, edits, version=version, seen=order.seen, key=key)
        case SetBudget(budget=budget):
            await here.runner.set_budget(run.id, budget, key=key)
        case _:
            # it is as the command wants it
            pass
