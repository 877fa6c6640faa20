"""The page on a design: complete, escaped, closed to the outside, with a model that a real browser shows."""

import json
import re
import struct
from io import StringIO
from pathlib import Path

import pytest
from playwright.async_api import async_playwright
from rich.console import Console

from agent.cli.artefact_page import LARGEST_MODEL, Page, design_page, rendered
from agent.cli.artefact_view import results_view
from agent.domain.artefacts import (
    Artefact,
    Criteria,
    Criterion,
    CriterionResult,
    Gate,
    Inspection,
    Mutation,
    Part,
    Scenario,
    Trial,
    View,
)
from agent.domain.design import Attempt, Candidate, Critique, Design, Finding, PartPlan, Round
from agent.domain.report import Report
from agent.ledger.blobs import FolderBlobs
from agent.verification.artefacts.voxel.builder import Builder
from agent.verification.artefacts.voxel.world import VoxelWorld
from toolserver.browsing.browser.launching import find_program

HOSTILE = "</script><img src=x onerror=document.title='taken'>"
WISH = f"a stool {HOSTILE}"


def glb(*names: str, buffer: str | None = None) -> bytes:
    """Return a model with one triangle for each name; ``buffer`` names an address to load its points from."""
    points = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
    told = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": list(range(len(names)))}],
        "nodes": [{"name": name, "mesh": number, "translation": [number, 0, 0]} for number, name in enumerate(names)],
        "meshes": [{"name": name, "primitives": [{"attributes": {"POSITION": 0}}]} for name in names],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]}
        ],
        "bufferViews": [{"buffer": 0, "byteLength": len(points)}],
        "buffers": [{"byteLength": len(points)} | ({"uri": buffer} if buffer else {})],
    }
    text = json.dumps(told).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(points), 0x004E4942) + points
    return struct.pack("<III", 0x46546C67, 2, 12 + len(chunks)) + chunks


async def designed(blobs: FolderBlobs) -> Report:
    """Return the report on a design of two rounds: one candidate made nothing, one failed, the last was accepted."""
    world = VoxelWorld(blobs)
    built = await world.build(Builder().box((0, 0, 0), (2, 2, 2), "planks", part="seat").program())
    views = (*await world.look(built), View(name=HOSTILE, description=HOSTILE))
    criterion = Criterion(
        id="load",
        wish=f"bears 30 kg {HOSTILE}",
        scenario=Scenario(name="bears", parameters={"mass_kg": 30}),
        measure="tilt",
        relation="<",
        threshold=5,
        unit="degrees",
        control=Mutation(name="remove_support"),
    )
    trial = Trial(
        value=0.25, detail="it stood", seed=0, gates=(Gate(name="depth", holds=True, detail="1 mm"),), views=views[1:2]
    )
    result = CriterionResult(
        criterion=criterion,
        outcome="pass",
        detail=f"tilt is 0.25 degrees {HOSTILE}",
        trials=(trial,),
        control=(trial.model_copy(update={"value": 51.0}),),
    )
    failing = Critique(
        by="vision",
        score=0.4,
        findings=(Finding(part="leg_2", aspect="present", problem=f"missing {HOSTILE}", suggestion="add it"),),
    )
    good = Candidate(
        id="r2.c1",
        program=f"# {HOSTILE}",
        inspection=Inspection(parts=(Part(name=HOSTILE, measures={"volume_cm3": 8640.0}),), measures={"mass_kg": 5.2}),
        views=views,
        critiques=(Critique(by="rules"),),
        results=(result,),
    )
    nothing = Candidate(id="r1.c2", program="x", attempts=(Attempt(program="y", error=HOSTILE),), failure="no part")
    bad = good.model_copy(update={"id": "r1.c1", "critiques": (failing,), "results": ()})
    design = Design(
        criteria=Criteria(wish=WISH, kind="cad", criteria=(criterion,), untestable=(f"is pretty {HOSTILE}",)),
        criteria_sha256="ab" * 32,
        parts=(PartPlan(name="seat", purpose="to sit on", shape="a disc"),),
        rounds=(
            Round(number=1, candidates=(bad, nothing), best="r1.c1", reflection=f"add leg_2 {HOSTILE}"),
            Round(number=2, candidates=(good,), best="r2.c1", change=f"--- a\n+++ b\n-legs = 3\n+legs = 4 {HOSTILE}\n"),
        ),
        best="r2.c1",
        accepted=True,
        stop="accepted",
    )
    model = glb("seat", HOSTILE)
    artefact = Artefact(
        path="stool.glb", sha256=await blobs.put(model), size=len(model), media_type="model/gltf-binary"
    )
    return Report(goal=WISH, answer="accepted", outcome="verified", artefacts=(artefact,), design=design)


