"""Judges a claim by the words of each quote: what they say alike, and what they say otherwise (tier T1)."""

import asyncio
import re
from collections.abc import Sequence

from agent.domain.claims import Claim, Judgement, Tier
from agent.domain.evidence import Evidence, Quote
from agent.verification.chain.ports import JudgeFailed
from agent.verification.comparison.comparing import compare, takes_back
from agent.verification.comparison.outcome import Comparison
from agent.verification.quotes import CONTEXT
from agent.verification.tables.reading import is_table_file

_AFTER_BORDER = re.compile(r"(?<=[.!?])[\"')\u201d]*\s+|(?<=[\u3002\uff01\uff1f])|\n\s*")
_BORDER = re.compile(r"[.!?\u3002\uff01\uff1f](?=\s|$)|\n")
_ENDS = (".", "!", "?", "\u3002", "\uff01", "\uff1f", '."', ".\u201d", ":")


class WordingJudge:
    """Compares a claim with every quote that was retrieved for it, table files apart; see ``compare``."""

    name = "wording"
    tier: Tier = "T1"

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return a judgement for each quote; nothing for opinions, answers to questions, and other kinds of evidence.

        Raises:
            JudgeFailed: a comparison broke.
        """
        # an answer by itself states nothing: where it is asked what fits, "up to 38 cars" does not limit "38 cars"
        if claim.kind == "opinion" or claim.question:
            return ()
        # the lines of a table are no sentences: 3.645 below "millions" does not deny 3.6 million
        quotes = [item for item in evidence if isinstance(item, Quote) and not is_table_file(item.source.location)]
        return await asyncio.to_thread(lambda: [_judged(claim, quote) for quote in quotes])


def _judged(claim: Claim, quote: Quote) -> Judgement:
    before, after, cut = _sentence_around(quote)
    try:
        found = compare(claim.text, f"{before}{quote.text}{after}")
    except Exception as error:
        raise JudgeFailed(f"the comparison with {quote.id} broke: {type(error).__name__}: {error}") from error
    if cut and found.verdict == "supported":
        found = Comparison(verdict="unverifiable", detail="the quote is a part of a sentence whose rest is not known")
    if found.verdict in ("supported", "contradicted") and takes_back(quote.suffix.removeprefix(after)):
        found = Comparison(verdict="unverifiable", detail="what follows the quote takes it back")
    return Judgement(
        judge=WordingJudge.name,
        tier=WordingJudge.tier,
        verdict=found.verdict,
        detail=found.detail,
        evidence=(quote.id,),
        quote=found.sentence if found.sentence in quote.text else quote.text,
    )


def _sentence_around(quote: Quote) -> tuple[str, str, bool]:
    """Return what is known of the sentences that a quote begins and ends in, and whether more of them is not known.

    "The bridge was built in 1911" is no fact where "Smith claimed that" stands before it.
    """
    before = _AFTER_BORDER.split(quote.prefix)[-1]
    ends = quote.text.rstrip().endswith(_ENDS) or quote.suffix[:1] in ("", "\n")
    border = None if ends else _BORDER.search(quote.suffix)
    after = "" if ends else quote.suffix[: border.end()] if border else quote.suffix
    cut = bool(before.strip()) and len(before) == len(quote.prefix) >= CONTEXT
    open_end = bool(after.strip()) and border is None and len(quote.suffix) >= CONTEXT
    return before if before.strip() else "", after, cut or open_end
