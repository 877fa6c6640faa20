"""The small model and a real sandbox behind a real page: submitted, watched, paused, replanned, asked, read, saved."""

import ast
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from agent.browsing.corpus import Corpus
from agent.runtime.services import corpus_file
from agent.runtime.settings import home_folder
from tests import weights
from tests.webui.browser import Stage
from tests.webui.serving import Web, serving

MANUAL = (
    "# Server manual\n\nThe server listens on port 7420 by default.\n\nIdle connections are closed after 90 seconds.\n"
)
SALES = "date,region,revenue\n2024-01-05,North,10.50\n2024-02-09,South,4.00\n2024-02-11,North,3.25\n"
GOAL = "According to the manual, what is the default port of the server? What is the total profit in sales.csv?"
INSTEAD = "What is the total revenue in sales.csv?"
PATIENCE = 240_000
"""Milliseconds that the model may take for a step of the test: it shares two cores with whatever else runs."""

pytestmark = [pytest.mark.embedded, pytest.mark.slow]


@pytest_asyncio.fixture(loop_scope="session")
async def working(tmp_path: Path) -> AsyncIterator[Web]:
    """A server whose runs have the embedded model, and a manual to read."""
    weights.require("qwen2.5-coder-1.5b")
    home = tmp_path / "home"
    home.mkdir()
    (home / "models").symlink_to(home_folder() / "models")
    (tmp_path / "manual.md").write_text(MANUAL)
    place = corpus_file(home, "manual")
    place.parent.mkdir()
    corpus = Corpus(place)
    await corpus.add([tmp_path / "manual.md"])
    await corpus.close()
    async with serving(home, sandbox="local") as web:
        yield web


@pytest.fixture
def sandbox(request: pytest.FixtureRequest) -> str:
    """Docker where it is there, else a local sandbox."""
    try:
        request.getfixturevalue("engine_ready")
    except pytest.skip.Exception:
        return "local"
    return "docker"


@pytest.mark.browser
@pytest.mark.asyncio(loop_scope="session")
async def test_a_task_goes_from_the_form_to_a_file_on_disk(
    browser: Browser, working: Web, tmp_path: Path, sandbox: str
) -> None:
    stage = Stage(browser, working.url, tmp_path / "screenshots")
    page = await stage.page(working.link())
    run = await submitted(working, page, sandbox, tmp_path)

    # asked about its plan: the second part is to wait for the first one
    await expect(page.get_by_role("heading", name="Is this plan right?")).to_be_visible(timeout=PATIENCE)
    await stage.shot(page, "end-to-end-asked")
    plan = page.get_by_role("treegrid", name="Plan").last
    form = await opened(page, plan, "profit")
    await form.get_by_role("checkbox", name=re.compile("part-1")).check()
    await form.get_by_role("button", name="Keep").click()
    await page.get_by_role("button", name="Send changes").click()
    await expect(page.get_by_text(re.compile("Changes sent"))).to_be_visible()
    await page.get_by_role("button", name="Go on with this plan", exact=True).click()

    # watched, and paused while the first part is worked on: the second one is to be about something else
    await expect(page.get_by_text(re.compile(r"^search_documents")).first).to_be_visible(timeout=PATIENCE)
    await page.get_by_role("button", name="Pause", exact=True).click(timeout=PATIENCE)
    resume = page.get_by_role("button", name="Resume", exact=True)
    await expect(resume).to_be_visible(timeout=PATIENCE)
    form = await opened(page, plan, "profit")
    await form.get_by_label("Goal").fill(INSTEAD)
    await form.get_by_role("button", name="Keep").click()
    await stage.shot(page, "end-to-end-edited")
    await page.get_by_role("button", name="Send changes").click()
    await expect(page.get_by_text(re.compile("Changes sent"))).to_be_visible()
    await resume.click()
    await expect(plan.get_by_role("row", name=re.compile(re.escape(INSTEAD)))).to_be_visible(timeout=PATIENCE)
    await expect(page.get_by_text("python", exact=True).first).to_be_visible(timeout=PATIENCE)
    await stage.shot(page, "end-to-end-working")

    # asked about its report
    await page.get_by_role("button", name="Accept", exact=True).click(timeout=PATIENCE)
    card = await working.stopped(run)
    assert (card["status"], card["outcome"]) == ("finished", "verified")

    # each figure of the report leads to what it rests on, and the program that computed one is a file
    await page.goto(f"{working.url}/runs/{run}/report")
    await page.get_by_role("region", name="Answer").locator("mark", has_text="7420").first.click()
    panel = page.get_by_role("complementary", name="Claim")
    await expect(panel.locator("mark")).to_have_text("The server listens on port 7420 by default.")
    await stage.shot(page, "end-to-end-quote")
    await page.keyboard.press("Escape")
    async with page.expect_download() as started:
        await page.get_by_role("link", name="Download: programs/part-2.py").click()
    saved = Path(await (await started.value).path())
    assert "sales.csv" in saved.read_text()
    ast.parse(saved.read_text())
    view = await working.get(f"/api/runs/{run}/view")
    assert [one["claim"]["text"] for one in view["report"]["claims"]] == ["7420", "17.75"]
    await stage.close()


async def opened(page: Page, plan: Locator, goal: str) -> Locator:
    """Open the form that changes the subtask of a goal."""
    await plan.get_by_role("row", name=re.compile(goal)).focus()
    await page.keyboard.press("F2")
    return page.get_by_role("dialog")


async def submitted(web: Web, page: Page, sandbox: str, folder: Path) -> str:
    """Submit the task in the page, with a file from the disk, and return the id of its run."""
    (folder / "sales.csv").write_text(SALES)
    await page.goto(f"{web.url}/new")
    await page.get_by_label("What is to be done").fill(GOAL)
    async with page.expect_file_chooser() as choosing:
        await page.get_by_role("button", name=re.compile("[Cc]hoose")).click()
    await (await choosing.value).set_files(folder / "sales.csv")
    await expect(page.get_by_text(f"{len(SALES)} B")).to_be_visible()
    await page.get_by_label("Model", exact=True).select_option("embedded")
    await page.get_by_label("Documents to search").select_option("manual")
    await page.get_by_text("Plan and report").click()
    await page.get_by_text("More", exact=True).click()
    await page.get_by_label("Sandbox", exact=True).select_option(sandbox)
    await page.get_by_role("button", name="Start").click()
    await page.wait_for_url("**/runs/*")
    return page.url.rpartition("/")[2]
