"""Moving through a run's history in the browser: by hand, by keys, by playing; addresses lead to any moment."""

import re

import pytest_asyncio
from playwright.async_api import Locator, Page, expect

from evals.benchmarks.long_run import write_long_run
from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web

EVENTS = 500


async def bar(page: Page, at: int) -> Locator:
    """Return the bar when it stands at an event."""
    slider = page.get_by_role("slider", name="Moment of the run")
    await expect(slider).to_have_value(str(at))
    return slider


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def run(server: Web) -> tuple[str, int]:
    """A run of some hundred events, and the number of its last one."""
    run_id = await write_long_run(server.ledger, EVENTS)
    return run_id, await server.ledger.last_seq(run_id)


async def test_a_run_is_moved_through_by_keys_and_its_moments_have_addresses(
    stage: Stage, page: Page, server: Web, run: tuple[str, int]
) -> None:
    run_id, last = run
    await page.goto(f"{server.url}/runs/{run_id}")
    slider = await bar(page, last)

    await slider.press("ArrowLeft")
    await slider.press("ArrowLeft")
    await bar(page, last - 2)
    await expect(page).to_have_url(re.compile(rf"\?at={last - 2}$"))
    await expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(rf"^event {last - 2} of {last}, \d\d:\d\d:\d\d")
    )

    await slider.press("Home")
    await bar(page, 1)
    state = await server.get(f"/api/runs/{run_id}/view", at=1)
    assert state["steps"] == {}
    await expect(page.get_by_role("main")).to_contain_text("queued")

    await slider.press("Shift+ArrowRight")
    marked = int(await slider.input_value())
    assert 1 < marked < last
    await expect(slider).to_have_attribute("aria-valuetext", re.compile(r"plan, version 1$"))

    await slider.press("End")
    await bar(page, last)
    await expect(page).to_have_url(f"{server.url}/runs/{run_id}")


async def test_an_address_leads_to_a_moment_and_the_state_there_is_the_servers(
    stage: Stage, page: Page, server: Web, run: tuple[str, int]
) -> None:
    run_id, last = run
    moment = last // 2
    state = await server.get(f"/api/runs/{run_id}/view", at=moment)

    await page.goto(f"{server.url}/runs/{run_id}?at={moment}")

    await bar(page, moment)
    begun = sum(subtask["status"] == "done" and subtask["parent"] is not None for subtask in state["plan"]["subtasks"])
    assert 0 < begun < 40
    await expect(page.get_by_role("button", name="End", exact=True)).to_have_attribute("aria-pressed", "false")
    await stage.shot(page, "scrubbing-at-a-moment")


async def test_a_run_is_dragged_and_played(stage: Stage, page: Page, server: Web, run: tuple[str, int]) -> None:
    run_id, last = run
    await page.goto(f"{server.url}/runs/{run_id}")
    slider = await bar(page, last)
    box = await slider.bounding_box()
    assert box is not None

    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] - 8, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] / 2, middle, steps=12)
    await page.mouse.up()
    await expect(page).to_have_url(re.compile(r"\?at=\d+$"))
    assert abs(int(await slider.input_value()) - last / 2) < last / 50

    await page.get_by_label("Speed").select_option("64")
    await page.get_by_role("button", name="Play", exact=True).click()
    await bar(page, last)
    await expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


async def test_the_bar_fits_a_phone(stage: Stage, server: Web, run: tuple[str, int]) -> None:
    run_id, last = run
    page = await stage.page(size=PHONE, scheme="dark", language="zh-CN")
    await page.goto(f"{server.url}/runs/{run_id}?at={last // 3}")

    slider = page.get_by_role("slider", name="运行的时刻")
    await expect(slider).to_have_value(str(last // 3))
    wide = await page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    assert wide
    await stage.shot(page, "scrubbing-phone")
