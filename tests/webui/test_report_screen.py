"""The report in the browser: what it came to, what each claim rests on, checks with numbers and pictures, designs."""

import re

from playwright.async_api import Page, expect

from agent.verification.remembered import open_corrections
from tests.webui.browser import PHONE, Stage
from tests.webui.reports import answered_report, browsed, designed, failed_report, long_report, reported
from tests.webui.serving import Web

STALL = "GPU stall due to ReadPixels"
"""What the renderer of tests says of a screenshot of a canvas."""


async def test_a_claim_leads_to_its_quote_in_the_page_and_a_tool_result_to_its_step(
    web: Web, stage: Stage, page: Page
) -> None:
    run = await reported(web.ledger, await long_report(web.ledger))
    await page.goto(f"{web.url}/runs/{run}/report")
    outcome = page.get_by_role("region", name="Outcome")
    await expect(outcome).to_contain_text("Not verified")
    for line in ("51 of 60 claims checked", "contradicted by evidence: 4", "2 of 3 checks passed", "not done: write"):
        await expect(outcome).to_contain_text(line)
    answer = page.get_by_role("region", name="Answer")
    await expect(answer.locator("mark").first).to_have_text("The ")
    verdicts = await answer.locator("mark").evaluate_all("all => all.map(one => one.dataset.verdict)")
    assert set(verdicts) == {"supported", "contradicted", "qualified", "not_found", "unverifiable", "error"}
    assert await answer.get_by_role("link", name=re.compile("^contradicted: ")).count() == 4

    await answer.locator("mark", has_text="number 1 is 3 metres long").first.click()
    panel = page.get_by_role("complementary", name="Claim")
    await expect(panel).to_contain_text("The lock number 1 is 3 metres long")
    await expect(panel).to_contain_text("hash and place hold")
    await expect(panel.locator("mark")).to_have_text("the water over the sill is 1.52 metres deep")
    await expect(panel.locator("mark")).to_be_in_viewport()
    source = panel.get_by_role("link", name=re.compile("locks.example"))
    assert await source.get_attribute("rel") == "noopener noreferrer nofollow"
    await stage.shot(page, "report-claim")

    await panel.get_by_role("button", name=re.compile("9.99 metres")).click()
    await expect(panel).to_contain_text("This could not be confirmed.")
    await expect(page).to_have_url(re.compile(r"claim=c1&evidence=E2"))

    await page.keyboard.press("j")
    await expect(panel).to_contain_text("Claim 2 of 60")
    step = panel.get_by_role("link", name=re.compile("Step 3 of the run"))
    assert await step.get_attribute("href") == f"/runs/{run}?at=3"
    await page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)


async def test_claims_are_narrowed_down_and_triples_are_a_graph_and_a_table(web: Web, stage: Stage, page: Page) -> None:
    run = await reported(web.ledger, await long_report(web.ledger))
    await page.goto(f"{web.url}/runs/{run}/report?claim=c6")
    await expect(page.get_by_role("complementary", name="Claim")).to_contain_text("Claim 6 of 60")
    claims = page.get_by_role("region", name="Claims", exact=True)
    await expect(claims.get_by_role("listitem")).to_have_count(60)
    await claims.get_by_role("button", name=re.compile("contradicted 4")).click()
    await expect(claims.get_by_role("listitem")).to_have_count(4)

    triples = page.get_by_role("region", name="Triples", exact=True).first
    await triples.scroll_into_view_if_needed()
    graph = triples.get_by_role("figure")
    await expect(graph.locator(".react-flow__node")).to_have_count(18)
    await expect(graph.locator(".react-flow__edge")).to_have_count(17)
    await stage.shot(page, "report-triples")
    await graph.get_by_role("button", name=re.compile("not lies on")).click()
    await expect(page.get_by_role("complementary", name="Claim")).to_contain_text("Claim 3 of 60")
    await triples.get_by_role("button", name="Table").click()
    rows = triples.get_by_role("row")
    await expect(rows).to_have_count(18)
    await expect(rows.filter(has_text="(is not so)")).to_have_count(1)


