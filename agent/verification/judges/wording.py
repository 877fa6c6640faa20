"""Judges a claim by the words of each quote: what they say alike, and what they say otherwise (tier T1)."""

import asyncio
from collections.abc import Sequence

from agent.domain.claims import Claim, Judgement, Tier
from agent.domain.evidence import Evidence, Quote
from agent.verification.chain.ports import JudgeFailed
from agent.verification.comparison.comparing import compare


class WordingJudge:
    """Compares a claim with every quote that was retrieved for it; see ``compare``."""

    name = "wording"
    tier: Tier = "T1"

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return a judgement for each quote; nothing for opinions and other kinds of evidence.

        Raises:
            JudgeFailed: a comparison broke.
        """
        if claim.kind == "opinion":
            return ()
        quotes = [item for item in evidence if isinstance(item, Quote)]
        return await asyncio.to_thread(lambda: [_judged(claim, quote) for quote in quotes])


def _judged(claim: Claim, quote: Quote) -> Judgement:
    try:
        found = compare(claim.text, quote.text)
    except Exception as error:
        raise JudgeFailed(f"the comparison with {quote.id} broke: {type(error).__name__}: {error}") from error
    return Judgement(
        judge=WordingJudge.name,
        tier=WordingJudge.tier,
        verdict=found.verdict,
        detail=found.detail,
        evidence=(quote.id,),
        quote=found.sentence,
    )
