"""Web pages are opened in a real browser in a sandbox; every scenario passes a good page and fails its control."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
import pytest_asyncio

from agent.domain.artefacts import Criteria, Criterion, CriterionResult, Mutation, Relation, Scenario
from agent.domain.errors import SandboxUnavailable, UsageError
from agent.ledger.blobs import FolderBlobs
from agent.verification.artefacts.freezing import completed, freeze
from agent.verification.artefacts.pages.opening import PageBench
from agent.verification.artefacts.pages.scenarios import SCENARIOS
from agent.verification.artefacts.ranking import accepted
from agent.verification.artefacts.trying import judged
from agent.verification.artefacts.web_page import WebPageWorld
from agent.verification.artefacts.world import BuildFailed
from toolserver.client import LocalSandbox, PageSandbox, open_pages
from toolserver.deployment.bubblewrap import find

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.browser]

PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tally</title></head>
<body>
<h1>Tally</h1>
<p>Counts sheep.</p>
<label>Name <input id="name"></label>
<button id="add">Add</button> <p id="said" role="status">0 sheep</p>
<ul id="list"></ul>
<p><a href="#list">To the list</a></p>
<script src="tally.js"></script>
</body>
</html>
"""
SCRIPT = """\
let count = 0;
document.getElementById("add").addEventListener("click", () => {
  count += 1;
  document.getElementById("said").textContent = `${count} sheep`;
  document.getElementById("list").append(document.createElement("li"));
  document.getElementById("list").lastChild.textContent = document.getElementById("name").value;
});
"""
JOURNEY = [
    {"do": "type", "role": "textbox", "name": "Name", "text": "Dolly"},
    {"do": "click", "role": "button", "name": "Add"},
    {"do": "see", "text": "1 sheep"},
    {"do": "count", "role": "listitem", "number": 1},
]
ASKED: Mapping[str, tuple[Mapping[str, Any], Relation, float]] = {
    "loads": ({}, "==", 0),
    "links": ({}, "==", 0),
    "overflow": ({}, "==", 0),
    "contrast": ({}, "==", 0),
    "labels": ({}, "==", 0),
    "ids": ({}, "==", 0),
    "text_present": ({"texts": ["Tally", "Counts sheep."]}, "==", 0),
    "text_absent": ({"texts": ["lorem ipsum", "NaN"]}, "==", 0),
    "counts": ({"role": "button"}, "==", 1),
    "journey": ({"steps": JOURNEY}, "==", 0),
}


def of(page: str = PAGE, script: str = SCRIPT) -> str:
    return json.dumps({"files": {"index.html": page, "tally.js": script}})


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[WebPageWorld]:
    found = find(drop_to=1_900_000_000)
    if isinstance(found, str):
        pytest.skip(found)
    folder = tmp_path_factory.mktemp("pages")

    async def opener() -> PageSandbox:
        return await open_pages(LocalSandbox(require_isolation=True), "tried", state_dir=folder)

    bench = PageBench(opener)
    yield WebPageWorld(bench, FolderBlobs(folder / "blobs"))
    await bench.close()


def criteria_of(world: WebPageWorld, *scenarios: str) -> Criteria:
    criteria = []
    for name in scenarios:
        template = next(one for one in SCENARIOS if one.name == name)
        parameters, relation, threshold = ASKED[name]
        criteria += [
            Criterion(
                id=f"{name}.{measure}",
                wish=name,
                scenario=Scenario(name=name, parameters=parameters),
                measure=measure,
                relation=relation,
                threshold=threshold,
                unit=unit,
            )
            for measure, unit in template.measures.items()
        ]
    asked = Criteria(wish="a tally", kind="web_page", criteria=tuple(criteria))
    return freeze(world, completed(world, asked)).criteria


async def results_of(world: WebPageWorld, program: str, *scenarios: str) -> tuple[CriterionResult, ...]:
    return await judged(world, await world.build(program), criteria_of(world, *scenarios))


