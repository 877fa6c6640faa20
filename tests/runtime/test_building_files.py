"""Programs and data files as wished: plain text of a model, run in a sandbox or read, and handed over as written."""

from pathlib import Path

import pytest

from agent.domain.messages import Reply
from agent.domain.task import BuildOrder, Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.benches import Benches
from agent.runtime.options import RunOptions
from tests.runtime.designing import ScriptedDesigner
from tests.studio import StudioServices, studio
from toolserver.client import LocalSandbox, Sandbox, open_sandbox
from toolserver.deployment.bubblewrap import find

NO_PARTS = call("plan_parts", parts=[])

COUNTER = """\
import sys

words = sys.stdin.read().split()
print(len(words))
"""
COUNTS_LINES = COUNTER.replace("split()", "split('\\n')")


class WithPrograms(StudioServices):
    """Services with a real sandbox for programs that are tried out."""

    def benches(self, options: RunOptions, run_id: str) -> Benches:
        async def programs() -> Sandbox | None:
            config = LocalSandbox(require_isolation=True)
            return await open_sandbox(config, "try", state_dir=self.folder, keep=False)

        return Benches(programs=programs)


def seen(part: str) -> Reply:
    right = {"present": "yes", "position": "right", "proportion": "right", "orientation": "right"}
    return call("critique_artefact", parts=[{"part": part, **right}], score=8)


def written(language: str, program: str) -> Reply:
    return say(f"```{language}\n{program}```")


async def test_a_program_is_tried_by_cases_that_its_writer_never_sees(ledger: Ledger, folder: Path) -> None:
    if isinstance(missing := find(drop_to=1_900_000_000), str):
        pytest.skip(missing)
    cases = [{"stdin": "one two three\nfour\n", "expected": "4"}, {"stdin": "", "expected": "0"}]
    criterion = {
        "id": "counts", "wish": "counts the words", "scenario": "cases", "parameters": {"cases": cases},
        "measure": "failed_cases", "relation": "==", "threshold": 0,
    }  # fmt: skip
    designer = ScriptedDesigner(
        programs=[written("python", COUNTS_LINES)],
        redesigns=[written("python", COUNTER)],
        criteria=[call("write_criteria", criteria=[criterion])],
        parts=[NO_PARTS],
        looks=[seen("main.py")],
    )
    task = Task(goal="A program that counts the words of its input", build=BuildOrder(artefact="program", candidates=1))
    async with studio(ledger, WithPrograms(ScriptedModel(designer), folder)) as runner:
        report = await runner.wait(await runner.start(task))
    assert report.design is not None
    assert (report.outcome, report.design.best) == ("verified", "r2.c1")
    assert "failed_cases is 2, asked for is == 0" in report.design.rounds[0].reflection
    assert not any("one two" in shown for shown in (*designer.shown["program"], *designer.shown["redesign"]))
    (file,) = report.artefacts
    assert (file.path, await ledger.blobs.get(file.sha256)) == ("main.py", COUNTER.encode())


async def test_a_data_file_is_read_from_what_the_model_wrote(ledger: Ledger, folder: Path) -> None:
    twice = "towns.csv\n---\ntown,founded\nUlm,0854-07-22\nUlm,0854-07-22\n"
    criteria = [
        {"id": "once", "wish": "each town once", "scenario": "unique", "parameters": {"columns": ["town"]},
         "measure": "duplicates", "relation": "==", "threshold": 0},
        {"id": "two", "wish": "two towns", "scenario": "rows", "measure": "rows", "relation": ">=", "threshold": 2},
    ]  # fmt: skip
    designer = ScriptedDesigner(
        programs=[written("", twice)],
        redesigns=[written("", twice.replace("Ulm,0854-07-22\n", "Bonn,0900-01-01\n", 1))],
        criteria=[call("write_criteria", criteria=criteria)],
        parts=[NO_PARTS],
        looks=[seen("town")],
    )
    task = Task(goal="A table of two towns, each once", build=BuildOrder(artefact="data_file", candidates=1))
    async with studio(ledger, StudioServices(ScriptedModel(designer), folder)) as runner:
        report = await runner.wait(await runner.start(task))
    assert report.design is not None
    assert (report.outcome, report.design.best) == ("verified", "r2.c1")
    first = {result.criterion.id: result.outcome for result in report.design.rounds[0].candidates[0].results}
    assert first == {"once": "fail", "two": "pass"}
    (file,) = report.artefacts
    assert (file.path, file.media_type) == ("towns.csv", "text/csv")
    assert await ledger.blobs.get(file.sha256) == b"town,founded\nBonn,0900-01-01\nUlm,0854-07-22\n"