async def test_checks_show_value_bound_control_gates_pictures_seed_and_versions(
    web: Web, stage: Stage, page: Page
) -> None:
    run = await reported(web.ledger, await long_report(web.ledger))
    await page.goto(f"{web.url}/runs/{run}/report?check=measure.rows")
    checks = page.get_by_role("region", name="Checks", exact=True)
    await expect(checks).to_contain_text("$ pytest -q")
    row = checks.locator("details", has_text="The table has at least two rows")
    for told in ("rows ≥ 2", "drop rows: 0", "fails as it must", "readable", "seed 7", "pandas 2.3", "no rows were"):
        await expect(row).to_contain_text(told)
    await row.get_by_role("button", name="Enlarge rows").click()
    picture = page.get_by_role("dialog").get_by_role("img", name="rows")
    assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth)") == 200
    await page.keyboard.press("Escape")
    plan = page.get_by_role("region", name="Plan", exact=True)
    await expect(plan.locator("li", has_text="The table has two rows").last).to_contain_text("passed")
    await expect(page.get_by_role("region", name="Files", exact=True)).to_contain_text("old/draft.txt")
    await expect(page.get_by_role("region", name="Score", exact=True)).to_contain_text("the last round was no better")
    await stage.shot(page, "report-check")


async def test_a_design_shows_its_solid_its_trials_and_how_it_changed(web: Web, stage: Stage, page: Page) -> None:
    stage.expect(STALL)
    run = await designed(web.ledger)
    await page.goto(f"{web.url}/runs/{run}/report")
    await expect(page.get_by_role("region", name="Outcome")).to_contain_text("r2.c1 was looked at and tried out")
    figure = page.locator("figure[data-state=shown]")
    await expect(figure).to_be_visible()
    await expect(figure.get_by_role("checkbox")).to_have_count(5)
    canvas = figure.locator("canvas")
    whole = await canvas.screenshot()
    await figure.get_by_label("upper_step").uncheck()
    assert await canvas.screenshot() != whole
    await figure.get_by_role("application").press("ArrowLeft")
    turned = await canvas.screenshot()
    await figure.get_by_label("Cut along").select_option("x")
    assert await canvas.screenshot() != turned
    await stage.shot(page, "report-design")

    result = page.get_by_role("region", name="Result")
    await result.locator("summary", has_text="child_on_top").click()
    await expect(page).to_have_url(re.compile("check=child_on_top"))
    await expect(result).to_contain_text("mujoco")
    rounds = page.get_by_role("region", name="Rounds", exact=True)
    before = rounds.get_by_role("region", name="Before and after").get_by_role("img")
    await expect(before).to_have_count(2)
    await rounds.get_by_label("View").select_option(index=1)
    for picture in await before.all():
        await picture.scroll_into_view_if_needed()
        assert await picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 100
    await rounds.get_by_text("What changed in the program").click()
    await expect(rounds.get_by_role("textbox", name="What changed in the program")).to_contain_text("+++ r2.c1")
    await stage.shot(page, "report-rounds")


async def test_reports_fit_a_phone_the_dark_and_chinese(web: Web, stage: Stage) -> None:
    stage.expect(STALL)
    run = await browsed(web.ledger, "shuibeng")
    page = await stage.page(size=PHONE, scheme="dark", language="zh-CN")
    await page.goto(f"{web.url}/runs/{run}/report")
    await expect(page.get_by_role("region", name="结果")).to_contain_text("已核实")
    await page.get_by_role("region", name="答案").locator("mark").first.click()
    panel = page.get_by_role("complementary", name="论断")
    await expect(panel).to_contain_text("哈希与位置均吻合")
    await stage.shot(page, "report-phone-dark-zh")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await panel.get_by_role("button", name="关闭").click()
    await expect(panel).to_have_count(0)


async def test_an_answered_question_shows_what_was_given_for_its_answer(web: Web, stage: Stage, page: Page) -> None:
    run = await reported(web.ledger, answered_report())
    await page.goto(f"{web.url}/runs/{run}/report")
    await expect(page.get_by_role("region", name="Outcome")).to_contain_text("no verification was asked for")
    answer = page.get_by_role("region", name="Answer")
    await expect(answer).to_contain_text("1.52 m is more than 1.2 m.")
    triples = page.get_by_role("region", name="Triples", exact=True)
    await expect(triples.get_by_role("figure").locator(".react-flow__node")).to_have_count(2)
    await triples.get_by_role("button", name="Table").click()
    await expect(triples.get_by_role("row").last).to_contain_text("Nobody judged it.")
    await stage.shot(page, "report-answered")


async def test_what_has_no_report_says_why(web: Web, stage: Stage, page: Page) -> None:
    stage.expect("404 (Not Found)")
    run = await reported(web.ledger, failed_report())
    await page.goto(f"{web.url}/runs/{run}/report")
    await expect(page.get_by_role("region", name="Outcome")).to_contain_text("503 Service Unavailable")
    await stage.shot(page, "report-failed")
    await page.goto(f"{web.url}/runs/nothing-here/report")
    await expect(page.get_by_text("There is no such run")).to_be_visible()