async def test_a_good_page_passes_every_scenario_and_each_control_fails(world: WebPageWorld) -> None:
    build = await world.build(of())
    criteria = criteria_of(world, *ASKED)
    results = await judged(world, build, criteria)
    assert {one.criterion.scenario.name for one in results} == {template.name for template in SCENARIOS}
    assert [(one.criterion.id, one.detail) for one in results if one.outcome != "pass"] == []
    assert accepted(await world.inspect(build), results, criteria=criteria).accepted


@pytest.mark.parametrize(
    ("file", "old", "new", "meant"),
    [
        ("index.html", 'href="#list"', 'href="#sheep"', "links"),
        ("index.html", "<h1>", '<h1 style="color: #f4f4f4">', "contrast"),
        ("tally.js", "let count = 0;", "let count = 0; sheep();", "loads"),
        ("tally.js", '"click"', '"clack"', "journey"),
    ],
)
async def test_planted_defects_fail_the_check_that_is_meant(
    world: WebPageWorld, file: str, old: str, new: str, meant: str
) -> None:
    files = {"index.html": PAGE, "tally.js": SCRIPT}
    assert files[file].count(old) == 1
    files[file] = files[file].replace(old, new)
    results = await results_of(world, json.dumps({"files": files}), meant)
    assert "fail" in [one.outcome for one in results], [one.detail for one in results]


async def test_a_page_is_seen_as_computers_and_telephones_show_it(world: WebPageWorld) -> None:
    build = await world.build(of())
    views = {view.name: view for view in await world.look(build)}
    assert [views[f"window_{width}"].picture.width for width in (1280, 360)] == [1280, 360]  # type: ignore[union-attr]
    assert "Counts sheep." in views["text of index.html"].description
    assert 'button "Add"' in views["outline of index.html"].description
    assert [file.path for file in await world.files(build)] == ["index.html", "tally.js"]


@pytest.mark.parametrize(("page", "said"), [("<p> </p>", "shows nothing"), ("<canvas></canvas>", "")])
async def test_an_empty_page_is_not_sound(world: WebPageWorld, page: str, said: str) -> None:
    inspection = await world.inspect(await world.build(page))
    assert bool(said) != inspection.sound
    assert said in "".join(inspection.problems)


async def test_the_example_of_the_guide_is_a_page_that_works(world: WebPageWorld) -> None:
    build = await world.build(world.guide().partition("Example, a counter:\n")[2])
    steps = [{"do": "click", "role": "button", "name": "Count"}, {"do": "see", "text": "1 times"}]
    trial = await world.simulate(build, Scenario(name="journey", parameters={"steps": steps}), "failed_steps", 0)
    assert trial.value == 0, trial.detail
    assert (await world.inspect(build)).measures["console_errors"] == 0


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("", "this is no page"),
        ("[]", "this is no page"),
        ('{"files": {"a.html": "x"}}', "there is no page 'index.html'"),
        ('{"files": {"../index.html": "x"}}', "is none of a web page"),
        ('{"files": {"index.html": "x"}, "pictures": {"a.png": "?"}}', "is not base64"),
    ],
)
async def test_what_is_no_page_is_refused_with_a_reason(world: WebPageWorld, program: str, said: str) -> None:
    with pytest.raises(BuildFailed, match=said):
        await world.build(program)


async def test_unknown_mutations_steps_and_pages_are_refused(world: WebPageWorld) -> None:
    build = await world.build(of())
    with pytest.raises(UsageError, match="there is no mutation 'melt'"):
        await world.mutate(build, Mutation(name="melt"))
    with pytest.raises(UsageError, match="needs the role"):
        await world.mutate(build, Mutation(name="drop_elements"))
    given = Scenario(name="journey", parameters={"steps": [{"do": "click", "role": "button"}]})
    with pytest.raises(UsageError, match="do not fit journey"):
        await world.simulate(build, given, "failed_steps", 0)


async def test_without_a_sandbox_no_page_is_opened() -> None:
    async def nothing() -> None:
        return None

    world = WebPageWorld(PageBench(nothing))
    with pytest.raises(SandboxUnavailable, match="there is none; choose --sandbox auto"):
        await world.inspect(await world.build(of()))
