"""A wish goes in, a design comes out: criteria first, then programs that are tried out and made better.

Every run here is also exported, and replayed elsewhere over its record alone, to the same report.
"""

from collections.abc import Sequence
from pathlib import Path

import pytest

from agent.domain.budget import Budget
from agent.domain.design import Design
from agent.domain.errors import BudgetExhausted, WaitingForPerson
from agent.domain.messages import Reply
from agent.domain.report import Report
from agent.domain.task import BuildOrder, Task
from agent.ledger.store import Ledger
from agent.models.config import OpenAIConfig
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import ChatModel, Profile
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from agent.models.tool_modes import with_tool_mode
from agent.runtime.history import read_view
from agent.runtime.recorded_model import recorded_model
from agent.runtime.runner import Runner
from tests.runtime.designing import CLOSED, ENTRY, WISH, ScriptedDesigner, fenced, hut, look
from tests.studio import StudioServices, studio

BOTH = fenced(hut(door=False, hole=True))
GOOD = fenced(hut())


async def built(
    ledger: Ledger, folder: Path, model: ChatModel, *, wish: str = WISH, budget: Budget | None = None, **order: object
) -> tuple[Report, Design]:
    """Return the report on a wish, and its design."""
    given = {"artefact": "voxel", "candidates": 1, **order}
    task = Task(goal=wish, build=BuildOrder.model_validate(given), budget=budget or Budget())
    async with studio(ledger, StudioServices(model, folder)) as runner:
        report = await runner.wait(await runner.start(task))
    assert report.design is not None
    return report, report.design


def scripted(designer: ScriptedDesigner) -> ScriptedModel:
    return ScriptedModel(designer)


def outcomes(made: Design, candidate: str) -> dict[str, str]:
    """Return how the criteria of a candidate came out."""
    found = next(one for turn in made.rounds for one in turn.candidates if one.id == candidate)
    return {result.criterion.id: result.outcome for result in found.results}


async def test_two_defects_are_named_repaired_and_all_checks_pass(ledger: Ledger, folder: Path) -> None:
    """The designer is a model behind a real server; its first program has no door and a hole in the roof."""
    first_look = look(3, "there is no way in", "there is a hole in the roof")
    designer = ScriptedDesigner(programs=[BOTH], redesigns=[GOOD], looks=[first_look, look(9)])
    async with ScriptedServer(designer.over_http) as server:
        config = OpenAIConfig(
            model="scripted",
            base_url=server.base_url,
            api_key_env=None,
            profile=Profile(tool_mode="native", vision=True),
        )
        model = with_tool_mode(OpenAICompatible("scripted", config, key=None))
        report, made = await built(ledger, folder, model)
        await model.close()
    assert (report.outcome, report.exit_code, made.stop, made.best) == ("verified", 0, "accepted", "r2.c1")
    assert outcomes(made, "r1.c1") == {"entry": "fail", "closed": "fail"}
    assert outcomes(made, "r2.c1") == {"entry": "pass", "closed": "pass"}
    first, second = made.rounds
    assert "fails 'one can enter': share_reached is 0, asked for is >= 0.9" in first.reflection
    assert "fails 'keeps the rain out': open_share is" in first.reflection
    critique = next(one for one in first.candidates[0].critiques if one.by == "vision")
    assert [finding.problem for finding in critique.findings] == ["there is no way in", "there is a hole in the roof"]
    assert all(finding.problem in first.reflection for finding in critique.findings)
    assert "data:image/png;base64," in designer.shown["critique_artefact"][0], "the model saw pictures"
    assert first.reflection in designer.shown["redesign"][0], "the designer is told what was measured"
    assert '"door"' in second.change
    assert (first.change, second.reflection) == ("", "")
    for turn in made.rounds:
        pictures = [view.picture for view in turn.candidates[0].views if view.picture is not None]
        assert len(pictures) == 5
        assert all([(await ledger.blobs.get(one.sha256)).startswith(b"\x89PNG") for one in pictures])
    assert made.criteria_sha256 == made.criteria.sha256
    assert all(result.control for result in made.rounds[1].candidates[0].results)
    files = {file.path: file for file in report.artefacts}
    assert b'"door"' in await ledger.blobs.get(files["building.json"].sha256)