async def test_a_person_says_what_is_right_in_place_of_a_claim(web: Web, stage: Stage, page: Page) -> None:
    run = await reported(web.ledger, await long_report(web.ledger, claims=12))
    await page.goto(f"{web.url}/runs/{run}/report?claim=c3")
    panel = page.get_by_role("complementary", name="Claim")
    await panel.get_by_role("button", name="Correct this claim").click()
    keep = panel.get_by_role("button", name="Keep the correction")
    await expect(keep).to_be_disabled()
    await panel.get_by_label("What is right?").fill("The lock number 3 is 11 metres long, not 9 metres.")
    await stage.shot(page, "report-correct")
    await keep.click()
    await expect(panel.get_by_role("status")).to_contain_text("The correction is kept.")
    with open_corrections(web.home) as corrections:
        assert [one.value for one in corrections.all()] == ["The lock number 3 is 11 metres long, not 9 metres."]


FORMS = {
    "HTML, one file": (".html", b"Harrow Lock"),
    "Markdown": (".md", b"Harrow Lock"),
    "JSON": (".json", b'"outcome":"unverified"'),
    "Cassette, to replay": (".jsonl", b"plumbline-cassette"),
}


async def test_a_report_is_saved_in_each_form(web: Web, page: Page) -> None:
    run = await reported(web.ledger, await long_report(web.ledger, claims=6))
    await page.goto(f"{web.url}/runs/{run}/report")
    for entry, (ending, holds) in FORMS.items():
        await page.get_by_role("button", name="Export").click()
        async with page.expect_download() as waiting:
            await page.get_by_role("menuitem", name=entry).click()
        download = await waiting.value
        assert download.suggested_filename.endswith(ending)
        assert holds in (await download.path()).read_bytes()


async def test_a_report_is_shared_by_a_link_until_that_is_taken_back(web: Web, stage: Stage, page: Page) -> None:
    stage.expect("404 (Not Found)")
    run = await reported(web.ledger, await long_report(web.ledger, claims=6))
    await page.goto(f"{web.url}/runs/{run}/report")
    await page.get_by_role("button", name="Share").click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_role("button", name="Make a link").click()
    link = dialog.get_by_role("textbox", name="By a link")
    await expect(link).to_have_value(re.compile(f"^{re.escape(web.url)}/"))
    await stage.shot(page, "report-share")
    address = await link.input_value()
    stranger = await stage.page(address)
    await expect(stranger.locator("body")).to_contain_text("How long are the locks")
    await stage.shot(stranger, "report-shared")
    await dialog.get_by_role("button", name="End sharing").click()
    await expect(dialog).to_contain_text("The link works no more.")
    answer = await stranger.goto(address)
    assert answer is not None
    assert answer.status == 404


async def test_a_run_shows_its_report_with_what_each_model_cost(web: Web, page: Page) -> None:
    run = await web.submit("Say that it is done.")
    await web.stopped(run)
    await page.goto(f"{web.url}/runs/{run}/report")
    await expect(page.get_by_role("heading", name="Say that it is done.")).to_be_visible()
    cost = page.get_by_role("region", name="Cost", exact=True).first
    await cost.get_by_role("button", name="By model").click()
    spent = cost.get_by_role("row").filter(has_text="scripted")
    await expect(spent).to_be_visible()
    cells = await spent.get_by_role("cell").all_inner_texts()
    total = await cost.get_by_role("row").filter(has_text="Altogether").get_by_role("cell").all_inner_texts()
    assert cells[1:] == total[1:]
    assert int(cells[1]) > 0


async def test_a_printed_report_is_whole_and_has_nothing_to_press(web: Web, stage: Stage, page: Page) -> None:
    run = await reported(web.ledger, await long_report(web.ledger))
    await page.goto(f"{web.url}/runs/{run}/report")
    await expect(page.get_by_role("region", name="Claims", exact=True)).to_be_visible()
    await page.emulate_media(media="print")
    tall = await page.evaluate("document.documentElement.scrollHeight")
    assert tall > 5_000
    claims = page.get_by_role("region", name="Claims", exact=True).get_by_role("listitem")
    drawn = "all => all.every(one => one.firstElementChild.checkVisibility({contentVisibilityAuto: true}))"
    assert await claims.evaluate_all(drawn)
    for pressed in ("Share", "Export", "By model", "Graph"):
        await expect(page.get_by_role("button", name=pressed, exact=True)).to_have_count(0)
    await expect(page.get_by_role("navigation")).to_have_count(0)
    await expect(page.get_by_role("table", name="Triples as a table")).to_be_visible()
    await stage.shot(page, "report-print", whole=True)
    await expect(page.locator("body")).to_have_css("background-color", "rgb(255, 255, 255)")
