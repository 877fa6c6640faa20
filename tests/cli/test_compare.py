"""``plumbline compare``: a tournament between runs, and claims against what held by criteria that no run has seen."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.domain.messages import Reply
from agent.models.testing.script import call
from evals.luban.builds import stair
from tests.cli.conftest import Plumbline, Serve
from tests.runtime.designing import CLOSED, ENTRY, WISH, ScriptedDesigner, fenced, hut


def built(plumbline: Plumbline, serve: Serve, program: str, *options: str) -> str:
    """Build a hut by one program and return the run's id."""
    model = serve(ScriptedDesigner([fenced(program)], redesigns=[fenced(program)]).over_http)
    fixed = ("--kind", "voxel", "--candidates", "1", "--rounds", "1")
    return str(plumbline("build", WISH, *fixed, "--model", model, "--json", *options).json["run_id"])


@pytest.fixture
def held_out(folder: Path) -> str:
    criteria = [{**one, "scenario": {"name": one["scenario"]}} for one in (ENTRY, CLOSED)]
    (folder / "held-out.json").write_text(json.dumps({"wish": WISH, "kind": "voxel", "criteria": criteria}))
    return "held-out.json"


def test_the_run_that_meets_more_criteria_is_rated_higher(plumbline: Plumbline, serve: Serve) -> None:
    bad, good = built(plumbline, serve, hut(door=False)), built(plumbline, serve, hut())
    told = plumbline("compare", bad, good)
    assert told.code == 0
    lines = [line for line in told.out.splitlines() if good in line or bad in line]
    assert [good in line for line in lines] == [True, False]
    same = plumbline("compare", good, bad, "--json").json
    assert same == plumbline("compare", bad, good, "--json").json
    assert [(one["player"], one["won"]) for one in same["standings"]] == [(good, 1), (bad, 0)]


def test_what_was_claimed_without_trying_it_out_is_set_against_what_holds(
    plumbline: Plumbline, serve: Serve, held_out: str
) -> None:
    claimed = built(plumbline, serve, hut(hole=True), "--no-pragmatic")
    tried = built(plumbline, serve, hut(hole=True))
    told = plumbline("compare", claimed, tried, "--criteria", held_out, "--json")
    counted = {one["player"]: (one["claimed"], one["verified"], one["false_claims"]) for one in told.json["claims"]}
    assert counted == {claimed: (1, 0, 1), tried: (0, 0, 0)}
    shown = plumbline("compare", claimed, tried, "--criteria", held_out, "--by", "system")
    assert "without pragmatic" in shown.out
    assert "1 (100% of claims)" in shown.out


def test_the_candidates_of_one_run_play_against_each_other(plumbline: Plumbline, serve: Serve) -> None:
    model = serve(ScriptedDesigner([fenced(hut(door=False))], redesigns=[fenced(hut())]).over_http)
    plumbline("build", WISH, "--kind", "voxel", "--candidates", "1", "--model", model, "--quiet")
    standings = plumbline("compare", "last", "--json").json["standings"]
    assert [(one["player"], one["won"], one["lost"]) for one in standings] == [("r2.c1", 1, 0), ("r1.c1", 0, 1)]


def test_a_model_that_looks_decides_where_criteria_do_not(plumbline: Plumbline, serve: Serve) -> None:
    plain, tiled = built(plumbline, serve, hut()), built(plumbline, serve, hut(roof="tiles"))
    drawn = plumbline("compare", plain, tiled, "--json").json["games"]
    assert [game["score"] for game in drawn] == [0.5]

    def prefers_tiles(request: dict[str, Any], number: int) -> Reply:
        first = "tiles" in str(request["messages"]).split("The second artefact")[0]
        return call("compare_artefacts", reason="the roof is of tiles", better="first" if first else "second")

    looked = plumbline("compare", plain, tiled, "--judge", "vision", "--model", serve(prefers_tiles), "--json")
    assert looked.code == 0, looked.err
    (game,) = looked.json["games"]
    assert (game["first"] if game["score"] == 1 else game["second"]) == tiled


def test_what_cannot_be_compared_is_told_in_one_line(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    one = built(plumbline, serve, hut())
    (folder / "own.json").write_text(
        json.dumps({"wish": WISH, "kind": "voxel", "criteria": [{**ENTRY, "scenario": {"name": "enters"}}]})
    )
    other = built(plumbline, serve, hut(), "--criteria", "own.json")
    (folder / "notes.md").write_text("Two plus 2 is 4.\n")
    check = plumbline("check", "notes.md", "--json").json["run_id"]
    for arguments, said in (
        ((one, other), "were judged by different criteria, so their verdicts do not compare; give --criteria FILE"),
        ((one, check), f"run {check} has no design to compare"),
        ((one, one), "no two of these can be compared"),
        ((one, "--by", "cake"), "--by is run, system, candidate"),
        ((), "Missing argument"),
    ):
        told = plumbline("compare", *arguments)
        assert (told.code, said in told.err, len(told.err.strip().splitlines())) == (2, True, 1), told.err


def test_ablations_set_claims_against_criteria_that_no_designer_has_seen(plumbline: Plumbline, serve: Serve) -> None:
    """The designer asks too little of itself: that nothing floats. Half a stair passes that, and climbs no cliff."""
    lax = call("write_criteria", criteria=[{**ENTRY, "scenario": "stands", "measure": "floating_blocks",
                                            "relation": "<=", "threshold": 0}])  # fmt: skip
    steps = call("plan_parts", parts=[{"name": "steps", "purpose": "to climb", "shape": "8 cells high"}])
    script = ScriptedDesigner([fenced(stair(steps=4).program())], criteria=(lax,), parts=(steps,))
    model = serve(script.over_http)
    once = ("--wish", "stair", "--candidates", "1", "--rounds", "1", "--model", model)
    told = plumbline("bench", "design", *once, "--json")
    assert told.code == 0, told.err
    counted = {one["player"]: (one["claimed"], one["verified"], one["false_claims"]) for one in told.json["claims"]}
    assert counted == dict.fromkeys(("full", "without visual", "without pragmatic", "without both"), (1, 0, 1))
    assert {game["drawn"] for game in told.json["standings"]} == {3}
    full = plumbline("bench", "design", *once, "--full")
    assert "1 (100% of claims)" in full.out
    refused = plumbline("bench", "design", "--wish", "castle")
    assert (refused.code, "there is no task 'castle'; there are stair, bridge" in refused.err) == (2, True)
