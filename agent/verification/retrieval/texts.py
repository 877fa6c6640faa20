"""Finds the sentences of given texts that share most words with a claim."""

import asyncio
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from agent.domain.claims import Claim
from agent.domain.evidence import Evidence, Quote, Source
from agent.verification.covering import words_of
from agent.verification.quotes import CONTEXT, text_digest
from agent.verification.sentences import Span, split_sentences

MOST = 4
"""Quotes for a claim, of all texts together."""


class _Sentence(NamedTuple):
    title: str
    number: int
    words: frozenset[str]


class TextRetriever:
    """Gives the sentences of texts that a claim shares most words with, each with the ones before and after it.

    That a sentence is similar proves nothing: this only says where to look. Rare words count more than common ones. It
    is also a ``TextOf``, so that its quotes can be checked. Nothing here is an effect: the texts are given.

    Args:
        texts: the texts by their titles, which are different.
        most: quotes that are given for a claim.
    """

    def __init__(self, texts: Mapping[str, str], *, most: int = MOST) -> None:
        self._texts = dict(texts)
        self._digests = {title: text_digest(text) for title, text in self._texts.items()}
        self._most = most
        self._spans: dict[str, tuple[Span, ...]] = {}
        self._sentences: list[_Sentence] = []
        self._known: Counter[str] = Counter()
        self._reading = asyncio.Lock()

    async def __call__(self, sha256: str) -> str:
        """Return a text by its SHA-256.

        Raises:
            LookupError: it is none of the texts.
        """
        found = [title for title, digest in self._digests.items() if digest == sha256]
        if not found:
            raise LookupError(f"none of the texts has the digest {sha256[:12]}")
        return self._texts[found[0]]

    async def retrieve(self, step: str, claim: Claim) -> Sequence[Evidence]:
        """Return quotes, the best first; none of sentences that share no word with the claim."""
        async with self._reading:
            if not self._spans:
                await asyncio.to_thread(self._read)
        return await asyncio.to_thread(self._best, words_of(claim.question, claim.text))

    def _read(self) -> None:
        for title, text in self._texts.items():
            self._spans[title] = split_sentences(text)
            for number, (start, end) in enumerate(self._spans[title]):
                words = words_of(text[start:end])
                self._known.update(words)
                self._sentences.append(_Sentence(title, number, words))

    def _best(self, wanted: frozenset[str]) -> list[Quote]:
        weights = {word: math.log1p(len(self._sentences) / self._known[word]) for word in wanted & self._known.keys()}
        scored = [
            (-sum(weights[word] for word in sorted(one.words & weights.keys())), position)
            for position, one in enumerate(self._sentences)
        ]
        quotes: list[Quote] = []
        taken: set[tuple[str, int]] = set()
        for score, position in sorted(scored):
            title, number, _ = self._sentences[position]
            if not score or len(quotes) == self._most:
                break
            if (title, number) not in taken:
                last = min(number + 1, len(self._spans[title]) - 1)
                taken.update((title, near) for near in range(max(number - 1, 0), last + 1))
                quotes.append(self._quote(title, max(number - 1, 0), last))
        return quotes

    def _quote(self, title: str, first: int, last: int) -> Quote:
        text, spans = self._texts[title], self._spans[title]
        start, end = spans[first].start, spans[last].end
        return Quote(
            id=f"{title}:{start}-{end}",
            source=Source(title=title, location=title, text_sha256=self._digests[title]),
            start=start,
            end=end,
            text=text[start:end],
            prefix=text[max(start - CONTEXT, 0) : start],
            suffix=text[end : end + CONTEXT],
        )
