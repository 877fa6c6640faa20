"""Rouge-L: how much of two texts is a common subsequence of tokens, where Chinese is read character by character."""

import re
from collections.abc import Sequence

from agent.domain.base import Fact
from agent.verification.words import CJK

_TOKEN = re.compile(rf"[{CJK}]|[^\W_{CJK}]+")


class Overlap(Fact):
    """Precision, recall and their harmonic mean, each from 0 to 1."""

    precision: float
    recall: float
    f: float


def rouge_tokens(text: str) -> list[str]:
    """Return words and numbers in lower case, and each character of CJK text as a token of its own."""
    return _TOKEN.findall(text.lower())


def rouge_l(prediction: str, reference: str) -> Overlap:
    """Return Rouge-L of a text against what it should be."""
    return overlap(rouge_tokens(prediction), rouge_tokens(reference))


def overlap(prediction: Sequence[str], reference: Sequence[str]) -> Overlap:
    """Return Rouge-L of two sequences of tokens; 0 where either has none."""
    if not prediction or not reference:
        return Overlap(precision=0, recall=0, f=0)
    length = common_subsequence(prediction, reference)
    precision, recall = length / len(prediction), length / len(reference)
    f = 2 * precision * recall / (precision + recall) if length else 0.0
    return Overlap(precision=precision, recall=recall, f=f)


def common_subsequence(first: Sequence[str], second: Sequence[str]) -> int:
    """Return the length of the longest common subsequence; time is the product of the lengths over the word size."""
    # rows of the usual table as the bits of one integer (Hyyro, "Bit-parallel LCS-length computation revisited", 2004)
    places: dict[str, int] = {}
    for index, token in enumerate(first):
        places[token] = places.get(token, 0) | 1 << index
    full = (1 << len(first)) - 1
    row = full
    for token in second:
        matches = row & places.get(token, 0)
        row = ((row + matches) | (row - matches)) & full
    return len(first) - row.bit_count()
