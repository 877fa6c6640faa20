"""The chain of checks: what becomes of an answer, claim by claim."""

import asyncio

import pytest

from agent.domain.budget import Usage
from agent.domain.claims import Claim
from agent.domain.errors import RunPaused
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Parts
from agent.verification.chain.ports import JudgeFailed
from agent.verification.chain.testing import (
    OscillatingJudge,
    Said,
    ScriptedExtractor,
    ScriptedJudge,
    ScriptedRethinker,
    judgement,
)
from agent.verification.extraction.rules import RuleExtractor

ANSWER = "Acme was founded in 1984. Its seat is in Ghent. It has 120 workers."
FOUNDED, SEAT, WORKERS = "Acme was founded in 1984.", "Its seat is in Ghent.", "It has 120 workers."


async def test_each_claim_gets_its_verdict_in_the_order_of_the_text() -> None:
    judge = ScriptedJudge({FOUNDED: "supported", SEAT: "contradicted"}, other="not_found")
    checked = await check_answer(ANSWER, Parts(ScriptedExtractor(), (judge,)), CheckingConfig())
    assert [(one.claim.text, one.verdict) for one in checked.claims] == [
        (FOUNDED, "supported"),
        (SEAT, "contradicted"),
        (WORKERS, "not_found"),
    ]
    assert checked.answer == checked.draft == ANSWER
    assert checked.checking.stopped == "not rethought"
    assert not checked.accepted


async def test_only_the_failed_sentence_is_written_anew() -> None:
    moved = "Its seat is in Bruges."
    judge = ScriptedJudge({SEAT: "contradicted"}, other="supported")
    parts = Parts(ScriptedExtractor(), (judge,), rethinker=ScriptedRethinker([{SEAT: moved}]))
    checked = await check_answer(ANSWER, parts, CheckingConfig())
    assert checked.answer == ANSWER.replace(SEAT, moved)
    assert checked.draft == ANSWER
    assert [one.verdict for one in checked.claims] == ["supported"] * 3
    assert checked.accepted
    assert [one.changed for one in checked.checking.rounds] == [(), (SEAT,)]
    assert [step for step in judge.asked if step.startswith("check/r1")] == ["check/r1/c4/scripted"]


async def test_claims_that_are_given_are_not_extracted_again() -> None:
    given = (Claim(id="a", text=FOUNDED), Claim(id="b", text=SEAT))
    failing = ScriptedExtractor(failure=RuntimeError("must not be asked"))
    judge = ScriptedJudge({}, other="supported")
    checked = await check_answer(ANSWER, Parts(failing, (judge,), claims=given), CheckingConfig())
    assert [one.claim.id for one in checked.claims] == ["a", "b"]
    assert checked.score.uncovered == (WORKERS,)


@pytest.mark.parametrize("text", ["", " \n\n", "\0", "?!", "# \n\n- "])
async def test_an_empty_text_has_no_claims_and_says_so(text: str) -> None:
    checked = await check_answer(text, Parts(RuleExtractor(), (ScriptedJudge({}),)), CheckingConfig())
    assert (checked.claims, checked.answer) == ((), text)
    assert checked.score.faithfulness is None
    assert checked.checking.unchecked == ("nothing was found in the text that could be checked",)


async def test_opinions_are_listed_but_nobody_is_asked_about_them() -> None:
    judges = ScriptedJudge({}, other="contradicted"), ScriptedJudge({}, name="model", tier="T3", other="contradicted")
    parts = Parts(ScriptedExtractor(opinions=[FOUNDED, SEAT, WORKERS]), judges)
    checked = await check_answer(ANSWER, parts, CheckingConfig())
    assert [one.verdict for one in checked.claims] == ["unverifiable"] * 3
    assert [judge.asked for judge in judges] == [[], []]
    assert (checked.score.claims, checked.checking.rounds[0].open) == (0, ())
    assert checked.checking.unchecked == ("nothing was found in the text that could be checked",)


async def test_claims_beyond_the_limit_are_listed_as_unchecked() -> None:
    judge = ScriptedJudge({}, other="supported")
    checked = await check_answer(ANSWER, Parts(ScriptedExtractor(), (judge,)), CheckingConfig(claims=2))
    assert [one.verdict for one in checked.claims] == ["supported", "supported", "unverifiable"]
    assert checked.checking.unchecked == ("claims after the first 2 were not checked: 1",)
    assert checked.checking.rounds[0].open == ("c3",)


@pytest.mark.parametrize("failure", [JudgeFailed("the model is down"), ValueError("a bug")])
async def test_a_text_that_cannot_be_taken_apart_is_one_that_was_not_checked(failure: Exception) -> None:
    parts = Parts(ScriptedExtractor(failure=failure), (ScriptedJudge({}),))
    checked = await check_answer(ANSWER, parts, CheckingConfig())
    assert not checked.accepted
    assert checked.score.uncovered == (FOUNDED, SEAT, WORKERS)
    assert str(failure) in checked.checking.unchecked[0]


