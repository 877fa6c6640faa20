"""Planners are offered checks of what this run can try out, and told in one line what is wrong with one they wrote."""

import hashlib
import json
from typing import Any

import pytest

from agent.domain.base import Form
from agent.domain.checks import ArtefactCheck
from agent.domain.errors import ModelOutputError
from agent.domain.messages import canonical
from agent.domain.plan import Milestone
from agent.domain.task import Task
from agent.execution.context import RunContext
from agent.execution.forms import MakePlan
from agent.execution.plannable import offered_tries, planning_spec, require_triable
from agent.execution.setting import Setting
from agent.ledger.store import Ledger
from agent.planning.forms import RevisePlan
from agent.runtime.workshops import workshops_of
from tests.execution.test_reruns import run_of

UNIQUE = {"artefact": "data_file", "paths": ["a.csv"], "scenario": "unique", "measure": "duplicates"}


async def run_that_tries(ledger: Ledger, *kinds: str) -> RunContext:
    run_id = await ledger.create(Task(goal="Make a table"), options={})
    run = await run_of(ledger, run_id, None)
    run.setting = Setting.model_validate({**run.setting.model_dump(), "tries": kinds})
    run.workshops = workshops_of(ledger.blobs)
    return run


@pytest.mark.parametrize(
    ("form", "digest"),
    [
        (MakePlan, "9b692be346f884bb848d6abe5596b5a4bdbb3dc9947a09c61dced4f4d4318780"),
        (RevisePlan, "48e3aad7646eaaa64d39821ae5ec77d7b9ca7ccc3c1930d6c84b322894a35328"),
    ],
)
async def test_a_run_that_tries_out_nothing_is_offered_what_earlier_versions_recorded(
    ledger: Ledger, form: type[Form], digest: str
) -> None:
    spec = planning_spec(form, await run_that_tries(ledger))
    assert hashlib.sha256(canonical(spec.as_function())).hexdigest() == digest


async def test_a_check_names_kinds_scenarios_and_measures_that_there_are(ledger: Ledger) -> None:
    run = await run_that_tries(ledger, "data_file")
    text = json.dumps(planning_spec(MakePlan, run).parameters)
    assert '"enum": ["data_file"]' in text
    assert '"round_trip"' in text
    assert '"failed_cases"' not in text
    assert planning_spec(MakePlan, run) is planning_spec(MakePlan, run)
    both = await run_that_tries(ledger, "data_file", "program")
    assert '"failed_cases"' in json.dumps(planning_spec(RevisePlan, both).parameters)


async def test_what_can_be_tried_is_told_in_one_line_a_scenario(ledger: Ledger) -> None:
    assert offered_tries(await run_that_tries(ledger)) == ""
    lines = offered_tries(await run_that_tries(ledger, "data_file", "program")).splitlines()
    assert "- unique(columns) -> duplicates: that no two rows have the same key" in lines
    assert any(line.startswith("- cases(cases: [{expected, arguments?, stdin?, files?, seconds?}])") for line in lines)
    assert any(line.startswith("- takes(arguments?, stdin?, files?, seconds?) -> seconds [s]: ") for line in lines)
    assert len(lines) == 20


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "m: the parameters do not fit unique: $: 'columns' is a required property"),
        ({"scenario": "uniq"}, "m: there is no scenario 'uniq'; there are columns, types"),
        ({"measure": "rows"}, "m: unique does not measure 'rows'; it measures duplicates"),
        ({"artefact": "web_page"}, "m: web_page cannot be tried out in this run; what can: data_file"),
    ],
)
async def test_a_check_that_cannot_be_tried_is_refused_in_one_line(
    ledger: Ledger, changed: dict[str, Any], said: str
) -> None:
    run = await run_that_tries(ledger, "data_file")
    check = ArtefactCheck.model_validate({**UNIQUE, **changed})
    with pytest.raises(ModelOutputError) as refused:
        require_triable(run, [Milestone(id="m", text="m", check=check)])
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)
