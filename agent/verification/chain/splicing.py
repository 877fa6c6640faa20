"""New sentences put into a text in the places of old ones, so that nothing else in it can change."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from agent.domain.base import Fact
from agent.domain.claims import CheckedClaim, Claim
from agent.verification.chain.ports import JudgeFailed
from agent.verification.sentences import Span

CHANGEABLE = frozenset({"contradicted", "qualified", "not_found"})
"""Verdicts whose sentences may be written anew: nothing is held against a sentence that could not be judged."""


class Spliced(Fact):
    """A text in which some sentences were replaced.

    Attributes:
        text: the new text.
        changed: the sentences that are not in it any more, as they were.
        kept: the claims of all other sentences, with their places in the new text.
        fresh: where the new sentences are; those that were dropped have no place.
        bases: for each of these the ids of the evidence that the claims of the old sentence cited or were judged by.
    """

    text: str
    changed: tuple[str, ...] = ()
    kept: tuple[CheckedClaim, ...] = ()
    fresh: tuple[Span, ...] = ()
    bases: tuple[tuple[str, ...], ...] = ()


def splice(text: str, checked: Sequence[CheckedClaim], sentences: Mapping[str, str]) -> Spliced:
    """Return a text with new sentences in the places of those whose claims failed.

    A place is the span of a failed claim; nothing outside these spans is touched, but for the white space before a
    sentence that is dropped.

    Args:
        text: the text that the claims were taken from.
        checked: its claims with their verdicts.
        sentences: new sentences by what they replace, word for word.

    Raises:
        JudgeFailed: a sentence is to be replaced that is not one of a failed claim, or nothing would be left.
    """
    places = places_of_failed(text, checked)
    wanted = {
        span: sentences[text[span.start : span.end]] for span in places if text[span.start : span.end] in sentences
    }
    strangers = set(sentences) - {text[span.start : span.end] for span in wanted}
    if strangers:
        raise JudgeFailed(f"a sentence was to be changed of which no claim failed: {min(strangers)[:80]!r}")
    parts: list[str] = []
    fresh: list[Span] = []
    bases: list[tuple[str, ...]] = []
    moved: list[tuple[int, int]] = []
    at = length = 0
    for span, new in _neighbours_joined(text, sorted(wanted.items())):
        start, end = (span.start, span.end) if new else _with_space(text, span)
        # white space may have gone with the sentence before
        start = max(start, at)
        parts += [text[at:start], new]
        length += start - at
        if new:
            fresh.append(Span(length, length + len(new)))
            bases.append(_basis(places[span]))
        length += len(new)
        at = end
        moved.append((end, length - end))
    parts.append(text[at:])
    if wanted and not "".join(parts).strip():
        raise JudgeFailed("nothing would be left of the text")
    kept = tuple(
        _moved(one, moved) for one in checked if not any(_overlap(place_of(text, one.claim), span) for span in wanted)
    )
    return Spliced(
        text="".join(parts),
        changed=tuple(text[span.start : span.end] for span in sorted(wanted)),
        kept=kept,
        fresh=tuple(fresh),
        bases=tuple(bases),
    )


def places_of_failed(text: str, checked: Iterable[CheckedClaim]) -> dict[Span, tuple[CheckedClaim, ...]]:
    """Return where the sentences of failed claims are, in order, each with all claims that have a part in it.

    Spans that overlap are one. Claims without a place in the text are left out.
    """
    given = [(place, one) for one in checked if (place := place_of(text, one.claim)) is not None]
    spans: list[Span] = []
    for place in sorted(place for place, one in given if one.verdict in CHANGEABLE and one.claim.kind != "opinion"):
        if spans and place.start < spans[-1].end:
            spans[-1] = Span(spans[-1].start, max(spans[-1].end, place.end))
        else:
            spans.append(place)
    return {span: tuple(one for place, one in given if _overlap(place, span)) for span in spans}


def place_of(text: str, claim: Claim) -> Span | None:
    """Return where the sentence of a claim stands in its text; None where that is not known."""
    if claim.start is not None and claim.end is not None:
        return Span(claim.start, claim.end) if claim.start < claim.end <= len(text) else None
    sentence = claim.sentence or claim.text
    start = text.find(sentence)
    return Span(start, start + len(sentence)) if start >= 0 and text.count(sentence) == 1 else None


def adopted(
    claims: Iterable[Claim],
    sentence: str,
    place: Span,
    names: Mapping[str, str],
    taken: Iterable[str] = (),
    *,
    basis: Sequence[str] = (),
) -> tuple[Claim, ...]:
    """Return the claims of a new sentence as claims of the text that it is now in.

    A claim that was there in a round before, word for word, gets its id back, so that claims that fail again are known
    again; all others get ids that no round had.

    Args:
        claims: what was taken from the sentence alone.
        sentence: the sentence.
        place: where it is in the text.
        names: ids of all claims of all rounds so far, by their text.
        taken: ids of claims that are in the text now.
        basis: ids of the evidence that it was written from, which claims cite that cite nothing else.
    """
    given = set(taken)
    used = given.union(names.values())
    highest = max((int(found[1]) for name in used if (found := re.fullmatch(r"c(\d{1,9})", name))), default=0)
    free = (f"c{number}" for number in count(highest + 1))
    result = []
    for claim in claims:
        name = names.get(claim.text, "")
        name = name if name and name not in given else next(free)
        given.add(name)
        cited = claim.evidence or tuple(basis)
        there = {"id": name, "evidence": cited, "sentence": sentence, "start": place.start, "end": place.end}
        result.append(claim.model_copy(update=there))
    return tuple(result)


def _neighbours_joined(text: str, wanted: Iterable[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """Return places with their new sentences, dropped sentences that follow each other on a line as one place."""
    joined: list[tuple[Span, str]] = []
    for span, new in wanted:
        if joined and not new and not joined[-1][1] and not text[joined[-1][0].end : span.start].strip(" \t"):
            joined[-1] = (Span(joined[-1][0].start, span.end), "")
        else:
            joined.append((span, new))
    return joined


def _basis(claims: Iterable[CheckedClaim]) -> tuple[str, ...]:
    cited = [name for one in claims for name in one.claim.evidence]
    judged_by = [name for one in claims for judgement in one.judgements for name in judgement.evidence]
    return tuple(dict.fromkeys([*cited, *judged_by]))


def _with_space(text: str, span: Span) -> tuple[int, int]:
    """Return the span to cut out for a sentence that is dropped: its line, where it is all of it, else a space too."""
    before, after = text[: span.start], text[span.end :]
    alone = (not before or before.endswith("\n")) and (not after or after.startswith("\n"))
    if alone:
        return (span.start, span.end + 1) if after else (len(before.rstrip()), span.end)
    begins_line = not before or before.endswith("\n")
    if begins_line:
        return span.start, len(text) - len(after.lstrip(" \t"))
    return len(before.rstrip(" \t")), span.end


def _moved(one: CheckedClaim, moved: Sequence[tuple[int, int]]) -> CheckedClaim:
    start, end = one.claim.start, one.claim.end
    by = 0
    if start is not None:
        by = next((shift for behind, shift in reversed(moved) if start >= behind), 0)
    if not by or start is None or end is None:
        return one
    return one.model_copy(update={"claim": one.claim.model_copy(update={"start": start + by, "end": end + by})})


def _overlap(one: Span | None, other: Span) -> bool:
    return one is not None and one.start < other.end and other.start < one.end