async def test_criteria_are_frozen_before_any_program_and_no_designer_sees_them(ledger: Ledger, folder: Path) -> None:
    designer = ScriptedDesigner(programs=[GOOD])
    model = scripted(designer)
    _, made = await built(ledger, folder, model)
    asked = [[tool.name for tool in one.tools] for one in model.asked]
    assert asked == [["write_criteria"], ["plan_parts"], [], ["critique_artefact"]]
    assert WISH in designer.shown["write_criteria"][0]
    for shown in (*designer.shown["program"], *designer.shown["plan_parts"]):
        assert "share_reached" not in shown
        assert "encloses" not in shown
    events = [event async for event in ledger.events((await ledger.newest())[0].id)]
    stages = [event.payload["stage"] for event in events if event.kind == "design"]
    assert stages == ["criteria", "parts", "candidate", "tried", "round", "stopped"]
    assert made.parts[0].name == "walls"


async def test_a_hint_is_told_to_designers_and_not_to_whoever_writes_the_criteria(ledger: Ledger, folder: Path) -> None:
    designer = ScriptedDesigner(programs=[GOOD])
    await built(ledger, folder, scripted(designer), hints=("let the door be two cells wide",))
    told = {name: "two cells wide" in shown[0] for name, shown in designer.shown.items()}
    assert told == {"write_criteria": False, "plan_parts": True, "program": True, "critique_artefact": False}


async def test_a_wish_in_chinese_is_built(ledger: Ledger, folder: Path) -> None:
    wish = "一间可以走进去、不漏雨的小屋"
    criteria = call("write_criteria", criteria=[{**ENTRY, "wish": "可以走进去"}], untestable=["好看, 没有场景能测量"])
    designer = ScriptedDesigner(programs=[GOOD], criteria=[criteria])
    report, made = await built(ledger, folder, scripted(designer), wish=wish)
    assert (report.outcome, made.criteria.wish, made.criteria.criteria[0].wish) == ("verified", wish, "可以走进去")
    assert wish in designer.shown["program"][0]
    assert report.notes == ("Not tested: 好看, 没有场景能测量.",)


class TestCriteria:
    async def test_what_cannot_be_tested_is_said_to_the_writer_and_then_in_the_report(
        self, ledger: Ledger, folder: Path
    ) -> None:
        warm = {**ENTRY, "id": "warm", "wish": "is warm", "scenario": "heats", "measure": "degrees"}
        metres = {**CLOSED, "id": "wide", "wish": "is wide", "scenario": "measured", "measure": "width", "unit": "m"}
        designer = ScriptedDesigner(programs=[GOOD], criteria=[call("write_criteria", criteria=[ENTRY, warm, metres])])
        report, made = await built(ledger, folder, scripted(designer))
        again = designer.shown["write_criteria"][1]
        assert "there is no scenario 'heats'" in again
        assert "width is measured in cells, and the threshold is in m" in again
        assert [one.id for one in made.criteria.criteria] == ["entry"]
        assert [line.split(":")[0] for line in made.criteria.untestable] == ["is warm", "is wide"]
        assert any(note.startswith("Not tested: is warm: warm: there is no scenario") for note in report.notes)
        assert "what else is wished could not be tested" in report.answer

    async def test_a_wish_that_contradicts_itself_is_refused_before_any_program(
        self, ledger: Ledger, folder: Path
    ) -> None:
        low = {**CLOSED, "id": "low", "wish": "is low", "scenario": "measured", "measure": "height", "unit": "cells",
               "relation": "<=", "threshold": 3}  # fmt: skip
        high = {**low, "id": "high", "wish": "is high", "relation": ">=", "threshold": 9}
        designer = ScriptedDesigner(programs=[GOOD], criteria=[call("write_criteria", criteria=[low, high])])
        report, made = await built(ledger, folder, scripted(designer))
        assert (report.outcome, report.exit_code, made.stop, made.rounds) == ("unverified", 3, "untestable", ())
        assert "low and high" in report.answer
        assert "cannot both hold" in report.answer
        assert set(designer.shown) == {"write_criteria"}

    async def test_a_wish_of_which_nothing_can_be_tested_is_not_faked(self, ledger: Ledger, folder: Path) -> None:
        nothing = call("write_criteria", criteria=[], untestable=["cosy: nothing measures that"])
        designer = ScriptedDesigner(programs=[GOOD], criteria=[nothing])
        report, made = await built(ledger, folder, scripted(designer), wish="Something cosy")
        assert (report.exit_code, made.stop) == (3, "untestable")
        assert "cosy: nothing measures that" in report.answer

    async def test_criteria_of_a_person_are_taken_as_they_are(self, ledger: Ledger, folder: Path) -> None:
        designer = ScriptedDesigner(programs=[BOTH], redesigns=[GOOD])
        _, first = await built(ledger, folder, scripted(designer))
        given = await ledger.blobs.put(first.criteria.model_dump_json().encode())
        designer = ScriptedDesigner(programs=[GOOD])
        report, made = await built(ledger, folder, scripted(designer), criteria=given)
        assert "write_criteria" not in designer.shown
        assert (report.outcome, made.criteria_sha256) == ("verified", first.criteria_sha256)

    async def test_a_check_that_is_inconclusive_is_repaired_without_touching_what_it_asks(
        self, ledger: Ledger, folder: Path
    ) -> None:
        """``remove_lights`` lets nobody out, so the first control shows nothing."""
        lame = call("write_criteria", criteria=[{**ENTRY, "control": {"name": "remove_lights"}}])
        mend = call("mend_check", action="repair", reason="it is about light", control={"name": "fill_openings"})
        designer = ScriptedDesigner(programs=[GOOD], criteria=[lame], mends=[mend])
        report, made = await built(ledger, folder, scripted(designer))
        assert "passes as well, so this check shows nothing" in designer.shown["mend_check"][0]
        (repair,) = made.repairs
        assert (repair.criterion, repair.reason) == ("entry", "it is about light")
        assert repair.sha256 == made.criteria_sha256 != made.criteria.sha256
        assert made.criteria.criteria[0].threshold == ENTRY["threshold"]
        assert (report.outcome, outcomes(made, "r1.c1")) == ("verified", {"entry": "pass"})
        assert any("was repaired (control remove_lights -> fill_openings)" in note for note in report.notes)

    async def test_a_check_that_stays_inconclusive_is_never_a_pass(self, ledger: Ledger, folder: Path) -> None:
        lame = call("write_criteria", criteria=[{**ENTRY, "control": {"name": "remove_lights"}}])
        designer = ScriptedDesigner(programs=[GOOD], redesigns=[GOOD], criteria=[lame])
        report, made = await built(ledger, folder, scripted(designer), rounds=2)
        assert (report.outcome, made.stop, outcomes(made, made.best or "")) == (
            "unverified", "rounds", {"entry": "inconclusive"},
        )  # fmt: skip


