"""The built client comes up in a real browser, signed in by the link that the server prints."""

from tests.webui.browser import Stage
from tests.webui.serving import Web


async def test_the_link_opens_the_application_and_leaves_the_address(stage: Stage, web: Web) -> None:
    page = await stage.page(web.link())
    await page.wait_for_load_state("networkidle")
    assert page.url.startswith(web.url)
    assert "token" not in page.url
    await stage.shot(page, "entered")
