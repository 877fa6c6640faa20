"""Batches on their screens: listed, looked into, compared, and shown to nobody who may not see their runs."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.webui.batches_to_see import batch, counting
from tests.webui.browser import PHONE, Stage
from tests.webui.serving import Web

_WHY = "the batch has used up its budget of tokens"


async def test_batches_are_listed_looked_into_and_compared(web: Web, page: Page, stage: Stage, tmp_path: Path) -> None:
    suite = counting(tmp_path / "canal-lengths", "canal-lengths", 12)
    await batch(web, suite, "monday", wrong={1, 2, 3, 5, 7, 8})
    await batch(web, suite, "tuesday", wrong={1}, attempts=2)
    await batch(web, suite, "wednesday", wrong={0}, ends=_WHY)

    # the list
    await page.goto(f"{web.url}/evals")
    table = page.get_by_role("region", name="Batches")
    rows = table.get_by_role("row")
    await expect(rows).to_have_count(4)
    await expect(rows.nth(1)).to_contain_text("wednesday")
    await expect(rows.nth(1)).to_contain_text(f"stopped6 of 12{_WHY}")
    await expect(rows.nth(2)).to_contain_text("@2 100%")
    await expect(rows.nth(3)).to_contain_text("50%")
    await expect(rows.nth(3)).to_contain_text("6wrong or open")
    await stage.shot(page, "batches")

    # one batch: its figures, and samples by what went wrong
    await page.get_by_role("link", name="monday").click()
    await expect(page.get_by_role("heading", name="monday")).to_be_visible()
    await expect(page.get_by_role("region", name="By tag")).to_contain_text("deep75%")
    samples = page.get_by_role("region", name="Samples").get_by_role("row")
    await expect(samples).to_have_count(13)
    await page.get_by_role("button", name="wrong or open").click()
    await expect(samples).to_have_count(7)
    await page.get_by_role("combobox", name="Tag").select_option("deep")
    await expect(samples).to_have_count(2)
    await expect(samples.nth(1)).to_contain_text("The lock is 103 metres long.")
    await expect(samples.nth(1)).to_contain_text("103 for 3")
    await page.get_by_role("button", name="Show all").click()
    await stage.shot(page, "batch", whole=True)
    await page.get_by_role("link", name="Open the run of lock-03, attempt 1").press("Enter")
    await expect(page).to_have_url(f"{web.url}/runs/monday-00004-001")

    # two batches
    await page.goto(f"{web.url}/evals/batches/tuesday")
    await page.get_by_role("combobox", name="Compare with").select_option("monday")
    await expect(page).to_have_url(f"{web.url}/evals/compare?a=monday&b=tuesday")
    await expect(page.get_by_role("region", name="Second minus first")).to_contain_text("p = 0.0313")
    better = page.get_by_role("region", name="Better in the second")
    await expect(better.get_by_role("listitem")).to_have_count(6)
    await stage.shot(page, "batches-compared", whole=True)
    await expect(better.get_by_role("link", name="lock-08: second run")).to_have_attribute(
        "href", "/runs/tuesday-00009-001"
    )

    phone = await stage.page(size=(360, PHONE[1]), scheme="dark")
    for path, name in (
        ("/evals", "batches"), ("/evals/batches/wednesday", "batch"), ("/evals/compare?a=monday&b=tuesday", "compared"),
    ):  # fmt: skip
        await phone.goto(f"{web.url}{path}")
        await expect(phone.get_by_role("region").first).to_be_visible()
        assert await phone.evaluate("document.querySelector('#content').scrollWidth <= innerWidth"), name
        await stage.shot(phone, f"{name}-phone-dark", whole=True)


async def test_batches_are_shown_to_who_may_see_everybodys_runs(web: Web, tmp_path: Path) -> None:
    suite = counting(tmp_path / "few", "few", 3)
    other = counting(tmp_path / "others", "others", 2)
    await batch(web, suite, "mine", wrong={2}, attempts=2)
    await batch(web, other, "other", wrong=set())
    told = {"Authorization": f"Bearer {web.access.add_user('mei', 'operator')}"}

    for path in ("/mine", "/mine/results", "/mine/comparison/other", "/nothing", "/last", "/..%2Fmine"):
        assert (await web.client.get(f"/api/batches{path}", headers=told)).status_code == 404, path
    assert (await web.client.get("/api/batches", headers=told)).json()["batches"] == []
    for path in ("/nothing", "/last", "/nothing/results", "/mine/comparison/nothing"):
        assert (await web.client.get(f"/api/batches{path}")).status_code == 404, path

    look = await web.get("/api/batches/mine")
    assert (look["standing"], look["total"], look["figures"]["failures"]) == ("done", 6, {"wrong or open": 1})
    assert [one["id"] for one in (await web.get("/api/batches", suite="few"))["batches"]] == ["mine"]
    failed = await web.get("/api/batches/mine/results", state="failed", failure="wrong or open", tag="shallow")
    assert [one["run_id"] for one in failed["results"]] == ["mine-00003-001"]
    assert failed["matching"] == 1
    second = await web.get("/api/batches/mine/results", limit=4, offset=4)
    assert (second["matching"], len(second["results"])) == (6, 2)
    refused = await web.client.get("/api/batches/mine/comparison/other")
    assert (refused.status_code, "different suites" in refused.json()["message"]) == (422, True)
