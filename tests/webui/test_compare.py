"""Two runs are compared side by side."""

from playwright.async_api import expect

from agent.models.testing.script import call
from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web


async def test_two_runs_of_one_task_side_by_side(stage: Stage, web: Web) -> None:
    first = await web.submit("How deep is the sill?", call("submit", answer="It is 1.52 m deep. It is of slate."))
    await web.stopped(first)
    plan = call("make_plan", subtasks=[{"id": "measure", "goal": "Measure it"}, {"id": "tell", "goal": "Tell it"}])
    steps = [call("submit", answer="It is 1.61 m deep. It is of slate."), *[call("submit", answer="noted")] * 2]
    second = await web.submit("How deep is the sill?", plan, *reversed(steps))
    await web.stopped(second)

    page = await stage.page()
    await page.goto(f"{web.url}/compare?a={first}")
    await expect(page.get_by_text("Choose two runs")).to_be_visible()
    await page.get_by_label("Second run").select_option(second)
    answer = page.get_by_role("figure", name="Change of Answer")
    await expect(answer.locator("tr", has_text="removed")).to_contain_text("1.52 m")
    await expect(answer.locator("tr", has_text="added")).to_contain_text("1.61 m")
    await expect(answer.locator("tr", has_text="It is of slate.")).to_have_count(1)
    await expect(page.get_by_text("Measure it")).to_be_visible()
    await expect(page.get_by_role("definition").first).to_contain_text("4")
    await stage.shot(page, "compare", whole=True)

    phone = await stage.page(size=PHONE, scheme="dark", language="zh-CN")
    await phone.goto(f"{web.url}/compare?a={first}&b={second}")
    await expect(phone.get_by_text("Measure it")).to_be_visible()
    assert await phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    await stage.shot(phone, "compare-phone-zh")


async def test_a_run_that_is_not_there_is_named(stage: Stage, web: Web) -> None:
    stage.expect("404")
    run_id = await web.submit("Say hello")
    await web.stopped(run_id)
    page = await stage.page()
    await page.goto(f"{web.url}/compare?a={run_id}&b=261122-00000000")
    await expect(page.get_by_text("Run 261122-00000000 is not there")).to_be_visible()
