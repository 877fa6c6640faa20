"""What is known about the failed claims of a sentence, from which it can be written anew."""

from collections.abc import Iterable, Mapping

from agent.domain.claims import CheckedClaim, Statement
from agent.domain.evidence import Evidence, Triple

LONGEST_SHOWN = 160
"""Characters of a sentence in a note."""


def is_refuted(claims: Iterable[CheckedClaim]) -> bool:
    """Whether any of the claims of a sentence is contradicted."""
    return any(one.verdict == "contradicted" for one in claims)


def may_be_dropped(claims: Iterable[CheckedClaim]) -> bool:
    """Whether a sentence may be left out when nothing can be said in its place: it is refuted, and nothing is right."""
    given = tuple(claims)
    return is_refuted(given) and not any(one.verdict == "supported" for one in given)


def has_evidence(claims: Iterable[CheckedClaim], evidence: Mapping[str, Evidence]) -> bool:
    """Whether there is anything to write a sentence from: evidence that was looked at, or what refutes or limits it."""
    return any(
        one.verdict in ("contradicted", "qualified")
        or (one.verdict == "not_found" and named_evidence([one], evidence) != ())
        for one in claims
    )


def named_evidence(claims: Iterable[CheckedClaim], evidence: Mapping[str, Evidence]) -> tuple[str, ...]:
    """Return the ids of the evidence that judgements on claims rest on, what decides first.

    What claims cite and no judge named is left out: it may be a quote that does not stand where it says.
    """
    judgements = [judgement for one in claims for judgement in one.judgements]
    deciding = [name for one in judgements if one.verdict in ("contradicted", "qualified") for name in one.evidence]
    others = [name for one in judgements if one.verdict in ("supported", "not_found") for name in one.evidence]
    return tuple(dict.fromkeys(name for name in (*deciding, *others) if name in evidence))


def accepted_triples(checked: Iterable[CheckedClaim], evidence: Mapping[str, Evidence]) -> tuple[Statement, ...]:
    """Return what is accepted as triples: those that are evidence, then those of supported claims."""
    known = [
        Statement(subject=item.subject, relation=item.relation, object=item.object)
        for item in evidence.values()
        if isinstance(item, Triple)
    ]
    said = [triple for one in checked if one.verdict == "supported" for triple in one.claim.triples]
    return tuple({triple.model_dump_json(): triple for triple in (*known, *said)}.values())


def shown(sentence: str) -> str:
    """Return a sentence as it is shown in a note."""
    line = " ".join(sentence.split())
    return line if len(line) <= LONGEST_SHOWN else f"{line[: LONGEST_SHOWN - 3]}..."
