"""Tests are written for tasks that name a file which is not given, of a kind that can be tried out."""

import pytest

from agent.domain.task import Task
from agent.planning.wishes import made_files


@pytest.mark.parametrize(
    ("goal", "files"),
    [
        ("Write out/orders.csv and report.py.", ("out/orders.csv", "report.py")),
        ("Write 'My page.html' from given.csv", ("page.html",)),
        ("Look at https://example.org/a.html", ()),
        ("Compare e.g. Node.js with JSON", ()),
        ("把结果写到orders.csv里", ("orders.csv",)),
        ("Sum up ./given.csv", ()),
        ("把given.csv加起来", ()),
    ],
)
def test_files_that_a_task_makes_are_those_it_names_and_does_not_give(goal: str, files: tuple[str, ...]) -> None:
    task = Task.model_validate({"goal": goal, "files": [{"path": "given.csv", "sha256": "0" * 64, "size": 1}]})
    assert made_files(task) == files
