"""The library and the settings, in Chromium."""

import re
from datetime import UTC, datetime, timedelta

from playwright.async_api import Page, expect

from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web


async def _three(web: Web) -> list[str]:
    goals = ("Count the words of the minutes", "Compare two heat pumps", "比较三种电池的寿命")
    runs = [await web.submit(goal, tags=["office"] if number == 0 else []) for number, goal in enumerate(goals)]
    for run in runs:
        await web.stopped(run)
    return runs


async def test_an_empty_library_says_what_belongs_here(page: Page, stage: Stage, web: Web) -> None:
    await page.goto(f"{web.url}/runs")
    await expect(page.get_by_text("No runs yet")).to_be_visible()
    await stage.shot(page, "library-empty")
    await page.get_by_role("main").get_by_role("link", name="New task").last.click()
    await expect(page).to_have_url(f"{web.url}/new")


async def test_runs_are_found_by_words_and_new_ones_appear_by_themselves(page: Page, stage: Stage, web: Web) -> None:
    await _three(web)
    await page.goto(f"{web.url}/runs")
    rows = page.get_by_role("list", name="Runs, newest first").get_by_role("listitem")
    await expect(rows).to_have_count(3)
    await stage.shot(page, "library-light-wide")
    await page.keyboard.press("/")
    await page.keyboard.type("heat")
    await expect(rows).to_have_count(1)
    await expect(page).to_have_url(re.compile("search=heat"))
    await web.submit("Heat the oven")
    await expect(rows).to_have_count(2)
    await page.get_by_role("searchbox").fill("nothing like this")
    await expect(page.get_by_text("No run matches")).to_be_visible()
    await page.get_by_role("button", name="Clear filters").click()
    await expect(rows).to_have_count(4)


async def test_the_keyboard_goes_through_runs_and_opens_one(page: Page, web: Web) -> None:
    runs = await _three(web)
    await page.goto(f"{web.url}/runs")
    await expect(page.get_by_text("Count the words")).to_be_visible()
    for key in ("j", "j"):
        await page.keyboard.press(key)
    await expect(page.get_by_role("link", name="Compare two heat pumps")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(f"/runs/{runs[1]}"))


async def test_a_run_gets_a_title_and_tags(page: Page, stage: Stage, web: Web) -> None:
    run = await web.submit("Count the words of the minutes")
    await web.stopped(run)
    await page.goto(f"{web.url}/runs")
    await page.get_by_role("button", name=re.compile("What to do with Count")).click()
    await page.get_by_role("menuitem", name="Title and tags").click()
    await page.get_by_label("Title", exact=True).fill("Minutes")
    await page.get_by_role("textbox", name="Tags").fill("office, may, office")
    await stage.shot(page, "library-filing")
    await page.get_by_role("button", name="Save").click()
    await expect(page.get_by_role("link", name="Minutes", exact=True)).to_be_visible()
    card = await web.get(f"/api/runs/{run}")
    assert (card["title"], sorted(card["tags"])) == ("Minutes", ["may", "office"])


async def test_a_deletion_can_be_taken_back_and_else_happens(stage: Stage, web: Web) -> None:
    kept, gone = (await _three(web))[:2]
    # a window of its own: all pages of a window have one clock
    page = await stage.page(web.link())
    await page.clock.install()
    await page.goto(f"{web.url}/runs")
    rows = page.get_by_role("list", name="Runs, newest first").get_by_role("listitem")
    await page.get_by_role("button", name=re.compile("What to do with Count")).click()
    await page.get_by_role("menuitem", name="Delete").click()
    # the few seconds in which it can be taken back do not go by
    await page.clock.pause_at(datetime.now(UTC) + timedelta(seconds=1))
    await expect(rows).to_have_count(2)
    await page.get_by_role("button", name="Undo").click()
    await expect(rows).to_have_count(3)
    await page.clock.resume()
    await page.get_by_role("button", name=re.compile("What to do with Compare")).click()
    await page.get_by_role("menuitem", name="Delete").click()
    async with page.expect_response(lambda answer: answer.request.method == "DELETE") as deleted:
        # leaving the page does not take it back
        await page.get_by_role("link", name="Settings").first.click()
    assert (await deleted.value).status == 204
    assert (await web.client.get(f"/api/runs/{gone}")).status_code == 404
    assert (await web.client.get(f"/api/runs/{kept}")).status_code == 200


