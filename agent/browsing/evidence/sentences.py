"""The sentences of texts that are most about a claim, as quotes with what stands around them."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.browsing.quotes import Quotable, quote_sentences
from agent.browsing.ranking import Ranking
from agent.domain.claims import Claim
from agent.domain.evidence import Quote

LONGEST_QUERY = 400
"""Characters of a claim that are searched for."""
AROUND = 1
"""Sentences on either side that are quoted with one: they tell what *it* and *this* stand for."""
QUOTES = 4
"""Quotes for a claim of all texts together."""


class Range(NamedTuple):
    """Sentences of a text that may be quoted, by number, counted from 1 and inclusive."""

    text: Quotable
    first: int
    last: int


def query_of(claim: Claim) -> str:
    """Return what to search for: the claim's own words, with its question where it is only the answer to one."""
    return " ".join(f"{claim.question} {claim.text}".split())[:LONGEST_QUERY].strip()


def best_quotes(claim: Claim, ranges: Sequence[Range], *, limit: int = QUOTES) -> tuple[Quote, ...]:
    """Return quotes of the sentences that share most with a claim, the best first, each with its neighbours.

    Similar is not true: this only says where to look. Neighbours stay inside their range, and a sentence is quoted
    once. A sentence that shares no word with the claim is not quoted.
    """
    sentences = list(_sentences(ranges))
    ranking = Ranking(one.text.text[slice(*one.text.sentences[number - 1])] for one, number in sentences)
    taken: set[tuple[str, int]] = set()
    quotes: list[Quote] = []
    for hit in ranking.best(query_of(claim)):
        if len(quotes) == limit:
            break
        one, number = sentences[hit.position]
        if (one.text.id, number) in taken:
            continue
        first, last = max(number - AROUND, one.first), min(number + AROUND, one.last)
        taken.update((one.text.id, near) for near in range(first, last + 1))
        quotes.append(quote_sentences(one.text, first, last))
    return tuple(quotes)


def _sentences(ranges: Sequence[Range]) -> Iterator[tuple[Range, int]]:
    """Yield each sentence of some ranges once."""
    seen: set[tuple[str, int]] = set()
    for one in ranges:
        for number in range(one.first, one.last + 1):
            if (one.text.id, number) not in seen:
                seen.add((one.text.id, number))
                yield one, number