async def test_a_run_that_stops_while_claims_are_taken_out_stops() -> None:
    with pytest.raises(RunPaused):
        await check_answer(ANSWER, Parts(ScriptedExtractor(failure=RunPaused("now")), ()), CheckingConfig())


async def test_claims_with_the_same_id_are_told_apart() -> None:
    given = tuple(Claim(id="c1", text=text) for text in (FOUNDED, SEAT))
    judge = ScriptedJudge({FOUNDED: "supported", SEAT: "contradicted"})
    checked = await check_answer(ANSWER, Parts(ScriptedExtractor(), (judge,), claims=given), CheckingConfig())
    assert [(one.claim.id, one.verdict) for one in checked.claims] == [("c1", "supported"), ("c1-2", "contradicted")]


def test_two_judges_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="not unique: wording, wording"):
        Parts(ScriptedExtractor(), (ScriptedJudge({}, name="wording"), ScriptedJudge({}, name="wording")))


async def test_claims_that_are_given_find_their_sentences() -> None:
    answer = "In 1984 Acme was founded by two brothers [1]. Its seat is in Ghent, and it has 120 workers."
    given = (
        Claim(id="a", text="Its seat is in Ghent"),
        Claim(id="b", text="In 1984 Acme was founded by two brothers in a cellar."),
        Claim(id="c", text="Acme was sold."),
    )
    judge = ScriptedJudge({}, other="supported")
    checked = await check_answer(answer, Parts(ScriptedExtractor(), (judge,), claims=given), CheckingConfig())
    places = {one.claim.id: answer[one.claim.start : one.claim.end] for one in checked.claims if one.claim.end}
    assert places == {"b": "In 1984 Acme was founded by two brothers [1].", "a": answer.split("[1]. ")[1]}


async def test_a_judge_that_oscillates_is_stopped_and_the_best_round_is_kept() -> None:
    class Undecided(ScriptedRethinker):
        """Writes the one sentence, then the other, then the one again."""

        def __init__(self) -> None:
            super().__init__([{SEAT: "Its seat is in Bruges."}, {"Its seat is in Bruges.": SEAT}] * 10)

    judge = OscillatingJudge()
    parts = Parts(ScriptedExtractor(), (judge,), rethinker=Undecided())
    checked = await check_answer(SEAT, parts, CheckingConfig(rounds=10))
    assert checked.checking.stopped in ("no gain", "repeated")
    assert (len(checked.checking.rounds), checked.checking.best) == (2, 0)
    assert checked.answer == checked.draft == SEAT


@pytest.mark.parametrize("new", [{"Never said.": "Anything."}, {WORKERS: "It has no workers."}])
async def test_a_rethinker_can_change_nothing_but_failed_sentences(new: dict[str, str]) -> None:
    judge = ScriptedJudge({SEAT: "contradicted"}, other="supported")
    parts = Parts(ScriptedExtractor(), (judge,), rethinker=ScriptedRethinker([new]))
    checked = await check_answer(ANSWER, parts, CheckingConfig())
    assert (checked.answer, checked.checking.stopped) == (ANSWER, "not rethought")
    assert "rethinking failed" in checked.checking.unchecked[-1]


async def test_with_nothing_to_rethink_with_the_answer_stays_and_is_not_accepted() -> None:
    judge = ScriptedJudge({SEAT: "contradicted"}, other="supported")
    checked = await check_answer(
        ANSWER, Parts(ScriptedExtractor(), (judge,), rethinker=ScriptedRethinker([])), CheckingConfig()
    )
    assert (checked.answer, checked.checking.stopped, checked.accepted) == (ANSWER, "no evidence", False)


async def test_what_judges_and_rethinking_cost_is_told_round_by_round() -> None:
    def priced(claim: Claim, evidence: object) -> Said:
        said = judgement("scripted", "T1", "contradicted" if claim.text == SEAT else "supported")
        return [said.model_copy(update={"usage": Usage(calls=1, output_tokens=10)})]

    parts = Parts(
        ScriptedExtractor(),
        (ScriptedJudge(priced),),
        rethinker=ScriptedRethinker([{SEAT: "It sits in Ghent."}], usage=Usage(calls=1, output_tokens=7)),
    )
    checked = await check_answer(ANSWER, parts, CheckingConfig())
    assert [one.usage.output_tokens for one in checked.checking.rounds] == [30, 17]


@pytest.mark.slow
async def test_a_megabyte_is_checked_in_bounded_time() -> None:
    text = " ".join(
        f"Mill number {number} of the river was built by the council in its year." for number in range(15_000)
    )
    assert len(text) > 1_000_000
    judge = ScriptedJudge({}, other="supported")
    async with asyncio.timeout(120):
        checked = await check_answer(text, Parts(ScriptedExtractor(), (judge,)), CheckingConfig())
    assert len(judge.asked) == checked.score.checked == 200
    assert len(checked.score.unfounded) == 100, "only the first are listed"
