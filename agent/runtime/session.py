"""One process working on one run: from claiming its lease to giving it back."""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel

from agent.domain.design import Design
from agent.domain.errors import (
    BudgetExhausted,
    LeaseLost,
    LedgerUnavailable,
    ModelOutputError,
    PlumblineError,
    ReplayDivergence,
    RunCancelled,
    RunPaused,
    RunSetAside,
    RunStopped,
    ServiceError,
    WaitingForPerson,
)
from agent.domain.events import RunStatus
from agent.domain.messages import ToolOutcome
from agent.domain.report import Report, ReportOutcome
from agent.domain.task import Task
from agent.execution.context import Person, PersonReply, RunContext, call_id
from agent.execution.downloads import handed_over
from agent.execution.evidence import EvidenceBook
from agent.execution.meter import Meter
from agent.execution.reminding import lines_about, situations_of
from agent.execution.setting import Setting
from agent.execution.toolbox import HostTool
from agent.execution.world import RunWorld
from agent.ledger.blobs import BlobStore
from agent.ledger.effects import RunLedger
from agent.ledger.store import Ledger
from agent.memory.corrections.recalling import recall
from agent.models.port import ChatModel
from agent.planning.design_so_far import design_so_far
from agent.planning.graph import Planning, run_graph
from agent.planning.report import partial_report
from agent.planning.strategies import strategy_of
from agent.runtime.active import ActiveRun, Keeper
from agent.runtime.egress import EgressRecord
from agent.runtime.history import read_view
from agent.runtime.live import Live
from agent.runtime.offering import named_apart, own_name
from agent.runtime.options import RunOptions
from agent.runtime.people import Asker, PersonAtHand
from agent.runtime.sandbox import KeptState, PastCall, RunSandbox
from agent.runtime.services import Services
from agent.runtime.setting_up import set_up
from agent.runtime.settings import Settings, browsing_of
from agent.runtime.toolboxes import toolbox
from agent.runtime.workshops import Read, workshops_of
from toolserver.client import Sandbox, ToolServerError

_UNKNOWN = "outcome?"
"""Branch of the questions about outside effects of unknown outcome; no subtask can have this name."""

_LEFT = "sandbox?"
"""Branch of the snapshots that are taken when a sandbox is left; no subtask can have this name."""


@dataclass(frozen=True)
class Environment:
    """What all sessions of a process share.

    Attributes:
        hold_seconds: how long a run that asks is held where nobody is at hand, before it stops and waits.
    """

    ledger: Ledger
    services: Services
    settings: Settings
    keeper: Keeper
    live: Live
    owner: str
    hold_seconds: float = 0.0


