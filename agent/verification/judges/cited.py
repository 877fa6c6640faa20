"""Judges a claim by the evidence that it cites, without a model (tier T1); see ``check_claim``."""

import asyncio
from collections.abc import Collection, Mapping, Sequence

from agent.domain.claims import CheckedClaim, Claim, Judgement, Tier
from agent.domain.evidence import Evidence
from agent.verification.chain.ports import Judge
from agent.verification.claims import check_claim, evidence_text, open_to_judge


class CitedJudge:
    """Checks a claim against what it cites: quotes, numbers, words, where they stand, and what programs computed.

    Args:
        question: what claims answer that have no question of their own.
        texts: texts of the quoted sources by SHA-256.
        readings: ids of tool results that show an unchanged input file; see ``check_claim``.

    Attributes:
        checked: what was found of each claim, by its id.
    """

    name = "cited"
    tier: Tier = "T1"

    def __init__(self, *, question: str, texts: Mapping[str, str], readings: Collection[str] = ()) -> None:
        self.checked: dict[str, CheckedClaim] = {}
        self._question = question
        self._texts = texts
        self._readings = readings

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return one judgement; nothing for a claim that cites nothing."""
        # a claim on a long quote takes a second, and a report has many
        found = await asyncio.to_thread(
            check_claim,
            claim,
            evidence,
            question=claim.question or self._question,
            text_of=self._texts.__getitem__,
            readings=self._readings,
        )
        self.checked[claim.id] = found
        if not claim.evidence:
            return ()
        wanted: bool | None = {"supported": True, "error": None}.get(found.verdict, False)
        reasons = [finding.detail for finding in found.findings if finding.passed is wanted]
        detail = "; ".join(dict.fromkeys(reasons)) or "nothing decides it"
        return (
            Judgement(
                judge=self.name, tier=self.tier, verdict=found.verdict, detail=detail[:300], evidence=claim.evidence
            ),
        )


class OpenClaimsJudge:
    """A model judge that is heard only where the checks of cited evidence left room.

    It is never asked about a claim with a quote that is not valid, a number that stands nowhere, or a value that a
    program merely repeats; see ``open_to_judge``.

    Args:
        judge: the model judge.
        cited: what the checks of cited evidence have found.
        paraphrase: the judge may also overrule missing words.
    """

    tier: Tier = "T3"

    def __init__(self, judge: Judge, cited: CitedJudge, *, paraphrase: bool) -> None:
        self.name = judge.name
        self._judge = judge
        self._cited = cited
        self._paraphrase = paraphrase

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return what the judge says of a claim that is open, and nothing of others."""
        found = self._cited.checked.get(claim.id)
        if found is None or not open_to_judge(found, paraphrase=self._paraphrase):
            return ()
        return await self._judge.judge(step, claim, evidence)


class AcceptedWhileMade:
    """Hands on what a guided strategy found about its own claims while it made them (tier T3).

    Args:
        passed: names of the checks that passed, by claim id; claims that were not accepted are left out.
    """

    name = "guided"
    tier: Tier = "T3"

    def __init__(self, passed: Mapping[str, Sequence[str]]) -> None:
        self._passed = passed

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return that a claim was accepted, with the text it was made from; nothing for other claims."""
        cited = [item for item in evidence if item.id in claim.evidence and evidence_text(item).strip()]
        if claim.id not in self._passed or not cited:
            return ()
        methods = ", ".join(dict.fromkeys(self._passed[claim.id]))
        return (
            Judgement(
                judge=self.name,
                tier=self.tier,
                verdict="supported",
                detail=f"accepted by the guided strategy: {methods}",
                evidence=(cited[0].id,),
                quote=evidence_text(cited[0]),
            ),
        )
