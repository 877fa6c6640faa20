import json
import subprocess
import sys

import jsonschema
import pytest

from toolserver.cad.scenarios import SCENARIOS, CadScenario

ROWS = pytest.mark.parametrize("row", SCENARIOS.values(), ids=SCENARIOS.keys())


@ROWS
def test_the_parameters_of_a_scenario_are_a_schema_without_references(row: CadScenario) -> None:
    jsonschema.Draft202012Validator.check_schema(row.parameters)
    assert "$ref" not in json.dumps(row.parameters)


@ROWS
def test_a_scenario_measures_something_and_has_a_control(row: CadScenario) -> None:
    assert row.measures
    assert row.control.name
    known = set(row.parameters["properties"])
    named = {value[1:] for value in row.control.parameters.values() if isinstance(value, str) and value[:1] == "$"}
    assert named <= known


def test_the_table_is_read_without_a_library_of_geometry_or_physics() -> None:
    said = "import sys, toolserver.cad.scenarios; print({'mujoco', 'build123d', 'numpy', 'OCP'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
