"""The program that reads tables in the sandbox, called directly."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.execution.guided.programs import table


@pytest.mark.parametrize(
    ("cell", "value"),
    [("12", 12.0), ("1,250.00", 1250.0), ("$480.50", 480.5), ("12 kg", 12.0), ("38%", 38.0), ("-3.5", -3.5)],
)
def test_a_cell_with_signs_separators_or_a_unit_is_a_number(cell: str, value: float) -> None:
    assert table.number(cell) == value


@pytest.mark.parametrize("cell", ["", "n/a", "2024-01-05", "1.2.3", "v2", "12 kg net"])
def test_other_cells_are_no_numbers(cell: str) -> None:
    assert table.number(cell) is None


@given(st.floats(min_value=-1e9, max_value=1e9).map(lambda value: round(value, 4)))
def test_any_plain_number_is_read_as_written(value: float) -> None:
    assert table.number(f"{value:.4f}") == pytest.approx(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "name,age\nAda,3\nBo,5\n"),
        ("a.csv", "name;age\nAda;3\nBo;5\n"),
        ("a.tsv", "name\tage\nAda\t3\nBo\t5\n"),
        ("a.json", '[{"name": "Ada", "age": 3}, {"name": "Bo", "age": 5}]'),
        ("a.json", '{"shop": "x", "staff": [{"name": "Ada", "age": 3}, {"name": "Bo", "age": 5}]}'),
        ("a.jsonl", '{"name": "Ada", "age": 3}\n{"name": "Bo", "age": 5}\n'),
    ],
)
def test_every_table_format_gives_the_same_rows(
    name: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_text(text)

    assert table.load(name) == [{"name": "Ada", "age": "3"}, {"name": "Bo", "age": "5"}]
    assert table.typed(name) == [{"name": "Ada", "age": 3.0}, {"name": "Bo", "age": 5.0}]


def test_a_log_is_a_table_of_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.log").write_text("one\n\ntwo\n")

    assert table.load("a.log") == [{"line": "one"}, {"line": "two"}]


def test_a_profile_names_the_values_that_the_question_mentions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("client,amount\n" + "".join(f"Client {n},{n}\n" for n in range(40)))

    column = table.profile("a.csv", "How much did Client 17 pay?")["columns"][0]

    assert (column["values"], column["mentioned"]) == ([], ["Client 17"])


def test_the_listing_says_which_words_of_the_question_a_file_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.csv").write_text("client,amount\nAda,3\n")
    Path(".hidden").write_text("client")
    Path("b.bin").write_bytes(b"\xff\xfe\x00")

    listing = table.listing(["client", "tree"])

    assert [(file["path"], file["kind"], file["has"]) for file in listing] == [
        ("a.csv", "table", ["client"]),
        ("b.bin", "other", []),
    ]


@pytest.mark.parametrize(
    ("spec", "value"),
    [
        ({"operation": "sum", "column": "hours"}, 10.0),
        ({"operation": "average", "column": "hours"}, 2.5),
        ({"operation": "median", "column": "hours"}, 2.5),
        ({"operation": "minimum", "column": "hours"}, 1.0),
        ({"operation": "maximum", "column": "hours"}, 4.0),
        ({"operation": "count", "tests": [("kind", "is", "CITY")]}, 2),
        ({"operation": "count", "tests": [("kind", "is not", "city")]}, 3),
        ({"operation": "count", "tests": [("day", "contains", "2024-06")]}, 2),
        ({"operation": "count", "tests": [("day", "at least", "2024-05-31")]}, 3),
        ({"operation": "count", "tests": [("hours", "above", "2")]}, 2),
        ({"operation": "count", "tests": [("hours", "at most", "2")]}, 2),
        ({"operation": "percent", "tests": [("kind", "is", "city")]}, 40.0),
        ({"operation": "distinct", "column": "kind"}, 3),
        ({"operation": "sum", "column": "hours", "times": "price"}, 26.0),
        ({"operation": "largest", "column": "hours", "label": "id"}, "d"),
        ({"operation": "smallest", "column": "day", "label": "id"}, "a"),
        ({"operation": "largest", "column": "hours", "label": "kind", "grouped": True}, "electric"),
        ({"operation": "sum", "column": "hours", "tests": [("kind", "is", "boat")]}, None),
    ],
)
def test_a_query_gives_its_value(
    spec: dict[str, Any], value: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [
        {"id": "a", "kind": "city", "day": "2024-05-01", "hours": 1, "price": 2},
        {"id": "b", "kind": "city", "day": "2024-05-09", "hours": 2, "price": 3},
        {"id": "c", "kind": "cargo", "day": "2024-05-31", "hours": 3, "price": 2},
        {"id": "d", "kind": "electric", "day": "2024-06-01", "hours": 4, "price": 3},
        {"id": "e", "kind": "electric", "day": "2024-06-02", "hours": None, "price": 3},
    ]
    Path("a.json").write_text(json.dumps(rows))
    tests = [dict(zip(("column", "test", "value"), test, strict=True)) for test in spec.pop("tests", [])]
    defaults = {"column": "none", "times": "none", "label": "none", "grouped": False}

    assert table.query("a.json", {**defaults, **spec, "tests": tests})["value"] == value
