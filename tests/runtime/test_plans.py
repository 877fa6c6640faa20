"""A plan belongs to the run, the planner and the person: who may change it when, and what becomes of it."""

from pathlib import Path

import pytest

from agent.domain.errors import UsageError
from agent.domain.messages import Reply
from agent.domain.plan import Add, NewSubtask
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
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
