"""``plumbline build``: from a wish to something that was looked at and tried out, as a run like any other."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import Plumbline, Serve
from tests.runtime.designing import CLOSED, ENTRY, WISH, ScriptedDesigner, fenced, hut

CRITERIA = {
    "wish": WISH,
    "kind": "voxel",
    "criteria": [{**one, "scenario": {"name": one["scenario"]}} for one in (ENTRY, CLOSED)],
}


def designer(*programs: str) -> ScriptedDesigner:
    return ScriptedDesigner([fenced(one) for one in programs], redesigns=[fenced(hut())])


def test_a_wish_becomes_a_building_that_is_accepted_and_its_course_is_shown(
    plumbline: Plumbline, serve: Serve, folder: Path
) -> None:
    model = serve(designer(hut(door=False)).over_http)
    done = plumbline("build", WISH, "--kind", "voxel", "--candidates", "1", "--model", model, "--html", "hut.html")
    assert done.code == 0, done.err
    assert "round 2" in done.out
    assert "✓ pass" in done.out
    assert "accepted: r2.c1" in done.out
    assert "r1.c1" in done.err
    files = [line for line in done.out.splitlines() if line.startswith("/") and "building." in line]
    assert files
    assert all((folder / line).exists() for line in files)
    run = json.loads(plumbline("runs", "--json").out)[0]["id"]
    assert (folder / "home" / "built" / run / "pictures" / "r2.c1" / "from_south.png").exists()
    page = (folder / "hut.html").read_text()
    assert "Round 2" in page
    assert "data:image/png" in page

    shown = plumbline("show", "last")
    assert (shown.code, "accepted: r2.c1" in shown.out) == (0, True)
    assert "the same report as recorded" in plumbline("replay", "last").out
    plumbline("show", "last", "--html", "again.html")
    assert (folder / "again.html").read_text() == page
    listed = plumbline("artefacts", "last", "--save", "out")
    assert (listed.code, (folder / "out" / "building.json").exists()) == (0, True)
    named = {one["path"] for one in plumbline("artefacts", "last", "--json").json["files"]}
    assert {"building.json", "pictures/r1.c1/plan.png"} <= named


def test_what_is_not_accepted_ends_with_three_and_says_why(plumbline: Plumbline, serve: Serve) -> None:
    model = serve(designer(hut(door=False)).over_http)
    done = plumbline("build", WISH, "--kind", "voxel", "--candidates", "1", "--rounds", "1", "--model", model)
    assert done.code == 3
    assert "✗ fail" in done.out
    assert "not accepted: r1.c1 is the best there is; it ended since the rounds were used up" in done.out


def test_without_trying_out_nothing_is_accepted(plumbline: Plumbline, serve: Serve) -> None:
    model = serve(designer(hut()).over_http)
    done = plumbline("build", WISH, "--kind", "voxel", "--no-pragmatic", "--rounds", "1", "--model", model, "--json")
    design = done.json["report"]["design"]
    assert (done.code, design["accepted"], design["pragmatic"]) == (3, False, False)
    shown = plumbline("show", "last").out
    assert "it was not tried out, so it cannot be accepted" in shown


def test_criteria_of_a_person_are_those_it_is_judged_by(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    (folder / "hut.yaml").write_text(yaml.safe_dump(CRITERIA))
    script = designer(hut())
    model = serve(script.over_http)
    done = plumbline("build", WISH, "--criteria", "hut.yaml", "--candidates", "1", "--model", model, "--json")
    judged = [one["criterion"]["id"] for one in done.json["report"]["design"]["rounds"][0]["candidates"][0]["results"]]
    assert (done.code, judged, "write_criteria" in script.shown) == (0, ["entry", "closed"], False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("",), "the task is empty"),
        (("a bridge with a railing",), "no word of it tells); say it with --kind voxel|cad"),
        (("a web page about a table",), "it could be cad or web_page"),
        (("a hut", "--kind", "cake"), "there is no kind 'cake'"),
        (("a hut", "--kind", "voxel", "--candidates", "0"), "--candidates"),
        (("a hut", "--kind", "voxel", "--tokens", "0"), "--tokens"),
        (("a hut", "--kind", "cad", "--criteria", "hut.json"), "the criteria are for the kind voxel"),
        (("a hut", "--criteria", "none.json"), "none.json"),
        (("a hut", "--criteria", "clash.json"), "clash.json: these criteria cannot be frozen"),
        (("a hut", "--kind", "voxel", "--html", "none/x.html"), "there is no folder"),
    ],
)
def test_what_cannot_be_built_is_told_in_one_line_and_no_run_is_made(
    plumbline: Plumbline, folder: Path, arguments: tuple[str, ...], said: str
) -> None:
    (folder / "hut.json").write_text(json.dumps(CRITERIA))
    both = [CRITERIA["criteria"][0], {**CRITERIA["criteria"][0], "id": "no", "relation": "<", "threshold": 0.1}]  # type: ignore[dict-item]
    (folder / "clash.json").write_text(json.dumps({**CRITERIA, "criteria": both}))
    told = plumbline("build", *arguments)
    assert told.code == 2
    assert said in told.err
    assert len(told.err.strip().splitlines()) == 1
    assert plumbline("runs", "--json").json == []


def test_nothing_is_written_through_a_link_in_the_folder(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "precious").write_text("mine")
    (folder / "out" / "building.json").symlink_to(folder / "precious")
    (folder / "out" / "pictures").symlink_to(folder / "elsewhere")
    model = serve(designer(hut()).over_http)
    done = plumbline("build", WISH, "--kind", "voxel", "--candidates", "1", "--model", model, "--save", "out")
    assert (done.code, "building.json' is a link" in done.err, "pictures' is a link" in done.err) == (0, True, True)
    assert ((folder / "precious").read_text(), list((folder / "elsewhere").iterdir())) == ("mine", [])
