"""Which of a few thousand short texts, such as the windows of one page, are about something: BM25, in memory.

The corpus has its index in SQLite. What is open in a session has it here, since it is a pure function of the page: a
re-run computes it again, and nothing has to be kept or closed.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from agent.browsing.tokens import cjk_terms
from agent.verification.lexicon import CJK_ASKING, STOP_WORDS
from agent.verification.words import CJK, stems

_TERM = re.compile(rf"[{CJK}]+|[^\W_{CJK}]+")
_CJK_RUN = re.compile(f"[{CJK}]")
_SPACED_OUT = re.compile(f"(?<=[{CJK}])[ \\t]+(?=[{CJK}])")
"""Between characters of a line that was justified, as in PDF documents."""
_SATURATION, _LENGTH = 1.2, 0.75
"""k1 and b of BM25 (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009); SQLite has the same."""


class Hit(NamedTuple):
    """A text that shares a term with a query: its position, and its score, which compares texts of one query only."""

    position: int
    score: float


class Ranking:
    """Texts that can be ranked by queries in plain words.

    Words are compared by their English stems, without regard to case; runs of Chinese and Japanese by pairs of
    neighbouring characters.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        counted = [Counter(_raw_terms(text)) for text in texts]
        vocabulary = sorted(set().union(*counted))
        self._stem = dict(zip(vocabulary, stems(vocabulary), strict=True))
        self._postings: dict[str, dict[int, int]] = {}
        for index, counts in enumerate(counted):
            for term, count in counts.items():
                posting = self._postings.setdefault(self._stem[term], {})
                posting[index] = posting.get(index, 0) + count
        self._lengths = [counts.total() for counts in counted]
        # a query is asked of every sentence of many texts
        self._asked: dict[str, dict[str, float]] = {}
        self._mean = sum(self._lengths) / len(self._lengths) if self._lengths else 0.0

    def weight(self, term: str) -> float:
        """Return how much a term says: its inverse document frequency, highest for one that no text has."""
        holding = len(self._postings.get(term, ()))
        return math.log(1 + (len(self._lengths) - holding + 0.5) / (holding + 0.5))

    def best(self, query: str, limit: int | None = None) -> tuple[Hit, ...]:
        """Return the texts that share a term with a query, best first; equally good ones in their order.

        Any term may match, and rarer ones count more. Words that say nothing are left out unless there are no others.
        """
        scores: dict[int, float] = {}
        for term, weight in self._weights(query).items():
            for index, count in self._postings[term].items():
                length = 1 - _LENGTH + _LENGTH * self._lengths[index] / self._mean
                gain = weight * count * (_SATURATION + 1) / (count + _SATURATION * length)
                scores[index] = scores.get(index, 0.0) + gain
        ordered = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
        return tuple(Hit(*pair) for pair in ordered[:limit])

    def coverage(self, query: str, text: str) -> float:
        """Return what the terms of a query that a text has say together, however often it has them."""
        held = set(stems(_raw_terms(text)))
        return sum(weight for term, weight in self._weights(query).items() if term in held)

    def _weights(self, query: str) -> dict[str, float]:
        """Return what each term of a query says that some text has."""
        if query not in self._asked:
            terms = query_terms(query)
            known = [term for term in terms if term in self._postings]
            if not known:
                # a single character is no pair, but the beginning of some
                single = tuple(term for term in terms if len(term) == 1 and _CJK_RUN.match(term))
                known = [term for term in self._postings if single and term.startswith(single)]
            self._asked[query] = {term: self.weight(term) for term in known}
        return self._asked[query]


def query_terms(query: str) -> tuple[str, ...]:
    """Return the terms of a query in order, each once, without words that say nothing unless there are no others."""
    words = [term for term in _raw_terms(CJK_ASKING.sub(" ", query)) if term not in STOP_WORDS]
    return tuple(dict.fromkeys(stems(words or list(_raw_terms(query)))))


def _raw_terms(text: str) -> list[str]:
    if text.isascii():
        return _TERM.findall(text.casefold())
    folded = _SPACED_OUT.sub("", unicodedata.normalize("NFKC", text).casefold())
    found = _TERM.findall(folded)
    return [term for part in found for term in (cjk_terms(part) if _CJK_RUN.match(part) else (part,))]
