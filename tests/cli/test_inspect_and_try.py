"""``plumbline inspect`` and ``plumbline try``: artefacts in files, judged without any run or model."""

import json
from pathlib import Path

import docx
import pytest
import yaml

from agent.verification.artefacts.voxel.builder import Builder
from tests.cli.conftest import Plumbline

ORDERS = "id,customer,pieces\n1,Ada,3\n2,Grace,5\n3,Ada,8\n"
HOUSE = """
from build123d import Box, Pos

walls = Pos(0, 0, 1200) * Box(3000, 3000, 2400) - Pos(0, 0, 1200) * Box(2700, 2700, 2400)
parts = {"walls": walls - Pos(0, -1500, 1000) * Box(900, 400, 2000), "roof": Pos(0, 0, 2475) * Box(3200, 3200, 150)}
"""
CRITERIA = {
    "wish": "a list of orders",
    "criteria": [
        {
            "id": "ids",
            "wish": "each order has a number of its own",
            "scenario": {"name": "unique", "parameters": {"columns": ["id"]}},
            "measure": "duplicates",
            "relation": "==",
            "threshold": 0,
        },
        {
            "id": "rows",
            "wish": "three orders",
            "scenario": {"name": "rows"},
            "measure": "rows",
            "relation": ">=",
            "threshold": 3,
        },
    ],
}


@pytest.fixture
def orders(folder: Path) -> Path:
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "criteria.yaml").write_text(yaml.safe_dump(CRITERIA))
    return folder / "orders.csv"


def hut(folder: Path, *, door: bool = True) -> str:
    """Write a hut as a building program and return the file's name."""
    made = Builder().walls((0, 0, 0), (6, 6, 3), "planks", part="walls")
    if door:
        made.door((3, 6, 0), "south", part="door")
    made.roof((0, 0), (6, 6), 4, "flat", part="roof")
    (folder / "hut.voxel").write_text(made.program())
    return "hut.voxel"


class TestInspecting:
    def test_parts_and_measures_are_told_and_pictures_are_written(self, plumbline: Plumbline, folder: Path) -> None:
        told = plumbline("inspect", hut(folder), "--pictures", "seen")
        assert told.code == 0
        assert "hut.voxel: voxel" in told.out
        assert "walls" in told.out
        assert "height cells 5" in told.out
        names = sorted(path.name for path in (folder / "seen").iterdir())
        assert names == ["from_east.png", "from_north.png", "from_south.png", "from_west.png", "plan.png"]
        assert all(path.read_bytes().startswith(b"\x89PNG") for path in (folder / "seen").iterdir())

    def test_an_unsound_artefact_ends_with_three(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "twice.csv").write_text("id,id\n1,2\n")
        told = plumbline("inspect", "twice.csv", "--json")
        assert (told.code, told.json["kind"]) == (3, "data_file")
        assert "same name" in told.json["inspection"]["problems"][0]

    def test_views_in_words_are_printed_where_asked_for(self, plumbline: Plumbline, orders: Path) -> None:
        assert '"customer"' not in plumbline("inspect", "orders.csv").out
        assert '"customer"' in plumbline("inspect", "orders.csv", "--views").out

    def test_a_page_has_the_pictures_in_it_and_may_load_nothing(self, plumbline: Plumbline, folder: Path) -> None:
        assert plumbline("inspect", hut(folder), "--html", "hut.html").code == 0
        page = (folder / "hut.html").read_text()
        assert page.count("data:image/png;base64,") == 5
        assert "default-src 'none'" in page
        assert "<script" not in page

    def test_nothing_in_a_file_reaches_the_terminal_or_the_page_as_a_command(
        self, plumbline: Plumbline, folder: Path
    ) -> None:
        (folder / "bad.csv").write_text("a\x1b[31m,<script>alert(1)</script>\n1,2\n")
        told = plumbline("inspect", "bad.csv", "--views", "--html", "bad.html")
        assert "\x1b" not in told.out
        assert "<script>alert" not in (folder / "bad.html").read_text()

    def test_documents_are_read_those_of_others_formats_in_a_sandbox(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "tea.md").write_text("# Tea\n\nMade of leaves.\n")
        made = docx.Document()
        made.add_heading("Tea", level=1)
        made.add_paragraph("Made of leaves.")
        made.save(str(folder / "tea.docx"))
        for name in ("tea.md", "tea.docx"):
            told = plumbline("inspect", name, "--sandbox", "local", "--json")
            assert told.code == 0, told.err or told.out
            assert [part["name"] for part in told.json["inspection"]["parts"]] == ["Tea"], name


