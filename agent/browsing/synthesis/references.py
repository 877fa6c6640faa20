# ruff: noqa: RUF001, RUF002 - the ends of sentences are WebCPM's own
"""References put to a finished answer afterwards, as WebCPM does it: by likeness alone, so they prove nothing.

For answers that were written without citations, such as recorded ones. What the agent writes is cited by the model and
checked (``synthesise``).
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

from agent.browsing.rouge import common_subsequence
from agent.browsing.scores import SUPPORTED_FROM

Style = Literal["webcpm", "plain"]

_SENTENCE = re.compile("[^。？！；;…\n]*(?:[。？！；;…]+[”’」』）]*|\n+|$)")
_LATIN_END = re.compile(r"(?<=[.?!])\s+(?=[^\s])")


def add_references(answer: str, quotes: Sequence[str], *, style: Style = "plain") -> str:
    """Return an answer with a reference after each sentence that resembles a quote.

    Each sentence is given the quote that has most of its characters in order, if that is more than 0.45 of them, and
    never more than one; of neighbours with the same reference only the last one shows it. Quotes count from 1.

    Args:
        answer: sentences that end with a Chinese or Latin full stop, or as in WebCPM with ``；`` and ``…``.
        quotes: what may be referred to.
        style: ``webcpm`` writes 【1】, and ends sentences at WebCPM's marks only; ``plain`` writes [1].
    """
    pieces = _pieces(answer, style)
    numbers = [_best(piece, quotes) for piece in pieces]
    marked: list[str] = []
    for index, (piece, number) in enumerate(zip(pieces, numbers, strict=True)):
        last = index + 1 == len(pieces) or numbers[index + 1] != number
        body = piece.rstrip()
        mark = (f"【{number}】" if style == "webcpm" else f"[{number}]") if number and last else ""
        marked.append(f"{body}{mark}{piece[len(body) :]}")
    return "".join(marked)


def _pieces(answer: str, style: Style) -> list[str]:
    """Return the sentences of an answer with the white space after them; joined, they are the answer."""
    found = [match[0] for match in _SENTENCE.finditer(answer) if match[0]]
    if style == "webcpm":
        return found
    return [part for piece in found for part in _split_after(piece)]


def _split_after(piece: str) -> list[str]:
    starts = [0, *(match.end() for match in _LATIN_END.finditer(piece)), len(piece)]
    return [piece[start:end] for start, end in pairwise(starts) if start < end]


def _best(sentence: str, quotes: Sequence[str]) -> int:
    """Return the number of the quote that has most of a sentence in order, from 1; 0 where none has enough."""
    text = sentence.strip()
    if not any(character.isalnum() for character in text):
        return 0
    shares = [common_subsequence(text, quote) / len(text) for quote in quotes]
    most = max(shares, default=0.0)
    return shares.index(most) + 1 if most > SUPPORTED_FROM else 0
