"""The annotation seat in the browser: a question is browsed for, quoted, put in order, answered and exported."""

import asyncio
import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest_asyncio
from playwright.async_api import Locator, Page, Route, expect

from tests.webui import canal
from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web

FORMATS = ("webcpm-interactive", "webcpm-pipeline", "chat-jsonl")


@pytest_asyncio.fixture(loop_scope="session")
async def run(web: Web, canal_documents: None) -> str:
    """A run with nobody in its seat yet."""
    return await canal.seat(web)


def sentence(page: Page, text: str) -> Locator:
    return page.get_by_role("option", name=text)


def quotes(page: Page) -> Locator:
    return page.get_by_role("region", name="Quotes").get_by_role("listitem")


async def order(page: Page) -> list[str | None]:
    return [await each.get_attribute("data-quote") for each in await quotes(page).all()]


async def search(page: Page, words: str) -> None:
    await page.get_by_role("searchbox", name="Search").fill(words)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name=re.compile(re.escape(words)))).to_be_visible()


async def test_a_question_is_browsed_to_its_end_in_the_page(web: Web, run: str, page: Page, stage: Stage) -> None:
    await page.goto(f"{web.url}/runs/{run}/seat")
    await expect(page.get_by_role("heading", level=1)).to_have_text(canal.QUESTION)
    await expect(page.get_by_text("Begin with a search")).to_be_visible()
    await stage.shot(page, "seat-begin")

    # by mouse: a search, a result, sentences from one to another, and words of a sentence
    await search(page, "locks of the Harrow Canal")
    await stage.shot(page, "seat-results")
    await page.get_by_role("button", name=re.compile("The Harrow Canal")).first.click()
    await page.get_by_role("button", name="To the top").or_(page.get_by_text("1 of 2", exact=True)).first.wait_for()
    await sentence(page, "The Harrow Canal was dug between 1789 and 1797.").click()
    await sentence(page, "Harrow Lock is lock 1 of the Harrow Canal.").click(modifiers=["Shift"])
    await stage.shot(page, "seat-selected")
    await page.get_by_role("button", name="Quote sentences 2 to 3").click()
    await expect(quotes(page)).to_have_count(1)
    await dragged_over(page, sentence(page, "Millbrook Lock is lock 2 of the Harrow Canal."), 30, 150)
    await page.get_by_role("button", name="Only these words").click()
    await expect(quotes(page)).to_have_count(2)

    # by keys, as at the terminal: down, find, quote, undo, another page, quote
    await page.keyboard.press("j")
    await expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    await page.keyboard.press("f")
    await page.keyboard.type("Sallow")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("option").locator("mark")).to_have_text(["Sallow"])
    await page.keyboard.press("Escape")
    await page.get_by_role("option").first.focus()
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(quotes(page)).to_have_count(3)
    await page.keyboard.press("u")
    await expect(quotes(page)).to_have_count(2)
    await page.keyboard.press("b")
    await expect(page.get_by_role("heading", name=re.compile("results for"))).to_be_visible()
    for words, text, count in (("sill Harrow Lock", canal.DEEP, 3), ("gates of oak and steel", canal.OAK, 4)):
        await page.keyboard.press("s")
        await page.keyboard.type(words)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name=re.compile(words))).to_be_visible()
        await page.keyboard.press("1")
        await sentence(page, text).click()
        await page.keyboard.press("q")
        await expect(quotes(page)).to_have_count(count)
    assert await order(page) == ["E1", "E2", "E4", "E5"]

    # quotes: dropped, moved by keys and by dragging, merged, and the merge taken back
    await page.get_by_role("button", name="Drop E2").click()
    await expect(quotes(page)).to_have_count(3)
    await page.get_by_role("button", name="Move E5").focus()
    await page.keyboard.press("ArrowUp")
    await expect(quotes(page).nth(1)).to_have_attribute("data-quote", "E5")
    await moved(page, page.get_by_role("button", name="Move E1"), quotes(page).nth(2))
    await expect(quotes(page).nth(2)).to_have_attribute("data-quote", "E1")
    assert await order(page) == ["E5", "E4", "E1"]
    await page.get_by_role("checkbox", name="Select E5").check()
    await page.get_by_role("checkbox", name="Select E4").check()
    await stage.shot(page, "seat-quotes")
    await page.get_by_role("button", name="Merge E5 + E4").click()
    await expect(quotes(page)).to_have_count(2)
    await page.get_by_role("button", name="Undo").click()
    await expect(quotes(page)).to_have_count(3)

    # the answer outlives a reload, cites by button, and is checked against its quotes
    answer = page.get_by_role("textbox", name="Answer")
    await answer.fill(canal.DEEP.removesuffix("."))
    await page.get_by_role("button", name="Cite [E4]").click()
    await answer.press_sequentially(". It has a lock-keeper's cottage.")
    await expect(page.get_by_text("Cites E4. 1 sentence cites nothing.")).to_be_visible()
    await page.reload()
    await expect(answer).to_have_value(re.compile(r"deep \[E4\]\. It has"))
    await answer.fill(f"{canal.DEEP.removesuffix('.')} [E4]. {canal.OAK.removesuffix('.')} [E5].")
    await stage.shot(page, "seat-answer")
    await answer.press("Control+Enter")
    await expect(page.get_by_text("Finished.")).to_be_visible()
    await stage.shot(page, "seat-finished")

    await web.stopped(run)
    view = await web.get(f"/api/runs/{run}/view")
    assert (view["status"], view["report"]["outcome"]) == ("finished", "verified")
    await same_exports(web, run, page)