class TestTrying:
    def test_all_that_it_must_do_passed(self, plumbline: Plumbline, orders: Path) -> None:
        told = plumbline("try", "orders.csv", "--criteria", "criteria.yaml")
        assert told.code == 0
        assert told.out.count("✓ pass") == 2
        assert "duplicate key: duplicates 1" in told.out
        assert "accepted: it is sound" in told.out

    def test_a_criterion_that_fails_ends_with_three(self, plumbline: Plumbline, orders: Path) -> None:
        orders.write_text(ORDERS + "3,Grace,1\n")
        told = plumbline("try", "orders.csv", "--criteria", "criteria.yaml", "--json")
        outcomes = {one["criterion"]["id"]: one["outcome"] for one in told.json["results"]}
        assert (told.code, told.json["accepted"], outcomes) == (3, False, {"ids": "fail", "rows": "pass"})
        assert "each order has a number of its own" in told.json["reasons"][0]

    def test_a_control_that_passes_leaves_the_check_open(self, plumbline: Plumbline, orders: Path) -> None:
        loose = {**CRITERIA, "criteria": [{**CRITERIA["criteria"][1], "threshold": 0}]}  # type: ignore[dict-item]
        (orders.parent / "loose.json").write_text(json.dumps(loose))
        told = plumbline("try", "orders.csv", "--criteria", "loose.json")
        assert (told.code, "passes as well, so this check shows nothing" in " ".join(told.out.split())) == (3, True)

    def test_a_file_refers_to_another_one(self, plumbline: Plumbline, orders: Path) -> None:
        (orders.parent / "people.csv").write_text("name\nAda\n")
        asked = {
            "id": "known",
            "wish": "every customer is known",
            "scenario": {
                "name": "refers",
                "parameters": {"column": "customer", "to_column": "name", "to_file": "people.csv"},
            },
            "measure": "dangling",
            "relation": "==",
            "threshold": 0,
        }
        (orders.parent / "refers.json").write_text(json.dumps({"wish": "orders", "criteria": [asked]}))
        told = plumbline("try", "orders.csv", "--with", "people.csv", "--criteria", "refers.json", "--json")
        assert (told.code, told.json["results"][0]["trials"][0]["value"]) == (3, 1.0)

    def test_a_building_is_tried_out_and_a_page_tells_of_it(self, plumbline: Plumbline, folder: Path) -> None:
        asked = {
            "wish": "a hut that one can enter",
            "criteria": [
                {
                    "id": "entry",
                    "wish": "one can enter",
                    "scenario": {"name": "enters"},
                    "measure": "share_reached",
                    "relation": ">",
                    "threshold": 0,
                }
            ],
        }
        (folder / "hut.json").write_text(json.dumps(asked))
        good = plumbline("try", hut(folder), "--criteria", "hut.json", "--html", "hut.html")
        assert (good.code, "fill openings: share" in good.out) == (0, True)
        page = (folder / "hut.html").read_text()
        assert "fill openings: share reached 0" in page
        assert '<td class="verdict pass">pass</td>' in page
        assert "a hut that one can enter" in page
        assert plumbline("try", hut(folder, door=False), "--criteria", "hut.json").code == 3

    def test_a_program_runs_in_a_sandbox_and_nowhere_else(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "hello.py").write_text("print('hello')\n")
        asked = {
            "id": "says",
            "wish": "says hello",
            "scenario": {"name": "prints", "parameters": {"expected": "hello\n"}},
            "measure": "wrong_lines",
            "relation": "==",
            "threshold": 0,
        }
        (folder / "says.json").write_text(json.dumps({"wish": "a greeting", "criteria": [asked]}))
        done = plumbline("try", "hello.py", "--criteria", "says.json", "--sandbox", "local", "--json")
        assert (done.code, done.json["results"][0]["outcome"]) == (0, "pass")
        refused = plumbline("try", "hello.py", "--criteria", "says.json", "--sandbox", "none")
        assert (refused.code, "there is none; choose --sandbox auto" in refused.err) == (1, True)

    @pytest.mark.browser
    def test_a_folder_with_pages_is_opened_in_a_browser(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "site").mkdir()
        script = "document.getElementById('o').textContent = 'brewing'"
        page = f'<title>Tea</title><h1>Tea</h1><button onclick="{script}">Brew</button><p id=o></p>'
        (folder / "site" / "index.html").write_text(f"<!doctype html><html lang=en>{page}")
        (folder / "site" / "cup.png").write_bytes(b"\x89PNG\xff")
        steps = [
            {"do": "click", "role": "button", "name": "Brew"},
            {"do": "see", "text": "brewing"},
        ]
        asked = {
            "id": "brews",
            "wish": "a button brews tea",
            "scenario": {"name": "journey", "parameters": {"steps": steps}},
            "measure": "failed_steps",
            "relation": "==",
            "threshold": 0,
        }
        (folder / "tea.json").write_text(json.dumps({"wish": "tea", "criteria": [asked]}))
        told = plumbline("try", "site", "--criteria", "tea.json", "--sandbox", "local", "--html", "tea.html")
        assert (told.code, "dead: " in told.out) == (0, True), told.err or told.out
        assert "data:image/png" in (folder / "tea.html").read_text()

    @pytest.mark.slow
    def test_a_house_of_solids_is_walked_into_and_shown_as_a_model(self, plumbline: Plumbline, folder: Path) -> None:
        (folder / "house.py").write_text(HOUSE)
        asked = {
            "id": "enter",
            "wish": "a grown-up walks in",
            "scenario": {"name": "walks_in", "parameters": {"height_mm": 1750, "radius_mm": 250}},
            "measure": "distance_to_goal",
            "relation": "<",
            "threshold": 150,
            "unit": "mm",
        }
        (folder / "house.json").write_text(json.dumps({"wish": "a house", "criteria": [asked]}))
        options = ("--sandbox", "local", "--html", "house.html", "--pictures", "seen")
        told = plumbline("try", "house.py", "--criteria", "house.json", *options)
        assert (told.code, "house.py: cad" in told.out) == (0, True), told.err or told.out
        page = (folder / "house.html").read_text()
        assert '<script type="model/gltf-binary">Z2xURg' in page
        assert any(path.name.startswith("enter-control-0") for path in (folder / "seen").iterdir())

    def test_what_can_be_tried_is_listed(self, plumbline: Plumbline) -> None:
        told = plumbline("try", "--list", "data-file")
        assert (told.code, "duplicate_key" in told.out) == (0, True)
        listed = plumbline("try", "--list", "voxel", "--json").json
        assert {"name", "description", "measures", "parameters", "control", "controls"} == set(listed[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("try",), "name the artefact and --criteria FILE"),
        (("try", "orders.csv"), "name the artefact and --criteria FILE"),
        (("try", "--list", "cake"), "there is no kind 'cake'; there are voxel, cad"),
        (("inspect", "none.csv"), "there is no file 'none.csv'"),
        (("inspect", "thing.bin"), "what kind 'thing.bin' is cannot be told, since the name ends in '.bin'"),
        (("inspect", "broken.py"), "it is no Python that can be read; say it with --kind"),
        (("inspect", "."), "neither index.html nor main.py"),
        (("inspect", "orders.csv", "--html", "none/a.html"), "there is no folder"),
        (("try", "orders.csv", "--criteria", "none.yaml"), "none.yaml"),
        (("try", "orders.csv", "--criteria", "wrong.yaml"), "wrong.yaml: criteria[0].relation: Input should be"),
        (("try", "orders.csv", "--criteria", "aliases.yaml"), "aliases are not followed"),
        (("try", "orders.csv", "--criteria", "broken.json"), "line 1 column"),
        (("try", "orders.csv", "--criteria", "clash.json"), "clash.json: these criteria cannot be frozen: ids and no"),
        (("try", "orders.csv", "--criteria", "unknown.json"), "there is no scenario 'flies'"),
        (("try", "orders.csv", "--criteria", "other.json"), "they are for the kind voxel, and this is data_file"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    plumbline: Plumbline, orders: Path, arguments: tuple[str, ...], said: str
) -> None:
    first = CRITERIA["criteria"][0]
    assert isinstance(first, dict)
    folder = orders.parent
    (folder / "thing.bin").write_bytes(b"\0")
    (folder / "broken.py").write_text("def (")
    (folder / "wrong.yaml").write_text(yaml.safe_dump({**CRITERIA, "criteria": [{**first, "relation": "~"}]}))
    (folder / "aliases.yaml").write_text("wish: &a text\nkind: *a\n")
    (folder / "broken.json").write_text('{"wish": ]')
    clash = {**first, "id": "no", "relation": ">", "threshold": 5}
    (folder / "clash.json").write_text(json.dumps({**CRITERIA, "criteria": [first, clash]}))
    unknown = {**first, "scenario": {"name": "flies"}}
    (folder / "unknown.json").write_text(json.dumps({**CRITERIA, "criteria": [unknown]}))
    (folder / "other.json").write_text(json.dumps({**CRITERIA, "kind": "voxel"}))
    told = plumbline(*arguments)
    assert told.code == 2
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1


def test_an_artefact_that_cannot_be_made_ends_with_one(plumbline: Plumbline, folder: Path) -> None:
    (folder / "bad.voxel").write_text('{"actions": [{"do": "box", "low": [1, 1, 1], "high": [2, 0, 0]}]}')
    told = plumbline("inspect", "bad.voxel")
    assert (told.code, len(told.err.strip().splitlines())) == (1, 1)


def test_mistakes_in_criteria_are_told_before_the_artefact_is_made(plumbline: Plumbline, folder: Path) -> None:
    (folder / "bad.voxel").write_text('{"actions": [{"do": "box", "low": [1, 1, 1], "high": [2, 0, 0]}]}')
    (folder / "none.json").write_text(json.dumps({"wish": "a hut", "criteria": []}))
    told = plumbline("try", "bad.voxel", "--criteria", "none.json")
    assert (told.code, "there are no criteria" in told.err) == (2, True)