class TestCandidates:
    async def test_a_candidate_that_fails_leaves_the_others_alone(self, ledger: Ledger, folder: Path) -> None:
        """One writes no program, one writes nonsense and is never repaired; the third is good."""
        programs = {"1": say("I would rather not."), "2": fenced('{"actions": [{"do": "explode"}]}'), "3": GOOD}

        def program(shown: str) -> Reply:
            return programs[shown.rsplit("yours is number ", 1)[1][0]]

        designer = ScriptedDesigner(programs=[program], repairs=[fenced("{}")])
        report, made = await built(ledger, folder, scripted(designer), candidates=3)
        refused, broken, good = made.rounds[0].candidates
        assert "no program was written: There is no block between fences" in refused.failure
        assert "action 1 (explode)" in broken.attempts[0].error
        assert "the program must be an object" in broken.failure
        assert len(broken.attempts) == 2, "repairs are bounded"
        assert (report.outcome, made.best, good.failure) == ("verified", "r1.c3", "")

    async def test_a_program_that_makes_nothing_is_repaired_with_what_is_wrong(
        self, ledger: Ledger, folder: Path
    ) -> None:
        designer = ScriptedDesigner(programs=[fenced('{"actions": []}')], repairs=[GOOD])
        report, made = await built(ledger, folder, scripted(designer))
        assert report.outcome == "verified"
        assert [one.error for one in made.rounds[0].candidates[0].attempts] == [
            "the program built nothing: no block is left after its last action"
        ]
        assert "no block is left" in designer.shown["repair"][0]

    async def test_where_all_fail_nothing_is_handed_over_and_why_is_told(self, ledger: Ledger, folder: Path) -> None:
        nonsense = fenced("nonsense")
        designer = ScriptedDesigner(programs=[nonsense], redesigns=[nonsense], repairs=[nonsense])
        report, made = await built(ledger, folder, scripted(designer), candidates=2, rounds=2)
        assert (report.outcome, report.exit_code, made.stop, made.best) == ("unverified", 3, "nothing_built", None)
        assert [len(turn.candidates) for turn in made.rounds] == [2, 2]
        assert "the program is not JSON" in made.rounds[0].reflection
        assert (report.artefacts, made.handed_over) == ((), None)

    async def test_what_two_candidates_share_is_made_and_tried_once(self, ledger: Ledger, folder: Path) -> None:
        designer = ScriptedDesigner(programs=[GOOD])
        report, made = await built(ledger, folder, scripted(designer), candidates=2)
        assert outcomes(made, "r1.c1") == outcomes(made, "r1.c2")
        run = (await ledger.newest())[0]
        builds = [event async for event in ledger.events(run.id) if "/build." in (event.key or "")]
        assert [event.phase for event in builds] == ["started", "done"]
        assert report.outcome == "verified"


