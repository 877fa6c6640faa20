"""Runs that write failed sentences anew come to the same when they are replayed, whatever the model does."""

from pathlib import Path

from agent.domain.budget import Budget, Usage
from agent.domain.errors import ModelUnavailable
from agent.domain.report import Report
from agent.domain.task import CheckOrder, Task
from agent.ledger.store import Ledger
from agent.memory.corrections.facts import Situation
from agent.memory.corrections.store import Corrections
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.verification.remembered import open_corrections
from tests.studio import StudioServices, studio

TEXT = "12 * 7 = 74. 6 * 7 = 42."


async def checked(
    ledger: Ledger,
    folder: Path,
    model: ScriptedModel,
    text: str = TEXT,
    *,
    corrections: Corrections | None = None,
    budget: Budget | None = None,
) -> Report:
    """Return the report of a check that rethinks; the studio replays it and compares."""
    order = CheckOrder(sha256=await ledger.blobs.put(text.encode()), title="notes", rethink=True)
    async with studio(ledger, StudioServices(model, folder, remembers=corrections)) as runner:
        task = Task(goal="Check notes", check=order, budget=budget or Budget())
        return await runner.wait(await runner.start(task))


async def test_a_failed_sentence_is_written_anew_by_the_model_and_the_run_replays(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel([call("rewrite_sentence", text="12 * 7 = 84.")])
    report = await checked(ledger, folder, model)
    assert (report.answer, report.outcome) == ("12 * 7 = 84. 6 * 7 = 42.", "verified")
    assert report.checking is not None
    assert [one.changed for one in report.checking.rounds] == [(), ("12 * 7 = 74.",)]
    assert "computed 84" in str(model.asked[0].messages[1]["content"])


async def test_a_model_that_cannot_be_reached_leaves_the_text_as_it_is_and_the_run_replays(
    ledger: Ledger, folder: Path
) -> None:
    report = await checked(ledger, folder, ScriptedModel([ModelUnavailable("the server is down")]))
    assert (report.answer, report.outcome) == (TEXT, "unverified")
    assert report.checking is not None
    assert report.checking.stopped == "not rethought"
    assert report.checking.unchecked == ("rethinking failed: the server is down",)


async def test_what_a_person_corrected_refutes_a_claim_and_is_what_the_sentence_is_written_from(
    ledger: Ledger, folder: Path, tmp_path: Path
) -> None:
    with open_corrections(tmp_path / "memory") as corrections:
        corrections.add(Situation(text="the tower of Brock is high"), "It is 330 m high, not 324 m.")
        model = ScriptedModel([call("rewrite_sentence", text="The tower of Brock is 330 m high.")])
        text = f"The tower of Brock is 324 m high. {TEXT.partition('. ')[2]}"
        report = await checked(ledger, folder, model, text, corrections=corrections)
    assert report.checking is not None
    assert [one.contradicted for one in report.checking.rounds] == [("c1",), ()]
    assert report.answer == "The tower of Brock is 330 m high. 6 * 7 = 42."
    assert "It is 330 m high, not 324 m." in str(model.asked[0].messages[1]["content"])


async def test_the_budget_ends_rethinking(ledger: Ledger, folder: Path) -> None:
    still_wrong = [
        call("rewrite_sentence", text=f"12 * 7 = {number}.").model_copy(
            update={"usage": Usage(calls=1, input_tokens=900, output_tokens=10)}
        )
        for number in (84, 75)
    ]
    model = ScriptedModel(still_wrong)
    text = "12 * 7 = 74. 6 * 8 = 44."
    report = await checked(ledger, folder, model, text, budget=Budget(tokens=2000))
    assert report.checking is not None
    assert len(model.asked) == 2
    assert report.checking.stopped == "budget"
