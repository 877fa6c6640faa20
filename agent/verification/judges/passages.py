"""Which parts of the evidence a model is shown for a claim: whole sentences, the likeliest parts first."""

from collections.abc import Collection, Iterable, Sequence

from agent.domain.base import Fact
from agent.domain.claims import Claim
from agent.domain.evidence import Evidence
from agent.verification.claims import evidence_text, is_program
from agent.verification.sentences import Span, split_sentences
from agent.verification.words import features, tokens


class Passage(Fact):
    """Consecutive sentences of one piece of evidence, as they stand there.

    Attributes:
        evidence: id of the evidence.
        place: what the passage is called in steps: number of the evidence and of the passage in it.
    """

    evidence: str
    place: str
    text: str


def passages_for(
    claim: Claim, evidence: Sequence[Evidence], readings: Collection[str], *, longest: int, most: int
) -> tuple[list[Passage], int]:
    """Return the passages to be judged, and how many there are in all.

    What programs print and what tools show that the run may have written itself is left out: it proves nothing to a
    model. Where there are more passages than may be judged, those that share most words with the claim are taken;
    that only orders the work and gives no verdict.

    Args:
        claim: what is judged.
        evidence: what was retrieved for it.
        readings: ids of tool results that show an unchanged input file.
        longest: characters of a passage; a longer sentence is cut at a clause or word border.
        most: passages that are returned.
    """
    found: list[Passage] = []
    for number, item in enumerate(evidence):
        if is_program(item) or (item.kind == "tool_result" and item.id not in readings):
            continue
        text = evidence_text(item)
        parts = windows(text, longest)
        found.extend(
            Passage(evidence=item.id, place=f"{number}.{part}", text=text[start:end])
            for part, (start, end) in enumerate(parts)
        )
    if len(found) <= most:
        return found, len(found)
    best = nearest(claim_words(claim), [passage.text for passage in found])[:most]
    return [found[index] for index in sorted(best)], len(found)


def windows(text: str, longest: int) -> list[Span]:
    """Return spans of whole sentences that together hold a text; neighbours share a sentence where there is room.

    A statement that begins in one window and ends in the next can so be read in one of them.
    """
    if not text.strip():
        return []
    if len(text) <= longest:
        return [Span(0, len(text))]
    spans = split_sentences(text, longest=longest)
    found: list[Span] = []
    first = 0
    while first < len(spans):
        last = first
        while last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= longest:
            last += 1
        found.append(Span(spans[first].start, spans[last].end))
        if last + 1 == len(spans):
            break
        shared = last > first and spans[last + 1].end - spans[last].start <= longest
        first = last if shared else last + 1
    return found


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text."""
    return [text[start:end] for start, end in split_sentences(text)]


def sentences_around(text: str, quote: str) -> str:
    """Return the sentences of a text that a verbatim part of it lies in."""
    start = text.index(quote)
    spans = [span for span in split_sentences(text) if span.start < start + len(quote) and start < span.end]
    return text[spans[0].start : spans[-1].end] if spans else quote


def claim_words(claim: Claim) -> frozenset[str]:
    """Return the content words of a claim, its sentence and its question, in normal form."""
    return frozenset(features(tokens("\n".join((claim.text, claim.sentence, claim.question)))))


def nearest(wanted: frozenset[str], texts: Iterable[str]) -> list[int]:
    """Return the numbers of texts, first those that share most words with what is wanted; ties keep their order."""
    shared = [len(wanted & features(tokens(text))) for text in texts]
    return sorted(range(len(shared)), key=lambda index: -shared[index])
