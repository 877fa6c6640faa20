"""Every payload does what it is for in a page that does not protect itself."""

import asyncio

from playwright.async_api import Browser, BrowserContext, Route

from tests.webui.hostile.payloads import PAYLOADS, Payload
from tests.webui.hostile.watching import Watch

AT_ONCE = 8
CARELESS = "http://careless.example"


async def test_every_payload_works_where_nothing_protects(browser: Browser) -> None:
    assert len(PAYLOADS) >= 40
    assert len({one.name for one in PAYLOADS}) == len(PAYLOADS)
    context = await browser.new_context()
    watch = Watch(CARELESS)
    await watch.over(context)

    async def careless(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        found = next((one for one in PAYLOADS if one.name == name), None)
        if found is None:
            await route.fulfill(status=404)
        else:
            media_type, body = found.naive
            await route.fulfill(status=200, content_type=media_type, body=body)

    await context.route(f"{CARELESS}/**", careless)
    idle: list[str] = []
    for start in range(0, len(PAYLOADS), AT_ONCE):
        some = PAYLOADS[start : start + AT_ONCE]
        worked = await asyncio.gather(*(_works(context, watch, one) for one in some))
        idle += [one.name for one, did in zip(some, worked, strict=True) if not did]
    await context.close()
    assert idle == []


async def _works(context: BrowserContext, watch: Watch, payload: Payload) -> bool:
    page = await context.new_page()
    # what leads elsewhere at once ends the load of its own page
    await page.goto(f"{CARELESS}/{payload.name}", wait_until="commit")
    if payload.click:
        await page.locator("a").first.dispatch_event("click")
    for _ in range(100):
        if watch.has(payload.name):
            break
        await asyncio.sleep(0.05)
    await page.close()
    return watch.has(payload.name)
