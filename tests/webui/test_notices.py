"""What the page tells by itself: that a run waits or has ended, and what the server's machine lacks."""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from agent.models.testing.script import call
from tests.webui.browser import Stage
from tests.webui.serving import Web

HIDDEN_WINDOW = """
    window.told = [];
    window.Notification = class {
        static permission = "default";
        static async requestPermission() { return (Notification.permission = "granted"); }
        constructor(title, options) { window.told.push([title, options.body]); }
    };
    Object.defineProperty(document, "hidden", { get: () => window.away === true });
"""
"""Messages of the system, kept instead of shown, and a window that can be said to be out of sight."""


async def asked(web: Web) -> str:
    return await web.submit("Which lock?", call("ask_person", question="Which lock?", options=["Harrow", "Tarn"]))


async def looking(page: Page, web: Web) -> None:
    """Open the settings, and wait until the page has had its first look at the runs: it tells what changes after it."""
    await page.goto("about:blank")
    async with page.expect_response(re.compile(r"/api/runs\?limit=50$")) as looked:
        await page.goto(f"{web.url}/settings")
    await (await looked.value).finished()


async def test_a_run_that_waits_is_told_counted_and_opened(page: Page, stage: Stage, web: Web) -> None:
    await web.stopped(await web.submit("Over already"))
    await looking(page, web)
    await expect(page).to_have_title("Settings · Plumbline")
    run_id = await asked(web)
    await expect(page.get_by_text("A run waits for you: Which lock?")).to_be_visible()
    await expect(page).to_have_title("(1) Settings · Plumbline")
    await stage.shot(page, "notice-waits")
    await page.get_by_role("button", name="Open", exact=True).click()
    await page.wait_for_url(f"**/runs/{run_id}")
    await web.client.post(f"/api/runs/{run_id}/commands", json={"command": {"op": "cancel"}})


async def test_messages_of_the_system_come_only_after_they_were_asked_for(stage: Stage, web: Web) -> None:
    page = await stage.page(web.link())
    await page.add_init_script(HIDDEN_WINDOW)
    await looking(page, web)
    await page.evaluate("window.away = true")
    run_id = await asked(web)
    await expect(page.get_by_text("A run waits for you: Which lock?")).to_be_visible()
    assert await page.evaluate("window.told") == []

    await page.get_by_label("Notify me when a run waits for me or ends").check()
    await web.client.post(f"/api/runs/{run_id}/commands", json={"command": {"op": "cancel"}})
    async with asyncio.timeout(30):
        # the page's own policy forbids what would wait for this inside of it
        while not (told := await page.evaluate("window.told")):  # noqa: ASYNC110 - a page sets no event of ours
            await asyncio.sleep(0.1)
    assert told == [["A run has ended", "Which lock?"]]


@pytest.mark.slow
async def test_the_doctor_tells_part_by_part_what_is_there_and_what_to_do(page: Page, stage: Stage, web: Web) -> None:
    parts = await web.get("/api/doctor")
    await page.goto(f"{web.url}/settings")
    await page.get_by_role("tab", name="Doctor").click()
    findings = page.get_by_role("tabpanel").get_by_role("listitem")
    await expect(findings).to_have_count(len(parts))
    await expect(page.get_by_role("button", name="Check again")).to_be_enabled(timeout=60_000)
    await stage.shot(page, "settings-doctor", whole=True)
    for part in parts[:3]:
        told = await web.get(f"/api/doctor/{part}")
        row = findings.filter(has_text=part.replace("_", " ")).first
        # how long it took differs from one look to the next
        await expect(row).to_contain_text(told["found"].rpartition(". ")[2])
