"""Finds triples of knowledge bases that bear on a claim."""

from collections.abc import Sequence

from agent.domain.claims import Claim
from agent.domain.evidence import Evidence, Triple
from agent.verification.chain.ports import JudgeFailed
from agent.verification.knowledge.citing import triple_evidence
from agent.verification.knowledge.port import Knowledge

MOST_TRIPLES = 20
"""Triples that are given about the subject of one triple of a claim, by one knowledge base."""


class KnowledgeRetriever:
    """Gives what knowledge bases hold about the subjects of a claim's triples, the most relevant relations first.

    What decides a triple comes before everything else, so that it is there when the judge of knowledge cites it.

    Args:
        bases: names of the knowledge bases.
        knowledge: asks them.
        limit: triples besides the deciding ones, for each triple of the claim and each knowledge base.
    """

    def __init__(self, bases: Sequence[str], knowledge: Knowledge, *, limit: int = MOST_TRIPLES) -> None:
        self._bases = tuple(dict.fromkeys(bases))
        self._knowledge = knowledge
        self._limit = limit

    async def retrieve(self, step: str, claim: Claim) -> Sequence[Evidence]:
        """Return triples as evidence, each once.

        Raises:
            JudgeFailed: no knowledge base could be asked.
        """
        deciding: list[Triple] = []
        others: list[Triple] = []
        failures: list[str] = []
        asked = 0
        for index, statement in enumerate(claim.triples if claim.kind != "opinion" else ()):
            for base in self._bases:
                asked += 1
                at = f"{step}/{base}/{index}"
                found = await self._knowledge.look_up(f"{at}/verdict", base, statement)
                if found.verdict == "error":
                    failures.append(found.reason)
                    continue
                deciding.extend(triple_evidence(base, held) for held in found.triples)
                around = await self._knowledge.around(f"{at}/around", base, statement, self._limit)
                if around.failure:
                    failures.append(around.failure)
                others.extend(triple_evidence(base, held) for held in around.triples)
        if asked and len(failures) >= asked:
            raise JudgeFailed(failures[0])
        return tuple({triple.id: triple for triple in (*deciding, *others)}.values())
