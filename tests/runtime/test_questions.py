"""However many questions are open, and whoever answers, a run can always be answered and goes on."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.domain.budget import Budget
from agent.domain.errors import ServiceError, UsageError, WaitingForPerson
from agent.domain.events import Answer, Pause
from agent.domain.messages import Reply, ToolOutcome, ToolSpec
from agent.domain.task import Task
from agent.execution.meter import Meter
from agent.execution.toolbox import HostTool, Tool
from agent.ledger.blobs import BlobStore
from agent.ledger.store import Ledger
from agent.models.testing.script import call, calls
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.active import ActiveRun, Keeper
from agent.runtime.history import read_view
from agent.runtime.runner import Runner
from tests.studio import StudioServices, studio

DONE = call("submit", answer="Done.", success=False)


async def asked_of(ledger: Ledger, runner: Runner, run_id: str) -> str:
    """Wait until a run stops for a question and return the one that is shown, which the run's reason tells too."""
    with pytest.raises(WaitingForPerson) as stop:
        await runner.wait(run_id)
    view, run = await read_view(ledger, run_id), await ledger.find(run_id)
    assert view.question is not None
    assert str(stop.value) == run.reason == f"the run asks: {view.question.question}"
    return view.question.question


async def test_subtasks_that_ask_at_the_same_time_are_answered_one_after_the_other(
    ledger: Ledger, folder: Path
) -> None:
    def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        if "What the subtasks found" in about:
            return DONE
        if "part of it:" not in about:
            return call("make_plan", subtasks=[{"id": "a", "goal": "port"}, {"id": "b", "goal": "host"}])
        if len(asked.messages) == 2:
            return call("ask_person", question=f"Which {about.split('part of it:')[1].split()[0]}?")
        return call("submit", answer=str(asked.messages[-1]["content"]))

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder)) as runner:
        run_id = await runner.start(Task(goal="Open a port"))
        questions = []
        for answer in ("first", "second"):
            questions.append(await asked_of(ledger, runner, run_id))
            await runner.answer(run_id, answer)
            await runner.resume(run_id)
        await runner.wait(run_id)
    view = await read_view(ledger, run_id)
    assert sorted(questions) == ["Which host?", "Which port?"]
    assert sorted(view.results[name].answer for name in ("a", "b")) == ["first", "second"]
    assert (view.question, view.questions) == (None, {})


async def test_an_answer_without_resuming_shows_the_next_question(ledger: Ledger, folder: Path) -> None:
    risky = calls(("shell", {"command": "echo 1"}), ("shell", {"command": "echo 2"}))
    model = ScriptedModel([risky, DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x", mode="manual"))
        assert "echo 1" in await asked_of(ledger, runner, run_id)
        await runner.answer(run_id, "yes")
        view = await read_view(ledger, run_id)
        assert view.question is not None
        assert "echo 2" in view.question.question
        await runner.answer(run_id, "yes")
        await runner.resume(run_id)
        await runner.wait(run_id)
    assert [str(message["content"]).split("\n")[2] for message in model.asked[1].messages[-2:]] == ["1", "2"]


async def test_a_question_that_has_an_answer_takes_no_other_one(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("ask_person", question="Which port?"), DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await asked_of(ledger, runner, run_id)
        await runner.answer(run_id, "443")
        with pytest.raises(UsageError, match="has another answer already; resume the run"):
            await runner.answer(run_id, "80")
        await runner.resume(run_id)
        await runner.wait(run_id)
        with pytest.raises(UsageError, match="asks nothing"):
            await runner.answer(run_id, "443")


class Mail:
    """A tool whose effect is outside and whose first call ends without telling what came of it."""

    tool = Tool(
        spec=ToolSpec(name="send_mail", description="Send.", parameters={"type": "object", "properties": {}}),
        effects=("outside",),
        where="host",
    )

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        raise ServiceError("the connection was lost while sending")


async def test_an_outside_effect_of_unknown_outcome_is_a_question_like_any_other(ledger: Ledger, folder: Path) -> None:
    class WithMail(StudioServices):
        async def host_tools(self, task: Task, blobs: BlobStore) -> Sequence[HostTool]:
            return (Mail(),)

    model = ScriptedModel([call("send_mail"), call("list_files", path="."), DONE])
    async with studio(ledger, WithMail(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(ServiceError, match="while sending"):
            await runner.wait(run_id)
        await runner.resume(run_id)
        assert "had begun send_mail" in await asked_of(ledger, runner, run_id)
        await runner.answer(run_id, "it was sent")
        await runner.resume(run_id)
        await runner.wait(run_id)
    assert str(model.asked[1].messages[-1]["content"]).partition("\n</untrusted")[0].endswith("\nit was sent")


async def test_of_two_answers_in_the_same_moment_the_recorded_one_counts(ledger: Ledger, folder: Path) -> None:
    async def slower(question: str, options: Sequence[str]) -> str:
        run = (await ledger.newest())[0]
        key = next(iter((await read_view(ledger, run.id)).questions))
        await ledger.command(run.id, Answer(question=key, text="443"), idempotency_key=f"{run.id}/{key}")
        return "80"

    model = ScriptedModel([call("ask_person", question="Which port?"), DONE])
    async with studio(ledger, StudioServices(model, folder), asker=slower) as runner:
        await runner.wait(await runner.start(Task(goal="x")))
    assert model.asked[1].messages[-1]["content"] == "443"


async def test_the_time_a_person_takes_is_not_the_runs(ledger: Ledger, folder: Path) -> None:
    async def slow(question: str, options: Sequence[str]) -> str:
        await asyncio.sleep(1)
        return "80"

    model = ScriptedModel([call("ask_person", question="Which port?"), DONE])
    async with studio(ledger, StudioServices(model, folder), asker=slow) as runner:
        began = time.monotonic()
        run_id = await runner.start(Task(goal="x"))
        assert (await runner.wait(run_id)).answer == "Done."
        took = time.monotonic() - began
    assert (await ledger.find(run_id)).active_seconds <= took - 1


def test_the_clock_stands_still_from_the_first_question_to_the_last_answer() -> None:
    now = 0.0
    meter = Meter(Budget(), clock=lambda: now)
    now = 1.0
    with meter.waiting():
        now = 10.0
        with meter.waiting():
            now = 20.0
        assert meter.active_seconds == 1.0
        now = 30.0
    now = 31.0
    assert meter.active_seconds == 2.0


async def test_a_run_that_enters_while_the_last_one_leaves_still_hears_its_commands(ledger: Ledger) -> None:
    keeper = Keeper(ledger)
    first, second = [
        ActiveRun(await ledger.leases.claim(await ledger.create(Task(goal="x")), "owner"), Meter(Budget()))
        for _ in range(2)
    ]
    inside, leave = asyncio.Event(), asyncio.Event()

    async def leaving() -> None:
        async with keeper.keeping(first):
            inside.set()
            await leave.wait()

    async def entering() -> None:
        await inside.wait()
        leave.set()
        await asyncio.sleep(0)
        async with keeper.keeping(second):
            await asyncio.sleep(0.1)
            await ledger.command(second.lease.run_id, Pause())
            await asyncio.wait_for(second.stop.wait(), 60)

    async with asyncio.TaskGroup() as both:
        both.create_task(leaving())
        both.create_task(entering())