class TestRounds:
    async def test_the_best_round_is_handed_over_and_not_the_last(self, ledger: Ledger, folder: Path) -> None:
        designer = ScriptedDesigner(programs=[fenced(hut(hole=True))], redesigns=[BOTH])
        report, made = await built(ledger, folder, scripted(designer), rounds=2)
        assert (report.outcome, made.stop, made.best) == ("unverified", "rounds", "r1.c1")
        assert [turn.best for turn in made.rounds] == ["r1.c1", "r1.c1"]
        assert report.answer == "r1.c1, the best of 2 rounds, is not accepted: it passes 1 of 2 criteria."
        assert report.artefacts, "the best there is is handed over all the same"

    async def test_a_budget_that_runs_low_ends_it_with_the_best_round(self, ledger: Ledger, folder: Path) -> None:
        costly = fenced(hut(hole=True))
        costly = costly.model_copy(update={"usage": costly.usage.model_copy(update={"output_tokens": 900, "calls": 1})})
        designer = ScriptedDesigner(programs=[costly], redesigns=[GOOD])
        report, made = await built(ledger, folder, scripted(designer), budget=Budget(tokens=1_000))
        assert (report.outcome, report.exit_code, made.stop, made.best) == ("unverified", 3, "budget", "r1.c1")
        assert "redesign" not in designer.shown

    async def test_without_trying_out_nothing_is_accepted(self, ledger: Ledger, folder: Path) -> None:
        designer = ScriptedDesigner(programs=[GOOD])
        report, made = await built(ledger, folder, scripted(designer), pragmatic=False)
        assert (report.outcome, report.exit_code, made.stop) == ("unverified", 3, "untried")
        assert made.rounds[0].candidates[0].results == ()

    async def test_without_looking_there_are_no_views(self, ledger: Ledger, folder: Path) -> None:
        report, made = await built(ledger, folder, scripted(ScriptedDesigner(programs=[GOOD])), visual=False)
        assert "no model has looked at it" in report.answer
        assert (report.outcome, made.rounds[0].candidates[0].views, made.visual) == ("verified", (), False)


async def test_a_small_model_is_refused_in_one_line_and_not_asked(ledger: Ledger, folder: Path) -> None:
    small = ScriptedModel(ScriptedDesigner(programs=[GOOD]), profile=Profile(tool_mode="native", limited=True))
    task = Task(goal=WISH, build=BuildOrder(artefact="voxel"))
    async with studio(ledger, StudioServices(small, folder)) as runner:
        report = await runner.wait(await runner.start(task))
    assert (report.outcome, small.asked) == ("failed", [])
    assert report.answer == (
        "Nothing was made: a small local model can neither write criteria nor design; name another by --model."
    )


async def test_criteria_that_are_none_are_refused_in_one_line(ledger: Ledger, folder: Path) -> None:
    bad = await ledger.blobs.put(b'{"wish": 1}')
    task = Task(goal=WISH, build=BuildOrder(artefact="voxel", criteria=bad))
    async with studio(ledger, StudioServices(scripted(ScriptedDesigner(programs=[GOOD])), folder)) as runner:
        report = await runner.wait(await runner.start(task))
    assert report.outcome == "failed"
    assert report.answer.startswith("Nothing was made: the criteria cannot be read: wish:")