async def test_a_design_is_told_whole_and_nothing_of_it_is_taken_for_html(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    page = await design_page(await designed(blobs), blobs)
    said = ["0.25 degrees", "remove support: 51 degrees", "tilt &lt; 5 degrees", "leg_2", "made nothing: ", "ab" * 32]
    said += ["cannot be tested here", "legs = 4", "add leg_2", "r2.c1</strong> (handed over)", "to sit on"]
    for told in said:
        assert told in page, told
    assert "<img src=x" not in page
    assert len(re.findall(r"<script", page)) == 2
    assert page.count("</script>") == 2


async def test_the_page_may_load_nothing_and_run_its_viewer_alone(tmp_path: Path) -> None:
    blobs = FolderBlobs(tmp_path)
    page = await design_page(await designed(blobs), blobs)
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)
    assert policy is not None
    told = dict(part.strip().split(" ", 1) for part in policy[1].split(";"))
    assert told["default-src"] == "'none'"
    assert told["img-src"] == "data:"
    assert re.fullmatch(r"'sha256-[\w+/=]{44}'", told["script-src"])
    assert re.fullmatch(r"'sha256-[\w+/=]{44}'", told["style-src"])
    assert len(page) < 1_000_000


async def test_a_model_that_is_too_large_is_named_and_left_out(tmp_path: Path) -> None:
    page = Page(title="x", outcome="y", accepted=True, model=bytes(LARGEST_MODEL + 1), model_name="big.glb")
    text = await rendered(page, FolderBlobs(tmp_path))
    assert "too large for this page; the file big.glb has it" in text
    assert "<script" not in text


@pytest.mark.browser
async def test_a_browser_shows_the_model_and_asks_nobody_for_anything(tmp_path: Path) -> None:
    program = find_program()
    if program is None:
        pytest.skip("there is no Chromium here")
    blobs = FolderBlobs(tmp_path / "blobs")
    (tmp_path / "design.html").write_text(await design_page(await designed(blobs), blobs))
    luring = Page(title="x", outcome="y", accepted=False, model=glb("a", buffer="http://127.0.0.1:9/points.bin"))
    (tmp_path / "luring.html").write_text(await rendered(luring, blobs))
    arguments = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=arguments)
        try:
            tab = await browser.new_page(viewport={"width": 900, "height": 800})
            asked: list[str] = []
            wrong: list[str] = []
            tab.on("request", lambda request: asked.append(request.url))
            tab.on("pageerror", lambda error: wrong.append(str(error)))
            tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
            await tab.goto((tmp_path / "design.html").as_uri())
            await tab.wait_for_selector("figure.model[data-state=shown]", timeout=60_000)
            assert await tab.locator(".parts label").all_inner_texts() == ["seat", HOSTILE]
            assert await tab.title() != "taken"
            before = await tab.locator("canvas").screenshot()
            await tab.get_by_label("seat").uncheck()
            assert await tab.locator("canvas").screenshot() != before
            pictures = tab.locator("figure:not(.model) img")
            assert await pictures.evaluate_all("all => all.every(one => one.complete && one.naturalWidth > 0)")
            assert wrong == []

            await tab.goto((tmp_path / "luring.html").as_uri())
            # the address is taken out before the model is read, so that nothing has to be refused
            await tab.wait_for_selector("figure.model[data-state=shown]", timeout=60_000)
            await tab.get_by_label("cut along").select_option("x")
            whole = await tab.locator("canvas").screenshot()
            await tab.get_by_label("where it is cut").fill("10")
            assert await tab.locator("canvas").screenshot() != whole
            assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
            assert wrong == []
        finally:
            await browser.close()


async def test_signs_that_act_reach_neither_the_page_nor_a_terminal(tmp_path: Path) -> None:
    acts = "\x1b]0;taken\x07\u202e"
    criterion = Criterion(id="C1", wish=acts, scenario=Scenario(name="s"), measure=acts, relation="<", threshold=1,
                          unit=acts, control=Mutation(name=acts))  # fmt: skip
    trial = Trial(value=1, detail=acts, seed=0)
    result = CriterionResult(criterion=criterion, outcome="fail", detail=acts, trials=(trial,), control=(trial,))
    page = await rendered(Page(title=acts, outcome=acts, accepted=False, results=(result,)), FolderBlobs(tmp_path))
    printed = Console(file=StringIO(), width=200, markup=False)
    printed.print(results_view([result]))
    assert isinstance(printed.file, StringIO)
    for text in (page, printed.file.getvalue()):
        assert not {"\x1b", "\x07", "\u202e"} & set(text)
