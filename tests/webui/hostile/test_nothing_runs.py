"""No hostile text or file does anything on any screen, in frames of files, in downloads or in shared pages."""

import re
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import Browser, Error, Locator, Page, expect

from tests.webui import canal
from tests.webui.hostile.payloads import PAYLOADS, TEXTS
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


async def test_no_title_or_tag_does_anything_in_the_library(browser: Browser, web: Web) -> None:
    run = await poisoned_report(web.ledger)
    tags = [one.text for one in PAYLOADS if len(one.text) <= 64 and not set(one.text) & set(",\r\n\t\0\x1b")][:20]
    titles = [one.text for one in PAYLOADS if "canary(" in one.text and len(one.text) <= 200]
    titles = [title for title in titles if title.isprintable()]
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watch = Watch(web.url)
    await watch.over(context)
    page = await context.new_page()
    await page.goto(web.link())
    assert len(titles) > 1
    for title in titles[:2]:
        filed = await web.client.patch(f"/api/runs/{run}", json={"title": title, "tags": tags})
        assert filed.status_code == 200, filed.text
        await page.goto(f"{web.url}/runs")
        row = page.locator(f"li[data-run='{run}']")
        await expect(row).to_contain_text("canary(")
        await _open_dialog(page, row)
        await _open_everything(page)
        assert await page.evaluate(_SAFE_SCHEMES) == []
        assert await page.evaluate(_HANDLERS) == []
        assert watch.done == [], title
    await context.close()


async def test_no_draft_or_template_that_a_browser_kept_does_anything(browser: Browser, web: Web) -> None:
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    watch = Watch(web.url)
    await watch.over(context)
    page = await context.new_page()
    await page.goto(web.link())
    texts = ("goal", "model", "sandbox", "egress", "corpus", "checks", "constraints", "tags", "rounds", "candidates")
    draft = dict.fromkeys(texts, TEXTS) | {"kind": "task", "roles": {"planner": TEXTS}, "knowledge": [TEXTS]}
    named = [{"name": one.text, "kind": "task", "goal": one.text} for one in PAYLOADS[:12]]
    kept = {"plumbline.draft": draft, "plumbline.templates": [*named, {"name": TEXTS, "kind": "task", "goal": TEXTS}]}
    store = "(kept) => Object.entries(kept).forEach(([key, value]) => localStorage.setItem(key, JSON.stringify(value)))"
    for wrong in ({}, {"kind": TEXTS}, {"goal": [TEXTS], "budget": {"tokens": TEXTS}}):
        # the page writes its own draft as it stands, so it is left before
        await page.goto(f"{web.url}/evals")
        await page.evaluate(store, {**kept, "plumbline.draft": {**draft, **wrong}})
        await page.goto(f"{web.url}/new")
        await _open_everything(page)
        assert await page.evaluate(_SAFE_SCHEMES) == []
        assert await page.evaluate(_HANDLERS) == []
        assert watch.done == [], wrong
        if not wrong:
            await expect(page.locator("textarea").first).to_have_value(re.compile(r"canary\('script'\)"))
            await expect(page.locator("body")).to_contain_text("canary(")
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


async def _open_dialog(page: Page, row: Locator) -> None:
    """Open the menu of a run in the library, and from there where its title and tags are changed."""
    await row.get_by_role("button").last.click()
    await page.wait_for_timeout(SETTLED)
    await page.get_by_role("menuitem").filter(has_text=re.compile("title|name|tag", re.IGNORECASE)).first.click()
    await expect(page.get_by_role("dialog")).to_be_visible()


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
