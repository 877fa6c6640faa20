"""Every screen, in both themes and on a phone: axe finds nothing serious, and nothing is wider than the window."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect

from agent.models.testing.script import call
from evals.batch.order import all_orders
from evals.records import Failure, keep, measured
from tests.webui import canal
from tests.webui.batches_to_see import batch, counting
from tests.webui.browser import PHONE, WIDE, Stage
from tests.webui.reports import designed, long_report, reported
from tests.webui.serving import Web

AXE = Path(__file__).parents[2] / "webui" / "client" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
STALL = "GPU stall due to ReadPixels"
"""What the renderer of tests says of a screenshot of a canvas."""


@dataclass(frozen=True)
class View:
    """How a screen is looked at."""

    scheme: Literal["light", "dark"]
    size: tuple[int, int]


VIEWS = (View("light", WIDE), View("dark", WIDE), View("light", PHONE))

_PLAN = call("make_plan", subtasks=[{"id": "read", "goal": "read it"}, {"id": "write", "goal": "write it"}])


async def planned(web: Web) -> str:
    """A run that asks whether its plan is right."""
    run = await web.submit("Tell how deep the lock is, and write it down.", _PLAN, mode="review")
    await until(web, run, "waiting")
    return f"/runs/{run}"


async def finished(web: Web) -> str:
    run = await web.submit("Say something.")
    await web.stopped(run)
    return f"/runs/{run}"


async def report(web: Web) -> str:
    return f"/runs/{await reported(web.ledger, await long_report(web.ledger))}/report?claim=c1"


async def design(web: Web) -> str:
    return f"/runs/{await designed(web.ledger)}/report"


async def compared(web: Web) -> str:
    first, second = await finished(web), await finished(web)
    return f"/compare?a={first.rpartition('/')[2]}&b={second.rpartition('/')[2]}"


async def seat(web: Web) -> str:
    """A seat with a page and quotes."""
    run = await canal.seat(web)
    await canal.act(web, run, 0, "search", {"query": "sill Harrow Lock"})
    await canal.act(web, run, 1, "open", {"result": 1})
    await canal.act(web, run, 2, "quote", {"first": 3})
    await canal.act(web, run, 3, "quote", {"first": 2})
    return f"/runs/{run}/seat"


async def results(web: Web) -> str:
    """A seat with a list of results."""
    run = await canal.seat(web)
    await canal.act(web, run, 0, "search", {"query": "sill Harrow Lock"})
    return f"/runs/{run}/seat"


async def evals(web: Web) -> str:
    for right in (12, 15, 19):
        failure = Failure(sample="q-1", kind="wrong", told="Which lock?", run_id="261122-00000000")
        keep(web.home, measured("documents-dev", "embedded", [True] * right + [False], failures=[failure]))
    return "/evals"


def batches(path: str) -> Callable[[Web], Awaitable[str]]:
    """Batches that are done and stopped, seen at a path where ``NAME`` begins their names."""

    async def where(web: Web) -> str:
        with TemporaryDirectory() as folder:
            suite, name = counting(Path(folder), "canal-lengths", 4), f"b{len(all_orders(web.home)[0])}"
            await batch(web, suite, f"{name}-one", wrong={1, 2})
            await batch(web, suite, f"{name}-two", wrong={1}, attempts=2, ends="interrupted")
        return path.replace("NAME", name)

    return where


async def library(web: Web) -> str:
    await finished(web)
    await planned(web)
    return "/runs"


def fixed(path: str) -> Callable[[Web], Awaitable[str]]:
    async def where(_web: Web) -> str:
        return path

    return where


SCREENS: dict[str, Callable[[Web], Awaitable[str]]] = {
    "new": fixed("/new"),
    "runs": library,
    "runs-empty": fixed("/runs"),
    "run-asking": planned,
    "run-finished": finished,
    "report": report,
    "report-design": design,
    "compare": compared,
    "seat": seat,
    "seat-results": results,
    # before any is kept
    "evals-empty": fixed("/evals"),
    "evals": evals,
    "batches": batches("/evals?show=batches"),
    "batch": batches("/evals/batches/NAME-two"),
    "batches-compared": batches("/evals/compare?a=NAME-one&b=NAME-two"),
    "settings": fixed("/settings"),
    "enter": fixed("/enter"),
}


@pytest.mark.usefixtures("canal_documents")
@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_has_no_serious_issue_in_any_view(web: Web, stage: Stage, page: Page, name: str) -> None:
    if not AXE.is_file():
        pytest.skip("axe is not installed; run: npm ci --prefix webui/client")
    stage.expect(STALL)
    path = await SCREENS[name](web)
    found: list[str] = []
    for view in VIEWS:
        await page.emulate_media(color_scheme=view.scheme)
        if page.viewport_size != {"width": view.size[0], "height": view.size[1]} or view is VIEWS[0]:
            await page.set_viewport_size({"width": view.size[0], "height": view.size[1]})
            await page.goto(f"{web.url}{path}")
        await expect(page.get_by_role("heading", level=1).first).to_be_attached()
        await settled(page)
        place = f"{name}-{view.scheme}-{view.size[0]}"
        await stage.shot(page, f"axe-{place}")
        found += [f"{place}: {issue}" for issue in await issues(page)]
        if (over := await page.evaluate("document.documentElement.scrollWidth - innerWidth")) > 0:
            found.append(f"{place}: {over} px wider than the window")
    assert not found, "\n".join(found)


async def issues(page: Page) -> list[str]:
    """Return what axe finds on a page as it is, as far as it is serious or critical."""
    # through the debugger's own world: the page's policy allows no scripts but its own
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text("utf-8"))
    results: dict[str, Any] = await page.evaluate(
        "tags => axe.run(document, {runOnly: tags, resultTypes: ['violations']})", TAGS
    )
    return [
        f"{one['id']}: {one['help']}: {node['target'][-1]} {node['html'][:160]}"
        for one in results["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


async def settled(page: Page) -> None:
    """Wait until a page that has its heading has nothing more to come for a moment."""
    for _ in range(20):
        before = await page.evaluate("document.body.innerHTML.length")
        await asyncio.sleep(0.15)
        if await page.evaluate("document.body.innerHTML.length") == before:
            return


async def until(web: Web, run: str, status: str) -> None:
    """Wait until a run has a status."""
    for _ in range(200):
        if (await web.get(f"/api/runs/{run}"))["status"] == status:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"run {run} is never {status}")
