"""A person can step in at any time; runs stop in good order, go on where they were, and branch off anywhere."""

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from agent.domain.errors import (
    ModelUnavailable,
    ReplayDivergence,
    RunBusy,
    RunCancelled,
    RunPaused,
    StalePlan,
    UsageError,
    WaitingForPerson,
)
from agent.domain.messages import Reply
from agent.domain.plan import Add, Edit, NewSubtask, Update
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.port import ChatModel, Profile
from agent.models.testing.script import call, calls
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.history import read_view
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from tests.studio import StudioServices, assert_replays, studio

ASK = call("ask_person", question="Which\nport?", options=["80", "443"])
DONE = call("submit", answer="Done.", success=False)


class Gate:
    """A model turn that waits until it is opened."""

    def __init__(self, reply: Reply) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self._reply = reply

    async def __call__(self, asked: Asked) -> Reply:
        self.reached.set()
        await self.open.wait()
        return self._reply


async def test_a_question_stops_the_run_until_it_is_answered_from_anywhere(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([ASK, DONE])
    services = StudioServices(model, folder)
    async with studio(ledger, services) as runner:
        run_id = await runner.start(Task(goal="Open a port"))
        with pytest.raises(WaitingForPerson, match="Which\nport"):
            await runner.wait(run_id)
        assert (await ledger.find(run_id)).status == "waiting"
        view = await read_view(ledger, run_id)
        assert view.question is not None
        assert (view.question.question, view.question.options) == ("Which\nport?", ("80", "443"))
    async with studio(ledger, services) as another:
        await another.answer(run_id, "443")
        await another.answer(run_id, "443")
        await another.resume(run_id)
        await another.wait(run_id)
    assert model.asked[1].messages[-1]["content"] == "443"
    assert len(model.asked) == 2


async def test_a_person_who_is_here_is_asked_and_the_run_goes_on_at_once(ledger: Ledger, folder: Path) -> None:
    asked: list[tuple[str, Sequence[str]]] = []

    async def asker(question: str, options: Sequence[str]) -> str:
        asked.append((question, options))
        return "80"

    model = ScriptedModel([ASK, DONE])
    async with studio(ledger, StudioServices(model, folder), asker=asker) as runner:
        await runner.wait(await runner.start(Task(goal="Open a port")))
    assert asked == [("Which\nport?", ["80", "443"])]
    assert model.asked[1].messages[-1]["content"] == "80"


async def test_an_answer_from_elsewhere_ends_the_question_here(ledger: Ledger, folder: Path) -> None:
    here = asyncio.Event()

    async def slow(question: str, options: Sequence[str]) -> str:
        here.set()
        await asyncio.Event().wait()
        raise AssertionError

    model = ScriptedModel([ASK, DONE])
    async with studio(ledger, StudioServices(model, folder), asker=slow) as runner:
        run_id = await runner.start(Task(goal="Open a port"))
        await here.wait()
        other = Runner(ledger, StudioServices(model, folder), Settings())
        await other.answer(run_id, "443")
        await runner.wait(run_id)
    assert model.asked[1].messages[-1]["content"] == "443"


async def test_one_branch_that_asks_lets_the_others_finish_first(ledger: Ledger, folder: Path) -> None:
    def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        if "your part" not in about.lower():
            return DONE if "What the subtasks found" in about else call(
                "make_plan", subtasks=[{"id": "asks", "goal": "ask"}, {"id": "works", "goal": "work"}]
            )  # fmt: skip
        if "part of it:\nask" in about:
            return ASK if len(asked.messages) == 2 else call("submit", answer="asked")
        return call("shell", command="sleep 0.3") if len(asked.messages) == 2 else call("submit", answer="worked")

    model = ScriptedModel(turn)
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="Do both"))
        with pytest.raises(WaitingForPerson):
            await runner.wait(run_id)
        view = await read_view(ledger, run_id)
        assert [(s.id, s.status) for s in view.plan] == [("asks", "running"), ("works", "done")]
        await runner.answer(run_id, "80")
        await runner.resume(run_id)
        await runner.wait(run_id)


