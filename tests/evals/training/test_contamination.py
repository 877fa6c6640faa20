"""Answers that were told and not found, advice that is left, and what is held out are seen wherever they stand."""

from typing import Any

import pytest

from agent.domain.asking import Choice
from agent.domain.messages import Message
from evals.batch.results import Result
from evals.scorers.forms import Score
from evals.suite.sample import Sample
from evals.training.contamination import HeldOut, gives_away, shows_advice, told_answer
from evals.training.feedback import feedback_of, without_answers
from evals.training.texts import has, joined, tokens

FERRY = Sample(id="ferry", goal="How many cars can the ferry to Lindholm carry?", gold=("64",))


def chat(*messages: tuple[str, Any]) -> list[Message]:
    return [{"role": role, "content": content} for role, content in messages]


@pytest.mark.parametrize(
    ("advice", "sample", "given"),
    [
        ("Look at the second table.", FERRY, False),
        ("It carries 64 cars.", FERRY, True),
        ("It carries sixty-four cars.", FERRY, True),
        ("It carries 640 cars.", FERRY, False),
        ("Write 1,234.", Sample(id="x", goal="x", gold=("1234",)), True),
        ("Say no.", Sample(id="x", goal="Is it?", gold=("no",)), True),
        ("Find a better source.", Sample(id="x", goal="Which?", gold=("A",)), False),
        ("Choose A.", Sample(id="x", goal="Which?", gold=("A",)), True),
        (
            "Think of the river Elbe.",
            Sample(id="x", goal="Which?", gold=("B",), choices=(Choice(label="B", text="Elbe"),)),
            True,
        ),
        ("答案是汉武帝。", Sample(id="x", goal="谁?", gold=("汉武帝",)), True),
        ("It comes to $64.00.", FERRY, True),
        ("It comes to 6.4.", FERRY, False),
        ("Take (b) this time.", Sample(id="c", goal="Which?", gold=("B",)), True),
        ("Choose b.", Sample(id="c", goal="Which?", gold=("B",)), True),
        ("Choose a better source.", Sample(id="c", goal="Which?", gold=("A",)), False),
    ],
)
def test_advice_that_holds_an_answer_is_told_from_advice_that_does_not(
    advice: str, sample: Sample, given: bool
) -> None:
    assert gives_away(advice, sample) is given


def test_an_answer_in_a_prompt_counts_only_where_the_run_had_not_found_it() -> None:
    told = chat(("system", "You work."), ("user", f"{FERRY.goal} Remember: 64 cars."), ("assistant", "64"))
    assert told_answer(told, FERRY, "")
    assert not told_answer(told, FERRY, joined(["The ferry carries 64 cars."]))
    own = FERRY.model_copy(update={"goal": "Is 64 or 46 the number of cars?"})
    assert not told_answer(chat(("user", own.goal), ("assistant", "64")), own, "")
    later = chat(("user", "Go on."), ("tool", "64 cars"), ("user", "So 64?"), ("assistant", "64"))
    assert not told_answer(later, FERRY, "")
    dated = chat(("system", "It is the 64th of May."), ("assistant", "64"))
    assert not told_answer(dated, FERRY, "", ("64th of May",))


def test_advice_that_is_repeated_or_spoken_of_shows() -> None:
    advice = "Open the second table of the timetable and read the column of cars from the bottom."
    clean = chat(("user", FERRY.goal), ("assistant", "I open the timetable."))
    assert not shows_advice(clean, (advice,), FERRY.goal)
    repeated = chat(("assistant", "I read the column of cars from the bottom, then submit it."))
    assert shows_advice([*clean, *repeated], (advice,), FERRY.goal)
    assert shows_advice([*clean, *chat(("assistant", "As suggested, I look again."))], (advice,), FERRY.goal)
    in_call = {"role": "assistant", "tool_calls": [{"id": "1", "type": "function", "function": {
        "name": "note", "arguments": '{"text": "the hint\\nsaid so"}'}}]}  # fmt: skip
    assert shows_advice([*clean, in_call], (advice,), FERRY.goal)


def test_what_is_held_out_is_found_by_eight_words_and_by_answers_that_nothing_read_has() -> None:
    held = HeldOut.of([(FERRY.goal, FERRY.gold), ("Does it?", ("yes",))])
    assert held.reason(chat(("user", f"Please: {FERRY.goal.upper()}")), "") == "shares words with what is held out"
    assert held.reason(chat(("user", "How many cars can the ferry carry?")), "") == ""
    other = chat(("user", "How old is she?"), ("assistant", "She is 64."))
    assert held.reason(other, joined(["64 years"])) == ""
    assert held.reason(other, "") == "states a held-out answer that nothing it read has"
    assert held.reason(chat(("user", "Is it?"), ("assistant", "yes")), "") == ""


def test_feedback_never_comes_from_the_right_answer() -> None:
    score = Score(scorer="normalised", value=0, passed=False, detail="'63' for '64'")
    result = Result(
        sample="ferry", attempt=1, run_id="r", state="failed", reason="normalised: '63' for '64'", scores=(score,)
    )
    lines = feedback_of(result, None)
    assert lines[0] == "The answer is not right."
    assert not has(joined(lines), "64")
    printed = ("Check total: fail: expected 64, found 63", "Check file: fail: there is no answer.txt")
    assert without_answers(printed, FERRY.gold, "The model said 63.") == printed[1:]
    assert without_answers(printed, FERRY.gold, "A page said 64.") == printed


def test_texts_are_compared_in_one_form() -> None:
    assert tokens("It carries 1,234 cars (sixty-four of them ours).") == tokens("it carries 1234 cars; 64 of them ours")