async def same_exports(web: Web, run: str, page: Page) -> None:
    """What the page's links give is what the same actions give that were sent by a program."""
    history = (await web.get(f"/api/runs/{run}/seat"))["history"]
    assert {step["name"] for step in history} == {
        "search", "open", "scroll", "find", "back", "quote", "undo", "drop", "reorder", "merge", "finish",
    }  # fmt: skip
    other = await canal.seat(web)
    for step in history:
        await canal.act(web, other, step["number"] - 1, step["name"], step["arguments"])
    await web.stopped(other)
    for name in ("WebCPM, interactive", "WebCPM, pipeline", "Chat examples"):
        async with page.expect_download() as started:
            await page.get_by_role("link", name=name).click()
        download = await started.value
        form = FORMATS[("WebCPM, interactive", "WebCPM, pipeline", "Chat examples").index(name)]
        assert download.suggested_filename.startswith(f"{run}.")
        made = Path(await download.path()).read_bytes()
        answer = await web.client.get(f"/api/runs/{other}/seat/export", params={"format": form})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert compared(made) == compared(answer.content)


def compared(export: bytes) -> Any:
    """Return an export without what differs from one run to another: its id, and when things happened."""
    if export.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(export)) as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    lines = [json.loads(line) for line in export.splitlines()] if b'\n{"' in export else [json.loads(export)]
    return [without(line, {"_id", "triggerAt", "traceId", "fetched_at", "retrieved_at"}) for line in lines]


def without(value: Any, names: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: without(inner, names) for name, inner in value.items() if name not in names}
    return [without(inner, names) for inner in value] if isinstance(value, list) else value


async def test_of_two_tabs_the_slower_one_is_shown_the_session_as_it_is(
    web: Web, run: str, page: Page, stage: Stage
) -> None:
    stage.expect("409")
    await canal.act(web, run, 0, "search", {"query": "sill Harrow Lock"})
    await canal.act(web, run, 1, "open", {"result": 1})
    other = await page.context.new_page()
    for tab in (page, other):
        await tab.goto(f"{web.url}/runs/{run}/seat")
        await expect(sentence(tab, canal.DEEP)).to_be_visible()
    free = asyncio.Event()

    async def later(route: Route) -> None:
        if route.request.method == "GET":
            await free.wait()
        await route.continue_()

    # the second tab does not get to see what the first one does until it acts itself
    await other.route("**/api/runs/*/seat", later)
    await sentence(page, canal.DEEP).click()
    await page.keyboard.press("q")
    await expect(quotes(page)).to_have_count(1)
    await sentence(other, "The gates are of oak.").click()
    await other.keyboard.press("q")
    await expect(other.get_by_text("Somebody else acted in the meantime.")).to_be_visible()
    free.set()

    await expect(quotes(other)).to_have_count(1)
    await expect(quotes(other)).to_contain_text(["1.52 metres"])
    await stage.shot(other, "seat-stale")
    await other.keyboard.press("q")
    await expect(quotes(other)).to_have_count(2)
    # and the first one hears of it without doing anything
    await expect(quotes(page)).to_have_count(2)


