"""Finds the sentences of an answer that given claims belong to."""

from collections.abc import Sequence

from agent.domain.claims import Claim
from agent.verification.chain.splicing import place_of
from agent.verification.covering import Statements, without_citations
from agent.verification.sentences import Span, split_sentences


def placed(answer: str, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return claims with the places of their sentences in an answer, where these can be told.

    A claim belongs to the one sentence that says it, or else to the one that it says. Where there are several or none
    it keeps having no place. Claims that say where they belong are not changed.
    """
    if all(place_of(answer, claim) is not None for claim in claims):
        return tuple(claims)
    spans = split_sentences(answer)
    sentences = [without_citations(answer[start:end]) for start, end in spans]
    saying = Statements(sentences)
    said = Statements([claim.text for claim in claims])
    covered = [said.saying(sentence) for sentence in sentences]
    result = []
    for number, claim in enumerate(claims):
        if place_of(answer, claim) is None:
            homes = [spans[home] for home in sorted(saying.saying(claim.text))]
            homes = homes or [span for span, there in zip(spans, covered, strict=True) if number in there]
            claim = _at(answer, claim, homes[0]) if len(homes) == 1 else claim
        result.append(claim)
    return tuple(result)


def _at(answer: str, claim: Claim, span: Span) -> Claim:
    return claim.model_copy(update={"sentence": answer[span.start : span.end], "start": span.start, "end": span.end})
