"""Pausing and cancelling reach a run wherever it is: waiting for its place, between two processes, or left behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.domain.errors import LeaseLost, RunCancelled, RunPaused, UsageError, WaitingForPerson
from agent.domain.messages import Reply
from agent.domain.report import Report
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.engine import ENDED_KEPT, AsyncioEngine
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from tests.studio import StudioServices, studio

DONE = call("submit", answer="Done.", success=False)
FOREIGN = "other-host/boot/1/2/3"


class Busy:
    """A model that is held by the run "busy" until it is let go, and knows which runs have asked it."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.let_go = asyncio.Event()
        self.asked: list[str] = []

    async def __call__(self, asked: Asked) -> Reply:
        goal = str(asked.messages[1]["content"])
        self.asked.append(goal)
        if goal == "busy":
            self.reached.set()
            await self.let_go.wait()
        return DONE


@asynccontextmanager
async def one_place(ledger: Ledger, folder: Path, busy: Busy) -> AsyncIterator[tuple[Runner, str]]:
    """Open a runner whose only place is taken, and start a second run, which waits for its place."""
    services = StudioServices(ScriptedModel(busy), folder)
    async with studio(ledger, services, settings=Settings(concurrency=1)) as runner:
        first = await runner.start(Task(goal="busy"))
        await busy.reached.wait()
        yield runner, await runner.start(Task(goal="queued"))
        busy.let_go.set()
        await runner.wait(first)


async def test_a_run_that_is_cancelled_while_it_waits_for_its_place_never_begins(ledger: Ledger, folder: Path) -> None:
    busy = Busy()
    async with one_place(ledger, folder, busy) as (runner, queued):
        assert (await runner.cancel(queued)).status == "cancelled"
        busy.let_go.set()
        with pytest.raises(RunCancelled):
            await runner.wait(queued)
    assert busy.asked == ["busy"]
    assert (await ledger.find(queued)).status == "cancelled"


async def test_a_run_that_is_paused_while_it_waits_for_its_place_begins_when_it_is_resumed(
    ledger: Ledger, folder: Path
) -> None:
    busy = Busy()
    async with one_place(ledger, folder, busy) as (runner, queued):
        assert (await runner.pause(queued)).status == "paused"
        with pytest.raises(RunPaused):
            await runner.wait(queued)
        busy.let_go.set()
        await runner.resume(queued)
        await runner.wait(queued)
    assert busy.asked == ["busy", "queued"]


@pytest.mark.parametrize(("verb", "stop"), [("pause", RunPaused), ("cancel", RunCancelled)])
async def test_a_run_that_waits_in_another_process_is_stopped_too(
    ledger: Ledger, folder: Path, verb: str, stop: type[Exception]
) -> None:
    busy = Busy()
    async with one_place(ledger, folder, busy) as (runner, queued):
        other = Runner(ledger, StudioServices(ScriptedModel(busy), folder), Settings())
        await getattr(other, verb)(queued)
        busy.let_go.set()
        with pytest.raises(stop):
            await runner.wait(queued)
    assert busy.asked == ["busy"]


async def left_by_a_process_that_died(ledger: Ledger) -> str:
    run_id = await ledger.create(Task(goal="x"), options={})
    await ledger.leases.claim(run_id, FOREIGN)
    return run_id


async def test_a_run_that_was_cancelled_while_its_process_died_is_not_taken_up_again(
    ledger: Ledger, folder: Path
) -> None:
    model = ScriptedModel([DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await left_by_a_process_that_died(ledger)
        await runner.cancel(run_id)
        await _expire_leases(ledger)
        await runner.resume(run_id)
        with pytest.raises(RunCancelled):
            await runner.wait(run_id)
    assert (model.asked, (await ledger.find(run_id)).status) == ([], "cancelled")


async def test_resuming_overrules_a_pause_that_was_asked_for_before(ledger: Ledger, folder: Path) -> None:
    async with studio(ledger, StudioServices(ScriptedModel([DONE]), folder)) as runner:
        run_id = await left_by_a_process_that_died(ledger)
        await runner.pause(run_id)
        await _expire_leases(ledger)
        await runner.resume(run_id)
        await runner.wait(run_id)


async def test_a_fork_of_a_cancelled_run_goes_on(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("ask_person", question="Go on?"), DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(WaitingForPerson):
            await runner.wait(run_id)
        run = await runner.cancel(run_id)
        fork_id = await runner.fork(run_id, run.last_seq)
        await runner.answer(fork_id, "yes")
        await runner.resume(fork_id)
        await runner.wait(fork_id)


async def test_cancelling_a_run_that_waits_deletes_its_workspace(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("write_file", path="a.txt", content="one"), call("ask_person", question="Go on?")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(WaitingForPerson):
            await runner.wait(run_id)
        assert (folder / run_id / "workspace" / "a.txt").exists()
        await runner.cancel(run_id)
    assert not (folder / run_id / "workspace").exists()


async def test_cancelling_a_resumed_run_deletes_the_workspace_that_it_has_not_opened_again(
    ledger: Ledger, folder: Path
) -> None:
    thinking = asyncio.Event()

    async def turn(asked: Asked) -> Reply:
        if len(asked.messages) < 6:
            return [call("write_file", path="a.txt", content="one"), call("ask_person", question="Go on?")][
                len(asked.messages) // 2 - 1
            ]
        thinking.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(WaitingForPerson):
            await runner.wait(run_id)
        await runner.answer(run_id, "yes")
        await runner.resume(run_id)
        await thinking.wait()
        await runner.cancel(run_id)
        with pytest.raises(RunCancelled):
            await runner.wait(run_id)
    assert not (folder / run_id / "workspace").exists()


async def test_who_loses_a_run_to_another_process_leaves_it_the_sandbox(ledger: Ledger, folder: Path) -> None:
    reached, let_go = asyncio.Event(), asyncio.Event()

    async def turn(asked: Asked) -> Reply:
        if len(asked.messages) == 2:
            return call("write_file", path="a.txt", content="one")
        reached.set()
        await let_go.wait()
        return DONE

    services = StudioServices(ScriptedModel(turn), folder)
    async with studio(ledger, services) as runner:
        run_id = await runner.start(Task(goal="x"))
        await reached.wait()
        await _expire_leases(ledger)
        await ledger.leases.claim(run_id, FOREIGN)
        let_go.set()
        with pytest.raises(LeaseLost):
            await runner.wait(run_id)
    # the node still answers whoever opens it
    assert [entry.path for entry in await services.opened[0].manifest()] == ["a.txt"]
    await services.opened[0].close()


async def test_reports_of_ended_runs_do_not_fill_the_memory() -> None:
    async def work(run_id: str) -> Report:
        return Report(goal=run_id, answer="", outcome="failed")

    engine = AsyncioEngine(work, limit=4)
    for number in range(ENDED_KEPT + 2):
        engine.submit(str(number))
        assert (await engine.wait(str(number))).goal == str(number)
    assert (await engine.wait("2")).goal == "2"
    with pytest.raises(UsageError, match="plumbline show 1"):
        await engine.wait("1")


async def _expire_leases(ledger: Ledger) -> None:
    """Make all leases look as if their processes had stalled for too long."""
    from sqlalchemy import text

    async with ledger.transaction() as connection:
        await connection.execute(text("UPDATE runs SET lease_expires_at = 0"))
