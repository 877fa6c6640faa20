"""Getting in: by a link, by a token, and not at all."""

import re

from playwright.async_api import expect

from tests.webui.browser import Stage
from tests.webui.serving import Web


async def test_whoever_is_not_signed_in_is_told_how_to_get_in(stage: Stage, web: Web) -> None:
    stage.expect("401")
    page = await stage.page(f"{web.url}/runs?search=apples")
    await expect(page).to_have_url(re.compile(r"/enter\?expired=1&back=%2Fruns%3Fsearch%3Dapples"))
    await expect(page.get_by_text("plumbline serve link")).to_be_visible()
    await stage.shot(page, "enter")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("Enter a token.")).to_be_visible()
    await page.get_by_label("Token").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_text("this token is not valid")).to_be_visible()

    token = web.access.new_link("local", seconds=60)
    await page.get_by_label("Token").fill(token)
    await page.get_by_label("Token").press("Enter")
    await page.wait_for_url("**/runs?search=apples")


async def test_a_link_works_once(stage: Stage, web: Web) -> None:
    link = web.link()
    await stage.page(link)
    second = await stage.page(link)

    await expect(second.get_by_text("This link was used before")).to_be_visible()
    await stage.shot(second, "enter-used")


async def test_nobody_is_sent_elsewhere_after_signing_in(stage: Stage, web: Web) -> None:
    for back in ("//evil.example/x", "https://evil.example/", "/\\evil.example"):
        page = await stage.page(f"{web.url}/enter?back={back}")
        await page.get_by_label("Token").fill(web.access.new_link("local", seconds=60))
        await page.get_by_label("Token").press("Enter")
        await page.wait_for_url("**/runs")
        assert page.url.startswith(web.url)
