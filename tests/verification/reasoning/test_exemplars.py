"""Exemplars: those of the product, those of a file, and those made of labelled examples."""

import json
from typing import Any

import pytest

from agent.domain.asking import Choice
from agent.domain.claims import Statement
from agent.domain.errors import UsageError
from agent.domain.messages import Reply
from agent.models.alone import ModelAlone
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.verification.knowledge.forms import TripleVerdict
from agent.verification.knowledge.port import NoKnowledge
from agent.verification.reasoning.answers import question_of, same_answer
from agent.verification.reasoning.building import Built, build, diverse, read_examples
from agent.verification.reasoning.exemplars import Exemplar, own_exemplars, read_exemplars, shown
from agent.verification.reasoning.linting import problem_of

QUESTIONS = ("Is ice cold?", "Is fire cold?", "Do fish swim?", "Do stones swim?", "Is snow white?", "Is coal white?")
LABELLED = [
    {"question": text, "answer": "no" if number % 2 else "yes", "facts": ["Some fact."]}
    for number, text in enumerate(QUESTIONS)
]


def lines(rows: list[Any]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def exemplar(**given: Any) -> Exemplar:
    made = {"question": "How many eggs are in 2 boxes of 6?", "answer": "12", "hints": ["2 * 6 = 12"]}
    return Exemplar.model_validate({**made, **given})


class Refuses(NoKnowledge):
    """Contradicts every triple about stones."""

    async def look_up(self, step: str, base: str, statement: Statement) -> TripleVerdict:
        wrong = "stones" in statement.subject
        return TripleVerdict(verdict="contradicted" if wrong else "not_found", reason="so it is held")


def writer(answers: dict[str, str], *, following: bool = True) -> ScriptedModel:
    """A model that answers what is written down for a word of the question."""

    def play(asked: Asked) -> Reply:
        prompt = str(asked.messages[-1]["content"]).rpartition("Question: ")[2]
        word, answer = next((word, answer) for word, answer in answers.items() if word in prompt)
        if asked.tools[0].name == "tell_what_follows":
            return call("tell_what_follows", follows=following, answer=answer)
        triple = {"subject": word, "relation": "is so", "object": answer}
        return call("prove_and_answer", triples=[triple], hints=["It is."], answer=answer)

    return ScriptedModel(play)


ALL_RIGHT = {"ice": "yes", "fire": "no", "fish": "yes", "stones": "no", "snow": "yes", "coal": "no"}


async def built(model: ScriptedModel, k: int = 4, **given: Any) -> Built:
    examples = read_examples(lines(LABELLED), "labelled.jsonl")
    return await build(examples, ModelAlone(model), limited=False, k=k, **given)


@pytest.mark.parametrize("one", own_exemplars(), ids=lambda one: one.question[:30])
def test_the_exemplars_of_the_product_pass_the_checks(one: Exemplar) -> None:
    assert problem_of(one, one.answer) == ""
    assert one.triples
    assert one.hints


def test_there_are_some_for_each_kind_of_answer_and_those_of_the_kind_are_shown() -> None:
    kinds = [one.asked.kind for one in own_exemplars()]
    assert {kind: kinds.count(kind) >= 3 for kind in kinds} == dict.fromkeys(
        ("yes/no", "choice", "number", "text"), True
    )
    seen = shown(own_exemplars(), "cok", question_of("How many legs has a cat?"))
    assert len(seen) == kinds.count("number")
    assert all(list(json.loads(one["filled"])) == ["hints", "triples", "answer"] for one in seen)


@pytest.mark.parametrize(
    ("one", "label", "problem"),
    [
        (exemplar(), "13", "its answer is '12'"),
        (exemplar(hints=["2 * 6 = 13"]), "12", "2 * 6 = 13 is wrong"),
        (exemplar(hints=["2 * 3 = 6 * 2 = 12"]), "12", "2 * 3 = 6 * 2 is wrong"),
        (exemplar(hints=["25 / 2 = 12"]), "12", "25 / 2 = 12 is wrong"),
        (exemplar(triples=[["the correct answer", "is", "12"]]), "12", "tells the answer"),
        (exemplar(hints=["2 * 6 = 12", "12 + 1 = 13"]), "12", "computes 12 + 1 = 13 last"),
        (exemplar(triples=[["1", "is greater than", "5"]]), "12", "no true comparison"),
        (
            exemplar(
                triples=[["a", "is", "b"], {"subject": "A", "relation": "is", "object": "b", "holds": False}],
            ),
            "12",
            "states and denies",
        ),
    ],
)
def test_a_false_exemplar_is_told(one: Exemplar, label: str, problem: str) -> None:
    assert problem in problem_of(one, label)
    assert problem_of(exemplar(), "12") == ""


async def test_exemplars_are_made_of_examples_with_answers_in_turn_the_same_for_the_same_seed() -> None:
    found = await built(writer(ALL_RIGHT))
    assert sorted(one.answer for one in found.exemplars) == ["no", "no", "yes", "yes"]
    assert found.rejected == ()
    assert await built(writer(ALL_RIGHT)) == found
    text = "\n".join(one.line() for one in found.exemplars)
    assert read_exemplars(text, "made.jsonl") == found.exemplars


def test_hints_of_sums_are_sentences_so_that_a_model_says_what_its_numbers_stand_for() -> None:
    hints = [hint for one in own_exemplars() if one.asked.kind == "number" for hint in one.hints]
    assert hints
    assert [hint for hint in hints if len([word for word in hint.split() if word.strip(".,").isalpha()]) < 3] == []


@pytest.mark.parametrize(("written", "shown_as"), [("1,000", 1000), ("1e3", 1000), ("2.50", 2.5), ("-7", -7)])
def test_a_number_may_be_written_in_any_way_in_which_digits_are(written: str, shown_as: float) -> None:
    (one,) = read_exemplars(json.dumps({"question": "How many?", "answer": written}), "mine.jsonl")
    (row,) = shown([one], "direct", question_of("How many?"))
    assert json.loads(row["filled"]) == {"answer": shown_as}


async def test_exemplars_with_numbers_as_labels_can_be_read_again() -> None:
    examples = read_examples('{"question": "How many metres has a kilometre?", "answer": "1,000"}', "labelled.jsonl")
    found = await build(examples, ModelAlone(ScriptedModel([])), limited=False, k=1, mode="direct")
    assert read_exemplars(found.exemplars[0].line(), "made.jsonl") == found.exemplars


HOSTILE = [
    pytest.param("not json", "it is no JSON", id="no json"),
    pytest.param("[" * 100_000, "it is no JSON", id="nested"),
    pytest.param('{"question": ' + "1" * 5000 + "}", "it is no JSON", id="long number"),
    pytest.param('{"question": "Is \\ud800 it?", "answer": "yes"}', "half of a character", id="surrogate"),
    pytest.param('{"question": "Is it?", "answer": "' + "y" * 900_000 + '"}', "answer: ", id="long line"),
    pytest.param("NaN", "", id="nan"),
    pytest.param('"text"', "", id="no object"),
]


@pytest.mark.parametrize(("line", "told"), HOSTILE)
@pytest.mark.parametrize("read", [read_exemplars, read_examples])
def test_a_hostile_line_is_told_briefly_with_its_number(read: Any, line: str, told: str) -> None:
    good = '{"question": "Is ice cold?", "answer": "yes"}'
    with pytest.raises(UsageError, match=f"mine.jsonl, line 3: .*{told}") as caught:
        read(f"{good}\n\n{line}", "mine.jsonl")
    assert len(str(caught.value)) < 300
    assert "\n" not in str(caught.value)


def test_an_exemplar_without_hints_is_shown_for_direct_answers_only() -> None:
    (one,) = read_exemplars('{"question": "Is ice cold?", "answer": "yes"}', "mine.jsonl")
    question = question_of("Is snow cold?")
    assert [row["filled"] for row in shown([one], "direct", question)] == ['{"answer": "yes"}']
    assert shown([one], "cot", question) == shown([one], "cok", question) == []


async def test_what_does_not_come_to_its_label_is_replaced_and_told() -> None:
    found = await built(writer({**ALL_RIGHT, "ice": "no"}), k=5)
    assert len(found.exemplars) == 5
    assert [(one.line, one.question) for one in found.rejected] in ([], [(1, "Is ice cold?")])
    found = await built(writer({**ALL_RIGHT, "ice": "no"}), k=6)
    assert [one.question for one in found.rejected] == ["Is ice cold?"]
    assert "the label is 'yes'" in found.rejected[0].reason


async def test_a_triple_that_a_knowledge_base_contradicts_keeps_an_example_out() -> None:
    found = await built(writer(ALL_RIGHT), k=6, bases=("rocks",), knowledge=Refuses())
    assert len(found.exemplars) == 5
    assert [(one.line, one.reason) for one in found.rejected] == [
        (4, "rocks contradicts 'stones is so no': so it is held")
    ]


async def test_evidence_that_does_not_lead_to_the_answer_keeps_an_example_out() -> None:
    found = await built(writer(ALL_RIGHT, following=False))
    assert found.exemplars == ()
    assert {one.reason for one in found.rejected} == {"the answer does not follow from its triples and hints alone"}


async def test_the_label_is_not_shown_and_the_facts_are() -> None:
    model = writer(ALL_RIGHT)
    await built(model, k=1)
    asked = str(model.asked[0].messages[-1]["content"]).rpartition("Question: ")[2]
    assert "Some fact." in asked
    assert "yes" not in asked


def test_the_order_is_the_same_for_a_seed_and_another_for_another() -> None:
    examples = read_examples(lines(LABELLED), "labelled.jsonl")
    assert diverse(examples, 1) == diverse(examples, 1)
    assert len({tuple(one.line for one in diverse(examples, seed)) for seed in range(5)}) > 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "has no examples"),
        ('{"question": "Is it?", "answer": "yes"}\nnot json', "line 2: it is no JSON"),
        ('{"question": "Is it?"}', "line 1: answer: Field required"),
        ("[1]", "line 1: it is no JSON object"),
        ('{"question": "Q?", "answer": "C", "choices": [{"label": "A", "text": "a"}]}', "line 1: "),
        (
            '{"question": "Q?", "answer": "C", "choices": [{"label": "A", "text": "a"}, {"label": "B", "text": "b"}]}',
            "the answer 'C' is the label of no choice",
        ),
    ],
)
def test_examples_that_are_none_are_told_with_their_line(text: str, told: str) -> None:
    with pytest.raises(UsageError, match=told.replace("'", ".")):
        read_examples(text, "labelled.jsonl")


