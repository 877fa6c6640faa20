"""The page of a run opens from a disk without a network, in a real browser, and shows what it is for."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Request

from agent.cli.sharing.page import shared_page
from agent.ledger.cassette import import_run
from agent.ledger.store import Ledger
from tests.webui.sharing.runs import HOSTILE, rich_run

CASSETTES = Path(__file__).parents[2] / "browsing" / "cassettes"
THEME = Path(__file__).parents[3] / "webui" / "client" / "src" / "ui" / "theme.css"
STYLE = Path(__file__).parents[3] / "agent" / "cli" / "templates" / "run.css"


class Opened:
    """A page opened from a file, with what it asked for and complained of."""

    def __init__(self, page: Page, asked: list[str], complaints: list[str]) -> None:
        self.page = page
        self.asked = asked
        self.complaints = complaints


async def opened(browser: Browser, place: Path, *, width: int = 1280) -> Opened:
    """Open a file in a browser that is cut off from any network."""
    context = await browser.new_context(viewport={"width": width, "height": 800}, offline=True)
    page = await context.new_page()
    asked: list[str] = []
    complaints: list[str] = []

    def note(request: Request) -> None:
        if not request.url.startswith(("data:", "blob:")):
            asked.append(request.url)

    page.on("request", note)
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(place.as_uri())
    return Opened(page, asked, complaints)


async def written(ledger: Ledger, run: str, place: Path) -> Path:
    """Write the page of a run to a file."""
    place.write_text((await shared_page(ledger, run)).html, "utf-8")
    return place


async def test_plan_report_evidence_and_pictures_are_there_without_a_network(browser: Browser, tmp_path: Path) -> None:
    ledger = await Ledger.open(tmp_path / "home")
    try:
        place = await written(ledger, await rich_run(ledger), tmp_path / "run.html")
    finally:
        await ledger.close()
    there = await opened(browser, place)
    page = there.page
    for text in ("The lock is 12 m wide.", "Find the width", "One thing was not looked at."):
        assert await page.get_by_text(text, exact=False).first.is_visible(), text
    mark = page.locator("mark").first
    assert await mark.inner_text() == "12 m wide"
    assert await mark.is_visible()
    picture = page.locator("#pictures img")
    assert await picture.is_visible()
    assert await picture.evaluate("image => image.naturalWidth") == 320
    await page.get_by_text("More of the page").click()
    assert await page.get_by_text("Long before it.").last.is_visible()
    assert (there.asked, there.complaints) == ([place.as_uri()], [])
    await page.context.close()


@pytest.mark.parametrize("width", [1280, 360])
async def test_hostile_words_run_nothing_and_break_no_layout(browser: Browser, tmp_path: Path, width: int) -> None:
    ledger = await Ledger.open(tmp_path / "home")
    try:
        place = await written(ledger, await rich_run(ledger, said=HOSTILE + "W" * 300), tmp_path / "run.html")
    finally:
        await ledger.close()
    there = await opened(browser, place, width=width)
    assert await there.page.evaluate("document.documentElement.scrollWidth") <= width
    assert (there.asked, there.complaints) == ([place.as_uri()], [])
    assert await there.page.locator("script").count() == 0
    await there.page.context.close()


@pytest.mark.parametrize("name", ["harrow-lock", "pumps", "shuibeng"])
async def test_recorded_runs_are_shown_with_every_quote_on_its_page(
    browser: Browser, tmp_path: Path, name: str
) -> None:
    ledger = await Ledger.open(tmp_path / "home")
    try:
        run = (await import_run(ledger, CASSETTES / f"{name}.jsonl")).run_id
        place = await written(ledger, run, tmp_path / "run.html")
    finally:
        await ledger.close()
    there = await opened(browser, place)
    assert await there.page.locator("figure.source mark").count() > 0
    assert await there.page.locator("figure.source.broken").count() == 0
    assert (there.asked, there.complaints) == ([place.as_uri()], [])
    await there.page.context.close()


def test_a_shared_page_has_the_colours_of_the_client() -> None:
    themes = [_colours(block) for block in re.findall(r":root[^{]*\{([^}]*)\}", THEME.read_text())]
    pages = [_colours(block) for block in re.findall(r":root \{([^}]*)\}", STYLE.read_text())]
    for page in pages[:2]:
        assert any(page.items() <= theme.items() for theme in themes)
    assert len({frozenset(page.items()) for page in pages[:2]}) == 2


def _colours(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))
