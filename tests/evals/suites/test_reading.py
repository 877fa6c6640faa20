"""Suites are read from folders, and what is wrong in them is told with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import UsageError
from evals.suite.reading import SHIPPED, find_suite, read_suite, shipped

SUITE = 'name: little\nversion: "1"\ndescription: d\nsamples: [samples.jsonl]\nscorers: [{kind: exact}]\n'
GOOD = {"id": "a", "goal": "What?", "gold": "x"}


def suite(folder: Path, *samples: Any, yaml: str = SUITE) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "suite.yaml").write_text(yaml)
    lines = [one if isinstance(one, str) else json.dumps(one) for one in samples]
    (folder / "samples.jsonl").write_text("\n".join(lines))
    return folder


@pytest.mark.parametrize(
    ("samples", "says"),
    [
        ([GOOD, "{"], "samples.jsonl, line 2: it is no JSON"),
        ([GOOD, "", {"id": "b"}], "samples.jsonl, line 3: goal: Field required"),
        ([GOOD, {**GOOD, "id": "a"}], "line 2: the id 'a' was given before, at samples.jsonl, line 1"),
        ([{**GOOD, "gold": []}], "line 1: a scorer compares the answer, but the sample has no gold"),
        ([{**GOOD, "files": {"in.csv": "missing.csv"}}], "missing.csv is missing"),
        ([{**GOOD, "files": {"in.csv": "../outside"}}], "leaves the suite's folder"),
        ([{**GOOD, "files": {"/etc/passwd": "suite.yaml"}}], "leaves the workspace"),
        ([{**GOOD, "colour": "red"}], "line 1: colour: Extra inputs are not permitted"),
        (['{"id": "a", "goal": "What?", "gold": [NaN]}'], "line 1: it is no JSON: NaN"),
        ([{**GOOD, "scorers": [{"kind": "numeric", "relative": -1}]}], "scorers.0.numeric.relative"),
        ([{**GOOD, "setup": {"files": {"in.csv": "missing.csv"}}}], "missing.csv is missing"),
        ([{**GOOD, "setup": {"files": {"../in.csv": "suite.yaml"}}}], "leaves the workspace"),
        ([{**GOOD, "setup": {"program": {"argv": ["ls"], "python": "1"}}}], "line 1: setup.program: a program has"),
        ([{**GOOD, "setup": {}, "task": {"ask": {"mode": "direct"}}}], "line 1: setup needs a workspace"),
        (
            [{**GOOD, "files": {"a": "suite.yaml"}, "setup": {"files": {"a": "samples.jsonl"}}}],
            "line 1: setup: the file 'a' is among the files of the sample already",
        ),
        ([], "has no samples"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(tmp_path: Path, samples: list[Any], says: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_suite(suite(tmp_path / "little", *samples))

    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("yaml", "says"),
    [
        ("name: [", "is no YAML"),
        (SUITE.replace("exact", "guess"), "scorers.0"),
        (SUITE + "colour: red\n", "colour"),
        (SUITE.replace("little", "../up"), "name"),
        (SUITE.replace("samples.jsonl", "gone.jsonl"), "cannot be read"),
        (SUITE.replace("samples.jsonl", "no.such.module:samples"), "there is no function"),
    ],
)
def test_a_wrong_suite_file_is_refused(tmp_path: Path, yaml: str, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        read_suite(suite(tmp_path / "little", GOOD, yaml=yaml))


def test_the_digest_changes_with_whatever_decides_a_result(tmp_path: Path) -> None:
    with_file = {**GOOD, "files": {"in.csv": "in.csv"}}
    folder = tmp_path / "little"
    folder.mkdir()
    (folder / "in.csv").write_text("a\n1\n")
    first = read_suite(suite(folder, with_file)).digest

    assert read_suite(suite(folder, with_file)).digest == first
    assert read_suite(suite(folder, {**with_file, "gold": "y"})).digest != first
    (folder / "in.csv").write_text("a\n2\n")
    assert read_suite(suite(folder, with_file)).digest != first


def test_a_suite_may_be_made_by_a_function(tmp_path: Path) -> None:
    made = f"{__name__}:made"

    found = read_suite(suite(tmp_path / "little", yaml=SUITE.replace("samples.jsonl", made)))

    assert [sample.id for sample in found.samples] == ["s0", "s1"]


def made() -> list[dict[str, Any]]:
    return [{"id": f"s{number}", "goal": "What?", "gold": number} for number in range(2)]


def test_shipped_suites_are_whole() -> None:
    assert "smoke" in shipped()
    for name in shipped():
        assert read_suite(SHIPPED / name).samples


def test_a_suite_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(UsageError, match=r"shipped are .*smoke"):
        find_suite("smok")
