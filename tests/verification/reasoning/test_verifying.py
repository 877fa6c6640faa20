"""A chain of knowledge is verified and thought over again, until there is a reason to stop."""

from collections.abc import Callable

import pytest

from agent.domain.asking import Answered
from agent.domain.claims import Statement
from agent.domain.errors import ModelDeclined, ModelOutputError, ModelRefused
from agent.domain.messages import Reply
from agent.models.alone import ModelAlone
from agent.models.port import Profile
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.verification.chain.config import CheckingConfig
from agent.verification.knowledge.forms import Held, Surroundings, TripleVerdict
from agent.verification.knowledge.port import NoKnowledge
from agent.verification.reasoning.answers import question_of
from agent.verification.reasoning.exemplars import own_exemplars
from agent.verification.reasoning.verifying import Asking, ask

QUESTION = question_of("Is the capital of France on the Seine?")
PARIS, BONN, ROME = "Paris", "Bonn", "Rome"


class Capitals(NoKnowledge):
    """Knows the capital of France, and nothing else."""

    async def look_up(self, step: str, base: str, statement: Statement) -> TripleVerdict:
        if statement.subject != "France":
            return TripleVerdict(verdict="not_found", reason="not held")
        held = Held(subject="France", relation="has capital", object=PARIS, file="t.tsv", file_sha256="0" * 64, line=1)
        verdict = "supported" if statement.object == PARIS else "contradicted"
        return TripleVerdict(verdict=verdict, reason="one is held", triples=(held,))

    async def around(self, step: str, base: str, statement: Statement, limit: int) -> Surroundings:
        return Surroundings()


def proved(answer: str, town: str, *hints: str) -> Reply:
    triple = {"subject": "France", "relation": "has capital", "object": town}
    return call("prove_and_answer", triples=[triple], hints=list(hints) or ["So it is."], answer=answer)


def follows(answer: str, *, so: bool = True) -> Reply:
    return call("tell_what_follows", follows=so, answer=answer)


async def answered(model: ScriptedModel, *, rounds: int = 3, allowance: Callable[[], bool] = lambda: True) -> Answered:
    given = Asking(
        ModelAlone(model),
        limited=model.profile.limited,
        config=CheckingConfig(rounds=rounds),
        bases=("towns",),
        knowledge=Capitals(),
        allowance=allowance,
    )
    return await ask("ask", QUESTION, "cok+f2", own_exemplars(), given)


def reasons(found: Answered) -> tuple[str, int, int]:
    assert found.checking is not None
    return found.checking.stopped, len(found.checking.rounds), found.checking.best


async def test_an_answer_is_asked_for_again_with_what_is_held_and_the_better_round_is_kept() -> None:
    model = ScriptedModel([proved("no", BONN), follows("no", so=False), proved("yes", PARIS), follows("yes")])
    found = await answered(model)
    assert (found.reasoning.answer, found.accepted, reasons(found)) == ("yes", True, ("accepted", 2, 1))


async def test_thinking_that_goes_in_circles_stops_and_keeps_the_best_round() -> None:
    turns = [proved("yes", BONN), follows("yes"), proved("no", ROME), follows("no", so=False)]
    found = await answered(ScriptedModel(turns))
    assert (found.reasoning.answer, found.accepted, reasons(found)) == ("yes", False, ("no gain", 2, 0))
    twice = [proved("no", BONN), follows("no", so=False), proved("yes", BONN), follows("yes")]
    assert reasons(await answered(ScriptedModel(twice))) == ("repeated", 2, 1)


async def test_the_limit_of_rounds_holds() -> None:
    found = await answered(ScriptedModel([proved("no", BONN), follows("no")]), rounds=0)
    assert (found.accepted, reasons(found)) == (False, ("not rethought", 1, 0))


async def test_a_hint_that_repeats_what_was_refuted_does_not_count_as_evidence() -> None:
    def play(asked: Asked) -> Reply:
        if asked.tools[0].name == "tell_what_follows":
            raise AssertionError("nothing was left to ask about")
        return proved("no", BONN, "The capital of France is Bonn.")

    found = await answered(ScriptedModel(play), rounds=0)
    assert found.checking is not None
    assert (found.checking.rounds[0].score.faithfulness, found.accepted) == (0.0, False)


async def test_a_chain_that_is_true_and_does_not_lead_to_its_answer_is_not_accepted() -> None:
    found = await answered(ScriptedModel([proved("no", PARIS), follows("yes")]), rounds=0)
    assert found.checking is not None
    score = found.checking.rounds[0].score
    assert (score.factuality, score.faithfulness, score.score, found.accepted) == (1.0, 0.0, 0.5, False)


async def test_a_failure_while_thinking_again_leaves_the_answer_and_is_told() -> None:
    found = await answered(ScriptedModel([proved("no", BONN), follows("no"), say("?"), say("?"), say("?")]))
    assert (found.reasoning.answer, reasons(found)) == ("no", ("not rethought", 1, 0))
    assert found.checking is not None
    assert any("thinking again failed" in note for note in found.checking.unchecked)


