"""A workspace is prepared once, before the run begins, and what was prepared is not taken for the run's own work."""

import shutil
from pathlib import Path

import pytest

from agent.domain.budget import Budget
from agent.domain.errors import BudgetExhausted, SetupFailed
from agent.domain.programs import Program
from agent.domain.task import Setup, Task, WorkspaceFile
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from tests.studio import StudioServices, studio

COUNTED = "import pathlib; p = pathlib.Path('times'); p.write_text((p.read_text() if p.exists() else '') + 'x')"


async def setup(ledger: Ledger, program: Program | None = None, **files: bytes) -> Setup:
    found = [
        WorkspaceFile(path=name, sha256=await ledger.blobs.put(data), size=len(data)) for name, data in files.items()
    ]
    return Setup(files=tuple(found), program=program)


async def test_what_was_prepared_is_there_and_is_no_artefact(ledger: Ledger, folder: Path) -> None:
    program = Program(argv=("sh", "-c", "mkdir -p deep && cp given deep/copy && rm given && echo old > changed"))
    model = ScriptedModel(
        [call("shell", command="cat deep/copy; echo new > changed; echo mine > made"), call("submit", answer="Done.")]
    )
    task = Task(goal="Look around", setup=await setup(ledger, program, given=b"as given\n"))

    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(task))

    assert "as given" in str(model.asked[1].messages[-1]["content"])
    assert "deep" not in str(model.asked[0].messages)
    assert sorted(artefact.path for artefact in report.artefacts) == ["changed", "made"]
    assert report.removed == ()


@pytest.mark.parametrize("lost", [False, True])
async def test_it_is_not_prepared_again_when_the_run_is_resumed(ledger: Ledger, folder: Path, lost: bool) -> None:
    model = ScriptedModel(
        [call("python", code="1"), call("shell", command="cat times"), call("submit", answer="Prepared once.")]
    )
    services = StudioServices(model, folder)
    task = Task(goal="Count", setup=await setup(ledger, Program(python=COUNTED)), budget=Budget(steps=1))

    async with studio(ledger, services) as runner:
        run_id = await runner.start(task)
        with pytest.raises(BudgetExhausted):
            await runner.wait(run_id)
        if lost:
            shutil.rmtree(folder / run_id)
        await runner.set_budget(run_id, Budget(steps=None))
        report = await runner.wait(await runner.resume(run_id))

    assert report.answer.startswith("Prepared once.")
    assert "\nx\n" in str(model.asked[-1].messages[-1]["content"])


@pytest.mark.parametrize(
    ("program", "says"),
    [
        (Program(argv=("false",)), "exit code 1"),
        (Program(argv=("no-such-command",)), "exit code 127"),
        (Program(python="raise ValueError('no disk')"), "ValueError: no disk"),
        (Program(python="import time; time.sleep(30)", seconds=0.3), "timeout"),
    ],
)
async def test_a_workspace_that_cannot_be_prepared_fails_the_run_before_a_model_is_asked(
    ledger: Ledger, folder: Path, program: Program, says: str
) -> None:
    model = ScriptedModel([call("submit", answer="Never.")])

    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Begin", setup=await setup(ledger, program)))
        with pytest.raises(SetupFailed, match="could not be prepared") as failed:
            await runner.wait(run_id)

    assert says in str(failed.value)
    assert "\n" not in str(failed.value)
    assert (await ledger.find(run_id)).status == "failed"
    assert model.asked == []
