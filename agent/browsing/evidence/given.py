"""Evidence for claims among evidence that was gathered before, such as that of an earlier run."""

import asyncio
from collections.abc import Sequence

from agent.browsing.evidence.sentences import query_of
from agent.browsing.ranking import Ranking
from agent.domain.claims import Claim
from agent.domain.evidence import Evidence
from agent.verification.claims import evidence_text

MOST = 5


class GivenEvidence:
    """Finds those pieces of given evidence that share most words with a claim.

    Args:
        evidence: the pieces.
        most: pieces that are given for a claim.
    """

    def __init__(self, evidence: Sequence[Evidence], *, most: int = MOST) -> None:
        self._evidence = tuple(evidence)
        self._most = most
        self._ranking: Ranking | None = None

    async def retrieve(self, step: str, claim: Claim) -> Sequence[Evidence]:
        """Return evidence, the most promising first. Nothing here is an effect: the evidence belongs to the task."""
        return await asyncio.to_thread(self._best, query_of(claim))

    def _best(self, query: str) -> Sequence[Evidence]:
        if self._ranking is None:
            self._ranking = Ranking(evidence_text(item) for item in self._evidence)
        return tuple(self._evidence[hit.position] for hit in self._ranking.best(query, self._most))
