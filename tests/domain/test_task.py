"""A task is checked before anything is done with it."""

import pytest
from pydantic import ValidationError

from agent.domain.task import GOAL_LIMIT, Task, workspace_path


@pytest.mark.parametrize("goal", ["", "  \n", "x" * (GOAL_LIMIT + 1)])
def test_an_empty_or_endless_goal_is_refused(goal: str) -> None:
    with pytest.raises(ValidationError):
        Task(goal=goal)


@pytest.mark.parametrize("path", ["", "/etc/passwd", "..", "a/../../b", "a\nb", "a\x00b", "x" * 1001, ".", "/"])
def test_a_path_that_leaves_the_workspace_or_hides_something_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="file name"):
        workspace_path(path)


@pytest.mark.parametrize(
    ("path", "plain"), [("a.txt", "a.txt"), ("./a//b.txt", "a/b.txt"), ("数据/表 1.csv", "数据/表 1.csv"), ("-x", "-x")]
)
def test_a_path_has_one_plain_form(path: str, plain: str) -> None:
    assert workspace_path(path) == plain


@pytest.mark.parametrize("name", ["", ".", "../other", "a/b", "a.db", "a b", "a\n", "x" * 201])
def test_a_corpus_has_a_plain_name_that_leads_nowhere_else(name: str) -> None:
    with pytest.raises(ValidationError, match="corpus"):
        Task(goal="x", corpus=name)
    assert Task(goal="x", corpus="my-documents_2").corpus == "my-documents_2"
