"""Files in the browser: each kind is shown as what it is, in pages where it is long, and nothing in it runs."""

import base64
import json
import re

from playwright.async_api import Locator, Page, expect

from agent.domain.artefacts import Artefact
from agent.domain.report import Report
from agent.ledger.store import Ledger
from agent.runtime.run_files import media_type_of
from tests.cli.test_artefact_page import glb
from tests.webui.browser import Stage
from tests.webui.files.conftest import pdf, png
from tests.webui.reports import designed, reported
from tests.webui.serving import Web
from tests.webui.test_report_screen import STALL

_BAD = '<script>document.title = "taken"</script><img src=x onerror="document.title=\'taken\'">'


def notebook() -> bytes:
    """Return a notebook with Markdown, code, a text, a picture and an error."""
    picture = {"output_type": "display_data", "data": {"image/png": base64.b64encode(png(60, 40)).decode()}}
    printed = {"output_type": "stream", "name": "stdout", "text": "1.52\n"}
    failed = {
        "output_type": "error",
        "ename": "ValueError",
        "evalue": "no water",
        "traceback": ["ValueError: no water"],
    }
    code = {"cell_type": "code", "execution_count": 3, "source": "depth()", "outputs": [printed, picture, failed]}
    cells = [{"cell_type": "markdown", "source": "## Depths"}, code]
    meta = {"kernelspec": {"name": "python3", "language": "python"}}
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": meta, "cells": cells}).encode()


FILES: dict[str, bytes] = {
    "survey.py": b"# the survey\n" + b"".join(b"depth_%d = %d\n" % (n, n) for n in range(1, 30_001)),
    "notes.md": f"# Notes\n\n- **one**\n- two\n\n{_BAD}\n".encode(),
    "locks.csv": b"lock,length\n" + b"".join(b"Lock %d,%d.5\n" % (n, (n * 37) % 400) for n in range(1, 451)),
    "plan.pdf": pdf(3),
    "sill.png": png(120, 80),
    "depths.ipynb": notebook(),
    "data.json": json.dumps({"locks": [{"name": "Harrow", "length": 21.5}], "gates": list(range(300))}).encode(),
    "page.html": f"<h1>Locks</h1>{_BAD}".encode(),
    "gate.svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='60' height='40'><script>alert(1)</script></svg>",
    "gate.glb": glb("frame", "leaf"),
    "boat.bin": bytes(range(256)) * 20,
    "empty.txt": b"",
    "<b>odd</b> \u202ename.txt": b"\x1b[31mred\x1b[0m and plain\n",
}


async def run_with_files(ledger: Ledger) -> str:
    """Write a run that made a file of each kind."""
    made = [
        Artefact(path=path, sha256=await ledger.blobs.put(data), size=len(data), media_type=media_type_of(path))
        for path, data in FILES.items()
    ]
    return await reported(ledger, Report(goal="Make files.", answer="Made.", outcome="verified", artefacts=tuple(made)))


async def opened(page: Page, path: str) -> Locator:
    """Open a file of the list and return its preview."""
    files = page.get_by_role("region", name="Files", exact=True)
    button = files.get_by_role("button", name=path, exact=True)
    await button.click()
    return files.get_by_role("region", name=path, exact=True).first


async def test_each_kind_of_file_is_shown_as_what_it_is(web: Web, stage: Stage, page: Page) -> None:
    stage.expect(STALL)
    stage.expect("Blocked script execution")
    await page.goto(f"{web.url}/runs/{await run_with_files(web.ledger)}/report#files")

    code = await opened(page, "survey.py")
    editor = code.get_by_role("textbox", name="survey.py")
    await expect(editor).to_contain_text("depth_1 = 1")
    await expect(editor.get_by_text("# the survey", exact=True).last).to_have_css("font-style", "italic")
    await stage.shot(page, "preview-code")
    await code.get_by_role("button", name="Next").click()
    await expect(editor).not_to_contain_text("# the survey")
    first = int(await code.locator(".cm-lineNumbers .cm-gutterElement:visible").first.inner_text())
    shown = await editor.locator(".cm-line").first.inner_text()
    assert shown == f"depth_{first - 1} = {first - 1}"
    await code.get_by_role("button", name="Previous").click()
    await expect(editor).to_contain_text("# the survey")

    notes = await opened(page, "notes.md")
    await expect(notes.get_by_role("heading", name="Notes")).to_be_visible()
    assert await notes.locator("script, img").count() == 0

    tree = await opened(page, "data.json")
    await expect(tree).to_contain_text('name: "Harrow"')
    await expect(tree).to_contain_text("[ 300 ]")
    await tree.get_by_role("button", name="Open all").click()
    await expect(tree.get_by_role("button", name="100 more")).to_be_visible()
    await stage.shot(page, "preview-json")

    picture = await opened(page, "sill.png")
    await expect(picture).to_contain_text(re.compile("120 . 80"))
    await picture.get_by_role("region", name="sill.png").press("+")
    await expect(picture).to_contain_text("100 %")
    await picture.get_by_role("button", name="Larger").click()
    box = await picture.get_by_role("img").bounding_box()
    assert box is not None
    assert round(box["width"]) == 240

    none = await opened(page, "boat.bin")
    await expect(none.get_by_role("link", name=re.compile("Download"))).to_be_visible()
    await expect(none).to_contain_text("5.1 kB")
    await expect(await opened(page, "empty.txt")).to_contain_text("the file is empty")
    odd = page.get_by_role("region", name="Files", exact=True).get_by_role("button", name=re.compile("odd"))
    await odd.click()
    await expect(page.get_by_role("textbox", name=re.compile("odd"))).to_have_text("red and plain")
    await expect(odd).to_contain_text("[U+202E]")
    assert await page.title() != "taken"


