"""Submitting a task in the browser."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from agent.domain.task import Task
from agent.models.testing.script import call
from agent.runtime.settings import Settings
from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web
from webui.api.submission import Submission


async def written(page: Page, web: Web, goal: str) -> None:
    await page.goto(f"{web.url}/new")
    await page.get_by_label("What is to be done").fill(goal)


async def task_of(web: Web, page: Page) -> tuple[Task, dict[str, Any]]:
    """Return the task of the run whose screen is open, and its options."""
    await page.wait_for_url("**/runs/*")
    return await web.ledger.created(page.url.rpartition("/")[2])


async def test_a_task_is_submitted_with_a_file_and_its_run_opens(page: Page, stage: Stage, web: Web) -> None:
    web.model.will(call("submit", answer="Forty-two."))
    await written(page, web, "Add the numbers of numbers.csv")
    await (
        page.get_by_label("Files", exact=True)
        .locator("input")
        .set_input_files({"name": "numbers <b>1</b> \u6570.csv", "mimeType": "text/csv", "buffer": b"a\n40\n2\n"})
    )
    await expect(page.get_by_text("7 B")).to_be_visible()
    await page.get_by_text("Every risky call").click()
    await page.get_by_text("More", exact=True).click()
    await page.get_by_label("Steps").fill("12")
    await page.get_by_label("Checks").fill("test -s numbers.csv\n\ntrue")
    await page.get_by_label("Tags").fill("sums, first")
    await stage.shot(page, "submit-filled", whole=True)
    await page.get_by_role("button", name="Start").click()

    task, _ = await task_of(web, page)
    assert (task.goal, task.mode, task.budget.steps) == ("Add the numbers of numbers.csv", "manual", 12)
    assert [(file.path, file.size) for file in task.files] == [("numbers <b>1</b> \u6570.csv", 7)]
    assert [check.model_dump()["command"] for check in task.checks] == ["test -s numbers.csv", "true"]
    card = await web.get(f"/api/runs/{page.url.rpartition('/')[2]}")
    assert card["tags"] == ["first", "sums"]
    await expect(page.get_by_text("Add the numbers of numbers.csv").first).to_be_visible()


async def test_a_double_click_makes_one_run(page: Page, web: Web) -> None:
    await written(page, web, "Only once")
    await page.get_by_role("button", name="Start").dblclick()
    await page.wait_for_url("**/runs/*")

    assert [run["goal"] for run in (await web.get("/api/runs"))["runs"]] == ["Only once"]


async def test_the_keyboard_starts_a_task_and_an_empty_one_is_not_sent(page: Page, stage: Stage, web: Web) -> None:
    await page.goto(f"{web.url}/new")
    await page.get_by_label("What is to be done").press("Control+Enter")
    await expect(page.get_by_text("Say what is to be done.")).to_be_visible()
    await page.get_by_text("More", exact=True).click()
    await page.get_by_label("Tokens").fill("-3")
    await page.get_by_label("What is to be done").fill("Count")
    await page.get_by_label("What is to be done").press("Control+Enter")
    await expect(page.get_by_text("a whole number above 0, or nothing")).to_be_visible()
    await stage.shot(page, "submit-wrong", whole=True)
    assert (await web.get("/api/runs"))["runs"] == []

    await page.get_by_label("Tokens").fill("")
    await page.get_by_label("What is to be done").press("Control+Enter")
    await page.wait_for_url("**/runs/*")


async def test_a_draft_outlives_the_page(page: Page, web: Web) -> None:
    await written(page, web, "Half a thought \u60f3\u6cd5")
    await page.reload()
    await expect(page.get_by_label("What is to be done")).to_have_value("Half a thought \u60f3\u6cd5")
    await page.evaluate('localStorage.setItem(\'plumbline.draft\', \'{"goal": 7, "kind": "task", "x": [1]}\')')
    await page.reload()
    await expect(page.get_by_label("What is to be done")).to_have_value("")


async def test_a_template_is_kept_taken_up_and_forgotten(page: Page, web: Web) -> None:
    await written(page, web, "My own beginning")
    await page.get_by_role("button", name="Keep as template").click()
    await page.get_by_label("Name of the template").fill("Mine")
    await page.get_by_role("button", name="Keep", exact=True).click()
    await page.get_by_role("button", name="Something to stand on").click()
    await expect(page.get_by_role("radio", name="Build")).to_be_checked()
    await page.get_by_role("button", name="Mine", exact=True).click()
    await expect(page.get_by_label("What is to be done")).to_have_value("My own beginning")
    await page.get_by_role("button", name="Forget the template Mine").click()
    await expect(page.get_by_role("button", name="Mine", exact=True)).to_have_count(0)


async def test_a_file_that_is_too_large_is_told_at_once_and_keeps_nothing_up(
    page: Page, web: Web, stage: Stage, tmp_path: Path
) -> None:
    await written(page, web, "Read it")
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(int(Settings().web.upload_megabytes * 1_000_000) + 1)
    await page.get_by_label("Files", exact=True).locator("input").set_input_files([large])
    await expect(page.get_by_text("is larger than")).to_be_visible()
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_text("A file could not be uploaded")).to_be_visible()
    await page.get_by_role("button", name="Remove large.bin").click()
    await page.get_by_role("button", name="Start").click()
    await page.wait_for_url("**/runs/*")


@pytest.mark.parametrize(
    ("kind", "label", "field"),
    [
        ("Ask", "The question", "ask"),
        ("Check a text", "The text whose claims are checked", "check"),
        ("Build", "What is to be made", "build"),
    ],
)
async def test_each_kind_of_task_is_submitted_as_what_it_is(
    page: Page, web: Web, kind: str, label: str, field: str
) -> None:
    await page.goto(f"{web.url}/new")
    await page.get_by_text(kind, exact=True).first.click()
    await page.get_by_label(label).fill("Water boils at 100 degrees.")
    sent: list[dict[str, Any]] = []
    page.on(
        "request",
        lambda request: (
            sent.append(json.loads(request.post_data or "{}"))
            if request.url.endswith("/api/runs") and request.method == "POST"
            else None
        ),
    )
    await page.get_by_role("button", name="Start").click()
    await page.wait_for_url("**/runs/*")

    assert Submission.model_validate(sent[0]).model_dump()[field] is not None
    run_id = page.url.rpartition("/")[2]
    await asyncio.wait_for(web.stopped(run_id), 30)


async def test_a_question_without_anything_to_read_is_not_begun(page: Page, web: Web) -> None:
    await page.goto(f"{web.url}/new")
    await page.get_by_text("Browse", exact=True).click()
    await page.get_by_text("I do", exact=True).click()
    await page.get_by_label("The question").fill("Since when?")
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_text("Nothing to read")).to_be_visible()


@pytest.mark.parametrize(("scheme", "language"), [("light", "en-GB"), ("dark", "zh-CN")])
async def test_it_fits_a_phone(stage: Stage, web: Web, scheme: Any, language: str) -> None:
    page = await stage.page(size=PHONE, scheme=scheme, language=language)
    await page.goto(f"{web.url}/new")
    await page.locator("textarea").first.wait_for()
    await stage.shot(page, f"submit-phone-{scheme}", whole=True)

    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert await page.evaluate("document.querySelector('#content').scrollWidth <= innerWidth")