class Session:
    """Works on one run until it ends or stops.

    Args:
        environment: what all sessions share.
        run_id: the run.
        task: what the run is to do.
        options: what it is done with.
        asker: shows questions to a person who is here.
        since: the last event before somebody had the run taken up; a pause asked for after it counts.
        told: returns why the run is to stop, where that was said before its work began.
    """

    def __init__(
        self,
        environment: Environment,
        run_id: str,
        task: Task,
        *,
        options: RunOptions,
        asker: Asker | None,
        since: int,
        told: Callable[[], RunStopped | None],
    ) -> None:
        self._environment = environment
        self._run_id = run_id
        self._task = task
        self._options = options
        self._asker = asker
        self._since = since
        self._told = told
        self._sandbox: RunSandbox | None = None
        self._egress: EgressRecord | None = None
        self._world: RunWorld | None = None
        blobs = environment.ledger.blobs
        self._benches = environment.services.benches(options, run_id)
        self._workshops = workshops_of(blobs, self._benches, _given(task, blobs))

    async def work(self) -> Report:
        """Take the run's lease, work until the report is made, and give the lease back.

        Raises:
            RunBusy: another process works on it.
            RunStopped: it stopped in good order and can be resumed.
            PlumblineError: it cannot go on; the reason is in the ledger where the ledger could take it.
        """
        ledger, task = self._environment.ledger, self._task
        run = await ledger.find(self._run_id)
        if run.status == "cancelled":
            raise RunCancelled("cancelled")
        lease = await ledger.leases.claim(self._run_id, self._environment.owner)
        meter = Meter(task.budget, active_before=lease.active_seconds)
        active = ActiveRun(lease, meter, since=self._since, inherited=run.forked_at or 0)
        try:
            await self._status(active, "running", "")
            async with self._environment.keeper.keeping(active):
                await self._begin(active)
                report = await self._until_stopped(task, active)
            failed = report.outcome == "failed"
            await self._status(active, "failed" if failed else "finished", report.outcome, report.outcome)
            return report
        except (Exception, asyncio.CancelledError) as stop:
            await self._note_stop(active, stop)
            raise
        finally:
            with contextlib.suppress(LedgerUnavailable):
                await ledger.leases.release(lease, active_seconds=active.meter.active_seconds)

    async def _begin(self, active: ActiveRun) -> None:
        """Raise if the run was told to stop while it waited."""
        if (told := self._told()) is not None:
            active.halt(told)
        if isinstance(active.why, RunCancelled):
            await discard_sandbox(self._environment, self._run_id, self._options)
        if active.why is not None:
            raise active.why

    async def _until_stopped(self, task: Task, active: ActiveRun) -> Report:
        """Run the graph; when the run is told to stop, let what is under way end for a while, then cut it off."""
        run_ledger = RunLedger(
            self._environment.ledger,
            self._run_id,
            fence=active.lease.fence,
            before_live=active.check,
            on_unknown=lambda key, request: self._ask_about(run_ledger, active, key, request),
        )
        await run_ledger.load()
        work = asyncio.create_task(self._graph(task, active, run_ledger), name=f"run {self._run_id}")
        stop = asyncio.create_task(active.stop.wait())
        ended = lost = False
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if not work.done() and not isinstance(active.why, RunCancelled | LeaseLost):
                await asyncio.wait({work}, timeout=self._environment.settings.drain_seconds)
            if not work.done() and active.why is not None:
                await _cut_off(work)
                raise active.why
            report = work.result()
            await run_ledger.flush()
            ended = True
            return report
        except LeaseLost:
            # whoever took the run over works in the same sandbox
            lost = True
            raise
        except WaitingForPerson as waiting:
            raise await self._first_question(waiting) from None
        finally:
            stop.cancel()
            await _cut_off(work)
            if self._world is not None:
                with contextlib.suppress(ToolServerError, PlumblineError):
                    await self._world.close()
            with contextlib.suppress(ToolServerError, PlumblineError):
                await self._workshops.close()
            if self._sandbox is not None:
                cancelled = isinstance(active.why, RunCancelled)
                if not (lost or ended or cancelled):
                    await self._keep_left(run_ledger, active, self._sandbox)
                await self._part_with(self._sandbox, lost=lost, ended=ended, cancelled=cancelled)
            if self._egress is not None:
                await self._egress.flush()

    async def _part_with(self, sandbox: RunSandbox, *, lost: bool, ended: bool, cancelled: bool) -> None:
        """End the sandbox of a run that is over; leave that of a run that may be resumed, or that another has."""
        # what a failing engine leaves behind is found by its label later; the run's outcome stands without it
        with contextlib.suppress(ToolServerError):
            if lost:
                await sandbox.detach()
                return
            if not (ended or cancelled):
                await sandbox.leave()
                return
            if cancelled:
                await sandbox.cancel_calls()
            if not await sandbox.close() and cancelled:
                await discard_sandbox(self._environment, self._run_id, self._options)

    async def _keep(self, run_ledger: RunLedger, sandbox: RunSandbox, key: str) -> bool:
        """Take a snapshot and record it under a key, once; returns False where calls that run stand in its way."""
        if run_ledger.knows(key):
            return True
        if sandbox.busy:
            return False
        if (kept := await sandbox.snapshot()) is None:
            return True
        payload = {"snapshot": kept.snapshot, "run": self._run_id, "calls": sorted(kept.calls)}
        await run_ledger.fact(key, "sandbox", payload)
        return True

    async def _keep_left(self, run_ledger: RunLedger, active: ActiveRun, sandbox: RunSandbox) -> None:
        """Take a snapshot of a sandbox that is about to be left, where the ledger can still take it."""
        with contextlib.suppress(LedgerUnavailable, LeaseLost):
            await self._keep(run_ledger, sandbox, f"{_LEFT}/{active.lease.fence}")
            await run_ledger.flush()

    async def _graph(self, task: Task, active: ActiveRun, run_ledger: RunLedger) -> Report:
        person = self._person(active)
        models = await self._environment.services.models(self._options)
        self._egress = record = EgressRecord(self._environment.ledger, active.lease)
        self._sandbox = RunSandbox(
            lambda: self._open_sandbox(record),
            self._environment.ledger.blobs,
            (*task.files, *(task.setup.files if task.setup is not None else ())),
            await self._past_calls(run_ledger),
            kept=await self._kept_states(run_ledger),
            handed=await handed_over(run_ledger),
            check=lambda: active.check("sandbox"),
            note=lambda payload: run_ledger.note_now("sandbox", payload),
        )
        services, blobs = self._environment.services, self._environment.ledger.blobs
        # a person in the browsing seat names addresses there
        seated = task.browse is not None and task.browse.seat == "person"
        ask = None if self._asker is None or seated else person.say
        self._world = RunWorld(lambda: services.world(task, self._run_id, blobs, record.note, ask))
        context = await self._context(task, active, run_ledger, models, self._sandbox, person, self._world)
        planning = Planning(run=context, strategy=strategy_of(context.setting, task))
        return await run_graph(planning, parallel=context.limits.parallel)

    async def _open_sandbox(self, record: EgressRecord) -> Sandbox | None:
        """Open the sandbox of the run's tools; what makes an artefact has none, since its worlds have their own."""
        if self._task.build is not None:
            return None
        return await self._environment.services.open_sandbox(self._options, self._run_id, record.note)

    async def _context(
        self,
        task: Task,
        active: ActiveRun,
        run_ledger: RunLedger,
        models: Mapping[str, ChatModel],
        sandbox: RunSandbox,
        person: Person,
        world: RunWorld,
    ) -> RunContext:
        offered = await self._environment.services.host_tools(task, self._environment.ledger.blobs)
        host = {item.tool.spec.name: item for item in offered}
        setting = await run_ledger.effect(
            "setting/0", "setting", {}, Setting, lambda: self._setting(task, models, sandbox, host)
        )
        await set_up(run_ledger, task, sandbox)
        return RunContext(
            ledger=run_ledger,
            task=task,
            models=models,
            toolbox=toolbox(setting, host, sandbox),
            evidence=evidence_book(run_ledger, task),
            meter=active.meter,
            setting=setting,
            person=person,
            pending=active.said_since,
            collect=sandbox.collect,
            hand=sandbox.hand,
            take=sandbox.take,
            embedder=self._environment.services.embedder(),
            knowledge=self._environment.services.knowledge(),
            corrections=self._environment.services.corrections(),
            world=world,
            workshops=self._workshops,
            keep=lambda key: self._keep(run_ledger, sandbox, key),
            watcher=lambda key: self._environment.live.watcher(run_ledger, key),
            listener=lambda key: self._environment.live.listener(self._run_id, key),
        )

    async def _setting(
        self, task: Task, models: Mapping[str, ChatModel], sandbox: RunSandbox, host: Mapping[str, HostTool]
    ) -> Setting:
        """Look around: what a run finds at its start is recorded, so that a re-run finds the same."""
        profile = models["executor"].profile
        tools = (*(item.tool for item in host.values()), *named_apart(await sandbox.tools(), host))
        situations = situations_of(task.goal, [tool.spec.name for tool in tools])
        memory = await asyncio.to_thread(recall, self._environment.services.corrections(), situations)
        runs_programs = any(tool.where == "sandbox" and "executes" in tool.effects for tool in tools)
        return Setting(
            date=f"{datetime.now(UTC):%A, %d %B %Y}",
            sandbox=await sandbox.describe(),
            tools=tools,
            models={role: model.name for role, model in models.items()},
            strategy=profile.strategy,
            limited=profile.limited,
            weights=profile.weights,
            context=profile.context,
            vision=profile.vision,
            sees="vision" in models and models["vision"].profile.vision,
            limits=self._environment.settings.limits,
            corpus=task.corpus or "",
            browsing=browsing_of(task, self._environment.settings),
            checking=self._environment.settings.checking,
            design=self._environment.settings.design,
            memory=memory,
            told=lines_about(memory, goes_by=task.browse is None and task.check is None and profile.strategy == "free"),
            tries=self._benches.tries if runs_programs else (),
            wary=True,
        )

    async def _past_calls(self, run_ledger: RunLedger) -> list[PastCall]:
        return [
            PastCall(call_id(self._run_id, key), own_name(request["tool"], "sandbox"), request["arguments"])
            for key, request in await run_ledger.done_requests("tool")
            if request["where"] == "sandbox"
            and {"writes", "executes"}.intersection(request["effects"])
            and "outside" not in request["effects"]
        ]

    async def _kept_states(self, run_ledger: RunLedger) -> list[KeptState]:
        """Return the snapshots of the run; those of a run that this one was forked from know calls by its own id."""
        kept = []
        keys = [key for key, _ in await run_ledger.done_requests("tool")]
        for fact in await run_ledger.facts("sandbox"):
            calls = frozenset(fact["calls"])
            if fact["run"] != self._run_id:
                calls = frozenset(call_id(self._run_id, key) for key in keys if call_id(fact["run"], key) in calls)
            kept.append(KeptState(fact["snapshot"], calls))
        return kept

    async def _ask_about(
        self, run_ledger: RunLedger, active: ActiveRun, key: str, request: dict[str, Any]
    ) -> BaseModel:
        """Ask a person about an outside effect that may or may not have happened before a crash."""
        person = self._person(active)
        question = (
            f"Before the run was interrupted it had begun {request.get('tool', key)} with {request.get('arguments')}. "
            "What came of it? Your answer is taken as its result."
        )
        # a branch of its own: a later re-run that finds the outside effect done does not come by here
        asked = f"{_UNKNOWN}/{key}"

        async def perform() -> PersonReply:
            return PersonReply(text=await person.answer(asked, question, ()))

        reply = await run_ledger.effect(asked, "person", {"question": question, "options": []}, PersonReply, perform)
        return ToolOutcome(text=reply.text)

    def _person(self, active: ActiveRun) -> PersonAtHand:
        async def told(status: RunStatus, reason: str) -> None:
            await self._status(active, status, reason)

        return PersonAtHand(
            self._environment.ledger, active, self._asker, hold_seconds=self._environment.hold_seconds, told=told
        )

    async def _first_question(self, waiting: WaitingForPerson) -> WaitingForPerson:
        """Return the stop that tells the question which an answer will be taken for, as several may be open."""
        asked = (await read_view(self._environment.ledger, self._run_id)).question
        return waiting if asked is None else WaitingForPerson(f"the run asks: {asked.question}")

    async def _status(
        self, active: ActiveRun, status: RunStatus, reason: str, outcome: ReportOutcome | None = None
    ) -> int:
        lease = active.lease
        payload = {"status": status, "reason": reason}
        return await self._environment.ledger.append(
            lease.run_id, lease.fence, "run", None, "fact", payload, status=status, reason=reason, outcome=outcome
        )

    async def _note_stop(self, active: ActiveRun, stop: BaseException) -> None:
        """Write why the run stopped, where the ledger can still take it."""
        status, reason = _status_after(stop)
        if status is None:
            return
        outcome: ReportOutcome | None = None
        with contextlib.suppress(LedgerUnavailable, LeaseLost):
            if isinstance(stop, BudgetExhausted):
                view = await read_view(self._environment.ledger, self._run_id)
                partial = partial_report(view, reason, design=await self._design_so_far())
                report, outcome, lease = partial.model_dump(mode="json"), partial.outcome, active.lease
                await self._environment.ledger.append(
                    lease.run_id, lease.fence, "report", None, "fact", {"report": report}
                )
            await self._status(active, status, reason, outcome)

    async def _design_so_far(self) -> Design | None:
        """Return the course of the run's design as far as it came; None where it is none."""
        order = self._task.build
        if order is None:
            return None
        events = self._environment.ledger.events(self._run_id)
        return design_so_far(order, [event.payload async for event in events if event.kind == "design"])


