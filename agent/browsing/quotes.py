"""Quotes are computed from a text, by sentence numbers or by literal text; nobody's word is taken for them."""

import difflib
from collections.abc import Sequence
from typing import Protocol

from agent.browsing.errors import QuoteNotFound, UnknownSentence
from agent.domain.evidence import Quote, Source
from agent.verification.quotes import CONTEXT, QuoteState, check_quote, inside_word, occurrences
from agent.verification.sentences import Span
from agent.verification.words import features, tokens

__all__ = ["Quotable", "QuoteState", "check_quote", "inside_word", "occurrences", "quote_sentences", "quote_text"]

LONGEST_LITERAL = 5000
"""Characters of a literal text that can be quoted; a longer one is no quote."""
LONGEST_QUOTE = 8000
"""Characters of a quote of a session, of all its parts together where it was merged; every check reads all of it."""
MOST_SENTENCES = 40
"""Sentences of a quote of a session."""


class Quotable(Protocol):
    """A text with its origin and its sentences: a document or a page."""

    @property
    def id(self) -> str:
        """Short name."""

    @property
    def text(self) -> str:
        """The text that spans point into."""

    @property
    def sentences(self) -> Sequence[Span]:
        """Spans of all sentences in order."""

    @property
    def source(self) -> Source:
        """The origin, as evidence names it."""


def quote_sentences(document: Quotable, first: int, last: int, *, evidence_id: str | None = None) -> Quote:
    """Return the quote of consecutive sentences.

    Args:
        document: what is quoted.
        first: number of the first sentence, counted from 1.
        last: number of the last sentence, inclusive.
        evidence_id: the quote's id; by default ``<document>:<first>-<last>``.

    Raises:
        UnknownSentence: the document does not have these sentences.
    """
    count = len(document.sentences)
    if not 1 <= first <= last <= count:
        raise UnknownSentence(f"document {document.id} has the sentences 1 to {count}, not {first} to {last}")
    start, end = document.sentences[first - 1].start, document.sentences[last - 1].end
    return _quote(document, start, end, evidence_id or f"{document.id}:{first}-{last}")


def quote_text(
    document: Quotable,
    literal: str,
    *,
    evidence_id: str | None = None,
    whole_words: bool = False,
    near: int = 0,
) -> Quote:
    """Return the quote of a literal text, as it stands in the document; runs of white space count as one space.

    Args:
        document: what is quoted.
        literal: the text; where it occurs several times, the first place from ``near`` on is quoted.
        evidence_id: the quote's id; by default ``<document>:@<start>-<end>`` with offsets.
        whole_words: a place that begins or ends inside a word or a number does not count: "12" is no quote of "1,234".
        near: offset to look from; what stands before it is looked at last.

    Raises:
        QuoteNotFound: the text does not occur; the message names the nearest sentence.
    """
    if not literal.split():
        raise QuoteNotFound("the text to be quoted is empty; copy it from the document")
    if len(literal) > LONGEST_LITERAL:
        raise QuoteNotFound(f"the text to be quoted has more than {LONGEST_LITERAL} characters; quote less")
    places = occurrences(document.text, literal, whole_words=whole_words)
    if not places:
        raise QuoteNotFound(
            f"the text is not in document {document.id}, so it cannot be quoted; {_nearest(document, literal)}"
        )
    start, end = next((place for place in places if place[0] >= near), places[0])
    return _quote(document, start, end, evidence_id or f"{document.id}:@{start}-{end}")


def _quote(document: Quotable, start: int, end: int, name: str) -> Quote:
    return Quote(
        id=name,
        source=document.source,
        start=start,
        end=end,
        text=document.text[start:end],
        prefix=document.text[max(start - CONTEXT, 0) : start],
        suffix=document.text[end : end + CONTEXT],
    )


def _nearest(document: Quotable, literal: str) -> str:
    """Return a hint at the sentence that has most in common with a text."""
    wanted = features(tokens(literal))
    sentences = [document.text[start:end] for start, end in document.sentences]
    shared = [len(wanted & features(tokens(sentence))) for sentence in sentences]
    best = sorted(range(len(sentences)), key=lambda index: -shared[index])[:5]
    if not best or not shared[best[0]]:
        return "no sentence resembles it"
    matcher = difflib.SequenceMatcher(b=literal, autojunk=False)
    ratios = {}
    for index in best:
        matcher.set_seq1(sentences[index])
        ratios[index] = matcher.ratio()
    nearest = max(best, key=lambda index: ratios[index])
    excerpt = " ".join(sentences[nearest].split())
    return f"the nearest sentence is [{nearest + 1}] {excerpt[:200]}{'...' if len(excerpt) > 200 else ''}"