async def test_two_runs_are_chosen_and_compared(page: Page, stage: Stage, web: Web) -> None:
    await _three(web)
    await page.goto(f"{web.url}/runs")
    await page.get_by_role("checkbox", name=re.compile("Count")).check()
    await page.get_by_role("checkbox", name=re.compile("heat")).check()
    await stage.shot(page, "library-two-chosen")
    await page.get_by_role("button", name="Compare", exact=True).click()
    await expect(page).to_have_url(re.compile(r"/compare\?a=.+&b=.+"))


async def test_the_library_on_a_phone_in_chinese_and_dark(stage: Stage, web: Web) -> None:
    await _three(web)
    page = await stage.page(size=PHONE, scheme="dark", language="zh-CN", touch=True)
    await page.goto(web.url)
    await expect(page.get_by_role("heading", name="运行记录")).to_be_visible()
    await expect(page.get_by_text("比较三种电池的寿命")).to_be_visible()
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider == 0
    await stage.shot(page, "library-dark-phone-zh")


async def test_the_keys_of_a_screen_are_listed(page: Page, stage: Stage, web: Web) -> None:
    await page.goto(f"{web.url}/runs")
    await page.get_by_role("heading", name="Runs").wait_for()
    await page.keyboard.press("?")
    sheet = page.get_by_role("dialog", name="Keyboard shortcuts")
    await expect(sheet.get_by_text("Next run")).to_be_visible()
    await stage.shot(page, "shortcuts")
    await page.keyboard.press("Escape")
    await expect(sheet).to_have_count(0)


async def test_a_lost_network_is_told_and_found_again(page: Page, stage: Stage, web: Web) -> None:
    stage.expect("ERR_INTERNET_DISCONNECTED")
    await page.goto(f"{web.url}/runs")
    await page.get_by_role("heading", name="Runs").wait_for()
    await page.context.set_offline(True)
    await expect(page.get_by_text("The server cannot be reached")).to_be_visible()
    await stage.shot(page, "offline")
    await page.context.set_offline(False)
    await expect(page.get_by_text("Connected again")).to_be_visible()
    await expect(page.get_by_text("The server cannot be reached")).to_have_count(0)


async def test_settings_are_changed_and_wrong_values_told_beside_them(page: Page, stage: Stage, web: Web) -> None:
    await page.goto(f"{web.url}/settings")
    await page.get_by_text("Dark", exact=True).click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await stage.shot(page, "settings-dark")
    await page.get_by_text("Light", exact=True).click()
    stage.expect("422")
    await page.get_by_role("tab", name="Server").click()
    await page.get_by_role("searchbox", name="Find a setting").fill("concurrency")
    await page.get_by_role("button", name="Change concurrency", exact=True).click()
    value = page.get_by_label("Value of concurrency", exact=True)
    await value.fill("0")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("concurrency")
    await value.fill("3")
    await page.keyboard.press("Enter")
    await expect(value).to_have_count(0)
    await expect(page.get_by_text("It holds from the next start of the server")).to_be_visible()
    assert "concurrency = 3" in (web.home / "config.toml").read_text()
    await page.get_by_role("searchbox", name="Find a setting").fill("")
    await stage.shot(page, "settings-server")


async def test_operators_see_no_settings_of_the_server(stage: Stage, web: Web) -> None:
    web.access.add_user("olga", "operator")
    page = await stage.page(web.link("olga"))
    await page.goto(f"{web.url}/settings?part=server")
    await expect(page.get_by_text("are for admins")).to_be_visible()
    await expect(page.get_by_role("tab", name="Doctor")).to_be_disabled()
