"""Measurements of suites on their screen: the trend with its intervals, failures that lead to runs, and nothing."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from playwright.async_api import Page, expect

from evals.records import Failure, Measurement, keep, measured
from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web

_START = datetime(2026, 11, 1, 9, tzinfo=UTC)


def _measured(suite: str, model: str, right: int, day: int, *failures: Failure) -> Measurement:
    one = measured(
        suite, model, [True] * right + [False] * (40 - right), failures=failures, cost=Decimal("0.42"),
        seconds=312.5, input_tokens=90_000, output_tokens=4_500,
    )  # fmt: skip
    return one.model_copy(update={"at": _START + timedelta(days=day)})


async def test_without_measurements_the_screen_says_how_to_make_some(web: Web, page: Page, stage: Stage) -> None:
    # before any other test keeps some
    await page.goto(f"{web.url}/evals")

    await expect(page.get_by_text("Nothing was measured yet")).to_be_visible()
    await expect(page.get_by_text("plumbline bench documents")).to_be_visible()
    await stage.shot(page, "evals-empty")


async def test_a_suite_shows_its_trend_and_its_failures_lead_to_their_runs(web: Web, page: Page, stage: Stage) -> None:
    run = await web.submit("Which lock is the deepest?")
    await web.stopped(run)
    told = Failure(sample="q-17", kind="wrong", told="Which lock is the deepest?", run_id=run)
    for day, right in enumerate((22, 25, 24, 31)):
        keep(web.home, _measured("documents-dev", "embedded", right, day))
    for day, right in enumerate((33, 35)):
        keep(web.home, _measured("documents-dev", "scripted", right, day + 4))
    keep(web.home, _measured("documents-dev", "scripted", 36, 9, told))
    keep(web.home, _measured("reasoning-cok-f2", "embedded", 12, 2))

    await page.goto(f"{web.url}/evals")
    await expect(page.get_by_role("heading", name="documents-dev")).to_be_visible()
    suites = page.get_by_role("navigation", name="Suites")
    await expect(suites.get_by_role("button")).to_have_count(2)
    await expect(suites.get_by_role("button").first).to_contain_text("documents-dev")
    await expect(suites.get_by_role("button").first).to_contain_text("+2.5%")
    trend = page.get_by_role("img", name="7 measurements; the latest is 90%")
    await expect(trend.locator("path.recharts-line-curve")).to_have_count(2)
    await expect(trend.locator(".recharts-errorBar").first).to_be_visible()
    await expect(page.get_by_role("table").get_by_role("row")).to_have_count(8)
    await stage.shot(page, "evals", whole=True)

    await page.get_by_role("link", name="Open the run q-17").click()
    await expect(page).to_have_url(f"{web.url}/runs/{run}")

    await page.goto(f"{web.url}/evals?suite=reasoning-cok-f2")
    await expect(page.get_by_role("heading", name="reasoning-cok-f2")).to_be_visible()
    phone = await stage.page(size=PHONE, scheme="dark")
    await phone.goto(f"{web.url}/evals")
    await expect(phone.locator("path.recharts-line-curve").first).to_be_visible()
    await stage.shot(phone, "evals-phone-dark")


async def test_a_suite_that_was_never_measured_is_told(web: Web, page: Page, stage: Stage) -> None:
    keep(web.home, _measured("documents-dev", "embedded", 30, 1))
    stage.expect("404")
    await page.goto(f"{web.url}/evals?suite=nothing")

    await expect(page.get_by_text("was never measured")).to_be_visible()
    assert (await web.client.get("/api/evals/..%2Fsecret")).status_code == 404
