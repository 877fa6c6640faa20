"""Checks of runs become criteria of worlds, with controls that leave any slack of their bound behind."""

import json
from typing import Any

import pytest

from agent.domain.checks import ArtefactCheck
from agent.domain.errors import ModelOutputError
from agent.verification.artefacts.checks import criterion_of, program_of
from agent.verification.artefacts.data_file import DataFileWorld
from agent.verification.artefacts.trying import tried

TABLE = b"id,amount\n1,10\n2,20\n3,30\n"


def check(scenario: str, measure: str, relation: str, threshold: float, **parameters: Any) -> ArtefactCheck:
    given = {"artefact": "data_file", "paths": ["a.csv"], "scenario": scenario, "parameters": parameters}
    return ArtefactCheck.model_validate({**given, "measure": measure, "relation": relation, "threshold": threshold})


@pytest.mark.parametrize("threshold", [1, 3, 60, 1_000])
@pytest.mark.parametrize("relation", ["<", "<=", ">", ">=", "=="])
@pytest.mark.parametrize(("scenario", "value"), [("rows", 3.0), ("total", 60.0)])
async def test_bounds_of_either_side_are_decided_however_much_slack_they_leave(
    scenario: str, value: float, relation: str, threshold: float
) -> None:
    parameters = {"column": "amount"} if scenario == "total" else {}
    world = DataFileWorld.of({"a.csv": TABLE})
    asked = check(scenario, scenario, relation, threshold, **parameters)
    result = await tried(world, await world.build("a.csv"), criterion_of(world, "m", asked), seed=0)
    holds = {
        "<": value < threshold,
        "<=": value <= threshold,
        ">": value > threshold,
        ">=": value >= threshold,
        "==": value == threshold,
    }[relation]
    assert (result.outcome, result.trials[0].value) == ("pass" if holds else "fail", value), result.detail


async def test_none_at_all_can_be_asked_for_and_what_nothing_can_break_stays_inconclusive() -> None:
    world = DataFileWorld.of({"a.csv": TABLE})
    build = await world.build("a.csv")
    none, any_number = check("rows", "rows", "==", 0), check("rows", "rows", ">=", 0)
    assert (await tried(world, build, criterion_of(world, "m", none), seed=0)).outcome == "fail"
    assert (await tried(world, build, criterion_of(world, "m", any_number), seed=0)).outcome == "inconclusive"


def test_files_become_what_their_world_builds_from() -> None:
    program = ArtefactCheck(artefact="program", paths=("a.py", "b.txt"), scenario="ends", measure="exit_code")
    files = {"a.py": b"print(1)", "b.txt": b"\xc3\xa9"}
    assert json.loads(program_of(program, files)) == {"files": {"a.py": "print(1)", "b.txt": "\u00e9"}, "entry": "a.py"}
    with pytest.raises(ModelOutputError, match=r"b\.txt is not UTF-8: byte 1"):
        program_of(program, {**files, "b.txt": b"a\xff"})
    page = ArtefactCheck(artefact="web_page", paths=("i.html", "i.png"), scenario="opens", measure="errors")
    made = json.loads(program_of(page, {"i.html": b"<p>", "i.png": b"\x89PNG"}))
    assert made == {"files": {"i.html": "<p>"}, "pictures": {"i.png": "iVBORw=="}, "start": "i.html"}
