"""Finds the sentences of an answer that given claims belong to."""

from collections.abc import Sequence

from agent.domain.claims import Claim
from agent.verification.chain.splicing import place_of
from agent.verification.covering import Statements, without_citations
from agent.verification.sentences import Span, split_sentences


def placed(answer: str, claims: Sequence[Claim]) -> tuple[Claim, ...]:
    """Return claims with the places of their sentences in an answer, where these can be told.

    A claim belongs to the one sentence that has it or says it, or else to the one that it says. Where there are several
    or none it keeps having no place. Claims that say where they belong are not changed.
    """
    if all(claim.start is not None for claim in claims):
        return tuple(claims)
    spans = split_sentences(answer)
    sentences = [without_citations(answer[start:end]) for start, end in spans]
    saying = Statements(sentences)
    said = Statements([claim.text for claim in claims])
    covered = [said.saying(sentence) for sentence in sentences]

    def homes(number: int, claim: Claim) -> list[Span]:
        place = place_of(answer, claim)
        if place is not None:
            return [span for span in spans if span.start <= place.start and place.end <= span.end]
        found = [spans[home] for home in sorted(saying.saying(claim.text))]
        return found or [span for span, there in zip(spans, covered, strict=True) if number in there]

    return tuple(
        claim if claim.start is not None else _at(answer, claim, homes(number, claim))
        for number, claim in enumerate(claims)
    )


def _at(answer: str, claim: Claim, homes: Sequence[Span]) -> Claim:
    if len(homes) != 1:
        return claim
    ((start, end),) = homes
    return claim.model_copy(update={"sentence": answer[start:end], "start": start, "end": end})
