"""Parts become one answer: each under what it asks for, and no more is claimed than the parts claim."""

from typing import cast

import pytest

from agent.domain.claims import Claim
from agent.domain.plan import Plan, Result
from agent.execution.context import RunContext
from agent.execution.guided.thresholds import Thresholds
from agent.planning.guided import GuidedStrategy, joined


def answered(answer: str, name: str) -> Result:
    return Result(answer=answer, success=True, claims=(Claim(id=name, text=answer, question="?"),))


def withheld(reason: str) -> Result:
    text = f"Withheld: {reason}."
    return Result(answer=text, success=True, withheld=(text,))


def test_each_answer_stands_under_its_question() -> None:
    result = joined([("Who built it?", answered("Nora Quist", "a")), ("What is the sum in a.csv?", withheld("a tie"))])

    assert result.answer == "1. Who built it?\n   → Nora Quist\n2. What is the sum in a.csv?\n   Withheld: a tie."
    assert [claim.id for claim in result.claims] == ["a"]
    assert result.withheld == ("Withheld: a tie.",)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("Count the rows in a.csv.", "Count the rows in a.csv."),
        ("The firm is old. Who owns it?", "Who owns it?"),
        ("Sum the   prices\nin a.csv", "Sum the prices in a.csv"),
    ],
)
def test_a_part_is_named_by_the_sentence_that_asks(text: str, label: str) -> None:
    assert joined([(text, answered("5", "a"))]).answer == f"1. {label}\n   → 5"


async def test_what_a_person_says_before_and_after_approving_becomes_different_parts() -> None:
    strategy, run = GuidedStrategy(Thresholds()), cast("RunContext", None)
    before = await strategy.review(run, -1, Plan(), {}, ["Who built it?"])
    after = await strategy.review(run, 1, Plan(), {}, ["Who owns it?"])
    plan = Plan().edited([*before, *after])
    assert [part.goal for part in plan] == ["Who built it?", "Who owns it?"]
