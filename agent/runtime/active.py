"""The runs this process is working on: their commands, their leases, and how they are told to stop."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.domain.errors import LeaseLost, LedgerUnavailable, RunCancelled, RunPaused
from agent.domain.events import Answer, Cancel, Command, EditPlan, Guide, Pause, SetBudget
from agent.execution.meter import Meter
from agent.ledger.commands import new_commands
from agent.ledger.lease import LEASE_SECONDS, Lease, lost
from agent.ledger.store import Ledger

_POLL_SECONDS = 0.5
_RENEW_SECONDS = LEASE_SECONDS / 3
_WEIGHT: dict[type[Exception], int] = {RunCancelled: 1, LeaseLost: 2}


@dataclass
class ActiveRun:
    """One run that this process works on.

    ``since`` is the last event before somebody had this process take the run up; a pause asked for earlier has had its
    effect, or is overruled by that. ``inherited`` is the last event that came from another run, in a fork; a run is not
    cancelled with the one it was forked from. ``held`` counts the questions for which the run is held.
    """

    lease: Lease
    meter: Meter
    commands: list[tuple[int, Command]] = field(default_factory=list)
    heard: int = 0
    since: int = 0
    inherited: int = 0
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    why: Exception | None = None
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    held: int = 0

    def hear(self, seq: int, command: Command) -> None:
        """Take in a command. Pausing and cancelling take effect at the next safe point."""
        if seq <= self.heard:
            return
        self.heard = seq
        self.commands.append((seq, command))
        match command:
            case Pause() if seq > self.since:
                self.halt(RunPaused("paused"))
            case Cancel() if seq > self.inherited:
                self.halt(RunCancelled("cancelled"))
            case SetBudget():
                self.meter.budget = command.budget
            case Answer():
                self.answered.set()
                self.answered = asyncio.Event()
            case _:
                pass

    def halt(self, why: Exception) -> None:
        """Ask the run to stop; the first reason stands, but cancelling outdoes pausing, and a lost lease both."""
        if self.why is None or _WEIGHT.get(type(why), 0) > _WEIGHT.get(type(self.why), 0):
            self.why = why
        self.stop.set()

    def mind_time(self) -> None:
        """Ask the run to stop if its time is used up: a call that never ends comes to no check of the budget."""
        if self.why is None and (overtime := self.meter.overtime()) is not None:
            self.halt(overtime)

    def check(self, key: str) -> None:
        """Raise if the run has to stop before the effect ``key``."""
        if self.why is not None:
            raise self.why
        self.meter.check()

    def said_since(self, seq: int) -> list[dict[str, Any]]:
        """Return what persons want the run to know since an event number."""
        items: list[dict[str, Any]] = []
        for number, command in self.commands:
            if number > seq and isinstance(command, Guide):
                items.append({"seq": number, "from": "person", "text": command.text, "edits": []})
            elif number > seq and isinstance(command, EditPlan):
                edits = [edit.model_dump(mode="json") for edit in command.edits]
                items.append({"seq": number, "from": "person", "text": "", "edits": edits})
        return items

    def answer_to(self, question: str) -> str | None:
        """Return a person's answer to a question, if there is one."""
        return next((c.text for _, c in self.commands if isinstance(c, Answer) and c.question == question), None)


async def catch_up(ledger: Ledger, runs: Mapping[str, ActiveRun]) -> None:
    """Have runs, given by their ids, hear the commands that have come since the last time."""
    for run_id, seq, command in await new_commands(ledger, {run_id: run.heard for run_id, run in runs.items()}):
        if run_id in runs:
            runs[run_id].hear(seq, command)


class Keeper:
    """Looks after all active runs of a process with one task: their commands, their time and their leases."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._runs: dict[str, ActiveRun] = {}
        self._task: asyncio.Task[None] | None = None
        self._renewed = time.monotonic()

    def find(self, run_id: str) -> ActiveRun | None:
        """Return a run if this process works on it."""
        return self._runs.get(run_id)

    @contextlib.asynccontextmanager
    async def keeping(self, run: ActiveRun) -> AsyncIterator[ActiveRun]:
        """Look after a run for the duration of a block."""
        self._runs[run.lease.run_id] = run
        if self._task is None:
            self._task = asyncio.create_task(self._keep(), name="keeper")
        try:
            await catch_up(self._ledger, {run.lease.run_id: run})
            yield run
        finally:
            del self._runs[run.lease.run_id]
            if not self._runs and self._task is not None:
                # a run that enters while this one leaves starts a task of its own
                task, self._task = self._task, None
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(_POLL_SECONDS)
            for run in tuple(self._runs.values()):
                run.mind_time()
            try:
                await catch_up(self._ledger, self._runs)
                if time.monotonic() - self._renewed >= _RENEW_SECONDS:
                    self._renewed = time.monotonic()
                    await self._renew()
            except LedgerUnavailable:
                # may pass before the leases expire; if it does not, the runs meet it at their next append
                continue

    async def _renew(self) -> None:
        held = [(run.lease, run.meter.active_seconds) for run in self._runs.values()]
        for lease in await self._ledger.leases.renew_all(held):
            run = self._runs.get(lease.run_id)
            # it may have ended meanwhile, or have been taken up again
            if run is not None and run.lease == lease:
                run.halt(lost(lease))
