"""No hostile text or file does anything on any screen, in frames of files, in downloads or in shared pages."""

from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Error, Page, expect

from tests.webui import canal
from tests.webui.hostile.payloads import TEXTS
from tests.webui.hostile.poison import files, poisoned_browsing, poisoned_report
from tests.webui.hostile.watching import Watch
from tests.webui.serving import Web

SETTLED = 250
"""Milliseconds without anything new after which a page is taken to stand."""

KINDS = ("file-svg-script", "file-page-script", "cells", "notes", "data")

WITHOUT_RUNS = ("/runs", "/new", "/settings", "/evals")

_SAFE_SCHEMES = """
() => [...document.querySelectorAll("a[href], area[href], iframe[src], form[action], object[data], embed[src]")]
  .map((one) => one.href?.baseVal ?? one.href ?? one.src ?? one.action ?? one.data)
  .filter((address) => !/^(https?:|mailto:|blob:|about:srcdoc)/i.test(address))
"""
_HANDLERS = """
() => [...document.querySelectorAll("*")].flatMap((one) => [...one.attributes].filter((each) => /^on/i.test(each.name)))
  .map((each) => each.name + "=" + each.value)
"""


async def test_no_payload_does_anything_on_any_screen(browser: Browser, web: Web, tmp_path: Path) -> None:
    report, browsed = await poisoned_report(web.ledger), await poisoned_browsing(web.ledger)
    context = await browser.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    watch = Watch(web.url)
    await watch.over(context)
    page = await context.new_page()
    await page.goto(web.link())
    screens = [
        f"/runs/{report}",
        f"/runs/{report}?at=3",
        f"/runs/{report}/report",
        f"/runs/{report}/report?claim=c1",
        f"/runs/{report}/report?claim=c2&evidence=E2",
        f"/runs/{browsed}",
        f"/runs/{browsed}/report",
        f"/runs/{await _sat_in(web, tmp_path)}/seat",
        f"/compare?a={report}&b={browsed}",
        *WITHOUT_RUNS,
    ]
    for screen in screens:
        await page.goto(f"{web.url}{screen}")
        await _open_everything(page)
        assert await page.evaluate(_SAFE_SCHEMES) == [], screen
        assert await page.evaluate(_HANDLERS) == [], screen
        assert watch.done == [], screen
        if screen not in WITHOUT_RUNS:
            await expect(page.locator("body")).to_contain_text("canary('script')")
    await context.close()


async def test_no_file_does_anything_however_it_is_opened(browser: Browser, web: Web) -> None:
    report = await poisoned_report(web.ledger)
    context = await browser.new_context(accept_downloads=True)
    watch = Watch(web.url)
    await watch.over(context)
    page = await context.new_page()
    await page.goto(web.link())
    for path in files():
        # all are opened in the way that shows most, and one of each kind in all ways
        forms = ("shown", "files", "preview") if path.rpartition(".")[0] in KINDS else ("shown",)
        for form in forms:
            await _go(page, f"{web.url}/api/runs/{report}/{form}/{quote(path, safe='/')}")
            assert watch.done == [], (form, path)
    shown = await web.client.get(f"/api/runs/{report}/preview/file-page-script.html")
    assert shown.json()["kind"] == "frame"
    await context.close()


async def test_no_payload_does_anything_in_a_shared_page_or_an_exported_file(browser: Browser, web: Web) -> None:
    for run in (await poisoned_report(web.ledger), await poisoned_browsing(web.ledger)):
        link = (await web.client.post(f"/api/runs/{run}/share", json={})).json()["url"]
        exported = await web.client.get(f"/api/runs/{run}/export", params={"format": "html"})
        assert exported.status_code == 200
        context = await browser.new_context()
        watch = Watch(web.url)
        await watch.over(context)
        page = await context.new_page()
        await page.goto(f"{web.url}{link}")
        await _open_everything(page)
        assert await page.evaluate(_SAFE_SCHEMES) == []
        assert await page.evaluate(_HANDLERS) == []
        await expect(page.locator("body")).to_contain_text("canary('script')")
        # from a disk there are no headers; what protects is in the file
        await page.set_content(exported.text)
        await _open_everything(page)
        assert watch.done == []
        await context.close()


async def _sat_in(web: Web, folder: Path) -> str:
    """Return a run in whose seat somebody reads a hostile page."""
    documents = {f"{number}.md": f"# Lock {number} {TEXTS}\n\n{TEXTS}\n" for number in range(2)}
    await canal.fill(web.home, folder / "docs", documents)
    run = await canal.seat(web, f"Which lock? {TEXTS}")
    await canal.act(web, run, 0, "search", {"query": f"Lock {TEXTS[:200]}"})
    await canal.act(web, run, 1, "open", {"result": 1})
    return run


async def _go(page: Page, address: str) -> None:
    """Go to an address that may turn out to be a download."""
    try:
        await page.goto(address, wait_until="load")
    except Error as error:
        if "Download is starting" not in str(error) and "ERR_ABORTED" not in str(error):
            raise


async def _open_everything(page: Page) -> None:
    """Open what a page keeps closed: tabs, folded parts, steps; wait for what they show."""
    await page.wait_for_load_state("load")
    await page.wait_for_timeout(SETTLED)
    for what in ("summary", "[aria-expanded=false]", "[role=tab][aria-selected=false]"):
        for one in (await page.locator(what).element_handles())[:12]:
            if await one.is_visible():
                await one.dispatch_event("click")
    await page.wait_for_timeout(SETTLED)