async def discard_sandbox(environment: Environment, run_id: str, options: RunOptions) -> None:
    """End what earlier sessions of a cancelled run have left of its sandbox."""
    if not (await read_view(environment.ledger, run_id)).setting:
        return
    # what a failing engine leaves behind is found by its label later; the run stays cancelled
    with contextlib.suppress(ToolServerError, PlumblineError):
        sandbox = await environment.services.open_sandbox(options, run_id)
        if sandbox is not None:
            await sandbox.close()


def evidence_book(run_ledger: RunLedger, task: Task) -> EvidenceBook:
    """Return an evidence book that reads sources' texts from the ledger's blobs."""

    async def text_of(sha256: str) -> str:
        return (await run_ledger.get_blob(sha256)).decode()

    book = EvidenceBook(text_of)
    for evidence in task.evidence:
        book.give(evidence)
    return book


def _given(task: Task, blobs: BlobStore) -> Read:
    """Return what reads the input files of a task."""
    known = {file.path: file.sha256 for file in task.files}

    async def read(path: str) -> bytes:
        if path not in known:
            raise FileNotFoundError(path)
        return await blobs.get(known[path])

    return read


async def _cut_off(work: "asyncio.Task[Report]") -> None:
    work.cancel()
    await asyncio.wait({work})
    if not work.cancelled():
        # a failure while being cut off is of no more interest, but must have been looked at
        work.exception()


def _status_after(stop: BaseException) -> tuple[RunStatus | None, str]:
    """Return the status in which a run is left by what stopped it; None when this process may not write it."""
    match stop:
        case LeaseLost() | LedgerUnavailable():
            return None, ""
        case WaitingForPerson():
            return "waiting", str(stop)
        case RunCancelled():
            return "cancelled", "cancelled"
        case RunSetAside():
            return "queued", str(stop)
        case RunPaused() | BudgetExhausted() | ServiceError() | ReplayDivergence():
            return "paused", str(stop)
        case ModelOutputError() | PlumblineError():
            return "failed", str(stop)
        case asyncio.CancelledError():
            return "paused", "interrupted"
        case _:
            return "failed", f"internal error: {type(stop).__name__}: {stop}"