async def test_a_paused_run_goes_on_where_it_was_and_repeats_no_tool_call(ledger: Ledger, folder: Path) -> None:
    gate = Gate(call("counter"))
    model = ScriptedModel([call("counter"), gate, gate, DONE])
    services = StudioServices(model, folder)
    async with studio(ledger, services, settings=Settings(drain_seconds=0)) as runner:
        run_id = await runner.start(Task(goal="Count"))
        await gate.reached.wait()
        await runner.pause(run_id)
        with pytest.raises(RunPaused):
            await runner.wait(run_id)
        assert (await ledger.find(run_id)).status == "paused"
        gate.open.set()
        await runner.resume(run_id)
        await runner.wait(run_id)
    # the model call that was cut off is made again; the tool call before it is not
    assert len(model.asked) == 4
    assert str(model.asked[3].messages[-1]["content"]).partition("\n</untrusted")[0].endswith("\n2")


async def test_a_run_is_resumed_with_other_options_for_that_time(ledger: Ledger, folder: Path) -> None:
    class Recorded(StudioServices):
        async def models(self, options: RunOptions) -> Mapping[str, ChatModel]:
            asked.append(options.model)
            return await super().models(options)

    asked: list[str | None] = []
    services = Recorded(ScriptedModel([ModelUnavailable("down"), ModelUnavailable("down"), DONE]), folder)
    async with studio(ledger, services) as runner:
        run_id = await runner.start(Task(goal="x"), RunOptions(model="first"))
        for options in (RunOptions(model="second"), RunOptions()):
            with pytest.raises(ModelUnavailable):
                await runner.wait(run_id)
            await runner.resume(run_id, options)
        await runner.wait(run_id)
    assert asked == ["first", "second", "first"]


async def test_a_run_that_ended_cannot_be_resumed_but_forked(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("submit", answer="No claims here")])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await runner.wait(run_id)
        with pytest.raises(UsageError, match=f"plumbline fork {run_id}"):
            await runner.resume(run_id)


async def test_two_resumes_of_one_run_at_once_give_one_winner(ledger: Ledger, folder: Path) -> None:
    gate = Gate(DONE)
    model = ScriptedModel([gate])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await gate.reached.wait()
        other = Runner(ledger, StudioServices(model, folder), Settings())
        await other.resume(run_id)
        with pytest.raises(RunBusy, match="is being worked on by process"):
            await other.wait(run_id)
        gate.open.set()
        await runner.wait(run_id)


async def test_cancelling_ends_a_run_and_every_process_it_started(ledger: Ledger, folder: Path) -> None:
    mark = "sleep 4242.4242"
    model = ScriptedModel([call("shell", command=f"{mark} & {mark}", seconds=600)])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        async with asyncio.timeout(30):
            while mark not in _processes():  # noqa: ASYNC110 - processes of others send no events
                await asyncio.sleep(0.05)
        await runner.cancel(run_id)
        with pytest.raises(RunCancelled):
            await runner.wait(run_id)
    assert (await ledger.find(run_id)).status == "cancelled"
    assert mark not in _processes()


