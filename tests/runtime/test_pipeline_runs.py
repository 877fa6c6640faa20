"""A run that answers by the pipeline: its quotes are evidence, its claims are checked, and it replays without a web."""

import re
from pathlib import Path

import pytest

from agent.browsing.annotation.record import RecordedSession
from agent.browsing.page import Page
from agent.browsing.ports import World
from agent.browsing.testing import FakeSearch, FakeWeb, page_of
from agent.domain.errors import ModelRefused, UsageError
from agent.domain.messages import Reply
from agent.domain.task import BrowseOrder, Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.planning.pipeline import pipeline_result
from tests.studio import StudioServices, studio

TOWER = page_of(
    "The tower is 120 metres high. It was built in 1931.", url="https://example.org/tower", title="The tower"
)
BRIDGE = page_of("The bridge is 300 metres long.", url="https://example.org/bridge", title="The bridge")
GOAL = "How high is the tower, and how long is the bridge?"
ORDER = BrowseOrder(seat="model", pipeline=True, web=True)


def reader(asked: Asked) -> Reply:
    """Writes two queries, picks sentences with metres in them, and answers in the words of the quotes."""
    name = asked.tools[0].name
    shown = "\n".join(str(message["content"]) for message in asked.messages)
    if name == "write_queries":
        return call(name, queries=["height of the tower", "length of the bridge"])
    if name == "pick_sentences":
        return call(name, passages=[{"first": int(n)} for n in re.findall(r"\[s(\d+)\] [^\n]*metres", shown)])
    texts = [text for text in ("The tower is 120 metres high.", "The bridge is 300 metres long.") if text in shown]
    return call(name, sentences=[{"text": text, "evidence": [f"E{n}"]} for n, text in enumerate(texts, start=1)])


def world_of(*pages: Page) -> World:
    async def close() -> None:
        """Nothing to free."""

    return World(FakeWeb({page.url: page for page in pages}), FakeSearch(pages), None, close)


async def test_a_question_is_answered_with_quotes_that_support_every_claim(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(reader)
    async with studio(ledger, StudioServices(model, folder, browsed=world_of(TOWER, BRIDGE))) as runner:
        run_id = await runner.start(Task(goal=GOAL, browse=ORDER))
        report = await runner.wait(run_id)

    assert report.outcome == "verified"
    assert report.answer == "The tower is 120 metres high [E1]. The bridge is 300 metres long [E2]."
    assert [item.source.location for item in report.evidence if item.kind == "quote"] == [TOWER.url, BRIDGE.url]
    assert report.untrusted
    found = await pipeline_result(ledger, run_id)
    assert found is not None
    assert found.queries == ("height of the tower", "length of the bridge")
    assert [kept.text for kept in found.kept] == ["The tower is 120 metres high.", "The bridge is 300 metres long."]


async def test_where_nothing_is_found_nothing_is_claimed(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(reader)
    async with studio(ledger, StudioServices(model, folder, browsed=world_of())) as runner:
        run_id = await runner.start(Task(goal=GOAL, browse=ORDER))
        report = await runner.wait(run_id)

    assert report.outcome != "verified"
    assert "Not answered" in report.answer
    assert report.claims == ()


async def test_where_no_sentence_is_supported_the_quotes_are_the_answer(ledger: Ledger, folder: Path) -> None:
    def wrong(asked: Asked) -> Reply:
        if asked.tools[0].name == "write_answer":
            return call("write_answer", sentences=[{"text": "The tower is 130 metres high.", "evidence": ["E1"]}])
        return reader(asked)

    model = ScriptedModel(wrong)
    async with studio(ledger, StudioServices(model, folder, browsed=world_of(TOWER))) as runner:
        run_id = await runner.start(Task(goal=GOAL, browse=ORDER))
        report = await runner.wait(run_id)

    assert report.answer == "The tower is 120 metres high. [E1]"
    assert [one.verdict for one in report.claims] == ["supported"]
    found = await pipeline_result(ledger, run_id)
    assert found is not None
    assert any("130 metres" in line and "not in the quotes" in line for line in found.missing)


async def test_a_page_that_the_models_server_refuses_does_not_end_the_run(ledger: Ledger, folder: Path) -> None:
    def filtering(asked: Asked) -> Reply:
        shown = "\n".join(str(message["content"]) for message in asked.messages)
        if asked.tools[0].name == "pick_sentences" and "300 metres" in shown:
            raise ModelRefused("content policy")
        return reader(asked)

    model = ScriptedModel(filtering)
    async with studio(ledger, StudioServices(model, folder, browsed=world_of(TOWER, BRIDGE))) as runner:
        run_id = await runner.start(Task(goal=GOAL, browse=ORDER))
        report = await runner.wait(run_id)
        again, _ = await runner.replay(run_id)

    assert report.answer == again.answer == "The tower is 120 metres high [E1]."
    found = await pipeline_result(ledger, run_id)
    assert found is not None
    assert [BRIDGE.url in line and "content policy" in line for line in found.missing] == [True]


async def test_such_a_run_has_no_session_to_export(ledger: Ledger, folder: Path) -> None:
    model = ScriptedModel(reader)
    async with studio(ledger, StudioServices(model, folder, browsed=world_of(TOWER))) as runner:
        run_id = await runner.start(Task(goal=GOAL, browse=ORDER))
        await runner.wait(run_id)
    with pytest.raises(UsageError, match="there is no session"):
        await RecordedSession.open(ledger, run_id)
