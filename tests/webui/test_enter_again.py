"""Going on after signing in: where one was, and nowhere else."""

from playwright.async_api import expect

from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web


async def test_who_has_to_sign_in_again_goes_on_where_they_were(web: Web, stage: Stage) -> None:
    run = await web.submit("Count the words")
    await web.stopped(run)
    page = await stage.page(f"{web.url}/enter?expired=1&back=%2Fruns%2F{run}%2Freport", size=PHONE, scheme="dark")
    await page.get_by_label("Token").fill(web.access.own_token())
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{web.url}/runs/{run}/report")


async def test_an_address_of_somebody_else_is_not_gone_on_to(web: Web, stage: Stage) -> None:
    for back in ("https%3A%2F%2Fevil.example", "%2F%2Fevil.example", "%2F%5Cevil.example", "javascript%3Aalert(1)"):
        page = await stage.page(f"{web.url}/enter?back={back}")
        await page.get_by_label("Token").fill(web.access.own_token())
        await page.keyboard.press("Enter")
        await page.wait_for_url(lambda url: "/enter" not in url)
        assert page.url.startswith(web.url)
