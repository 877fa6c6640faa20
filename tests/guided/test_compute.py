"""A computed value is accepted only when a typed query and a program agree. The programs really run."""

from pathlib import Path
from typing import Any

import pytest

from agent.execution.guided.compute import ComputeStrategy
from agent.execution.guided.outcomes import ComputedOutcome
from agent.execution.guided.testing import ScriptedSteps, python_in
from agent.execution.guided.thresholds import Thresholds

SALES = "date,region,units,revenue\n2024-01-05,North,2,10.50\n2024-02-09,South,1,4.00\n2024-02-11,North,3,\n"
TOTAL = "What is the total revenue in sales.csv?"


def query(operation: str, column: str = "none", *, label: str = "none", **tests: str) -> dict[str, Any]:
    conditions = [{"column": name, "test": "is", "value": value} for name, value in tests.items()]
    return {"tests": conditions, "operation": operation, "column": column, "times": "none", "label": label}


def program(code: str) -> str:
    return f"```python\n{code}\nprint(result)\n```"


SUM = program("result = sum(row['revenue'] for row in rows if row['revenue'] is not None)")


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "sales.csv").write_text(SALES)
    return tmp_path


async def asked(workspace: Path, question: str, **replies: Any) -> tuple[ComputedOutcome, ScriptedSteps]:
    scripted = {f"model/{name.replace('_', '-')}": reply for name, reply in replies.items()}
    steps = ScriptedSteps(scripted, {"python": python_in(workspace)})
    return await ComputeStrategy(steps, Thresholds()).answer(question), steps


async def test_two_routes_that_agree_are_accepted_with_both_as_evidence(workspace: Path) -> None:
    outcome, _ = await asked(workspace, TOTAL, query=query("sum", "revenue"), program=SUM)

    assert outcome.accepted
    assert outcome.answer == "14.5"
    assert outcome.evidence == ("tool/query", "tool/program")
    assert outcome.path == "sales.csv"


async def test_two_routes_that_disagree_are_withheld_when_the_last_try_disagrees_too(workspace: Path) -> None:
    other = program("result = len(rows)")

    outcome, _ = await asked(workspace, TOTAL, query=query("sum", "revenue"), program=other, one_line=other)

    assert not outcome.accepted
    assert outcome.reason == "two ways of computing it disagree: 14.5 and 3"


async def test_a_program_of_another_shape_can_break_a_tie(workspace: Path) -> None:
    wrong = program("result = len(rows)")

    outcome, _ = await asked(workspace, TOTAL, query=query("sum", "revenue"), program=wrong, one_line=SUM)

    assert outcome.accepted
    assert outcome.evidence == ("tool/query", "tool/one-line")


async def test_a_program_that_fails_is_repaired_once_with_its_error(workspace: Path) -> None:
    broken = program("result = sum(row['revenue'] for row in rows)")

    outcome, steps = await asked(workspace, TOTAL, query=query("sum", "revenue"), program=broken, program_repair=SUM)

    assert outcome.accepted
    assert "TypeError" in steps.asked["model/program-repair"]


async def test_a_program_that_prints_a_constant_never_runs(workspace: Path) -> None:
    echo = "```python\nprint(14.5)\n```"

    outcome, steps = await asked(
        workspace, TOTAL, query=query("sum", "revenue"), program=echo, program_repair=echo, one_line=echo,
        one_line_repair=echo,
    )  # fmt: skip

    assert not outcome.accepted
    assert [step for step in steps.taken if step.startswith("tool/")] == ["tool/files", "tool/profile", "tool/query"]


async def test_a_file_that_is_not_there_is_withheld_without_the_model(workspace: Path) -> None:
    outcome, _ = await asked(workspace, "What is the total of wages.csv?")

    assert outcome.reason == "there is no readable file wages.csv in the workspace"


async def test_nothing_that_fits_the_question_is_withheld(workspace: Path) -> None:
    outcome, _ = await asked(workspace, "How tall are the trees?")

    assert outcome.reason == "no file of the workspace has what the question asks about"


async def test_files_that_fit_equally_well_are_chosen_by_the_model(workspace: Path) -> None:
    (workspace / "returns.csv").write_text(SALES)
    question = "What is the total revenue?"

    outcome, _ = await asked(
        workspace, question, file={"file": "returns.csv"}, query=query("sum", "revenue"), program=SUM
    )

    assert outcome.path == "returns.csv"


async def test_a_word_that_the_table_does_not_have_is_withheld(workspace: Path) -> None:
    outcome, _ = await asked(workspace, "What is the total profit in sales.csv?", query=query("sum", "revenue"))

    assert outcome.reason == "it is not clear what profit means in sales.csv"


