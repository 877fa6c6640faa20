"""A task goes in, a checked report comes out: what the loops do with what a model says."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.domain.budget import Budget, Usage
from agent.domain.checks import CommandCheck, FileCheck
from agent.domain.errors import BudgetExhausted
from agent.domain.messages import Message, Reply
from agent.domain.task import Task, WorkspaceFile
from agent.execution.setting import Limits
from agent.ledger.store import Ledger
from agent.models.testing.script import call, calls, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.settings import Settings
from agent.runtime.workspace import ARTEFACT_LIMIT, ARTEFACTS_COUNT, ARTEFACTS_LIMIT, within_limits
from tests.studio import StudioServices, studio
from toolserver.client import FileEntry


def last(asked: Asked) -> str:
    """What the model was told last."""
    return str(asked.messages[-1]["content"])


def contents(messages: list[Message]) -> str:
    return "\n".join(str(message.get("content")) for message in messages)


async def test_a_computed_number_is_verified_by_the_program_that_printed_it(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(
        [
            call("python", code="print(sum(int(line) for line in open('numbers.txt')))"),
            call(
                "submit",
                answer="The sum of the numbers is 42.",
                claims=[{"text": "The sum of the numbers is 42.", "evidence": ["root.0.0"]}],
            ),
        ]
    )
    file = WorkspaceFile(path="numbers.txt", sha256=await ledger.blobs.put(b"12\n30\n"), size=6)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Add up numbers.txt", files=(file,))))
    assert (report.outcome, report.exit_code) == ("verified", 0)
    assert report.claims[0].verdict == "supported"
    assert report.usage.calls == 2
    assert report.artefacts == ()


async def test_a_claim_without_evidence_leaves_the_report_unverified(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("submit", answer="Paris is the capital.", claims=[{"text": "Paris is the capital."}])])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="What is the capital?")))
    assert (report.outcome, report.exit_code, report.claims[0].verdict) == ("unverified", 3, "unverifiable")


async def test_a_sentence_that_no_claim_covers_is_listed_as_unverifiable(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("submit", answer="The tower is 330 metres high. It was built in 1889.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Tell me about the tower")))
    assert [checked.claim.text for checked in report.claims] == [
        "The tower is 330 metres high.",
        "It was built in 1889.",
    ]
    assert report.outcome == "unverified"


async def test_one_model_call_is_made_per_step(ledger: Ledger, folder: Path) -> None:
    steps = [call("write_file", path=f"{n}.txt", content="x") for n in range(10)]
    model = ScriptedModel([*steps, call("submit", answer="Done.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="Write ten files")))
    assert len(model.asked) == 11


async def test_what_the_run_made_is_kept_as_artefacts(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(
        [call("write_file", path="out/page.html", content="<p>hi</p>"), call("submit", answer="Written.")]
    )
    given = WorkspaceFile(path="given.txt", sha256=await ledger.blobs.put(b"as it was"), size=9)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Make a page", files=(given,))))
    assert [(a.path, a.media_type) for a in report.artefacts] == [("out/page.html", "text/html")]
    assert await ledger.blobs.get(report.artefacts[0].sha256) == b"<p>hi</p>"


def test_artefacts_are_kept_as_long_as_there_is_room_for_all_of_them_together() -> None:
    def file(name: str, size: int) -> FileEntry:
        return FileEntry(path=name, kind="file", size=size, sha256="0" * 64, mode=0o644)

    large = [file(str(number), ARTEFACT_LIMIT) for number in range(ARTEFACTS_LIMIT // ARTEFACT_LIMIT + 1)]
    kept, left = within_limits([file("larger", ARTEFACT_LIMIT + 1), file("small", 1), *large, file("last", 1)])
    assert [entry.path for entry in left] == ["larger", *(entry.path for entry in large[-2:])]
    assert [kept[0].path, kept[-1].path] == ["small", "last"]
    assert sum(entry.size for entry in kept) <= ARTEFACTS_LIMIT


async def test_of_very_many_files_the_first_thousand_are_kept_and_the_report_counts_the_rest(
    ledger: Ledger, folder: Path
) -> None:
    code = "import os\nos.mkdir('many')\nfor n in range(1030): open(f'many/{n:04}', 'w').write('same')"
    model = ScriptedModel([call("python", code=code), call("submit", answer="Written.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Make many files")))
    assert len(report.artefacts) == ARTEFACTS_COUNT
    assert len([note for note in report.notes if "is too large to keep" in note]) == 20
    assert "10 further files are too much to keep and stayed in the sandbox." in report.notes


async def test_a_file_whose_name_cannot_be_kept_is_named_in_the_report(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(
        [call("python", code="open(b'caf\\xe9.txt', 'w').close()"), call("submit", answer="Written.")]
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Make a file")))
    assert report.artefacts == ()
    assert report.notes == ("caf\\xe9.txt cannot be read or has a name that is not UTF-8, and stayed in the sandbox.",)


async def test_a_report_says_which_input_files_were_deleted(ledger: Ledger, folder: Path) -> None:
    sha256 = await ledger.blobs.put(b"x")
    files = tuple(WorkspaceFile(path=path, sha256=sha256, size=1) for path in ("a.txt", "b.txt", "c.txt"))
    model = ScriptedModel([call("shell", command="rm a.txt && ln -sf c.txt b.txt"), call("submit", answer="Deleted.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Clean up", files=files)))
    assert (report.removed, report.artefacts) == (("a.txt", "b.txt"), ())


async def test_calls_of_one_reply_run_at_the_same_time_and_a_submission_comes_last(
    ledger: Ledger, folder: Path
) -> None:
    model = ScriptedModel(
        [
            calls(
                ("submit", {"answer": "Both are written."}),
                ("shell", {"command": "for i in $(seq 100); do test -e b && exit 0; sleep 0.1; done; exit 1"}),
                ("shell", {"command": "touch b", "session": "other"}),
            )
        ]
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Meet in the workspace", checks=(FileCheck(path="b", min_bytes=0),)))
        report = await runner.wait(run_id)
    view = await read_view(ledger, run_id)
    assert view.steps["root/tool/0.1"].detail.endswith("[exit code 0]")
    assert [check.outcome for check in report.checks] == ["pass"]


async def test_checks_of_the_task_are_run_by_us(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("submit", answer="All tests pass, believe me.")])
    task = Task(
        goal="Make it work",
        checks=(
            CommandCheck(command="test -e made"),
            CommandCheck(command="echo hello", prints="hello"),
            CommandCheck(command="echo hello", prints="goodbye"),
            FileCheck(path="nowhere.txt"),
        ),
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(task))
    assert [check.outcome for check in report.checks] == ["fail", "pass", "fail", "fail"]
    assert report.outcome == "unverified"


@pytest.mark.parametrize(
    ("bad", "told"),
    [
        (call("fly", to="the moon"), "there is no tool 'fly'; the tools are: "),
        (calls(("read_file", "not json at all")), "the arguments must be one JSON object"),
        (calls(("read_file", '{"file": "a"}')), "'path' is a required property"),
        (call("read_file", path="../../etc/passwd"), "outside"),
        (call("read_file", path="missing.txt"), "missing.txt"),
        (call("submit", answer=""), "submit: answer"),
        (call("submit", answer="x", claims=[{"text": "x", "evidence": ["root.9.9"]}]), "there is no evidence"),
        (call("recall", evidence_id="root.7.7"), "there is no evidence"),
        (calls(("write_file", '{"path": "a", "content": "' + "x" * 2_000_001)), "the limit is"),
        (Reply(calls=call("write_file", path="a").calls[:1], finish="length"), "'content' is a required property"),
    ],
)
async def test_what_a_model_gets_wrong_is_told_to_it_and_it_can_go_on(
    ledger: Ledger, folder: Path, bad: Reply, told: str
) -> None:
    model = ScriptedModel([bad, call("submit", answer="Sorry.", success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x")))
    assert told in last(model.asked[1])
    assert (report.outcome, report.exit_code) == ("failed", 1)


async def test_prose_is_asked_to_be_a_call_once_and_then_taken_as_an_unverified_answer(
    ledger: Ledger, folder: Path
) -> None:
    model = ScriptedModel([say("Let me think."), say("It is 7 metres long.")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="How long is it?")))
    assert "That was no function call." in last(model.asked[1])
    assert (report.answer, report.outcome) == ("It is 7 metres long.", "unverified")


async def test_the_same_call_with_the_same_result_is_refused_after_three_times(ledger: Ledger, folder: Path) -> None:
    look = call("list_files", path=".")
    model = ScriptedModel([look, look, look, look, call("submit", answer="Nothing there.", success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="x")))
    assert "refused: this very call gave the same result 3 times" in last(model.asked[4])
    assert "refused" not in last(model.asked[3])


async def test_the_last_step_must_submit_and_a_run_that_never_does_fails(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("write_file", path=f"{n}", content="x") for n in range(3)])
    settings = Settings(limits=Limits(steps=3))
    async with studio(ledger, StudioServices(model, folder), settings=settings) as runner:
        report = await runner.wait(await runner.start(Task(goal="x")))
    assert [asked.options.tool_choice for asked in model.asked] == ["auto", "auto", "submit"]
    assert (report.outcome, "limit of 3 steps" in report.answer) == ("failed", True)


async def test_older_results_are_replaced_by_references_that_can_be_opened_again(ledger: Ledger, folder: Path) -> None:
    def turn(asked: Asked) -> Reply:
        step = len(model.asked) - 1
        if step < 12:
            return call("shell", command=f"seq {step}000 {step}400")
        return call("recall", evidence_id="root.0.0") if step == 12 else call("submit", answer="Done.", success=False)

    model = ScriptedModel(turn)
    settings = Settings(limits=Limits(compact_at=0.07))
    async with studio(ledger, StudioServices(model, folder), settings=settings) as runner:
        await runner.wait(await runner.start(Task(goal="Count a lot")))
    before_recall = contents(list(model.asked[12].messages))
    assert "recall it by its id" in before_recall
    assert "\n11400\n" in before_recall
    assert "\n399\n" not in before_recall
    assert "\n399\n" in last(model.asked[13])


async def test_a_budget_warns_first_and_then_stops_the_run_which_can_go_on_with_a_larger_one(
    ledger: Ledger, folder: Path
) -> None:
    steps = [call("write_file", path=f"{n}", content="x").model_copy(update={"usage": Usage(calls=1, input_tokens=100)})
             for n in range(6)]  # fmt: skip
    model = ScriptedModel([*steps, call("submit", answer="Done.", success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x", budget=Budget(tokens=500)))
        with pytest.raises(BudgetExhausted, match="500 tokens"):
            await runner.wait(run_id)
        view = await read_view(ledger, run_id)
        assert (view.status, view.report is not None and view.report.outcome) == ("paused", "budget_exhausted")
        assert len(model.asked) == 5
        assert "400 of 500 tokens are used" in last(model.asked[4])
        await runner.set_budget(run_id, Budget(tokens=10_000))
        await runner.resume(run_id)
        report = await runner.wait(run_id)
    assert (report.outcome, len(model.asked)) == ("failed", 7)


async def test_secrets_in_tool_output_do_not_reach_the_model(home: Path, folder: Path) -> None:
    model = ScriptedModel(
        [
            call("shell", command="echo key is sk-test-abcdefghijklmnopqrstuvwx"),
            call("submit", answer="x", success=False),
        ]
    )
    ledger = await Ledger.open(home)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await runner.wait(run_id)
    assert "key is [redacted]" in last(model.asked[1])
    stored = b"".join([event.model_dump_json().encode() async for event in ledger.events(run_id)])
    await ledger.close()
    assert b"sk-test-abcdefghijklmnop" not in stored


PLAN: list[dict[str, Any]] = [
    {"id": "one", "goal": "do one"},
    {"id": "two", "goal": "do two"},
    {"id": "both", "goal": "join", "depends_on": ["one", "two"]},
]


def by_assignment(turns: dict[str, Callable[[Asked], Reply]]) -> Callable[[Asked], Reply]:
    """A model that answers by what the first user message is about."""

    def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        for words, answer in turns.items():
            if words in about:
                return answer(asked)
        raise AssertionError(about)

    return turn


async def test_independent_subtasks_are_worked_on_at_the_same_time_and_later_ones_get_their_results(
    ledger: Ledger, folder: Path
) -> None:
    meeting = asyncio.Barrier(2)

    async def meet(asked: Asked) -> Reply:
        async with asyncio.timeout(60):
            await meeting.wait()
        name = "one" if "do one" in str(asked.messages[1]["content"]) else "two"
        return call("submit", answer=f"result of {name}")

    async def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        if "Your part of it:\ndo" in about:
            return await meet(asked)
        if "Your part of it:\njoin" in about:
            assert "one: result of one" in about
            assert "two: result of two" in about
            return call("submit", answer="joined")
        if "What the subtasks found" in about:
            return call("submit", answer="everything is joined")
        return call("make_plan", subtasks=PLAN)

    model = ScriptedModel(turn)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Do both")))
    assert report.answer == "everything is joined"
    assert [(subtask.id, subtask.status) for subtask in report.plan] == [
        ("one", "done"), ("two", "done"), ("both", "done")
    ]  # fmt: skip


async def test_an_impossible_plan_comes_back_to_the_model_with_the_reason(ledger: Ledger, folder: Path) -> None:
    cycle = [{"id": "a", "goal": "x", "depends_on": ["b"]}, {"id": "b", "goal": "y", "depends_on": ["a"]}]
    model = ScriptedModel([call("make_plan", subtasks=cycle), call("submit", answer="Then not.", success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="x")))
    assert "these subtasks wait for each other: a, b" in last(model.asked[1])


async def test_a_milestone_that_fails_goes_back_to_the_model_and_passes_when_it_is_mended(
    ledger: Ledger, folder: Path
) -> None:
    milestone = {"id": "made", "text": "made.txt is there", "check": {"kind": "file", "path": "made.txt"}}
    subtasks = [{"id": "make", "goal": "make it", "milestones": [milestone]}]
    replies = iter(
        [
            call("submit", answer="It is made."),
            call("write_file", path="made.txt", content="now"),
            call("submit", answer="Now it is made."),
        ]
    )
    model = ScriptedModel(
        by_assignment(
            {
                "What the subtasks found": lambda _: call("submit", answer="made"),
                "Your part of it:\nmake it": lambda _: next(replies),
                "Make it": lambda _: call("make_plan", subtasks=subtasks),
            }
        )
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Make it")))
    assert "milestone made: fail: made.txt is not there" in last(model.asked[2])
    assert [check.outcome for check in report.checks] == ["pass"]


async def test_the_planner_revises_the_plan_when_a_subtask_fails(ledger: Ledger, folder: Path) -> None:
    revised = {"edits": [{"op": "add", "subtask": {"id": "other", "goal": "do it otherwise"}}]}
    model = ScriptedModel(
        by_assignment(
            {
                "What has just come out": lambda _: call("revise_plan", **revised),
                "What the subtasks found": lambda _: call("submit", answer="done in the end"),
                "Your part of it:\ndo one": lambda _: call("submit", answer="no way", success=False),
                "Your part of it:\ndo it otherwise": lambda _: call("submit", answer="like this"),
                "Do it": lambda _: call("make_plan", subtasks=[PLAN[0], {**PLAN[2], "depends_on": ["one"]}]),
            }
        )
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(Task(goal="Do it")))
    assert [(subtask.id, subtask.status) for subtask in report.plan] == [
        ("one", "failed"), ("both", "dropped"), ("other", "done")
    ]  # fmt: skip


async def test_no_revision_is_asked_for_when_nothing_is_surprising(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(
        by_assignment(
            {
                "What the subtasks found": lambda _: call("submit", answer="all done"),
                "Your part of it:": lambda _: call("submit", answer="done"),
                "Do it": lambda _: call("make_plan", subtasks=PLAN),
            }
        )
    )
    async with studio(ledger, StudioServices(model, folder)) as runner:
        await runner.wait(await runner.start(Task(goal="Do it")))
    # one for the plan, one for each of three subtasks, one for the report
    assert len(model.asked) == 5


async def test_a_report_says_the_same_in_json_as_it_was_recorded(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("submit", answer="x" * 50_000, success=False)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        report = await runner.wait(run_id)
    view = await read_view(ledger, run_id)
    assert json.loads(report.model_dump_json()) == json.loads(view.report.model_dump_json()) if view.report else False
