"""Which claims are best checked first (tier T2): those least plausible by knowledge bases. It gives no verdict."""

from collections.abc import Sequence

from agent.domain.claims import Claim
from agent.verification.chain.ports import JudgeFailed
from agent.verification.knowledge.port import Knowledge


class PlausibilityRanker:
    """Ranks claims by what was learnt from knowledge bases (``plumbline kb train``). Implements ``Ranker``.

    Args:
        bases: names of the knowledge bases.
        knowledge: asks them.
    """

    def __init__(self, bases: Sequence[str], knowledge: Knowledge) -> None:
        self._bases = tuple(dict.fromkeys(bases))
        self._knowledge = knowledge

    async def __call__(self, step: str, claims: Sequence[Claim]) -> Sequence[str]:
        """Return ids of all claims, those with the least plausible triple first, those without a score as they came.

        A triple that several knowledge bases know counts as what the least plausible makes of it.

        Raises:
            JudgeFailed: what was learnt from a knowledge base could not be used, and no other one scores anything.
        """
        statements = [triple for claim in claims for triple in claim.triples]
        lowest: list[float | None] = [None] * len(statements)
        failures: list[str] = []
        for base in self._bases if len(claims) > 1 and statements else ():
            found = await self._knowledge.plausible(f"{step}/{base}", base, statements)
            failures.extend([found.failure] if found.failure else [])
            lowest = [_lower(*pair) for pair in zip(lowest, found.scores, strict=True)]
        if failures and not any(score is not None for score in lowest):
            raise JudgeFailed(failures[0])
        return [claim.id for claim in doubtful_first(claims, lowest)]


def doubtful_first(claims: Sequence[Claim], scores: Sequence[float | None]) -> tuple[Claim, ...]:
    """Return claims with the least plausible triple first; those of which none has a score last, in their own order.

    Args:
        claims: what to put in order.
        scores: of all triples of all claims, in their order.
    """
    left = iter(scores)
    known = [[score for score in (next(left) for _ in claim.triples) if score is not None] for claim in claims]
    order = sorted(range(len(claims)), key=lambda number: (not known[number], min(known[number], default=0.0)))
    return tuple(claims[number] for number in order)


def _lower(one: float | None, other: float | None) -> float | None:
    known = [score for score in (one, other) if score is not None]
    return min(known, default=None)
