"""One verdict from several judgements.

Cheaper tiers are the more certain ones, so the first tier that decides a claim has the last word. Judges of one tier
that disagree make it ``qualified``: sources contradict each other, and neither counts as proof.
"""

from collections.abc import Iterable, Sequence

from agent.domain.claims import Claim, Judgement, Verdict
from agent.verification.literal import coverage
from agent.verification.negation import unshared_scope

DECIDED = frozenset({"supported", "contradicted", "qualified"})
"""Verdicts after which no further tier is asked."""

_TIERS = ("T0", "T1", "T3")
"""The tiers that give verdicts; ranking (T2) never does."""


def verdict_of(claim: Claim, judgements: Iterable[Judgement]) -> Verdict:
    """Return the verdict that judgements on one claim come to.

    A claim is ``supported`` where its whole was, or each of its triples and these say all that it says; one triple that
    is refuted refutes it. Where nothing is decided, an ``error`` counts before ``not_found``: what was not looked at
    well may still be there. So does evidence that was left out (T0), which makes it ``unverifiable``.
    """
    given = [one for one in judgements if one.tier in _TIERS]
    for tier in _TIERS:
        verdict = _of_tier(claim, [one for one in given if one.tier == tier])
        if verdict in DECIDED:
            return verdict
    said = {one.verdict for one in given}
    if "error" in said:
        return "error"
    complete = all(one.tier != "T0" for one in given)
    return "not_found" if complete and "not_found" in said else "unverifiable"


def _of_tier(claim: Claim, judgements: Sequence[Judgement]) -> Verdict:
    said = {one.verdict for one in judgements}
    whole = {one.verdict for one in judgements if one.triple is None}
    proved = {one.triple for one in judgements if one.triple is not None and one.verdict == "supported"}
    refuted = {one.triple for one in judgements if one.triple is not None and one.verdict == "contradicted"}
    if "contradicted" in said:
        return "qualified" if "supported" in whole or proved & refuted else "contradicted"
    if "qualified" in said:
        return "qualified"
    by_triples = bool(claim.triples) and proved >= set(range(len(claim.triples))) and says_all(claim)
    return "supported" if "supported" in whole or by_triples else "unverifiable"


def says_all(claim: Claim) -> bool:
    """Whether the triples of a claim have every word and number of it, and no word that denies or limits is lost."""
    parts = [
        part
        for triple in claim.triples
        for part in (triple.subject, triple.relation, triple.object, *triple.qualifiers.values())
    ]
    said = " ".join(parts if all(triple.positive for triple in claim.triples) else [*parts, "not"])
    return not coverage(claim.text, said) and not unshared_scope(said, claim.text)
