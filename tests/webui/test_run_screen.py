"""The screen of a run shows what it plans and does, as it does it and as it was at any moment."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from tests.webui.browser import PHONE, Stage
from tests.webui.runs_to_see import HOSTILE, MANY, counting, failing, readings, slowly, survey
from tests.webui.serving import Web, serving


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Web]:
    """A server whose runs have a real sandbox, and limits that leave room for long runs."""
    limits = {"width": 30, "steps": 600, "parallel": 2}
    async with serving(tmp_path_factory.mktemp("shop") / "home", sandbox="local", limits=limits) as web:
        yield web


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def gauges(server: Web) -> str:
    """A finished run with a plan, programs and files."""
    server.model.by = readings
    run_id = await server.submit(f"What do the gauges say? {HOSTILE}", budget={"steps": 40, "tokens": 100_000})
    assert (await server.stopped(run_id))["status"] == "finished"
    return run_id


async def opened(stage: Stage, web: Web, run_id: str, more: str = "", **how: object) -> Page:
    """Open the screen of a run in a window of its own."""
    page = await stage.page(**how)  # type: ignore[arg-type]

    async def alarmed(dialog: object) -> None:
        stage.complaints.append(f"a dialog was opened: {dialog}")

    page.on("dialog", alarmed)
    await page.goto(f"{web.url}/runs/{run_id}{more}")
    await page.get_by_role("heading", level=1).wait_for()
    return page


def line(page: Page, text: str) -> Locator:
    """The line of the stream that has a text."""
    return page.get_by_role("feed").locator("article", has_text=text).first


def call_of(page: Page, tool: str) -> Locator:
    """The lines of a tool's calls."""
    named = page.get_by_role("button", name=re.compile(rf"^{tool}\b"))
    return page.get_by_role("feed").locator("article").filter(has=named)


async def find(page: Page, text: str) -> None:
    await page.get_by_role("searchbox").fill(text)


async def test_header_plan_and_steps_of_a_finished_run(stage: Stage, server: Web, gauges: str) -> None:
    page = await opened(stage, server, gauges)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("What do the gauges say?")
    await expect(page.get_by_text("not verified").first).to_be_visible()
    await expect(page.get_by_role("meter", name="Steps")).to_have_attribute("aria-valuetext", "8 / 40")
    rows = page.get_by_role("treegrid").get_by_role("row")
    await expect(rows).to_have_count(3)
    await expect(rows.nth(0)).to_contain_text("readings.csv is there")
    await expect(rows.nth(1)).to_contain_text("after collect")
    await expect(line(page, "finished: not verified")).to_be_visible()
    await stage.shot(page, "run-finished")


async def test_a_terminal_shows_colours_of_the_theme_and_how_a_program_ended(
    stage: Stage, server: Web, gauges: str
) -> None:
    page = await opened(stage, server, gauges)
    await find(page, "gauge 2 is late")
    step = call_of(page, "shell").first
    await step.get_by_role("button").first.click()
    output = step.get_by_role("region", name="Output")
    await expect(output).to_have_text("all well gauge 2 is late ")
    await expect(output.locator("span", has_text="gauge 2 is late").last).to_have_class("text-bad")
    await expect(step.get_by_role("region", name="Errors")).to_have_text("slow\n")
    await expect(step.get_by_text("exit code 3")).to_be_visible()
    await stage.shot(page, "run-terminal")


async def test_foreign_text_comes_out_as_text(stage: Stage, server: Web, gauges: str) -> None:
    page = await opened(stage, server, gauges)
    await find(page, "i look first")
    step = line(page, "I look first")
    await expect(step).to_contain_text("<script>alert(2)</script>")
    await step.get_by_role("button").first.click()
    await expect(step).to_contain_text("[U+202E]gnp.exe")
    await expect(step.locator("a[href^=javascript]")).to_have_count(0)
    await find(page, "onerror")
    program = call_of(page, "python").first
    await program.get_by_role("button").first.click()
    await expect(program.get_by_role("region", name="Output")).to_contain_text("<img src=x onerror=alert(1)><script>")
    assert await page.locator("img[src=x]").count() == 0
    await stage.shot(page, "run-hostile")


async def test_a_change_is_shown_against_what_the_run_wrote_before(stage: Stage, server: Web, gauges: str) -> None:
    page = await opened(stage, server, gauges)
    await find(page, "east,1.49")
    step = call_of(page, "write_file").last
    await step.get_by_role("button").first.click()
    change = step.get_by_role("figure")
    await expect(change).to_contain_text("+2 \N{MINUS SIGN}1")
    await expect(change.locator("tr", has_text="added")).to_have_count(2)
    await expect(change.locator("tr", has_text="removed")).to_contain_text("south,1.61")
    await expect(change).to_contain_text("compared with event")
    await stage.shot(page, "run-diff")


async def test_five_megabytes_of_output_stay_bounded(stage: Stage, server: Web, gauges: str) -> None:
    page = await opened(stage, server, gauges)
    await find(page, "seq 1 800000")
    step = call_of(page, "shell").first
    await step.get_by_role("button").first.click()
    await expect(step.get_by_role("region", name="Output")).to_contain_text("1\n2\n3")
    assert len(await step.inner_text()) < 50_000
    await find(page, "nowhere.txt")
    failed = call_of(page, "read_file").first
    await failed.get_by_role("button").first.click()
    await expect(failed).to_contain_text("failed:")