async def test_a_run_nobody_works_on_can_be_cancelled_too(ledger: Ledger, folder: Path) -> None:
    async with studio(ledger, StudioServices(ScriptedModel([ASK]), folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(WaitingForPerson):
            await runner.wait(run_id)
        assert (await runner.cancel(run_id)).status == "cancelled"
        with pytest.raises(UsageError, match="ended already"):
            await runner.cancel(run_id)


async def test_guidance_reaches_the_model_at_its_next_step_and_again_when_re_run(ledger: Ledger, folder: Path) -> None:
    gate = Gate(call("list_files", path="."))
    model = ScriptedModel([gate, DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await gate.reached.wait()
        await runner.guide(run_id, "use French")
        gate.open.set()
        await runner.wait(run_id)
    assert model.asked[1].messages[-1] == {"role": "user", "content": "[person] use French"}


async def test_a_person_edits_the_plan_and_a_stale_edit_is_refused(ledger: Ledger, folder: Path) -> None:
    gate = Gate(call("submit", answer="first"))

    async def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        if "What the subtasks found" in about:
            return DONE
        if "part of it:\ndo a" in about:
            return await gate(asked)
        if "part of it:" in about:
            return call("submit", answer=about.split("part of it:\n")[1].split("\n")[0])
        return call("make_plan", subtasks=[{"id": "a", "goal": "do a"}, {"id": "b", "goal": "b", "depends_on": ["a"]}])

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await gate.reached.wait()
        edits: list[Edit] = [
            Update(op="update", target="b", goal="b in blue"),
            Add(op="add", subtask=NewSubtask(id="c", goal="c")),
        ]
        with pytest.raises(StalePlan, match="version 1, not 0"):
            await runner.edit_plan(run_id, edits, version=0)
        await runner.edit_plan(run_id, edits, version=1)
        gate.open.set()
        report = await runner.wait(run_id)
    view = await read_view(ledger, run_id)
    assert [subtask.id for subtask in report.plan] == ["a", "b", "c"]
    assert (view.results["b"].answer, view.results["c"].answer) == ("b in blue", "c")


async def test_in_manual_mode_each_risky_call_needs_a_yes(ledger: Ledger, folder: Path) -> None:
    questions: list[str] = []

    async def asker(question: str, options: Sequence[str]) -> str:
        questions.append(question)
        return "yes" if "keep.txt" in question else "not on my machine"

    model = ScriptedModel(
        [
            calls(
                ("write_file", {"path": "keep.txt", "content": "x"}),
                ("shell", {"command": "rm -rf ."}),
                ("list_files", {}),
            ),
            DONE,
        ]
    )
    async with studio(ledger, StudioServices(model, folder), asker=asker) as runner:
        run_id = await runner.start(Task(goal="x", mode="manual"))
        report = await runner.wait(run_id)
    assert len(questions) == 2
    told = [str(message["content"]) for message in model.asked[1].messages[-3:]]
    assert told[1] == "error (refused): a person did not allow this call: not on my machine"
    assert [artefact.path for artefact in report.artefacts] == ["keep.txt"]
    asked = [event async for event in ledger.events(run_id) if event.kind == "person" and event.phase == "started"]
    assert [event.payload["request"]["about"] for event in asked] == [
        {"tool": "write_file", "arguments": {"path": "keep.txt", "content": "x"}},
        {"tool": "shell", "arguments": {"command": "rm -rf ."}},
    ]


async def test_in_review_mode_plan_and_report_are_approved(ledger: Ledger, folder: Path) -> None:
    answers = iter(["first do b", "yes", "I do not like it"])

    async def asker(question: str, options: Sequence[str]) -> str:
        return next(answers)

    def turn(asked: Asked) -> Reply:
        about = str(asked.messages[1]["content"])
        if "The person says:\n- first do b" in about:
            return call("revise_plan", edits=[{"op": "add", "subtask": {"id": "b", "goal": "do b"}}])
        if "part of it:" in about or "What the subtasks found" in about:
            return call("submit", answer="fine")
        return call("make_plan", subtasks=[{"id": "a", "goal": "do a"}])

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder), asker=asker) as runner:
        report = await runner.wait(await runner.start(Task(goal="x", mode="review")))
    assert [subtask.id for subtask in report.plan] == ["a", "b"]
    assert report.outcome == "unverified"
    assert "did not accept this report: I do not like it" in report.notes[0]


async def test_a_fork_goes_on_from_any_event_with_its_workspace_as_it_was(ledger: Ledger, folder: Path) -> None:
    steps = [call("write_file", path=f"{n}.txt", content=str(n)) for n in range(3)]
    async with studio(ledger, StudioServices(ScriptedModel([*steps, DONE]), folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await runner.wait(run_id)
    view = await read_view(ledger, run_id)
    second_done = view.steps["root/tool/1.0"].done_seq
    assert second_done is not None
    model = ScriptedModel([call("shell", command="ls"), DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        fork_id = await runner.fork(run_id, second_done)
        await runner.resume(fork_id)
        await runner.wait(fork_id)
    assert "0.txt\n1.txt\n[exit" in str(model.asked[1].messages[-1]["content"])
    assert (await ledger.find(run_id)).status == "failed"


async def test_a_report_names_the_models_that_worked_before_and_after_a_change(ledger: Ledger, folder: Path) -> None:
    first = ScriptedModel([call("list_files", path="."), ModelUnavailable("down")], name="first")
    small = ScriptedModel([DONE, DONE], name="small", profile=Profile(tool_mode="native", limited=True))
    async with studio(ledger, StudioServices(first, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(ModelUnavailable):
            await runner.wait(run_id)
        beginning = await runner.fork(run_id, 1)
    async with studio(ledger, StudioServices(small, folder)) as runner:
        await runner.resume(run_id)
        report = await runner.wait(run_id)
        assert (report.models, report.limited) == (("first", "small"), True)
        await runner.resume(beginning)
        assert (await runner.wait(beginning)).models == ("small",)


async def test_a_lost_workspace_is_rebuilt_from_the_recorded_calls(ledger: Ledger, folder: Path) -> None:
    gate = Gate(call("shell", command="cat a.txt"))
    model = ScriptedModel([call("write_file", path="a.txt", content="one"), call("edit_file", path="a.txt", old="one",
                           new="two"), gate, gate, DONE])  # fmt: skip
    services = StudioServices(model, folder)
    async with studio(ledger, services, settings=Settings(drain_seconds=0)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await gate.reached.wait()
        await runner.pause(run_id)
        with pytest.raises(RunPaused):
            await runner.wait(run_id)
        shutil.rmtree(folder / run_id)
        gate.open.set()
        await runner.resume(run_id)
        await runner.wait(run_id)
    assert "two" in str(model.asked[4].messages[-1]["content"])


async def test_an_outage_pauses_the_run_which_goes_on_when_it_is_over(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([ModelUnavailable("the model server is down"), DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(ModelUnavailable):
            await runner.wait(run_id)
        run = await ledger.find(run_id)
        assert (run.status, run.reason) == ("paused", "the model server is down")
        await runner.resume(run_id)
        await runner.wait(run_id)


async def test_more_runs_than_there_are_places_wait_their_turn(ledger: Ledger, folder: Path) -> None:
    gates = {name: Gate(DONE) for name in ("first", "second")}

    async def turn(asked: Asked) -> Reply:
        return await gates[str(asked.messages[1]["content"])](asked)

    settings = Settings(concurrency=1)
    async with studio(ledger, StudioServices(ScriptedModel(turn), folder), settings=settings) as runner:
        first = await runner.start(Task(goal="first"))
        second = await runner.start(Task(goal="second"))
        await gates["first"].reached.wait()
        assert (await ledger.find(second)).status == "queued"
        gates["first"].open.set()
        gates["second"].open.set()
        await asyncio.gather(runner.wait(first), runner.wait(second))


async def test_a_replay_with_another_prompt_diverges_and_names_the_effect(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([DONE])
    async with studio(ledger, StudioServices(model, folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        await runner.wait(run_id)
        await _change_recorded_prompt(ledger, run_id)
        with pytest.raises(ReplayDivergence, match=r"effect root/model/0 \(model\) .*plumbline fork"):
            await runner.replay(run_id)
        await ledger.delete(run_id)


async def test_an_unfinished_run_cannot_be_replayed_to_a_report(ledger: Ledger, folder: Path) -> None:
    async with studio(ledger, StudioServices(ScriptedModel([ASK]), folder)) as runner:
        run_id = await runner.start(Task(goal="x"))
        with pytest.raises(WaitingForPerson):
            await runner.wait(run_id)
        with pytest.raises(ReplayDivergence, match="never finished"):
            await assert_replays(ledger, run_id, folder / "replay")


async def _change_recorded_prompt(ledger: Ledger, run_id: str) -> None:
    """Make the ledger say that an earlier version of the product asked something else."""
    from sqlalchemy import text

    async with ledger.transaction() as connection:
        change = "UPDATE events SET payload = replace(payload, '\"digest\":\"', '\"digest\":\"0') WHERE kind = 'model'"
        await connection.execute(text(change))


def _processes() -> str:
    commands = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                commands.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
            except OSError:
                continue
    return "\n".join(commands)
