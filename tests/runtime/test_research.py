"""A run that researches: quotes of pages become evidence that claims cite, and a re-run needs no web."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from agent.browsing.config import BrowsingConfig
from agent.browsing.errors import FetchFailed
from agent.browsing.page import Download, Page
from agent.browsing.ports import World
from agent.browsing.testing import FakeSearch, FakeWeb, page_of
from agent.domain.budget import Budget, Usage
from agent.domain.errors import BudgetExhausted, WaitingForPerson
from agent.domain.messages import Reply
from agent.domain.task import BrowseOrder, Mode, Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call, calls
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.settings import Settings
from tests.studio import StudioServices, studio

TOWER = page_of(
    "The tower is 120 metres high. It was built in 1931.", url="https://example.org/tower", title="The tower"
)
BRIDGE = page_of("The bridge is 300 metres long.", url="https://example.org/bridge", title="The bridge")
GOAL = "How high is the tower, and how long is the bridge?"
HEIGHT, LENGTH = "The tower is 120 metres high.", "The bridge is 300 metres long."


def world_of(*pages: Page) -> tuple[World, FakeWeb]:
    web = FakeWeb({page.url: page for page in pages})

    async def close() -> None:
        """Nothing to free."""

    return World(fetcher=web, search=FakeSearch(pages), browser=None, close=close), web


def browsing(asked: Asked) -> Reply:
    """What a capable model does in the seat, or when it is to write an answer from quotes."""
    names = {tool.name for tool in asked.tools}
    shown = str(asked.messages[-1]["content"])
    if "write_answer" in names:
        text = HEIGHT if HEIGHT in shown else LENGTH
        return call("write_answer", sentences=[{"text": text, "evidence": ["E1"]}])
    topic = "tower" if "Question: How high is the tower?" in shown else "bridge"
    if "Question: Who" in shown:
        return call("reject", reason="no page says who")
    if "quote" not in names:
        return call("open", result=1) if "results for" in shown else call("search", query=topic)
    return call("finish", answer="See [E1].") if "[E1]" in shown else call("quote", first=1)


def researcher(*turns: Reply) -> ScriptedModel:
    """A model whose executor plays turns, and that browses well."""
    left = list(turns)

    def turn(asked: Asked) -> Reply:
        return left.pop(0) if "submit" in {tool.name for tool in asked.tools} else browsing(asked)

    return ScriptedModel(turn)


BOTH = calls(
    ("research", {"question": "How high is the tower?"}), ("research", {"question": "How long is the bridge?"})
)
SUBMIT = call(
    "submit",
    answer=f"{HEIGHT} {LENGTH}",
    claims=[{"text": HEIGHT, "evidence": ["root.0.0.E1"]}, {"text": LENGTH, "evidence": ["root.0.1.E1"]}],
)


async def test_quotes_of_pages_support_the_claims_of_a_report(ledger: Ledger, folder: Path) -> None:
    world, web = world_of(TOWER, BRIDGE)
    model = researcher(BOTH, SUBMIT)
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal=GOAL, web=True))
        report = await runner.wait(run_id)
    assert report.outcome == "verified"
    quotes = {item.id: item for item in report.evidence if item.kind == "quote"}
    assert {name: quote.text for name, quote in quotes.items()} == {"root.0.0.E1": HEIGHT, "root.0.1.E1": LENGTH}
    source = quotes["root.0.0.E1"].source
    assert (source.title, source.location, source.retrieved_at[:10]) == ("The tower", TOWER.url, "2026-11-01")
    assert sorted(web.fetched) == [BRIDGE.url, TOWER.url]
    assert report.untrusted
    executor = [asked for asked in model.asked if "submit" in {tool.name for tool in asked.tools}]
    assert f"[root.0.0.E1] The tower - {TOWER.url}" in executor[-1].messages.json().decode()


async def test_an_answer_and_claims_may_carry_the_ids_of_the_quotes(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    marked = "The tower is 120 metres high [root.0.0.E1]."
    submit = call("submit", answer=marked, claims=[{"text": marked, "evidence": ["[root.0.0.E1]"]}])
    async with studio(ledger, StudioServices(researcher(BOTH, submit), folder, browsed=world)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL, web=True)))
    assert (report.outcome, [checked.claim.text for checked in report.claims]) == ("verified", [HEIGHT])


async def test_research_is_offered_only_where_the_task_allows_the_web(ledger: Ledger, folder: Path) -> None:
    for web in (False, True):
        model = ScriptedModel([call("submit", answer="Done.", success=False)])
        async with studio(ledger, StudioServices(model, folder)) as runner:
            await runner.wait(await runner.start(Task(goal="x", web=web)))
        assert ("research" in {tool.name for tool in model.asked[0].tools}) is web


async def test_a_question_without_an_answer_is_an_outcome_that_says_so(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER)
    model = researcher(
        call("research", question="Who built it?"), call("submit", answer="Nobody knows.", success=False)
    )
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        await runner.wait(await runner.start(Task(goal="Who?", web=True)))
    shown = str(model.asked[-1].messages[-1]["content"])
    assert "No answer was found." in shown
    assert "The question was given up: no page says who" in shown


async def test_a_claim_that_a_quote_refutes_is_contradicted(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    false = "The tower is 210 metres high."
    wrong = call("submit", answer=false, claims=[{"text": false, "evidence": ["root.0.0.E1"]}])
    async with studio(ledger, StudioServices(researcher(BOTH, wrong), folder, browsed=world)) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL, web=True)))
    assert (report.outcome, report.claims[0].verdict) == ("unverified", "contradicted")


async def test_an_address_that_the_model_was_never_shown_is_not_opened(ledger: Ledger, folder: Path) -> None:
    leak = page_of("thank you", url="https://evil.example/?k=secret")
    world, web = world_of(TOWER, leak)

    def turn(asked: Asked) -> Reply:
        shown = str(asked.messages[-1]["content"])
        if "submit" in {tool.name for tool in asked.tools}:
            done = len(asked.messages) > 2
            return call("submit", answer="?", success=False) if done else call("research", question=f"Read {leak.url}")
        if "not opened" in shown or "open" not in {tool.name for tool in asked.tools}:
            return call("reject", reason="refused") if "not opened" in shown else call("search", query="tower")
        return call("open", url=leak.url)

    async with studio(ledger, StudioServices(ScriptedModel(turn), folder, browsed=world)) as runner:
        await runner.wait(await runner.start(Task(goal="Look it up", web=True)))
        assert web.fetched == []
        # the user's own words may name it
        await runner.wait(await runner.start(Task(goal=f"Look at {leak.url}", web=True)))
    assert set(web.fetched) == {leak.url}


@pytest.mark.parametrize(
    ("mode", "tool", "arguments", "asks"),
    [
        ("auto", "shell", {"command": "touch x"}, True),
        ("auto", "write_file", {"path": "x", "content": "x"}, True),
        ("auto", "list_files", {"path": "."}, False),
        ("auto", "research", {"question": "How long is the bridge?"}, False),
        ("manual", "research", {"question": "How long is the bridge?"}, True),
    ],
)
async def test_after_reading_pages_a_branch_asks_before_anything_but_reading(
    ledger: Ledger, folder: Path, mode: Mode, tool: str, arguments: dict[str, Any], asks: bool
) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    first = call("research", question="How high is the tower?")
    model = researcher(first, call(tool, **arguments), call("submit", answer="?", success=False))
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        run_id = await runner.start(Task(goal="x", web=True, mode=mode))
        if mode == "manual":
            with pytest.raises(WaitingForPerson, match="Allow research"):
                await runner.wait(run_id)
            return
        if asks:
            with pytest.raises(WaitingForPerson, match=f"Allow {tool}"):
                await runner.wait(run_id)
        else:
            await runner.wait(run_id)


async def test_a_question_may_not_carry_out_what_was_read_in_files_after_a_page_was_read(
    ledger: Ledger, folder: Path
) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    first = call("research", question="How high is the tower?")
    leak = call("research", question="What about the secret 4711?")
    model = researcher(first, call("list_files", path="."), leak)
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        with pytest.raises(WaitingForPerson, match="Allow research with question='What about the secret 4711"):
            await runner.wait(await runner.start(Task(goal="x", web=True)))


async def test_a_budget_that_ends_while_browsing_stops_in_good_order_and_goes_on_later(
    ledger: Ledger, folder: Path
) -> None:
    world, web = world_of(TOWER, BRIDGE)

    def costly(asked: Asked) -> Reply:
        reply = BOTH if "submit" in {tool.name for tool in asked.tools} and len(asked.messages) == 2 else None
        if reply is None:
            reply = SUBMIT if "submit" in {tool.name for tool in asked.tools} else browsing(asked)
        return reply.model_copy(update={"usage": Usage(calls=1, input_tokens=100)})

    model = ScriptedModel(costly)
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        # two sessions ask side by side, and either must have a call left after the warning
        run_id = await runner.start(Task(goal=GOAL, web=True, budget=Budget(tokens=800, soft=0.4)))
        with pytest.raises(BudgetExhausted):
            await runner.wait(run_id)
        before = len(model.asked)
        assert any("come to an end" in str(asked.messages[-1]["content"]) for asked in model.asked)
        await runner.set_budget(run_id, Budget(tokens=100_000))
        await runner.resume(run_id)
        assert (await runner.wait(run_id)).outcome == "verified"
    assert len(web.fetched) == len(set(web.fetched)) == 2
    assert len(model.asked) > before


async def test_pages_that_fail_are_told_and_do_not_end_the_run(ledger: Ledger, folder: Path) -> None:
    world, web = world_of(TOWER)
    web.pages[TOWER.url] = FetchFailed("robots", "robots.txt does not allow it; open another page")

    def turn(asked: Asked) -> Reply:
        if "submit" in {tool.name for tool in asked.tools}:
            return SUBMIT_NOTHING if len(asked.messages) > 2 else call("research", question="How high is the tower?")
        shown = str(asked.messages[-1]["content"])
        return call("reject", reason="it cannot be read") if "robots" in shown else browsing(asked)

    model = ScriptedModel(turn)
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        await runner.wait(await runner.start(Task(goal="x", web=True)))
    assert "open failed: robots: robots.txt does not allow it" in str(model.asked[-1].messages[-1]["content"])


SUBMIT_NOTHING = call("submit", answer="?", success=False)


async def test_where_a_seat_finishes_and_nothing_written_is_supported_the_quotes_are_the_answer(
    ledger: Ledger, folder: Path
) -> None:
    world, _ = world_of(TOWER)

    def turn(asked: Asked) -> Reply:
        names = {tool.name for tool in asked.tools}
        shown = str(asked.messages[-1]["content"])
        if "write_answer" in names:
            return call("write_answer", sentences=[{"text": "The tower is 900 metres high.", "evidence": ["E1"]}])
        if "quote" not in names:
            return call("open", result=1) if "results for" in shown else call("search", query="tower")
        return call("finish") if "[E1]" in shown else call("quote", first=1)

    order = BrowseOrder(seat="model", web=True)
    async with studio(ledger, StudioServices(ScriptedModel(turn), folder, browsed=world)) as runner:
        report = await runner.wait(await runner.start(Task(goal="How high is the tower?", browse=order)))

    assert report.answer.startswith(HEIGHT)
    assert "900" not in report.answer


async def test_a_file_that_a_page_hands_over_is_in_the_workspace_and_in_the_report(
    ledger: Ledger, folder: Path
) -> None:
    sha256 = await ledger.blobs.put(b"1,2,3")
    page = TOWER.model_copy(update={"downloads": (Download(name="../heights.csv", sha256=sha256, size=5),)})
    world, _ = world_of(page)
    model = researcher(call("research", question="How high is the tower?"), SUBMIT_NOTHING)
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x", web=True)))
    (file,) = report.artefacts
    assert (file.path, file.sha256) == (f"downloads/{sha256[:8]}-file", sha256)
    assert f"in the workspace: {file.path}" in str(model.asked[-1].messages[-1]["content"])


async def test_a_file_with_a_name_too_long_for_a_file_system_keeps_its_end(ledger: Ledger, folder: Path) -> None:
    sha256 = await ledger.blobs.put(b"1,2,3")
    page = TOWER.model_copy(update={"downloads": (Download(name="高" * 120 + ".csv", sha256=sha256, size=5),)})
    world, _ = world_of(page)
    model = researcher(call("research", question="How high is the tower?"), SUBMIT_NOTHING)
    async with studio(ledger, StudioServices(model, folder, browsed=world)) as runner:
        report = await runner.wait(await runner.start(Task(goal="x", web=True)))
    (file,) = report.artefacts
    assert file.path.endswith("高.csv")
    assert len(file.path.removeprefix("downloads/").encode()) <= 255


async def test_subtasks_research_and_those_that_build_on_them_are_as_careful(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER, BRIDGE)
    plan = call(
        "make_plan",
        subtasks=[
            {"id": "look", "goal": "find the height"},
            {"id": "write", "goal": "write it down", "depends_on": ["look"]},
        ],
    )
    cited = [{"text": HEIGHT, "evidence": ["look.0.0.E1"]}]

    def turn(asked: Asked) -> Reply:
        if "submit" not in {tool.name for tool in asked.tools}:
            return browsing(asked)
        about, first = str(asked.messages[1]["content"]), len(asked.messages) == 2
        if "part of it:\nfind" in about:
            question = call("research", question="How high is the tower?")
            return question if first else call("submit", answer=HEIGHT, claims=cited)
        if "part of it:\nwrite" in about:
            return call("write_file", path="height.txt", content=HEIGHT) if first else call("submit", answer="Written.")
        return plan if first and "What the subtasks found" not in about else call("submit", answer=HEIGHT, claims=cited)

    async def yes(question: str, options: Sequence[str]) -> str:
        asked.append(question)
        return "yes"

    asked: list[str] = []
    services = StudioServices(ScriptedModel(turn), folder, browsed=world)
    async with studio(ledger, services, asker=yes) as runner:
        report = await runner.wait(await runner.start(Task(goal=GOAL, web=True)))
    assert (report.outcome, report.claims[0].verdict) == ("verified", "supported")
    assert ["Allow write_file" in question for question in asked] == [True]


async def test_what_stays_in_the_sandbox_runs_unasked_where_the_settings_say_so(ledger: Ledger, folder: Path) -> None:
    world, _ = world_of(TOWER)
    first = call("research", question="How high is the tower?")
    model = researcher(first, call("write_file", path="x", content="x"), SUBMIT_NOTHING)
    settings = Settings(browsing=BrowsingConfig(after_reading="contained"))
    async with studio(ledger, StudioServices(model, folder, browsed=world), settings=settings) as runner:
        report = await runner.wait(await runner.start(Task(goal="x", web=True)))
    assert [artefact.path for artefact in report.artefacts] == ["x"]
