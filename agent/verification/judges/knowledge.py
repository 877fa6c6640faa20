"""The judge that looks the triples of a claim up in knowledge bases."""

from collections.abc import Sequence

from agent.domain.claims import Claim, Judgement, Statement, Tier
from agent.domain.evidence import Evidence
from agent.verification.computed import number_values
from agent.verification.knowledge.citing import shown, triple_id
from agent.verification.knowledge.forms import TripleVerdict
from agent.verification.knowledge.port import Knowledge
from agent.verification.negation import is_denied, unshared_scope
from agent.verification.restatement import doubting_words

_LONGEST_DETAIL = 400


class KnowledgeJudge:
    """Judges each triple of a claim by each of some knowledge bases, and says what rests on which triple of theirs.

    What a knowledge base does not hold is not found, never false; a name of several things decides nothing. A triple
    that is refuted refutes the claim only where the claim has no word that denies or limits it and that the triple
    lost.

    Args:
        bases: names of the knowledge bases.
        knowledge: asks them.
    """

    name = "knowledge"
    tier: Tier = "T1"

    def __init__(self, bases: Sequence[str], knowledge: Knowledge) -> None:
        self._bases = tuple(dict.fromkeys(bases))
        self._knowledge = knowledge

    async def judge(self, step: str, claim: Claim, evidence: Sequence[Evidence]) -> Sequence[Judgement]:
        """Return one judgement for each triple and knowledge base; one that cannot be asked gives an ``error``."""
        if claim.kind == "opinion":
            return ()
        judgements = []
        for index, statement in enumerate(claim.triples):
            for base in self._bases:
                found = await self._knowledge.look_up(f"{step}/{base}/{index}", base, statement)
                judgements.append(self._judgement(claim, index, base, found))
        return judgements

    def _judgement(self, claim: Claim, index: int, base: str, found: TripleVerdict) -> Judgement:
        verdict, reason = found.verdict, found.reason
        if verdict == "contradicted" and (lost := _lost(claim, claim.triples[index])):
            verdict, reason = "unverifiable", f"{reason}; but {lost}"
        rests_on = "; ".join(shown(held) for held in found.triples)
        detail = " ".join(f"{base}: {reason}{': ' if rests_on else ''}{rests_on}".split())
        return Judgement(
            judge=self.name,
            tier=self.tier,
            verdict=verdict,
            detail=detail[:_LONGEST_DETAIL],
            evidence=tuple(dict.fromkeys(triple_id(base, held) for held in found.triples)),
            triple=index,
        )


def _lost(claim: Claim, statement: Statement) -> str:
    """Return how a claim limits or denies what its triple does not, or the other way round; empty where it does not.

    A number that no triple has may be a time at which something else held.
    """
    if not statement.positive:
        return "" if is_denied(claim.text) else "the claim denies nothing"
    said = _said(statement)
    words = (
        *unshared_scope(said, claim.text),
        *(word for word in doubting_words(claim.text) if word not in said.lower()),
    )
    known = {number for triple in claim.triples for number in number_values(_said(triple))}
    numbers = [number for number in number_values(claim.text) if number not in known]
    return f"the claim says {', '.join((*words, *numbers))}, and the triple does not" if words or numbers else ""


def _said(statement: Statement) -> str:
    return " ".join((statement.subject, statement.relation, statement.object, *statement.qualifiers.values()))
