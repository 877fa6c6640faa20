"""How far the check of a text has come, as those who watch the run are told. Nothing follows from it."""

from collections.abc import Sequence

from agent.domain.claims import Claim, Judgement, Tier
from agent.domain.evidence import Evidence
from agent.ledger.effects import RunLedger
from agent.verification.chain.ports import Extraction, Extractor, Judge


class Progress:
    """Counts the claims of a text that were looked at, and those that a model was asked about.

    Args:
        ledger: where it is noted.
    """

    def __init__(self, ledger: RunLedger) -> None:
        self._ledger = ledger
        self._claims: set[str] = set()
        self._looked: set[str] = set()
        self._asked: set[str] = set()

    def extractor(self, extractor: Extractor) -> Extractor:
        """Return an extractor whose claims are counted."""
        return _CountedExtractor(extractor, self)

    def judge(self, judge: Judge) -> Judge:
        """Return a judge whose claims are counted."""
        return _CountedJudge(judge, self)

    def found(self, claims: Sequence[Claim]) -> None:
        """Take note of the claims of a text, or of sentences that were written anew."""
        self._claims.update(claim.text for claim in claims if claim.kind != "opinion")
        self._note()

    def judged(self, claim: Claim, tier: Tier) -> None:
        """Take note that a claim was judged."""
        known = self._asked if tier == "T3" else self._looked
        if claim.text not in known:
            known.add(claim.text)
            self._note()

    def _note(self) -> None:
        told = {"claims": len(self._claims), "looked": len(self._looked), "asked": len(self._asked)}
        self._ledger.note_now("check", told)


class _CountedExtractor:
    def __init__(self, extractor: Extractor, progress: Progress) -> None:
        self._extractor = extractor
        self._progress = progress

    async def extract(self, step: str, text: str) -> Extraction:
        found = await self._extractor.extract(step, text)
        self._progress.found(found.claims)
        return found


class _CountedJudge:
    def __init__(self, judge: Judge, progress: Progress) -> None:
        self.name = judge.name
        self.tier = judge.tier
        self._judge = judge
        self._progress = progress

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        said = await self._judge.judge(step, claim, evidence)
        self._progress.judged(claim, self.tier)
        return said