@pytest.mark.parametrize(
    ("kind", "one", "other", "same"),
    [
        ("number", "1,000", "1000.0", True),
        ("number", "10", "11", False),
        ("number", "ten", "ten", False),
        ("choice", "A", "a", True),
        ("yes/no", "yes", "no", False),
        ("text", "New York", "new-york", True),
        ("text", "!", "?", False),
        ("text", "U.S.A.", "USA", True),
        ("text", "1,000 km.", "1000 km", True),
        ("text", "Covid-19", "covid 19", True),
        ("text", "2019\u20132020", "2019-2020", True),
        ("text", "C++", "C#", False),
        ("text", "C++", "C", False),
        ("text", "-5 degrees", "5 degrees", False),
        ("text", "1.5 km", "15 km", False),
        ("text", "1/2", "12", False),
    ],
)
def test_answers_are_compared_by_their_kind(kind: Any, one: str, other: str, same: bool) -> None:
    assert same_answer(kind, one, other) is same


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("A coin lies heads up. Mia turns it. Is it heads up now?", "yes/no"),
        ("is glass a liquid", "yes/no"),
        ("Is it red or blue?", "text"),
        ("Paul had 5 books and sold 2. How many are left?", "number"),
        ("Who wrote it?", "text"),
        ("\u5df4\u9ece\u662f\u6cd5\u56fd\u7684\u9996\u90fd\u5417\uff1f", "yes/no"),
    ],
)
def test_a_question_shows_what_sort_of_answer_it_wants(text: str, kind: str) -> None:
    assert question_of(text).kind == kind
    choices = (Choice(label="A", text="a"), Choice(label="B", text="b"))
    assert question_of(text, choices=choices).kind == "choice"