async def test_a_value_of_the_question_that_the_query_leaves_out_is_withheld(workspace: Path) -> None:
    question = "What is the total revenue of the North in sales.csv?"

    outcome, _ = await asked(workspace, question, query=query("sum", "revenue"))

    assert outcome.reason == "the question mentions North, which the query does not use"


async def test_a_condition_that_no_row_meets_is_withheld(workspace: Path) -> None:
    question = "What is the total revenue of the East in sales.csv?"

    outcome, _ = await asked(workspace, question, query=query("sum", "revenue", region="East"))

    assert outcome.reason == "no row of sales.csv has East"


async def test_a_column_that_is_named_but_not_used_is_withheld(workspace: Path) -> None:
    question = "What is the total revenue and the total of the units in sales.csv?"

    outcome, _ = await asked(workspace, question, query=query("sum", "revenue"))

    assert outcome.reason == "it is not clear what units means in sales.csv"


async def test_a_shared_first_place_is_withheld(tmp_path: Path) -> None:
    (tmp_path / "teams.csv").write_text("team,points\nFoxes,3\nOtters,3\n")

    outcome, _ = await asked(
        tmp_path, "Which team has most points in teams.csv?", query=query("largest", "points", label="team")
    )

    assert outcome.reason == "several rows or groups share the value"


async def test_repeated_rows_are_withheld(tmp_path: Path) -> None:
    (tmp_path / "bills.csv").write_text("bill,amount\n1,5\n1,5\n2,7\n")

    outcome, _ = await asked(tmp_path, "What is the total amount in bills.csv?", query=query("sum", "amount"))

    assert "repeated rows" in outcome.reason


async def test_mixed_units_are_withheld(tmp_path: Path) -> None:
    (tmp_path / "parcels.csv").write_text("parcel,weight\n1,5 kg\n2,700 g\n")

    outcome, _ = await asked(tmp_path, "What is the total weight in parcels.csv?", query=query("sum", "weight"))

    assert outcome.reason == "the column weight mixes units"


async def test_arithmetic_over_a_text_and_a_program_that_agree_are_accepted(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("The tiles cost 32 euros each and we bought 14 tiles.")
    numbers = [{"what": "tiles", "value": "14"}, {"what": "price", "value": "32"}]

    outcome, _ = await asked(
        tmp_path,
        "How much did the tiles cost according to notes.txt?",
        expression={"numbers": numbers, "expression": "14 * 32"},
        program=program("result = 32 * 14"),
    )

    assert (outcome.answer, outcome.evidence) == ("448", ("tool/expression", "tool/program"))


async def test_a_number_that_is_not_in_the_text_is_withheld(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("The tiles cost 32 euros each and we bought some tiles.")

    outcome, _ = await asked(
        tmp_path,
        "How much did the tiles cost according to notes.txt?",
        expression={"numbers": [], "expression": "13 * 32"},
    )

    assert outcome.reason == "the numbers 13 are not in the text"


async def test_a_text_that_lacks_what_is_needed_is_withheld(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("We bought 14 tiles.")

    outcome, _ = await asked(
        tmp_path,
        "How many tiles did we buy according to notes.txt?",
        expression={"numbers": [], "expression": "none"},
    )

    assert outcome.reason == "the text does not give everything the question needs"


async def test_a_file_that_no_program_of_ours_can_read_is_withheld(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_bytes(b"\xff\xfe\x00")

    outcome, _ = await asked(tmp_path, TOTAL)

    assert outcome.reason == "there is no readable file sales.csv in the workspace"


async def test_a_word_that_the_question_defines_by_columns_is_clear(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("units,price\n2,10\n3,4\n")
    product = {**query("sum", "units"), "times": "price"}
    code = program("result = sum(row['units'] * row['price'] for row in rows)")

    outcome, _ = await asked(
        tmp_path, "What is the total turnover (units times price) in orders.csv?", query=product, program=code
    )

    assert outcome.answer == "32"


@pytest.mark.parametrize("meaning", ["", " (units times margin)", " (units)", " (2024)"])
async def test_a_word_that_is_defined_by_nothing_known_is_not(tmp_path: Path, meaning: str) -> None:
    (tmp_path / "orders.csv").write_text("units,price\n2,10\n3,4\n")
    product = {**query("sum", "units"), "times": "price"}

    outcome, _ = await asked(tmp_path, f"What is the total turnover{meaning} in orders.csv?", query=product)

    assert "it is not clear what turnover" in outcome.reason
