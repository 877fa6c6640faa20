"""A small model with the web: a question without documents is answered by browsing that the loop drives."""

import json
from pathlib import Path

from agent.browsing.ports import World
from agent.browsing.testing import FakeSearch, FakeWeb, page_of
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.port import Profile
from agent.models.testing.scripted_model import Asked, ScriptedModel
from tests.studio import StudioServices, studio

TOWER = page_of(
    "The tower is 120 metres high. It was built in 1931.", url="https://example.org/tower", title="The tower"
)
SMALL = Profile(tool_mode="json", strategy="guided", limited=True)


def world() -> World:
    async def close() -> None:
        """Nothing to free."""

    return World(fetcher=FakeWeb({TOWER.url: TOWER}), search=FakeSearch([TOWER]), browser=None, close=close)


def small(sentence: int, answer: str) -> ScriptedModel:
    """A small model that names a sentence and an answer, and thinks of no other query."""

    def reply(asked: Asked) -> str:
        schema = json.dumps(asked.response_format.json_schema) if asked.response_format is not None else ""
        if '"sentence"' in schema:
            return json.dumps({"sentence": sentence, "answer": answer})
        return json.dumps({"query": "tower"} if '"query"' in schema else {"answer": answer})

    return ScriptedModel(reply, profile=SMALL)


async def test_a_question_is_answered_from_a_page_with_its_quote_as_evidence(ledger: Ledger, folder: Path) -> None:
    async with studio(ledger, StudioServices(small(1, "120 metres"), folder, browsed=world())) as runner:
        report = await runner.wait(await runner.start(Task(goal="How high is the tower?", web=True)))
    assert report.outcome == "verified"
    assert report.answer == "120 metres"
    (claim,) = report.claims
    assert claim.verdict == "supported"
    (quote,) = [item for item in report.evidence if item.kind == "quote"]
    assert quote.text == "The tower is 120 metres high."
    assert claim.claim.evidence == (quote.id,)
    assert quote.source.location == TOWER.url


async def test_an_answer_that_no_page_states_is_withheld(ledger: Ledger, folder: Path) -> None:
    async with studio(ledger, StudioServices(small(1, "95 metres"), folder, browsed=world())) as runner:
        report = await runner.wait(await runner.start(Task(goal="How high is the tower?", web=True)))
    assert report.outcome != "verified"
    assert "Withheld: The question was given up: no page that was found states it" in report.answer


async def test_without_the_web_a_small_model_says_what_it_needs(ledger: Ledger, folder: Path) -> None:
    async with studio(ledger, StudioServices(small(1, "120 metres"), folder, browsed=world())) as runner:
        report = await runner.wait(await runner.start(Task(goal="How high is the tower?")))
    assert "--web" in report.answer