async def test_on_a_phone_sentences_are_tapped(web: Web, run: str, stage: Stage) -> None:
    await canal.act(web, run, 0, "search", {"query": "sill Harrow Lock"})
    await canal.act(web, run, 1, "open", {"result": 1})
    phone = await stage.page(size=PHONE, scheme="dark", touch=True)
    await phone.goto(f"{web.url}/runs/{run}/seat")

    await sentence(phone, canal.DEEP).tap()
    await sentence(phone, "The sill was lowered").tap()
    await stage.shot(phone, "seat-phone-dark")
    await phone.get_by_role("button", name=re.compile("Quote sentences")).tap()
    await phone.get_by_role("button", name="Quotes 1").tap()
    await expect(quotes(phone)).to_have_count(1)
    await phone.get_by_role("button", name="Reject the question").tap()
    await phone.get_by_role("textbox", name="Why the question").fill("no source says why")
    await phone.get_by_role("button", name="End without an answer").tap()

    await expect(phone.get_by_text("Ended without an answer.")).to_be_visible()
    card = await web.stopped(run)
    assert (card["status"], card["outcome"]) == ("finished", "unverified")


async def test_the_seat_tells_who_asks_too_late_or_for_what_cannot_be(web: Web, run: str) -> None:
    await canal.act(web, run, 0, "search", {"query": "sill Harrow Lock"})
    plain = await web.submit("Say something.")
    await web.stopped(plain)
    search = {"name": "search", "arguments": {"query": "x"}}

    async def status(at: str, body: dict[str, Any]) -> tuple[int, str]:
        answer = await web.client.post(f"/api/runs/{at}/seat/actions", json=body)
        return answer.status_code, str(answer.json()["error"])

    assert await status(run, {"action": search, "step": 0}) == (409, "StaleState")
    assert await status(run, {"action": {"name": "open", "arguments": {"result": 99}}, "step": 1}) == (
        422, "IllegalAction",
    )  # fmt: skip
    assert await status(run, {"action": {"name": "quote", "arguments": {"first": 1}}, "step": 1}) == (
        422, "IllegalAction",
    )  # fmt: skip
    assert await status(plain, {"action": search, "step": 0}) == (422, "UsageError")
    assert (await web.client.get("/api/runs/nothing/seat")).status_code == 404
    assert (await web.client.get(f"/api/runs/{run}/seat/export", params={"format": "csv"})).status_code == 422
    assert (await web.get(f"/api/runs/{run}/seat"))["step"] == 1


async def test_a_run_without_a_seat_says_so(web: Web, page: Page, stage: Stage) -> None:
    stage.expect("422")
    plain = await web.submit("Say something.")
    await page.goto(f"{web.url}/runs/{plain}/seat")

    await expect(page.get_by_text("There is no seat to take here")).to_be_visible()


async def dragged_over(page: Page, place: Locator, start: float, end: float) -> None:
    """Drag the mouse over the words of a line, from and to some pixels after its beginning."""
    box = await place.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + start, box["y"] + 12)
    await page.mouse.down()
    await page.mouse.move(box["x"] + end, box["y"] + 12, steps=5)
    await page.mouse.up()


async def moved(page: Page, handle: Locator, onto: Locator) -> None:
    """Drag a handle below an element."""
    start, end = await handle.bounding_box(), await onto.bounding_box()
    assert start is not None
    assert end is not None
    await page.mouse.move(start["x"] + 8, start["y"] + 8)
    await page.mouse.down()
    await page.mouse.move(start["x"] + 8, end["y"] + end["height"] + 5, steps=6)
    await page.mouse.up()