async def test_tables_are_paged_sorted_and_have_their_numbers_at_the_right(web: Web, stage: Stage, page: Page) -> None:
    await page.goto(f"{web.url}/runs/{await run_with_files(web.ledger)}/report")
    table = await opened(page, "locks.csv")
    rows = table.locator("tbody tr")
    await expect(rows).to_have_count(200)
    number = rows.first.locator("td").nth(2)
    assert await number.evaluate("one => getComputedStyle(one).textAlign") == "right"
    await table.get_by_role("columnheader", name="length").get_by_role("button").click()
    column = await rows.locator("td:nth-child(3)").all_inner_texts()
    assert column == sorted(column, key=float)
    await expect(table).to_contain_text("Only the rows shown here are sorted.")
    await stage.shot(page, "preview-table")
    await table.get_by_role("button", name="Next").click()
    await expect(rows.first).to_contain_text("Lock 201")
    await table.get_by_role("button", name="Next").click()
    await expect(rows).to_have_count(50)
    await expect(table.get_by_role("button", name="Next")).to_be_disabled()


async def test_notebooks_pages_and_frames_show_what_they_hold_and_run_nothing(
    web: Web, stage: Stage, page: Page
) -> None:
    stage.expect("Blocked script execution")
    # what a frame's own policy refuses is said to the console
    stage.expect("Content Security Policy")
    await page.goto(f"{web.url}/runs/{await run_with_files(web.ledger)}/report")
    book = await opened(page, "depths.ipynb")
    await expect(book.get_by_role("heading", name="Depths")).to_be_visible()
    await expect(book.get_by_role("region", name="Output", exact=True)).to_have_text("1.52")
    await expect(book.get_by_role("region", name="Error")).to_contain_text("ValueError: no water")
    drawn = book.get_by_role("img", name="Picture 2 of cell 2")
    assert await drawn.evaluate("one => one.decode().then(() => one.naturalWidth)") == 60
    await stage.shot(page, "preview-notebook")

    document = await opened(page, "plan.pdf")
    await expect(document).to_contain_text("page 1 of 3")
    await document.get_by_role("button", name="Next").click()
    shown = document.get_by_role("img", name="Page 2 of plan.pdf")
    assert await shown.evaluate("one => one.decode().then(() => one.naturalWidth)") > 100

    for path, inside in (("page.html", "h1"), ("gate.svg", "svg")):
        frame = await opened(page, path)
        element = frame.locator("iframe")
        assert await element.get_attribute("sandbox") == ""
        await element.scroll_into_view_if_needed()
        await expect(frame.frame_locator("iframe").locator(inside).first).to_be_attached()
    source = await opened(page, "page.html")
    await source.get_by_role("button", name="Source").click()
    await expect(source.get_by_role("textbox", name="page.html")).to_contain_text('onerror="document.title')
    assert await page.title() != "taken"


async def test_a_solid_is_turned_taken_apart_and_replaced_by_pictures_where_nothing_can_draw_it(
    web: Web, stage: Stage, page: Page
) -> None:
    stage.expect(STALL)
    await page.goto(f"{web.url}/runs/{await run_with_files(web.ledger)}/report")
    solid = await opened(page, "gate.glb")
    figure = solid.locator("figure[data-state=shown]")
    await expect(figure).to_be_visible()
    await expect(figure.get_by_role("checkbox")).to_have_count(2)
    await stage.shot(page, "preview-solid")

    blind = await stage.page()
    await blind.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    run = await designed(web.ledger)
    await blind.goto(f"{web.url}/runs/{run}/report")
    result = blind.get_by_role("region", name="Result")
    await expect(result).to_contain_text("WebGL is missing")
    await expect(
        result.get_by_role("img").first.or_(result.get_by_role("button", name="Enlarge front").first)
    ).to_be_visible()


async def test_a_file_is_downloaded_as_it_is(web: Web, page: Page) -> None:
    await page.goto(f"{web.url}/runs/{await run_with_files(web.ledger)}/report")
    for path in ("survey.py", "page.html"):
        async with page.expect_download() as waiting:
            await page.get_by_role("link", name=f"Download: {path}").click()
        download = await waiting.value
        assert download.suggested_filename == path
        assert (await download.path()).read_bytes() == FILES[path]
