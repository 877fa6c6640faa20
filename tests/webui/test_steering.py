"""Everything that a person can tell a run is told it in the browser, and taken in."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from agent.models.testing.script import Paced, Step, call
from agent.runtime.history import read_view
from tests.webui.browser import PHONE, Stage
from tests.webui.runs_to_see import at
from tests.webui.serving import Web, serving


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Web]:
    """A server whose runs have a real sandbox."""
    async with serving(tmp_path_factory.mktemp("shop") / "home", sandbox="local", drain_seconds=0) as web:
        yield web


def asking_first(request: dict[str, Any]) -> Step:
    """Plan three subtasks of which the first asks a person, so that the others stay to be changed meanwhile."""
    opening, turn = at(request)
    part = opening.rpartition("part of it:")[2]
    if "part of it:" in opening and "Ask which lock" in part:
        if turn == 0:
            return call("ask_person", question="Which lock?\nThere are two.", options=["Harrow", "Tarn Side"])
        return call("submit", answer="It is known now.")
    if "part of it:" in opening or "What the subtasks found" in opening:
        return call("submit", answer="Done.")
    return call("make_plan", subtasks=[
        {"id": "ask", "goal": "Ask which lock is meant"},
        {"id": "measure", "goal": "Measure the sill", "depends_on": ["ask"]},
        {"id": "write", "goal": "Write it down", "depends_on": ["ask"]},
    ])  # fmt: skip


def slow(request: dict[str, Any]) -> Step:
    """Think for longer than anybody waits, every other time."""
    _, turn = at(request)
    return Paced(call("list_files"), first=60) if turn == 0 else call("submit", answer="Done.")


def noting(request: dict[str, Any]) -> Step:
    """Write a note, then change it."""
    _, turn = at(request)
    texts = ["The sill is 1.52 m deep.\n", "The sill is 1.61 m deep.\n"]
    if turn < len(texts):
        return call("write_file", path="note.md", content=f"# Note\n\n{texts[turn]}")
    return call("submit", answer="Noted.")


async def opened(stage: Stage, web: Web, run_id: str, **how: Any) -> Page:
    page = await stage.page(**how)
    await page.goto(f"{web.url}/runs/{run_id}")
    await page.get_by_role("heading", level=1).wait_for()
    return page


async def asked(web: Web) -> str:
    """Return a run that has a plan of three subtasks and waits for an answer."""
    web.model.by = asking_first
    run_id = await web.submit("How deep is the sill?")
    await waits(web, run_id)
    return run_id


async def waits(web: Web, run_id: str) -> None:
    """Wait until a run asks somebody something."""
    asked = asyncio.Event()
    stop = web.ledger.listen(run_id, lambda append, _: asked.set() if append.status == "waiting" else None)
    if (await web.ledger.find(run_id)).status != "waiting":
        await asked.wait()
    stop()


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("treegrid", name="Plan").get_by_role("row", name=re.compile(rf"^{name}\."))


async def ids(web: Web, run_id: str) -> list[str]:
    return [subtask.id for subtask in (await read_view(web.ledger, run_id)).plan]


async def test_a_run_is_paused_resumed_and_ended(stage: Stage, web: Web) -> None:
    web.model.by = slow
    run_id = await web.submit("Take your time")
    page = await opened(stage, web, run_id)
    await page.get_by_role("button", name="Pause").first.click()
    await expect(page.get_by_text("paused", exact=True).first).to_be_visible()
    await stage.shot(page, "steer-paused")
    await page.get_by_role("button", name="Resume").click()
    await expect(page.get_by_text("running", exact=True).first).to_be_visible()
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="End the run for good").click()
    await expect(page.get_by_text("cancelled", exact=True).first).to_be_visible()
    assert (await web.stopped(run_id))["status"] == "cancelled"


async def test_a_call_is_allowed_and_another_vetoed_with_its_change_in_sight(stage: Stage, web: Web) -> None:
    web.model.by = noting
    run_id = await web.submit("Write a note", mode="manual")
    await waits(web, run_id)
    page = await opened(stage, web, run_id)
    panel = page.get_by_role("region", name="May this call run?")
    await expect(panel.get_by_role("figure")).to_contain_text("+3 \N{MINUS SIGN}0")
    await panel.get_by_role("button", name="Allow", exact=True).click()
    await expect(panel.get_by_role("figure")).to_contain_text("+1 \N{MINUS SIGN}1")
    await expect(panel.get_by_role("figure").locator("tr", has_text="removed")).to_contain_text("1.52 m")
    await stage.shot(page, "steer-approve")
    await panel.get_by_role("textbox").fill("it was 1.52")
    await panel.get_by_role("button", name="Refuse").click()
    await expect(page.get_by_text("finished", exact=True).first).to_be_visible()
    told = str(web.model.asked[-1]["messages"])
    assert "a person did not allow this call: it was 1.52" in told


async def test_a_question_is_answered_with_a_key_or_in_words(stage: Stage, web: Web) -> None:
    run_id = await asked(web)
    page = await opened(stage, web, run_id)
    panel = page.get_by_role("region", name="The run asks you")
    await expect(panel).to_contain_text("Which lock?\nThere are two.")
    await stage.shot(page, "steer-question")
    await page.keyboard.press("2")
    await expect(page.get_by_text("finished", exact=True).first).to_be_visible()
    assert "Tarn Side" in str([request["messages"] for request in web.model.asked])
    other = await asked(web)
    phone = await opened(stage, web, other, size=PHONE, scheme="dark")
    await stage.shot(phone, "steer-question-phone")
    await phone.get_by_role("textbox", name="Answer in your own words").fill("the one at Gull Spring")
    await phone.get_by_role("button", name="Answer", exact=True).click()
    await expect(phone.get_by_text("finished", exact=True).first).to_be_visible()
    assert "the one at Gull Spring" in str([request["messages"] for request in web.model.asked])


async def test_plan_and_report_are_approved_in_review(stage: Stage, web: Web) -> None:
    web.model.by = asking_first
    run_id = await web.submit("How deep is the sill?", mode="review")
    await waits(web, run_id)
    page = await opened(stage, web, run_id)
    await expect(page.get_by_role("region", name="Is this plan right?")).to_contain_text("Measure the sill")
    await stage.shot(page, "steer-plan-approval")
    await page.get_by_role("button", name="Go on with this plan", exact=True).click()
    await page.get_by_role("button", name="Harrow", exact=True).click()
    await expect(page.get_by_role("region", name="Do you accept this report?")).to_contain_text("Done.")
    await page.get_by_role("button", name="Accept", exact=True).click()
    await expect(page.get_by_text("finished", exact=True).first).to_be_visible()


async def test_changes_of_the_plan_are_collected_sent_together_and_taken_in(stage: Stage, web: Web) -> None:
    run_id = await asked(web)
    page = await opened(stage, web, run_id)
    await page.get_by_role("button", name="Add a subtask").click()
    form = page.get_by_role("dialog", name="Add a subtask")
    await form.get_by_label("Short name").fill("check-it")
    await form.get_by_label("Goal").fill("Check the figure against the drawing")
    await form.get_by_role("button", name="Add a milestone").click()
    await form.get_by_role("textbox", name="Milestone 1").fill("both agree")
    await form.get_by_label("measure").check()
    await stage.shot(page, "steer-form")
    await form.get_by_role("button", name="Keep").click()

    await row(page, "measure").press("F2")
    await page.get_by_role("dialog").get_by_label("Goal").fill("Measure the sill twice")
    await page.get_by_role("button", name="Keep").click()

    await row(page, "check-it").press("Alt+ArrowUp")
    await expect(page.get_by_role("treegrid", name="Plan").get_by_role("row").nth(2)).to_contain_text("check-it")

    await row(page, "write").hover()
    await row(page, "write").get_by_role("button", name="More for write").click()
    await page.get_by_role("menuitem", name="Split").click()
    split = page.get_by_role("dialog", name="Split write")
    await split.get_by_label("Part 1").fill("Write the figure")
    await split.get_by_label("Part 2").fill("Write where it is from")
    await split.get_by_role("button", name="Keep").click()
    await expect(page.get_by_text("Changes not sent yet: 4")).to_be_visible()
    assert await ids(web, run_id) == ["ask", "measure", "write"]
    await stage.shot(page, "steer-draft")

    await page.get_by_role("button", name="Send changes").click()
    await expect(page.get_by_text("Changes sent. The run takes them in")).to_be_visible()
    await stage.shot(page, "steer-sent")
    await page.get_by_role("button", name="Harrow").click()
    await expect(page.get_by_text("finished", exact=True).first).to_be_visible()
    await expect(page.get_by_text("Changes sent. The run takes them in")).to_have_count(0)
    plan = (await read_view(web.ledger, run_id)).plan
    assert [subtask.id for subtask in plan] == ["ask", "measure", "check-it", "write", "write-1", "write-2"]
    changed, added = plan.find("measure"), plan.find("check-it")
    assert changed is not None
    assert changed.goal == "Measure the sill twice"
    assert added is not None
    assert (added.depends_on, added.milestones[0].text) == (("measure",), "both agree")


async def test_a_subtask_is_removed_by_a_key_and_moved_by_dragging(stage: Stage, web: Web) -> None:
    run_id = await asked(web)
    page = await opened(stage, web, run_id)
    await row(page, "write").drag_to(row(page, "measure"), target_position={"x": 60, "y": 4})
    await expect(page.get_by_role("treegrid", name="Plan").get_by_role("row").nth(1)).to_contain_text("write")
    await row(page, "measure").press("Delete")
    await expect(row(page, "measure")).to_have_count(0)
    await page.get_by_role("button", name="Send changes").click()
    await expect(page.get_by_text("Changes sent. The run takes them in")).to_be_visible()
    await page.keyboard.press("1")
    await expect(page.get_by_text("finished", exact=True).first).to_be_visible()
    assert await ids(web, run_id) == ["ask", "write"]


async def test_of_two_tabs_that_change_one_plan_the_later_is_told_and_keeps_its_changes(stage: Stage, web: Web) -> None:
    stage.expect("409")
    run_id = await asked(web)
    first, second = await opened(stage, web, run_id), await opened(stage, web, run_id)
    for page, goal in ((first, "Measure it in feet"), (second, "Write it in verse")):
        await row(page, "measure" if page is first else "write").press("F2")
        await page.get_by_role("dialog").get_by_label("Goal").fill(goal)
        await page.get_by_role("button", name="Keep").click()
    await first.get_by_role("button", name="Send changes").click()
    await expect(second.get_by_text("Changes sent. The run takes them in")).to_be_visible()
    await second.get_by_role("button", name="Send changes").click()
    await expect(second.get_by_text("The plan has changed meanwhile")).to_be_visible()
    await expect(row(second, "write")).to_contain_text("Write it in verse")
    await stage.shot(second, "steer-stale")
    await second.get_by_role("button", name="Send again").click()
    await expect(second.get_by_text("not sent yet")).to_have_count(0)
    await second.get_by_role("button", name="Harrow").click()
    await expect(first.get_by_text("finished", exact=True).first).to_be_visible()
    goals = {subtask.id: subtask.goal for subtask in (await read_view(web.ledger, run_id)).plan}
    assert (goals["measure"], goals["write"]) == ("Measure it in feet", "Write it in verse")


async def test_guidance_is_shown_as_unheard_until_it_is_taken_in(stage: Stage, web: Web) -> None:
    run_id = await asked(web)
    page = await opened(stage, web, run_id)
    await page.get_by_role("textbox", name="Say something to the run").fill("Use metres throughout")
    await page.get_by_role("textbox", name="Say something to the run").press("Control+Enter")
    waiting = page.get_by_role("list", name="not taken in yet")
    await expect(waiting).to_contain_text("Use metres throughout")
    await stage.shot(page, "steer-guided")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Harrow").click()
    await expect(page.get_by_text("finished", exact=True).first).to_be_visible()
    await expect(waiting).to_have_count(0)
    assert "Use metres throughout" in str([request["messages"] for request in web.model.asked])


async def test_a_run_is_forked_from_an_event(stage: Stage, web: Web) -> None:
    run_id = await asked(web)
    page = await opened(stage, web, run_id)
    await page.keyboard.press("f")
    form = page.get_by_role("dialog", name="Fork")
    await form.get_by_label("After event").fill("4")
    await form.get_by_label("Go on at once").uncheck()
    await stage.shot(page, "steer-fork")
    await form.get_by_role("button", name="Fork", exact=True).click()
    await expect(page.get_by_text(f"forked from {run_id} at 4")).to_be_visible()
    fork = page.url.rpartition("/")[2]
    assert fork != run_id
    assert await web.ledger.last_seq(fork) == 4
    await expect(page.get_by_role("button", name="Resume")).to_be_visible()


async def test_a_run_that_used_up_its_budget_goes_on_with_another(stage: Stage, web: Web) -> None:
    web.model.by = noting
    run_id = await web.submit("Write a note", budget={"steps": 1})
    assert (await web.stopped(run_id))["status"] == "paused"
    page = await opened(stage, web, run_id)
    await stage.shot(page, "steer-used-up")
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Change the budget").click()
    form = page.get_by_role("dialog", name="Budget")
    await form.get_by_label("Steps").fill("0")
    await expect(form.get_by_role("button", name="Set and resume")).to_be_disabled()
    await form.get_by_label("Steps").fill("20")
    await stage.shot(page, "steer-budget")
    await form.get_by_role("button", name="Set and resume").click()
    await expect(page.get_by_text("finished", exact=True).first).to_be_visible()
    await expect(page.get_by_role("meter", name="Steps")).to_have_attribute("aria-valuetext", "3 / 20")


async def test_a_run_is_given_a_title_and_tags(stage: Stage, web: Web) -> None:
    run_id = await asked(web)
    page = await opened(stage, web, run_id)
    await page.get_by_role("button", name="More actions").click()
    await page.get_by_role("menuitem", name="Title and tags").click()
    form = page.get_by_role("dialog", name="Title and tags")
    await form.get_by_label("Title", exact=True).fill("The sill")
    await form.get_by_label("Tags").fill("locks")
    await form.get_by_label("Tags").press("Enter")
    await form.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("The sill")
    card = await web.get(f"/api/runs/{run_id}")
    assert (card["title"], card["tags"]) == ("The sill", ["locks"])