class TestStalled:
    """Rounds that bring nothing better, and whoever is asked then."""

    async def test_a_person_is_asked_and_what_they_say_is_done(self, ledger: Ledger, folder: Path) -> None:
        asked: list[str] = []

        async def person(question: str, options: Sequence[str]) -> str:
            asked.append(question)
            return "give it a door"

        same = fenced(hut(door=False))

        def redesign(shown: str) -> Reply:
            return GOOD if "A person says: give it a door" in shown else same

        designer = ScriptedDesigner(programs=[same], redesigns=[redesign])
        task = Task(goal=WISH, build=BuildOrder(artefact="voxel", candidates=1, rounds=6))
        async with studio(ledger, StudioServices(scripted(designer), folder), asker=person) as runner:
            report = await runner.wait(await runner.start(task))
        assert report.design is not None
        assert (report.outcome, len(report.design.rounds), len(asked)) == ("verified", 4, 1)
        assert "does not get better" in asked[0]
        assert "fails 'one can enter'" in asked[0]

    async def test_where_nobody_is_here_the_run_waits_and_goes_on_with_the_answer(
        self, ledger: Ledger, folder: Path
    ) -> None:
        same = fenced(hut(door=False))
        model = scripted(ScriptedDesigner(programs=[same], redesigns=[same]))
        task = Task(goal=WISH, build=BuildOrder(artefact="voxel", candidates=1, rounds=6))
        async with studio(ledger, StudioServices(model, folder)) as runner:
            run_id = await runner.start(task)
            with pytest.raises(WaitingForPerson, match="does not get better"):
                await runner.wait(run_id)
            calls = len(model.asked)
            await runner.answer(run_id, "stop")
            await runner.resume(run_id)
            report = await runner.wait(run_id)
        assert report.design is not None
        assert (report.outcome, report.design.stop, report.design.best) == ("unverified", "stalled", "r1.c1")
        assert len(model.asked) == calls, "nothing that was recorded is asked again"


async def test_a_recorded_model_drives_the_design_again_while_the_world_is_live(ledger: Ledger, folder: Path) -> None:
    designer = ScriptedDesigner(programs=[BOTH], redesigns=[GOOD])
    _, first = await built(ledger, folder, scripted(designer), candidates=2)
    run = (await ledger.newest())[0]
    again, second = await built(ledger, folder, await recorded_model(ledger, run.id), candidates=2)
    assert (again.outcome, again.models) == ("verified", ("recorded",))
    assert [[one.program for one in turn.candidates] for turn in second.rounds] == [
        [one.program for one in turn.candidates] for turn in first.rounds
    ]
    lived = [event async for event in ledger.events((await ledger.newest())[0].id) if event.kind == "tool"]
    assert any("/simulate." in (event.key or "") for event in lived)


async def test_a_hard_stop_by_the_budget_keeps_the_design_as_far_as_it_came(ledger: Ledger, folder: Path) -> None:
    costly = fenced(hut(hole=True))
    costly = costly.model_copy(update={"usage": costly.usage.model_copy(update={"output_tokens": 2_000, "calls": 1})})
    dear = GOOD.model_copy(update={"usage": costly.usage})
    designer = ScriptedDesigner(programs=[fenced(hut(hole=True))], redesigns=[dear])
    task = Task(goal=WISH, build=BuildOrder(artefact="voxel", candidates=1), budget=Budget(tokens=1_500))
    async with studio(ledger, StudioServices(scripted(designer), folder)) as runner:
        run_id = await runner.start(task)
        with pytest.raises(BudgetExhausted):
            await runner.wait(run_id)
    report = (await read_view(ledger, run_id)).report
    assert report is not None
    assert report.design is not None
    assert (report.outcome, report.exit_code) == ("budget_exhausted", 4)
    assert (report.design.best, report.design.accepted, len(report.design.rounds)) == ("r1.c1", False, 1)
    assert outcomes(report.design, "r1.c1") == {"entry": "pass", "closed": "fail"}


async def test_what_a_person_says_unasked_is_told_to_the_next_round_once(ledger: Ledger, folder: Path) -> None:
    same = fenced(hut(door=False))
    runners: list[Runner] = []

    async def first(asked: Asked) -> Reply:
        reply = designer(asked)
        if reply is same and len(designer.shown.get("redesign", ())) == 0:
            await runners[0].guide((await ledger.newest())[0].id, "use tiles for the roof")
        return reply

    designer = ScriptedDesigner(programs=[same], redesigns=[same, GOOD])
    task = Task(goal=WISH, build=BuildOrder(artefact="voxel", candidates=1))
    async with studio(ledger, StudioServices(ScriptedModel(first), folder)) as runner:
        runners.append(runner)
        report = await runner.wait(await runner.start(task))
    assert report.outcome == "verified"
    told = ["A person says: use tiles for the roof" in shown for shown in designer.shown["redesign"]]
    assert told == [True, False]
