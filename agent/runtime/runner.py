"""The verbs on runs: start, resume, pause, cancel, fork, replay, answer, guide, edit the plan, raise the budget."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from agent.domain.budget import Budget
from agent.domain.errors import (
    CommandConflict,
    PlanEditError,
    PlumblineError,
    RunBusy,
    RunCancelled,
    RunPaused,
    RunSetAside,
    RunStopped,
    StalePlan,
    UsageError,
)
from agent.domain.events import Answer, Cancel, Command, EditPlan, Guide, Pause, RunStatus, SetBudget
from agent.domain.plan import Edit
from agent.domain.report import Report
from agent.domain.task import Task
from agent.ledger.commands import waiting_edits
from agent.ledger.filing import DuplicateSubmission, Filing, fork_digest, submission_digest
from agent.ledger.lease import process_identity
from agent.ledger.library import Library
from agent.ledger.looking import fruitless_starts
from agent.ledger.store import Ledger, RunSummary
from agent.runtime.active import Keeper
from agent.runtime.engine import AsyncioEngine
from agent.runtime.history import read_view
from agent.runtime.live import Live
from agent.runtime.options import RunOptions
from agent.runtime.people import Asker
from agent.runtime.replay import replayed_report
from agent.runtime.services import Services
from agent.runtime.session import Environment, Session, discard_sandbox
from agent.runtime.settings import Settings, with_limits
from agent.runtime.telemetry.opening import Telemetry


@dataclass(frozen=True)
class _Order:
    """How somebody wanted a run to be taken up: after which event, and with which options for that time."""

    since: int
    override: RunOptions = field(default_factory=RunOptions)


_UNDER_WAY = ("queued", "running")
_SET_ASIDE = "the server was stopped; it goes on with the run when it is started again"
_MOST_FRUITLESS = 3
_FRUITLESS = (
    "its process ended three times in a row without getting further with this run; look at what the run did last, "
    "then resume it, or fork it at an earlier event"
)


class Runner:
    """Starts and steers the runs of a ledger. Runs go on in this process; their truth is in the ledger.

    Args:
        ledger: the ledger of all runs.
        services: makes models, sandboxes and document indexes.
        settings: the user's settings.
        asker: shows questions to a person who is here; without one, a run that asks stops and waits.
        hold_seconds: how long a run that asks is held, where there is no ``asker``, before it stops and waits.
        taken_up_again: runs that are under way when this one closes are queued for the next, and not paused.
        telemetry: is told of each run when it is left; it is not closed here.
    """

    def __init__(
        self,
        ledger: Ledger,
        services: Services,
        settings: Settings,
        *,
        asker: Asker | None = None,
        hold_seconds: float = 0.0,
        taken_up_again: bool = False,
        telemetry: Telemetry | None = None,
    ) -> None:
        self.ledger = ledger
        self.live = Live()
        self._library = Library(ledger)
        self._asker = asker
        self._taken_up_again = taken_up_again
        self._telemetry = telemetry
        self._keeper = Keeper(ledger)
        self._environment = Environment(
            ledger=ledger,
            services=services,
            settings=settings,
            keeper=self._keeper,
            live=self.live,
            owner=process_identity(),
            hold_seconds=hold_seconds,
        )
        self._orders: dict[str, _Order] = {}
        self._editing = asyncio.Lock()
        self._engine = AsyncioEngine(self._work, limit=settings.concurrency)

    async def start(
        self,
        task: Task,
        options: RunOptions | None = None,
        *,
        run_id: str | None = None,
        filing: Filing | None = None,
    ) -> str:
        """Store a new run, begin to work on it, and return its id.

        The run is in the ledger when this returns: it will reach an end or show why it did not. The same task and
        options under the same key of ``filing`` are the same run, whose id is returned.

        Raises:
            CommandConflict: something else was submitted under the key.
        """
        chosen = (options or RunOptions()).model_dump(mode="json")
        task = with_limits(task, self._environment.settings)
        filing = filing or Filing()
        digest = submission_digest(task, chosen)
        if filing.key is not None and (known := await self._library.submitted(filing, digest)) is not None:
            return known
        try:
            run_id = await self.ledger.create(task, options=chosen, run_id=run_id, filing=filing)
        except DuplicateSubmission:
            if (known := await self._library.submitted(filing, digest)) is None:
                raise
            return known
        self._orders[run_id] = _Order(since=1)
        self._engine.submit(run_id)
        return run_id

    async def wait(self, run_id: str) -> Report:
        """Wait for a run of this process and return its report.

        Raises:
            RunStopped: it stopped in good order and can be resumed.
            PlumblineError: it cannot go on.
        """
        return await self._engine.wait(run_id)

    def holds(self, run_id: str) -> bool:
        """Return whether this process works on a run, by its full id, or is about to."""
        return self._engine.holds(run_id)

    async def resume(self, run_id: str, options: RunOptions | None = None) -> str:
        """Go on with a run that stopped, failed, or was interrupted; returns its full id.

        ``options`` override, for this time, those the run was started with.

        Raises:
            UsageError: it has ended.
            RunBusy: another process works on it.
        """
        run = await self.ledger.find(run_id)
        if run.status in ("finished", "cancelled"):
            raise UsageError(
                f"run {run.id} is {run.status}; show it with: plumbline show {run.id}, "
                f"or go on from an earlier point with: plumbline fork {run.id} --at EVENT"
            )
        if self._engine.works_on(run.id) and self._keeper.find(run.id) is None and run.status not in _UNDER_WAY:
            # it has just stopped, and its place is about to be free
            with contextlib.suppress(PlumblineError):
                await self._engine.wait(run.id)
        if not self._engine.works_on(run.id):
            self._orders[run.id] = _Order(since=run.last_seq, override=options or RunOptions())
            self._engine.submit(run.id)
        return run.id

    async def take_up(self, run_id: str) -> None:
        """Go on with a run whose process has ended. A pause that was asked for after it last began has its effect.

        One whose process ended three times in a row without any progress is paused instead, until somebody resumes it:
        it may be what ends the processes, and all that they work on with them.
        """
        if self._engine.holds(run_id):
            return
        if await fruitless_starts(self.ledger, run_id) >= _MOST_FRUITLESS:
            await self._stop(run_id, RunPaused(_FRUITLESS), "paused")
        else:
            self._orders[run_id] = _Order(since=await self.ledger.last_status(run_id))
            self._engine.submit(run_id)

    async def pause(self, run_id: str) -> RunSummary:
        """Ask a run to stop at its next safe point, or not to begin."""
        run = await self.ledger.find(run_id)
        if not run.alive and run.status != "queued" and not self._engine.holds(run.id):
            raise UsageError(f"run {run.id} is not running; it is {run.status}")
        await self._command(run.id, Pause())
        return await self._stop(run.id, RunPaused("paused"), "paused")

    def halt(self, run_id: str) -> None:
        """Pause a run of this process, from code that cannot wait, such as a signal's handler."""
        active = self._keeper.find(run_id)
        if active is not None:
            active.halt(RunPaused("paused"))
        else:
            self._engine.stop(run_id, RunPaused("paused"))

    async def cancel(self, run_id: str) -> RunSummary:
        """End a run for good, whether anybody works on it or not."""
        run = await self.ledger.find(run_id)
        if run.status in ("finished", "failed", "cancelled"):
            raise UsageError(f"run {run.id} has ended already ({run.status})")
        await self._command(run.id, Cancel())
        return await self._stop(run.id, RunCancelled("cancelled"), "cancelled")

    async def answer(self, run_id: str, text: str, *, question: str | None = None) -> RunSummary:
        """Answer a question of a run: the one of that key, else the first that waits. The same answer may come twice.

        Raises:
            UsageError: it asks nothing.
            CommandConflict: it has another answer already.
        """
        run = await self.ledger.find(run_id)
        if question is None:
            view = await read_view(self.ledger, run.id)
            question = view.question.key if view.question is not None else next(reversed(view.questions), None)
            if question is None:
                raise UsageError(f"run {run.id} asks nothing; it is {run.status}")
        try:
            return await self._command(run.id, Answer(question=question, text=text), key=f"{run.id}/{question}")
        except CommandConflict:
            raise CommandConflict(f"the question of run {run.id} has another answer already; resume the run") from None

    async def guide(self, run_id: str, text: str, *, key: str | None = None) -> RunSummary:
        """Say something that the planner and all executors of a run should know from now on."""
        return await self._command(run_id, Guide(text=text), key=key)

    async def edit_plan(
        self, run_id: str, edits: Sequence[Edit], *, version: int, seen: int | None = None, key: str | None = None
    ) -> RunSummary:
        """Change a run's plan; it takes effect at the end of the subtasks that are under way.

        ``seen`` is the last event that whoever changes it has seen: edits that were sent up to there and have not taken
        effect yet are known to them, and theirs come on top. Without it there must be none.

        Raises:
            UsageError: it has no plan.
            StalePlan: the plan has moved on from ``version``, or edits wait that they have not seen.
            PlanEditError: the edits are not possible.
            CommandConflict: another command was sent under the key.
        """
        run = await self.ledger.find(run_id)
        command = EditPlan(version=version, edits=tuple(edits))
        async with self._editing:
            if key is not None and await self.ledger.commanded(run.id, command, key) is not None:
                return run
            plan = (await read_view(self.ledger, run.id)).plan
            if not plan.subtasks:
                raise UsageError(f"run {run.id} has no plan to change; tell it what you want by guiding it instead")
            if plan.version != version:
                raise StalePlan(
                    f"the plan of run {run.id} is at version {plan.version}, not {version}; look at it again"
                )
            limits = self._environment.settings.limits
            for number, edit in await waiting_edits(self.ledger, run.id, version):
                if number > (seen or 0):
                    raise StalePlan(f"another change of the plan of run {run.id} was sent before; look at it again")
                with contextlib.suppress(PlanEditError):
                    plan = plan.edited(edit.edits, max_depth=limits.depth, max_width=limits.width)
            plan.edited(edits, max_depth=limits.depth, max_width=limits.width)
            return await self._command(run.id, command, key=key)

    async def set_budget(self, run_id: str, budget: Budget, *, key: str | None = None) -> RunSummary:
        """Replace a run's budget."""
        return await self._command(run_id, SetBudget(budget=budget), key=key)

    async def fork(
        self,
        run_id: str,
        seq: int,
        options: RunOptions | None = None,
        *,
        filing: Filing | None = None,
        fork_id: str | None = None,
    ) -> str:
        """Copy a run up to an event and return the new run's id; resuming it goes on from there.

        The new run is called ``fork_id`` where that is given.

        ``options`` override those the first run was started with. The same fork under the same key of ``filing`` is the
        same run.

        Raises:
            CommandConflict: something else was submitted under the key.
        """
        run, filing = await self.ledger.find(run_id), filing or Filing()
        _, recorded = await self.ledger.created(run.id)
        chosen = RunOptions.model_validate(recorded).overridden_by(options or RunOptions()).model_dump(mode="json")
        digest = fork_digest(run.id, seq, chosen)
        if filing.key is not None and (known := await self._library.submitted(filing, digest)) is not None:
            return known
        try:
            return await self.ledger.fork(run.id, seq, options=chosen, filing=filing, fork_id=fork_id)
        except DuplicateSubmission:
            if (known := await self._library.submitted(filing, digest)) is None:
                raise
            return known

    async def replay(self, run_id: str) -> tuple[Report, Report | None]:
        """Run a run again over its recorded effects alone; returns the report now and the one recorded.

        Raises:
            ReplayDivergence: code or prompts ask for something else than was recorded, or the run did not end.
        """
        run = await self.ledger.find(run_id)
        recorded = (await read_view(self.ledger, run.id)).report
        return await replayed_report(self.ledger, run.id), recorded

    async def close(self) -> None:
        """Stop all runs of this process: pause them, or queue them for the next process that takes them up."""
        why = RunSetAside(_SET_ASIDE) if self._taken_up_again else RunPaused("paused")
        await self._engine.drain(self._keeper, why)

    async def _work(self, run_id: str) -> Report:
        task, recorded = await self.ledger.created(run_id)
        order = self._orders.pop(run_id)
        session = Session(
            self._environment,
            run_id,
            task,
            options=RunOptions.model_validate(recorded).overridden_by(order.override),
            asker=self._asker,
            since=order.since,
            told=lambda: self._engine.told_to_stop(run_id),
        )
        if self._telemetry is None:
            return await session.work()
        try:
            return await session.work()
        finally:
            await self._telemetry.ended(self.ledger, run_id, order.since)

    async def _stop(self, run_id: str, why: RunStopped, status: RunStatus) -> RunSummary:
        """Stop a run that nobody works on; whoever works on one hears the command that was stored before."""
        self._engine.stop(run_id, why)
        run = await self.ledger.find(run_id)
        if run.alive or self._engine.works_on(run_id):
            return run
        try:
            lease = await self.ledger.leases.claim(run_id, self._environment.owner)
        except RunBusy:
            # somebody has just taken it up, and hears the command
            return await self.ledger.find(run_id)
        try:
            payload = {"status": status, "reason": str(why)}
            await self.ledger.append(run_id, lease.fence, "run", None, "fact", payload, status=status, reason=str(why))
            if status == "cancelled":
                _, recorded = await self.ledger.created(run_id)
                await discard_sandbox(self._environment, run_id, RunOptions.model_validate(recorded))
        finally:
            await self.ledger.leases.release(lease, active_seconds=lease.active_seconds)
        return await self.ledger.find(run_id)

    async def _command(self, run_id: str, command: Command, *, key: str | None = None) -> RunSummary:
        run = await self.ledger.find(run_id)
        seq = await self.ledger.command(run.id, command, idempotency_key=key)
        active = self._keeper.find(run.id)
        if active is not None:
            active.hear(seq, command)
        return await self.ledger.find(run.id)
