"""The seat's API: state as JSON, actions with the step they were chosen at, and a record of all that was done."""

import asyncio
import json
from pathlib import Path

import pytest

from agent.browsing.annotation.api import SeatApi
from agent.browsing.annotation.commands import parse_command
from agent.browsing.annotation.forms import PageShown, ResultsShown, SeatAction, SeatState
from agent.browsing.annotation.record import RecordedSession
from agent.browsing.config import BrowsingConfig, ProfileConfig
from agent.browsing.errors import IllegalAction, QuoteNotFound, StaleState
from agent.browsing.profile import DEFAULT, WEBCPM
from agent.domain.errors import ModelOutputError, RunPaused, UsageError
from agent.domain.task import BrowseOrder, Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import ScriptedModel
from agent.runtime.settings import Settings
from tests.browsing.annotation.seats import NORTH, QUESTION, QUICK, nobody, seated, waiting, world
from tests.studio import StudioServices, studio


async def test_the_state_tells_everything_that_a_page_has_to_show(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        first = await seat.api.state()
        found = await seat.does("s north works valves")
        opened = await seat.does("o 1")
        quoted = await seat.does("q 2")

    assert (first.question, first.status, first.step, first.view.kind) == (QUESTION, "running", 0, "nothing")
    assert [action.name for action in first.actions] == ["search", "finish", "reject"]
    assert first.actions[0].parameters["properties"]["query"]["maxLength"] == 400
    assert isinstance(found.view, ResultsShown)
    assert (found.view.results[0].number, found.view.results[0].title) == (1, "North works")
    assert isinstance(opened.view, PageShown)
    assert opened.view.sentences[1].text == "The north works made 1,234 green valves in 2021."
    assert (opened.view.window, opened.view.windows, opened.scrolls) == (1, 2, ("down",))
    assert [(link.number, link.text) for link in opened.view.links] == [(1, "south")]
    assert (quoted.last, quoted.progress.used, quoted.progress.left) == ("kept as E1", 3, 97)
    (quote,) = quoted.quotes
    assert NORTH.text[quote.parts[0].start : quote.parts[0].end] == quote.text
    for state in (first, found, opened, quoted):
        assert SeatState.model_validate_json(state.model_dump_json()) == state
        assert json.loads(state.model_dump_json())["run_id"] == state.run_id


async def test_undo_drop_merge_and_reorder_are_steps_like_all_others(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        await seat.does("s north works valves", "o 1", "q 1", "q 2", "r E2 E1", "d E1", "u", "m E2 E1", "u", "u")
        state = await seat.does("a The north works made 1,234 green valves [E2].")
        report = await seat.runner.wait(state.run_id)

    done = [step.name for step in state.history]
    assert done[4:] == ["reorder", "drop", "undo", "merge", "undo", "undo", "finish"]
    assert [quote.id for quote in state.quotes] == ["E1", "E2"]
    assert (state.ended, state.actions) == ("finished", ())
    assert report.answer == "The north works made 1,234 green valves [E2]."
    (claim,) = report.claims
    assert claim.claim.evidence == ("E2",)
    (evidence,) = report.evidence
    assert evidence.kind == "quote"
    assert (evidence.text, evidence.source.location) == ("The north works made 1,234 green valves in 2021.", NORTH.url)


async def test_an_action_for_an_earlier_view_is_refused_and_changes_nothing(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        state = await seat.does("s north works valves", "o 1")
        with pytest.raises(StaleState, match="is at step 2 and not at 1"):
            await seat.api.act(parse_command("q 1"), 1)
        assert await seat.api.state() == state


async def test_of_two_who_act_at_the_same_step_one_is_told_to_look_again(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        await seat.does("s north works valves", "o 1")
        other = await SeatApi.open(ledger, seat.api.run_id)
        both = await asyncio.gather(
            seat.api.act(parse_command("q 1"), 2), other.act(parse_command("q 2"), 2), return_exceptions=True
        )
        state = await seat.api.state()

    assert [type(result).__name__ for result in both].count("SeatState") == 1
    assert any(isinstance(result, UsageError) for result in both)
    assert len(state.quotes) == 1


async def test_what_is_not_possible_is_refused_before_it_is_sent(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        state = await seat.does("s north works valves", "o 1")
        for line, error in (
            ("o 99", IllegalAction),
            ("k", IllegalAction),
            ("u extra", UsageError),
            ('q "1,235 green valves"', QuoteNotFound),
            ("q 9999", UsageError),
            ("a made up [E7]", IllegalAction),
            ("m E1 E2", IllegalAction),
            ('{"name": "rm -rf", "arguments": {}}', IllegalAction),
            ('{"name": "search", "arguments": {"words": "x"}}', ModelOutputError),
        ):
            with pytest.raises(error):
                await seat.does(line)
        assert await seat.api.state() == state


async def test_a_page_that_cannot_be_had_is_told_and_counts_as_a_step(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        found = await seat.does("s valves valves works")
        assert isinstance(found.view, ResultsShown)
        number = next(result.number for result in found.view.results if result.title == "Gone")
        state = await seat.does(f"o {number}")

    assert state.last.startswith("not_found:")
    assert (state.history[-1].ok, state.progress.used, state.view.kind) == (False, 2, "results")


async def test_words_that_are_no_action_are_on_record_and_cost_no_step(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        await seat.runner.answer(seat.api.run_id, "look it up yourself", question="root/act/1")
        await waiting(ledger, seat.api.run_id, 2)
        state = await seat.api.state()

    assert (state.step, state.progress.used, state.history[0].ok) == (1, 0, False)
    assert "there is no action 'look it up yourself'" in state.last


async def test_a_paused_session_goes_on_at_the_same_place_in_another_process_image(
    ledger: Ledger, folder: Path
) -> None:
    async with seated(ledger, folder) as seat:
        before = await seat.does("s north works valves", "o 1", "q 2")
        run_id = seat.api.run_id
        seat.runner.halt(run_id)
        with pytest.raises(RunPaused):
            await seat.runner.wait(run_id)
        paused = await seat.api.state()
        # what is chosen while nobody works on the run waits for whoever takes it up
        unchanged = await seat.api.act(parse_command("j"), paused.step)
    assert (paused.status, unchanged.step) == ("paused", 3)
    assert paused.model_copy(update={"status": "running"}) == before

    # services without a world: nothing that was read is read again
    async with studio(ledger, StudioServices(ScriptedModel([]), folder), settings=QUICK, asker=nobody) as runner:
        await runner.resume(run_id)
        await waiting(ledger, run_id, 5)
        after = await (await SeatApi.open(ledger, run_id)).state()
    assert (after.step, after.history[-1].name, [quote.id for quote in after.quotes]) == (4, "scroll", ["E1"])


async def test_a_session_without_an_answer_withholds_it_and_one_with_quotes_alone_gives_them(
    ledger: Ledger, folder: Path
) -> None:
    async with seated(ledger, folder) as seat:
        state = await seat.does("s north works valves", "x nothing says it")
        rejected = await seat.runner.wait(state.run_id)
    async with seated(ledger, folder) as seat:
        state = await seat.does("s north works valves", "o 1", "q 2")
        await seat.api.act(SeatAction(name="finish"), state.step)
        quotes = await seat.runner.wait(state.run_id)

    assert (rejected.outcome, rejected.answer) == ("unverified", "Not answered: nothing says it")
    assert (quotes.outcome, quotes.answer) == ("verified", "The north works made 1,234 green valves in 2021. [E1]")


async def test_the_record_alone_gives_the_session_with_its_times(ledger: Ledger, folder: Path) -> None:
    async with seated(ledger, folder) as seat:
        state = await seat.does("s north works valves", "o 1", "q 2", "u", "a none")
        await seat.runner.wait(state.run_id)
    recorded = await RecordedSession.open(ledger, state.run_id)

    assert [step.name for step in recorded.session.state.history] == ["search", "open", "quote", "undo", "finish"]
    times = await recorded.times()
    assert len(times) == 5
    assert list(times) == sorted(times)


async def test_a_session_has_the_limits_of_the_settings_it_was_started_with(ledger: Ledger, folder: Path) -> None:
    script = [call("search", query="north works valves"), call("reject", reason="no")]
    services = StudioServices(ScriptedModel(script * 2), folder, browsed=world())
    limited = Settings(browsing=BrowsingConfig(profile=ProfileConfig(steps=2)))
    async with studio(ledger, services, settings=limited) as runner:
        run_id = await runner.start(Task(goal=QUESTION, browse=BrowseOrder(seat="model")))
        await runner.wait(run_id)
        named = await runner.start(Task(goal=QUESTION, browse=BrowseOrder(seat="model", profile="webcpm")))
        await runner.wait(named)
    # nothing but the record is asked, whatever the settings are now
    state = (await RecordedSession.open(ledger, run_id)).session.state
    assert (state.profile, state.left) == (DEFAULT.model_copy(update={"steps": 2}), 0)
    assert (await RecordedSession.open(ledger, named)).session.state.profile == WEBCPM


async def test_only_a_person_in_the_seat_is_steered(ledger: Ledger, folder: Path) -> None:
    script = [call("search", query="north works valves"), call("reject", reason="no")]
    services = StudioServices(ScriptedModel(script), folder, browsed=world())
    async with studio(ledger, services) as runner:
        run_id = await runner.start(Task(goal=QUESTION, browse=BrowseOrder(seat="model")))
        await runner.wait(run_id)
        api = await SeatApi.open(ledger, run_id)
        assert [step.name for step in (await api.state()).history] == ["search", "reject"]
        with pytest.raises(UsageError, match="a model sits in this seat"):
            await api.act(parse_command("u"), 2)
        other = await ledger.create(Task(goal="something else"))
        with pytest.raises(UsageError, match="is no browsing run"):
            await SeatApi.open(ledger, other)
