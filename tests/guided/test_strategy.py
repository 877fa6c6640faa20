"""One part of a goal goes to the strategy of its kind."""

from pathlib import Path

from agent.domain.claims import Finding
from agent.execution.guided.strategy import work
from agent.execution.guided.testing import ScriptedSteps, passage, python_in, search_in
from agent.execution.guided.thresholds import Thresholds, thresholds_for
from agent.execution.guided.triage import Part


def literal(answer: str, cited: str, question: str) -> Finding:
    return Finding(method="literal", passed=answer in cited, detail="")


async def test_a_refused_part_is_withheld_with_its_reason() -> None:
    part = Part(id="part-1", text="Write a poem.", kind="refuse", reason="writing is out of reach")

    outcome = await work(part, ScriptedSteps({}, {}), literal, Thresholds())

    assert not outcome.accepted
    assert outcome.reason == "writing is out of reach"


async def test_where_the_kind_is_uncertain_the_other_strategy_is_tried(tmp_path: Path) -> None:
    (tmp_path / "rooms.csv").write_text("room,beds\nA,2\nB,3\n")
    steps = ScriptedSteps(
        {
            "model/find": {"sentence": 0, "answer": "not stated"},
            "model/query": {"tests": [], "operation": "sum", "column": "beds", "times": "none", "label": "none"},
            "model/program": "```python\nresult = sum(row['beds'] for row in rows)\nprint(result)\n```",
        },
        {"search_documents": search_in(passage("a.md", "The rooms are small.")), "python": python_in(tmp_path)},
    )
    part = Part(id="part-1", text="How many beds are there in total?", kind="question", second="computation")

    outcome = await work(part, steps, literal, Thresholds())

    assert (outcome.accepted, outcome.answer) == (True, "5")


async def test_both_reasons_are_given_when_neither_strategy_can_answer(tmp_path: Path) -> None:
    steps = ScriptedSteps({}, {"search_documents": search_in(), "python": python_in(tmp_path)})
    part = Part(id="part-1", text="How many beds are there?", kind="question", second="computation")

    outcome = await work(part, steps, literal, Thresholds())

    assert outcome.reason == (
        "nothing in the documents matches the question; as a computation: "
        "no file of the workspace has what the question asks about"
    )


async def test_the_same_replies_give_the_same_steps_and_outcome(tmp_path: Path) -> None:
    part = Part(id="part-1", text="What is the default port?", kind="question")
    first, second = (
        ScriptedSteps(
            {"model/find": {"sentence": 1, "answer": "7420"}, "model/reread": {"answer": "7420"}, "judge/answer": 4.0},
            {"search_documents": search_in(passage("a.md", "The default port is 7420."))},
        )
        for _ in range(2)
    )

    outcomes = [await work(part, steps, literal, Thresholds()) for steps in (first, second)]

    assert outcomes[0] == outcomes[1]
    assert (first.taken, first.asked) == (second.taken, second.asked)


def test_an_unknown_model_gets_the_cautious_thresholds() -> None:
    assert thresholds_for("somebody's model") == Thresholds()
    assert thresholds_for("Qwen2.5-Coder-1.5B-Instruct") != Thresholds()