async def test_steps_are_filtered_by_kind_and_subtask(stage: Stage, server: Web, gauges: str) -> None:
    page = await opened(stage, server, gauges)
    await page.get_by_role("button", name="Plan", exact=True).click()
    await expect(page.get_by_role("feed").locator("article", has_text="shell")).to_have_count(0)
    await page.get_by_role("row", name="draw. Draw the readings").click()
    await expect(page.get_by_role("feed").locator("article")).to_have_count(2)
    await page.get_by_role("button", name="Show everything").click()
    await find(page, "no step has this")
    await expect(page.get_by_text("Nothing like that")).to_be_visible()


async def test_an_address_names_a_moment_in_which_nothing_can_be_steered(
    stage: Stage, server: Web, gauges: str
) -> None:
    events = (await server.get(f"/api/runs/{gauges}/events"))["events"]
    written = next(one for one in events if one["kind"] == "tool" and "write_file" in str(one["payload"]))
    page = await opened(stage, server, gauges, f"?at={written['seq']}")
    await expect(page.get_by_role("status").filter(has_text="History.")).to_contain_text(
        f"after event {written['seq']} of {events[-1]['seq']}"
    )
    await expect(page.get_by_role("article", name=f"Event {written['seq']}")).to_contain_text("readings.csv")
    await expect(page.get_by_role("row", name="collect.").get_by_label("open")).to_be_visible()
    await expect(page.get_by_role("button", name="Pause")).to_have_count(0)
    await expect(page.get_by_role("textbox", name="Say something to the run")).to_have_count(0)
    await expect(page.get_by_role("button", name="Fork from here").first).to_be_visible()
    await stage.shot(page, "run-history")
    await page.get_by_role("button", name="Back to now").click()
    await expect(page.get_by_role("status").filter(has_text="History.")).to_have_count(0)
    await expect(page).not_to_have_url(f"{server.url}/runs/{gauges}?at={written['seq']}")


async def test_a_step_is_linked_without_leaving_the_present(stage: Stage, server: Web, gauges: str) -> None:
    page = await opened(stage, server, gauges, "?step=5")
    await expect(page.get_by_role("article", name="Event 5", exact=True)).to_be_visible()
    await expect(page.get_by_role("article", name="Event 5", exact=True).get_by_role("button").first).to_have_attribute(
        "aria-expanded", "true"
    )
    await expect(page.get_by_role("status").filter(has_text="History.")).to_have_count(0)


async def test_files_of_a_run_are_listed_and_opened(stage: Stage, server: Web, gauges: str) -> None:
    page = await opened(stage, server, gauges)
    await page.get_by_role("tab", name="Files").click()
    await page.get_by_role("region", name="Results").get_by_role("button", name="readings.csv").click()
    await expect(page.get_by_text("1.49", exact=True)).to_be_visible()
    await stage.shot(page, "run-file")


async def test_a_plan_of_twenty_subtasks_as_a_graph(stage: Stage, server: Web) -> None:
    server.model.by = survey
    run_id = await server.submit("Survey seventy years of traffic on the canal")
    await server.stopped(run_id)
    for scheme in ("light", "dark"):
        page = await opened(stage, server, run_id, scheme=scheme)
        await page.get_by_text("Graph", exact=True).click()
        nodes = page.locator(".react-flow__node")
        await expect(nodes).to_have_count(20)
        await nodes.first.focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("combobox", name="Subtask")).to_have_value("part-0")
        await stage.shot(page, f"run-plan-20-{scheme}")
    phone = await opened(stage, server, run_id, size=PHONE, language="zh-CN")
    await phone.get_by_role("tab", name="计划").click()
    await expect(phone.get_by_role("treegrid").get_by_role("row")).to_have_count(20)
    assert await phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await stage.shot(phone, "run-plan-20-phone-zh")


async def test_a_long_run_draws_only_what_is_in_sight(stage: Stage, server: Web) -> None:
    server.model.by = counting
    run_id = await server.submit("Count", budget={"steps": None})
    page = await opened(stage, server, run_id)
    await server.stopped(run_id)
    await expect(line(page, "finished: not verified")).to_be_visible()
    assert await page.get_by_role("feed").locator("article").count() < 60
    await page.get_by_role("feed").press("Home")
    await expect(page.get_by_role("article", name="Event 1", exact=True)).to_be_visible()
    await stage.shot(page, f"run-{MANY}-steps")


async def test_a_failed_run_says_why(stage: Stage, server: Web) -> None:
    server.model.by = failing
    run_id = await server.submit("Read missing.txt")
    await server.stopped(run_id)
    page = await opened(stage, server, run_id, size=PHONE)
    await expect(page.get_by_text("failed", exact=True).first).to_be_visible()
    await expect(line(page, "It cannot be done: missing.txt is not there.")).to_be_visible()
    await stage.shot(page, "run-failed-phone")


async def test_text_is_shown_while_it_is_written(stage: Stage, server: Web) -> None:
    server.model.by = slowly
    run_id = await server.submit("Describe the sill")
    page = await opened(stage, server, run_id)
    await expect(page.locator("[data-live=text]")).to_contain_text("a single slab of slate")
    await stage.shot(page, "run-live")
    await server.runner.cancel(run_id)
    await server.stopped(run_id)
    await expect(page.get_by_text("cancelled", exact=True).first).to_be_visible()


async def test_a_run_that_is_not_there_says_so(stage: Stage, server: Web) -> None:
    stage.expect("404")
    page = await stage.page()
    await page.goto(f"{server.url}/runs/261122-00000000")
    await expect(page.get_by_text("This run is not there")).to_be_visible()
    await stage.shot(page, "run-gone")
