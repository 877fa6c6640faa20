"""A plan belongs to the run, the planner and the person: who may change it when, and what becomes of it."""

from collections.abc import Iterator, Sequence
from itertools import count, repeat
from pathlib import Path

import pytest

from agent.domain.errors import RunPaused, UsageError
from agent.domain.messages import Reply
from agent.domain.plan import Add, Edit, NewSubtask, Remove
from agent.domain.task import Task
from agent.execution.setting import Limits
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.people import Asker
from agent.runtime.settings import Settings
from tests.runtime.test_steering import DONE, Gate
from tests.studio import StudioServices, studio


async def test_a_run_without_a_plan_has_none_to_change(ledger: Ledger, folder: Path) -> None:
    gate = Gate(DONE)
    async with studio(ledger, StudioServices(ScriptedModel([gate]), folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await gate.reached.wait()
        with pytest.raises(UsageError, match="has no plan to change"):
            await runner.edit_plan(run_id, [Add(op="add", subtask=NewSubtask(id="c", goal="c"))], version=0)
        gate.open.set()
        await runner.wait(run_id)


@pytest.mark.parametrize("name", ["report", "root", "plan", "setting", "run", "command"])
async def test_a_subtask_with_a_name_of_the_run_itself_comes_back_to_the_model(
    ledger: Ledger, folder: Path, name: str
) -> None:
    def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        if "part of it:" in about or "What the subtasks found" in about:
            return call("submit", answer="Fine.")
        refused = "names the run itself uses" in str(asked.messages[-1]["content"])
        return call("make_plan", subtasks=[{"id": "mine" if refused else name, "goal": "write it"}])

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x")))
    assert [(subtask.id, subtask.status) for subtask in report.plan] == [("mine", "done")]


def told(asked: Asked) -> str:
    return str(asked.messages[1]["content"])


def answering(answers: Iterator[str]) -> tuple[Asker, list[str]]:
    """A person who gives these answers, and the questions they were asked."""
    questions: list[str] = []

    async def asker(question: str, options: Sequence[str]) -> str:
        questions.append(question)
        return next(answers)

    return asker, questions


async def test_a_plan_the_planner_leaves_as_it_is_is_shown_again(ledger: Ledger, folder: Path) -> None:
    def turn(asked: Asked) -> Reply:
        if "The person says" in told(asked):
            return call("revise_plan", edits=[])
        if "part of it:" in told(asked) or "What the subtasks found" in told(asked):
            return call("submit", answer="Fine.")
        return call("make_plan", subtasks=[{"id": "a", "goal": "do a"}])

    asker, questions = answering(iter(["Are you sure?", "yes", "yes"]))
    async with studio(ledger, StudioServices(ScriptedModel(turn), folder), asker=asker) as runner:
        report = await runner.wait(await runner.start(Task(goal="x", mode="review")))
    assert (report.answer, len(questions)) == ("Fine.", 3)
    assert questions[0] == questions[1]


async def test_what_a_person_changes_while_they_are_asked_holds_from_the_beginning(
    ledger: Ledger, folder: Path
) -> None:
    worked: list[str] = []

    def turn(asked: Asked) -> Reply:
        if "part of it:" in told(asked):
            worked.append(next(name for name in ("do a", "do b", "do c") if name in str(asked.messages[-1]["content"])))
            return call("submit", answer="Fine.")
        if "What the subtasks found" in told(asked):
            return DONE
        return call("make_plan", subtasks=[{"id": "a", "goal": "do a"}, {"id": "b", "goal": "do b"}])

    async def asker(question: str, options: Sequence[str]) -> str:
        if "Go on with this plan?" in question:
            edits: list[Edit] = [
                Remove(op="remove", target="a"),
                Add(op="add", subtask=NewSubtask(id="c", goal="do c")),
            ]
            await runner.edit_plan(run_id, edits, version=(await read_view(ledger, run_id)).plan.version)
        return "yes"

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder), asker=asker) as runner:
        run_id = await runner.start(Task(goal="x", mode="review"))
        report = await runner.wait(run_id)
    assert sorted(worked) == ["do b", "do c"]
    assert sorted(subtask.id for subtask in report.plan) == ["b", "c"]


@pytest.mark.parametrize("revisions", [0, 2])
async def test_a_plan_that_is_never_approved_is_never_carried_out(ledger: Ledger, folder: Path, revisions: int) -> None:
    versions = count(1)

    def turn(asked: Asked) -> Reply:
        if "The person says" in told(asked):
            return call("revise_plan", edits=[{"op": "update", "target": "a", "goal": f"do a {next(versions)}"}])
        assert "part of it:" not in told(asked)
        return call("make_plan", subtasks=[{"id": "a", "goal": "do a"}])

    asker, questions = answering(repeat("no"))
    settings = Settings(limits=Limits(revisions=revisions))
    async with studio(ledger, StudioServices(ScriptedModel(turn), folder), settings=settings, asker=asker) as runner:
        run_id = await runner.start(Task(goal="x", mode="review"))
        for _ in range(2):
            with pytest.raises(RunPaused, match="the plan was not approved"):
                await runner.wait(run_id)
            await runner.resume(run_id)
        with pytest.raises(RunPaused):
            await runner.wait(run_id)
    assert len(questions) == revisions + 1
    assert (await ledger.find(run_id)).status == "paused"


async def test_a_failed_report_that_is_declined_stays_failed(ledger: Ledger, folder: Path) -> None:
    asker, _ = answering(iter(["no, this is wrong"]))
    async with studio(ledger, StudioServices(ScriptedModel([DONE]), folder), asker=asker) as runner:
        run_id = await runner.start(Task(goal="x", mode="review"))
        report = await runner.wait(run_id)
    assert (report.outcome, (await ledger.find(run_id)).status) == ("failed", "failed")
    assert "no, this is wrong" in report.notes[-1]


async def test_what_is_said_while_the_planner_revises_waits_for_the_next_review(ledger: Ledger, folder: Path) -> None:
    gate = Gate(call("revise_plan", edits=[]))

    async def turn(asked: Asked) -> Reply:
        if "Change the pending part" in told(asked):
            return await gate(asked)
        if "What the subtasks found" in told(asked):
            return DONE
        if "part of it:" in told(asked):
            heard.append("prefer French" in str(asked.messages[-1]["content"]))
            return call("submit", answer="Fine.", surprise="odd")
        return call("make_plan", subtasks=[{"id": "a", "goal": "a"}, {"id": "b", "goal": "b", "depends_on": ["a"]}])

    heard: list[bool] = []
    services = StudioServices(ScriptedModel(turn), folder)
    async with studio(ledger, services, settings=Settings(drain_seconds=0)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await gate.reached.wait()
        await runner.pause(run_id)
        with pytest.raises(RunPaused):
            await runner.wait(run_id)
        await runner.guide(run_id, "prefer French")
        gate.open.set()
        await runner.resume(run_id)
        await runner.wait(run_id)
    assert heard == [False, True]
