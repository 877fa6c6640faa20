"""What was promised is tested before a report says verified, and what was handed in is not lost."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.domain.budget import Budget, Usage
from agent.domain.errors import BudgetExhausted
from agent.domain.messages import Reply
from agent.domain.task import Task, WorkspaceFile
from agent.execution.setting import Limits
from agent.ledger.store import Ledger
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.settings import Settings
from tests.studio import StudioServices, studio

GOAL = "Compute the sum of the squares of 3, 4 and 5."
SQUARES = "The sum of the squares is 50."
COMPUTE = call("python", code="print(sum(v * v for v in (3, 4, 5)))")
OUT: dict[str, Any] = {"id": "written", "text": "out.txt is there", "check": {"kind": "file", "path": "out.txt"}}
WRITE: dict[str, Any] = {"id": "write", "goal": "write out.txt", "milestones": [OUT]}
CALC: dict[str, Any] = {"id": "calc", "goal": "compute it"}


def claim(evidence: str) -> list[dict[str, Any]]:
    return [{"text": SQUARES, "evidence": [evidence]}]


def planned(subtasks: list[dict[str, Any]], **turns: Callable[[Asked], Reply]) -> ScriptedModel:
    """A model that plans these subtasks, answers in each as told, and concludes with a number it has computed."""

    def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        if "What the subtasks found" in about:
            return call("submit", answer=SQUARES, claims=claim("calc.0.0"))
        if "Change the pending part" in about:
            return turns["revise"](asked) if "revise" in turns else call("revise_plan", edits=[])
        if "part of it:\ncompute" in about:
            return COMPUTE if len(asked.messages) == 2 else call("submit", answer=SQUARES, claims=claim("calc.0.0"))
        if "part of it:\n" in about:
            return turns[about.split("part of it:\n")[1].split()[0]](asked)
        return call("make_plan", subtasks=subtasks)

    return ScriptedModel(turn)


async def test_a_plan_that_was_done_with_its_milestones_is_verified(ledger: Ledger, folder: Path) -> None:
    def write(asked: Asked) -> Reply:
        written = call("write_file", path="out.txt", content="50")
        return written if len(asked.messages) == 2 else call("submit", answer="Written.", artefacts=["./out.txt"])

    model = planned([WRITE, CALC], write=write)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL)))
    assert report.outcome == "verified"
    assert [(check.subtask, check.outcome) for check in report.checks] == [("write", "pass"), ("write", "pass")]


async def test_prose_that_is_taken_as_a_result_is_tested_like_a_submission(ledger: Ledger, folder: Path) -> None:
    model = planned([WRITE, CALC], write=lambda _: say("I have written out.txt and all tests pass."))
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL)))
    assert [(subtask.id, subtask.status) for subtask in report.plan] == [("write", "failed"), ("calc", "done")]
    assert ([check.outcome for check in report.checks], report.outcome) == (["fail"], "unverified")
    told = [str(asked.messages[-1]["content"]) for asked in model.asked]
    assert sum("checks failed: milestone written: fail: out.txt is not there" in text for text in told) == 2


async def test_a_subtask_that_failed_leaves_the_report_unverified(ledger: Ledger, folder: Path) -> None:
    model = planned([{**WRITE, "milestones": []}, CALC], write=lambda _: call("submit", answer="No.", success=False))
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL)))
    assert [(checked.verdict) for checked in report.claims] == ["supported"]
    assert report.outcome == "unverified"


async def test_a_subtask_that_was_dropped_leaves_the_report_unverified(ledger: Ledger, folder: Path) -> None:
    later = {"id": "later", "goal": "later do more", "depends_on": ["first"]}
    model = planned(
        [{"id": "first", "goal": "first look"}, CALC, later],
        first=lambda _: call("submit", answer="Looked.", surprise="There is nothing more to do."),
        revise=lambda _: call("revise_plan", edits=[{"op": "stop", "reason": "enough"}]),
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL)))
    assert [subtask.status for subtask in report.plan] == ["done", "done", "dropped"]
    assert report.outcome == "unverified"


async def test_the_milestones_of_a_subtask_that_was_split_are_tested_at_the_end(ledger: Ledger, folder: Path) -> None:
    halves = [{"id": "half-a", "goal": "half of it"}, {"id": "half-b", "goal": "half again"}]
    model = planned(
        [{"id": "first", "goal": "first look"}, CALC, {**WRITE, "depends_on": ["first"]}],
        first=lambda _: call("submit", answer="Looked.", surprise="It is too much for one."),
        half=lambda _: call("submit", answer="Half of it."),
        revise=lambda _: call("revise_plan", edits=[{"op": "split", "target": "write", "into": halves}]),
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL)))
    assert {subtask.status for subtask in report.plan} == {"done"}
    assert [(check.subtask, check.milestone, check.outcome) for check in report.checks] == [
        ("write", "written", "fail")
    ]
    assert report.outcome == "unverified"


@pytest.mark.parametrize(
    ("named", "outcome"),
    [
        ("report.pdf", "unverified"),
        ("/workspace/given.txt", "unverified"),
        ("../given.txt", "unverified"),
        ("", "unverified"),
        ("removed.txt", "unverified"),
        ("given.txt", "verified"),
        ("out/page.html", "verified"),
        ("./out/", "verified"),
    ],
)
async def test_a_file_that_is_named_as_a_result_has_to_be_there(
    ledger: Ledger, folder: Path, named: str, outcome: str
) -> None:
    files = "import os; os.remove('removed.txt'); os.mkdir('out'); open('out/page.html', 'w').write('x')"
    code = f"{files}\nprint(sum(v * v for v in (3, 4, 5)))"
    model = ScriptedModel(
        [call("python", code=code), call("submit", answer=SQUARES, artefacts=[named], claims=claim("root.0.0"))]
    )
    sha256 = await ledger.blobs.put(b"as it was")
    given = [WorkspaceFile(path=path, sha256=sha256, size=9) for path in ("given.txt", "removed.txt")]
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL, files=tuple(given))))
    assert (report.outcome, len(report.checks)) == (outcome, 1)


async def test_a_file_that_is_there_verifies_nothing_by_itself(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("write_file", path="a", content="x"), call("submit", answer="?", artefacts=["a"])])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x")))
    assert ([check.outcome for check in report.checks], report.outcome) == (["pass"], "unverified")


async def test_the_last_step_takes_a_submission_with_its_failed_checks(ledger: Ledger, folder: Path) -> None:
    submitted = call("submit", answer="The long answer the person waits for")
    model = planned([WRITE, CALC], write=lambda _: submitted)
    settings = Settings(limits=Limits(steps=2))
    async with studio(ledger, StudioServices(model, folder), settings=settings) as runner:
        run_id = await runner.start(Task(goal=GOAL))
        await runner.wait(run_id)
    result = (await read_view(ledger, run_id)).results["write"]
    assert (result.answer, result.success) == ("The long answer the person waits for", False)
    assert [check.outcome for check in result.checks] == ["fail"]


async def test_a_submission_that_was_sent_back_stands_when_no_other_comes(ledger: Ledger, folder: Path) -> None:
    def write(asked: Asked) -> Reply:
        return call("submit", answer="The first version") if len(asked.messages) == 2 else call("list_files", path=".")

    settings = Settings(limits=Limits(steps=3))
    async with studio(ledger, StudioServices(planned([WRITE, CALC], write=write), folder), settings=settings) as runner:
        run_id = await runner.start(Task(goal=GOAL))
        await runner.wait(run_id)
    result = (await read_view(ledger, run_id)).results["write"]
    assert (result.answer, result.success) == ("The first version", False)


async def test_the_last_step_leaves_out_citations_of_what_does_not_exist(ledger: Ledger, folder: Path) -> None:
    cited = [{"text": SQUARES, "evidence": ["root.0.0", "root.7.7"]}]
    model = ScriptedModel([COMPUTE, call("submit", answer=SQUARES, claims=cited)])
    settings = Settings(limits=Limits(steps=2))
    async with studio(ledger, StudioServices(model, folder), settings=settings) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL)))
    assert (report.answer, report.outcome) == (SQUARES, "verified")
    assert report.claims[0].claim.evidence == ("root.0.0",)


async def test_a_remark_before_each_call_is_no_answer(ledger: Ledger, folder: Path) -> None:
    look = call("list_files", path=".")
    model = ScriptedModel([say("First I look."), look, say("Now I write."), call("submit", answer="It is done.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x")))
    assert report.answer == "It is done."


async def test_a_reply_that_was_cut_off_is_never_the_answer(ledger: Ledger, folder: Path) -> None:
    cut = Reply(text="The answer is 12", finish="length")
    async with studio(ledger, StudioServices(ScriptedModel([cut, cut]), folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x")))
    assert report.outcome == "failed"
    assert "cut off before their end" in report.answer


async def test_an_answer_whose_submission_used_up_the_budget_is_in_the_report(ledger: Ledger, folder: Path) -> None:
    usage = Usage(calls=1, input_tokens=900, output_tokens=200)
    submitted = call("submit", answer="The capital is Paris.", claims=[{"text": "The capital is Paris."}])
    model = ScriptedModel([submitted.model_copy(update={"usage": usage})])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x", budget=Budget(tokens=1000)))
        with pytest.raises(BudgetExhausted):
            await runner.wait(run_id)
        report = (await read_view(ledger, run_id)).report
        assert report is not None
        assert (report.answer, report.outcome) == ("The capital is Paris.", "budget_exhausted")
        assert [checked.verdict for checked in report.claims] == ["unverifiable"]
        await runner.set_budget(run_id, Budget(tokens=10_000))
        await runner.resume(run_id)
        assert (await runner.wait(run_id)).answer == "The capital is Paris."