async def test_where_faithfulness_cannot_be_told_nothing_is_accepted() -> None:
    found = await answered(ScriptedModel([proved("yes", PARIS), say("?"), say("?"), say("?")]))
    assert (found.accepted, reasons(found)) == (False, ("not rethought", 1, 0))
    found = await answered(ScriptedModel([proved("yes", PARIS)]), allowance=lambda: False)
    assert (found.accepted, reasons(found)) == (False, ("budget", 1, 0))


@pytest.mark.parametrize(
    ("reply", "error"),
    [(say("Yes, surely."), ModelOutputError), (Reply(text="I must not.", finish="filtered"), ModelDeclined)],
)
async def test_without_a_first_answer_there_is_none(reply: Reply, error: type[Exception]) -> None:
    with pytest.raises(error):
        await answered(ScriptedModel(lambda asked: reply))


async def test_a_small_model_writes_the_form_as_json() -> None:
    triple = '{"subject": "France", "relation": "has capital", "object": "Paris"}'
    turns = [
        f'{{"triples": [{triple}], "hints": ["Paris is on the Seine."], "answer": "yes"}}',
        '{"follows": true, "answer": "yes"}',
    ]
    model = ScriptedModel(turns, profile=Profile(tool_mode="json", strategy="guided", limited=True))
    found = await answered(model)
    assert (found.reasoning.answer, found.accepted) == ("yes", True)
    assert all(asked.response_format is not None and not asked.tools for asked in model.asked)


SMALL = Profile(tool_mode="json", strategy="guided", limited=True)


def refusing(*before: str) -> ScriptedModel:
    """A small model whose server refuses once these replies are used up."""
    replies = iter(before)

    def play(asked: Asked) -> str:
        text = next(replies, None)
        if text is None:
            raise ModelRefused("the server refused: 400 content filter")
        return text

    return ScriptedModel(play, profile=SMALL)


async def test_a_refusal_to_a_small_model_is_a_failed_answer_and_no_failure_of_the_run() -> None:
    with pytest.raises(ModelDeclined, match="content filter"):
        await answered(refusing())
    triple = '{"subject": "France", "relation": "has capital", "object": "Bonn"}'
    wrong = f'{{"triples": [{triple}], "hints": ["It lies there."], "answer": "no"}}'
    found = await answered(refusing(wrong, '{"follows": false, "answer": "no"}'))
    assert (found.reasoning.answer, found.accepted, reasons(found)) == ("no", False, ("not rethought", 1, 0))
    found = await answered(refusing(wrong))
    assert found.checking is not None
    assert any("could not be told" in note and "content filter" in note for note in found.checking.unchecked)


async def test_a_triple_that_says_a_refuted_one_the_other_way_round_does_not_count_as_evidence() -> None:
    again = {"subject": "Bonn", "relation": "is the capital of", "object": "France"}
    first = {"subject": "France", "relation": "has capital", "object": BONN}

    def play(asked: Asked) -> Reply:
        if asked.tools[0].name == "tell_what_follows":
            raise AssertionError("nothing was left to ask about")
        return call("prove_and_answer", triples=[first, again], hints=["France has Bonn."], answer="no")

    found = await answered(ScriptedModel(play), rounds=0)
    assert found.checking is not None
    assert found.checking.rounds[0].score.faithfulness == 0.0


async def test_an_answer_does_not_follow_from_a_hint_that_announces_it() -> None:
    announced = proved("yes", PARIS, "Paris lies on the Seine.", "So the answer is yes.")
    model = ScriptedModel([announced, follows("yes")])
    assert (await answered(model)).accepted
    shown = str(model.asked[1].messages[-1]["content"]).partition("Question:")[0]
    assert "Paris lies on the Seine." in shown
    assert "the answer is yes" not in shown


async def test_what_goes_on_with_the_result_of_a_wrong_sum_falls_with_it() -> None:
    def computed(answer: int, *hints: str) -> Reply:
        triples = [
            {"subject": "pens in a box", "relation": "number", "object": "6"},
            {"subject": "pens left", "relation": "number", "object": str(answer)},
        ]
        return call("compute_and_answer", triples=triples, hints=list(hints), answer=answer)

    wrong = computed(22, "There are 4 * 6 = 25 pens.", "So 25 - 3 = 22 are left.", "Boxes hold 2 * 3 = 6 pens.")
    right = computed(21, "There are 4 * 6 = 24 pens.", "So 24 - 3 = 21 are left.")
    model = ScriptedModel([wrong, call("tell_what_follows", follows=False, answer=0), right, follows_number(21)])
    question = question_of("Of 4 boxes of 6 pens, 3 pens are sold. How many pens are left?")
    found = await ask("ask", question, "cok+f2", own_exemplars(), Asking(ModelAlone(model)))
    assert (found.reasoning.answer, found.accepted) == ("21", True)
    shown = str(model.asked[1].messages[-1]["content"]).partition("Question:")[0]
    assert "pens in a box number 6" in shown
    assert "2 * 3 = 6" in shown
    assert not any(number in shown for number in ("25", "22"))
    told = str(model.asked[2].messages[-1]["content"]).partition("Checked and found true")[2]
    established, _, refuted = told.partition("Said before and found wrong")
    assert "2 * 3 = 6" in established
    assert "25 - 3" not in established
    assert "4 * 6 = 25" in refuted


def follows_number(answer: int) -> Reply:
    return call("tell_what_follows", follows=True, answer=answer)
