"""The chain of checks: what becomes of an answer, claim by claim."""

from agent.domain.claims import Claim
from agent.verification.chain.config import CheckingConfig
from agent.verification.chain.graph import check_answer
from agent.verification.chain.parts import Parts
from agent.verification.chain.testing import ScriptedExtractor, ScriptedJudge, ScriptedRethinker

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
