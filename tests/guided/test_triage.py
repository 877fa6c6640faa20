"""A goal becomes parts, and what cannot be checked is refused by its wording."""

import pytest

from agent.execution.guided.testing import ScriptedSteps
from agent.execution.guided.triage import split, triage

FILES = ("sales.csv",)


@pytest.mark.parametrize(
    ("goal", "parts"),
    [
        (
            "According to the documentation, what is the port? And what is the total revenue in sales.csv?",
            ("According to the documentation, what is the port?", "What is the total revenue in sales.csv?"),
        ),
        (
            "According to the documentation, what is the default port, and what is the total revenue in sales.csv?",
            ("According to the documentation, what is the default port?", "What is the total revenue in sales.csv?"),
        ),
        ("1. Who wrote it? 2. How old is Ada?", ("Who wrote it?", "How old is Ada?")),
        ("- What is the port?\n- Who is the owner?", ("What is the port?", "Who is the owner?")),
        ("I have a file sales.csv. What is the total?", ("I have a file sales.csv. What is the total?",)),
        ("Dr. Nwosu leads it. Who is her deputy?", ("Dr. Nwosu leads it. Who is her deputy?",)),
        ("What is the total revenue and the average price?", ("What is the total revenue and the average price?",)),
        ("hello", ("hello",)),
    ],
)
def test_a_goal_is_split_where_it_is_safe(goal: str, parts: tuple[str, ...]) -> None:
    assert split(goal) == parts


@pytest.mark.parametrize(
    "goal",
    [
        "Translate the manual into French.",
        "Please write a program that sorts files.",
        "Build me a web shop.",
        "Search the price online.",
        "Plan a trip to Lisbon.",
        "What is the total in sales.csv and multiply it by 3",
        "What do you think of the server?",
    ],
)
async def test_what_a_small_model_cannot_do_is_refused_without_asking_it(goal: str) -> None:
    plan = await triage(goal, ScriptedSteps({}, {}), files=FILES, documents=True)

    assert [part.kind for part in plan.parts] == ["refuse"]
    assert plan.parts[0].reason


@pytest.mark.parametrize(
    "goal",
    ["Which folder does the server write logs to?", "In which year did the museum move?", "Who can join the club?"],
)
async def test_a_question_that_only_has_such_a_verb_is_not_refused(goal: str) -> None:
    plan = await triage(goal, ScriptedSteps({}, {}), files=(), documents=True)

    assert plan.parts[0].kind == "question"


async def test_a_part_that_needs_another_parts_result_is_refused() -> None:
    goal = "What is the total revenue in sales.csv? Multiply it by 3."

    plan = await triage(goal, ScriptedSteps({}, {}), files=FILES, documents=True)

    assert [part.kind for part in plan.parts] == ["computation", "refuse"]
    assert "result of another part" in plan.parts[1].reason


async def test_the_wording_decides_without_the_model() -> None:
    goal = "According to the Harbor manual, what is the port? And what is the total revenue in sales.csv?"

    plan = await triage(goal, ScriptedSteps({}, {}), files=FILES, documents=True)

    assert [(part.kind, part.second) for part in plan.parts] == [("question", None), ("computation", None)]


async def test_what_the_wording_leaves_open_is_asked() -> None:
    steps = ScriptedSteps({"model/triage-1": "other"}, {})

    plan = await triage("Sing a song about the sea.", steps, files=FILES, documents=True)

    assert plan.parts[0].kind == "refuse"
    assert steps.taken == ["model/triage-1"]


async def test_a_question_is_tried_rather_than_refused_by_the_model() -> None:
    steps = ScriptedSteps({"model/triage-1": "other"}, {})

    plan = await triage("Who opened the fair?", steps, files=FILES, documents=True)

    assert plan.parts[0].kind == "question"
    assert plan.parts[0].second == "computation"


async def test_a_computation_without_files_is_looked_up_in_the_documents() -> None:
    plan = await triage("How many rooms are there?", ScriptedSteps({}, {}), files=(), documents=True)

    assert plan.parts[0].kind == "question"


async def test_too_many_parts_are_refused_together() -> None:
    goal = " ".join(f"{number}. Who is number {number}?" for number in range(1, 11))

    plan = await triage(goal, ScriptedSteps({}, {}), files=FILES, documents=True)

    assert [part.kind for part in plan.parts] == ["refuse"]
