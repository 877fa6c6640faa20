"""Shared links, and files of a run that are pages themselves, in a real browser: seen, and harmless."""

from playwright.async_api import Browser, BrowserContext, Request

from tests.webui.files.conftest import run_with
from tests.webui.serving import Web
from tests.webui.sharing.runs import rich_run

PAGE = b"""<!doctype html><title>quiet</title><h1>A page</h1>
<script>document.title = "ran"; top.ran = 1</script>
<img src="/api/leave" onerror="document.title = 'ran'"><img src="http://127.0.0.1:9/pixel.png">
<iframe src="/"></iframe><iframe srcdoc="<script>parent.document.title='ran'</script>"></iframe>
<link rel="stylesheet" href="http://127.0.0.1:9/style.css"><style>h1 { color: rgb(1, 2, 3) }</style>
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/gone">
<form id="f" action="http://127.0.0.1:9/form"><input name="a"></form><svg onload="document.title='ran'"></svg>"""
DRAWING = b"""<svg xmlns="http://www.w3.org/2000/svg" onload="document.title='ran'" width="80" height="80">
<script>document.documentElement.setAttribute('data-ran', '1')</script>
<image href="http://127.0.0.1:9/pixel.png" width="9" height="9"/><rect width="80" height="80" fill="teal"/>
<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="/"></iframe></foreignObject></svg>"""


def foreign(context: BrowserContext, url: str) -> list[str]:
    """Return a list that fills with the addresses of other origins that a browser got an answer or a refusal from."""
    found: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith((url, "data:")) and request.failure != "csp":
            found.append(request.url)

    context.on("requestfinished", note)
    context.on("requestfailed", note)
    return found


async def test_pages_and_drawings_of_a_run_run_and_load_nothing(web: Web, browser: Browser) -> None:
    run = await run_with(web.ledger, {"page.html": PAGE, "drawing.svg": DRAWING})
    context = await browser.new_context()
    outside = foreign(context, web.url)
    page = await context.new_page()
    await page.goto(web.link())
    for name in ("page.html", "drawing.svg"):
        address = f"{web.url}/api/runs/{run}/shown/{name}"
        await page.goto(address)
        await page.wait_for_timeout(200)
        assert page.url == address
        assert await page.title() in ("quiet", "")
        assert await page.evaluate("document.documentElement.getAttribute('data-ran')") is None
        assert await page.evaluate("self.origin") == "null"
    assert outside == []
    # the session is as it was: no request of the page has left
    assert (await page.goto(f"{web.url}/api/me")) is not None
    assert '"name":"local"' in await page.inner_text("body")
    await context.close()


async def test_a_link_shows_a_run_to_somebody_without_a_session(web: Web, browser: Browser) -> None:
    run = await rich_run(web.ledger)
    link = (await web.client.post(f"/api/runs/{run}/share")).json()
    context = await browser.new_context()
    complaints: list[str] = []
    outside = foreign(context, web.url)
    page = await context.new_page()
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(f"{web.url}{link['url']}")
    assert await page.locator("mark").first.inner_text() == "12 m wide"
    assert await page.locator("#pictures img").evaluate("image => image.naturalWidth") == 320
    assert (outside, complaints) == ([], [])
    await web.client.delete(f"/api/runs/{run}/share")
    await page.reload()
    assert "this link shows nothing" in await page.inner_text("body")
    await context.close()
