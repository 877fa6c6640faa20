"""A judge of claims says what follows from accepted claims."""

from collections.abc import Sequence

import pytest

from agent.domain.claims import Claim
from agent.domain.evidence import Evidence
from agent.verification.chain.entailing import EntailedByJudge
from agent.verification.chain.ports import JudgeFailed
from agent.verification.chain.testing import Said, ScriptedJudge
from agent.verification.claims import evidence_text

STATEMENTS = ("Acme dates from 1984.", "Its rival dates from 1990.")


async def test_a_sentence_follows_where_the_judge_supports_it_from_the_statements_alone() -> None:
    def reads(claim: Claim, evidence: Sequence[Evidence]) -> Said:
        return "supported" if all(text in evidence_text(evidence[0]) for text in STATEMENTS) else "not_found"

    entails = EntailedByJudge(ScriptedJudge(reads, tier="T3"))
    assert await entails("s/all", "Acme is older.", STATEMENTS)
    assert not await entails("s/0", "Acme is older.", STATEMENTS[1:])


@pytest.mark.parametrize("verdict", ["not_found", "contradicted", "qualified"])
async def test_nothing_but_supported_counts(verdict: str) -> None:
    entails = EntailedByJudge(ScriptedJudge(lambda claim, evidence: verdict, tier="T3"))
    assert not await entails("s", "Acme is older.", STATEMENTS)


async def test_from_nothing_nothing_follows_and_nobody_is_asked() -> None:
    judge = ScriptedJudge({}, other="supported", tier="T3")
    assert not await EntailedByJudge(judge)("s", "Acme is older.", ())
    assert judge.asked == []


async def test_a_judge_that_fails_or_quotes_what_is_not_there_has_not_said_no() -> None:
    failures: list[Said] = [JudgeFailed("down"), [None]]
    for failure in failures:
        with pytest.raises(JudgeFailed):
            await EntailedByJudge(ScriptedJudge({}, other=failure, tier="T3"))("s", "Acme is older.", STATEMENTS)
