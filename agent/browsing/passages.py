"""Passages: windows of consecutive sentences, the unit that is searched."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agent.browsing.documents import Document
from agent.domain.base import Fact
from agent.verification.headings import Heading
from agent.verification.sentences import Span

FEWEST, MOST = 5, 8
"""Sentences of a passage, where its section has that many."""
ENOUGH_CHARACTERS = 600
TOO_MANY_CHARACTERS = 2000
OVERLAP = 2


class Excerpt(Fact):
    """Consecutive numbered sentences of a document."""

    document: str
    title: str
    location: str
    heading: str = ""
    sentences: tuple[tuple[int, str], ...]

    @property
    def text(self) -> str:
        """The sentences as numbered lines, as a model reads them."""
        return "\n".join(f"[{number}] {' '.join(sentence.split())}" for number, sentence in self.sentences)


class Passage(Excerpt):
    """An excerpt that matched a query.

    Attributes:
        score: BM25, higher is better; it compares passages of one search only.
        offsets: where each of its sentences begins, in code points of the document's text.
    """

    score: float
    offsets: tuple[int, ...]


class Window(NamedTuple):
    """Sentence numbers of a passage, counted from 1 and inclusive, and the headings it stands under."""

    first: int
    last: int
    heading: str


def windows(document: Document) -> Iterator[Window]:
    """Yield the passages of a document in order; together they hold every sentence.

    A passage does not cross a heading, except that a heading with nothing under it joins what follows.
    """
    spans, found = document.sentences, document.headings
    for begin, end in _sections(spans, found):
        for first, last in _cut(spans, begin, end):
            yield Window(first + 1, last, document.heading_at(spans[first].start))


def _sections(spans: Sequence[Span], found: Sequence[Heading]) -> Iterator[tuple[int, int]]:
    """Yield the ranges of sentences between headings."""
    if not found:
        yield 0, len(spans)
        return
    # a heading's line may be indented by up to three spaces, its sentence begins after them
    starts = {heading.start + indent for heading in found for indent in range(4)}
    begin, has_body = 0, False
    for index, span in enumerate(spans):
        is_heading = span.start in starts
        if is_heading and has_body:
            yield begin, index
            begin, has_body = index, False
        has_body = has_body or not is_heading
    yield begin, len(spans)


def _cut(spans: Sequence[Span], begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield windows over a range of sentences: about five to eight, overlapping, none much shorter than the others."""
    first = begin
    while True:
        last, length = first, 0
        while last < end and not _full(last - first, length, spans[last]):
            length += spans[last].end - spans[last].start
            last += 1
        if end - last <= OVERLAP and length < TOO_MANY_CHARACTERS // 2:
            last = end
        yield first, last
        if last >= end:
            return
        first = max(first + 1, last - min(OVERLAP, (last - first) // 2))


def _full(sentences: int, length: int, following: Span) -> bool:
    if sentences == 0:
        return False
    too_long = length + following.end - following.start > TOO_MANY_CHARACTERS
    return too_long or sentences >= MOST or (sentences >= FEWEST and length >= ENOUGH_CHARACTERS)
