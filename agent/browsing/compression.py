"""Sentences that bear on a question, within a budget of characters, before they enter a prompt.

The idea is that of the information bottleneck (Zhu and others, "An Information Bottleneck Perspective for Effective
Noise Filtering on Retrieval-Augmented Generation", 2024): as short as possible, as informative about the answer as
possible. No model is needed here: what a sentence is worth is estimated from its words, and sentences are only ever
chosen, never changed, so that they can still be quoted by their numbers.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import Field

from agent.browsing.ranking import Ranking
from agent.domain.base import Fact
from agent.verification.lexicon import ANAPHORS, CJK_ANAPHORS, CJK_DENIAL, DENIALS
from agent.verification.words import Token, features, tokens

GAP = "[...]"
"""Stands where sentences were left out."""

_NEIGHBOUR = 0.4
"""Part of a neighbour's relevance that a sentence is given: answers often stand beside the words of the question."""
_FIGURE = 0.15
"""What a number adds, as a part of the highest relevance, where the question asks for one."""
_REDUNDANCY = 0.7
"""How much of a sentence's worth is lost if all it says has been kept already."""
_MOST = 500
"""Sentences that can be chosen for their words, the most relevant ones; choosing takes the square of it at worst."""
_LENGTH = 0.35
"""Exponent of a sentence's length in the price that its worth is divided by; 1 would prefer headings and scraps."""
_CONTRASTS = frozenset(["however", "but", "yet", "although", "instead", "except", "unless", "nevertheless"])
_CJK_CONTRASTS = ("但", "不过", "不過", "然而", "却", "卻", "可是", "反而")
_ASKS_FIGURE = frozenset(
    ["many", "much", "long", "old", "far", "often", "year", "version", "percent", "date", "number", "when"]
)
_CJK_ASKS_FIGURE = (
    "多少",
    "几",
    "幾",
    "何时",
    "何時",
    "什么时候",
    "什麼時候",
    "哪年",
    "哪一年",
    "年份",
    "日期",
    "时间",
    "時間",
)


class Compressed(Fact):
    """What was kept of some sentences.

    Attributes:
        kept: numbers of the sentences that were kept, in order.
        text: these, each on a line that begins with its number as in ``[s12]``, and a mark where others were left out.
        rate: characters kept of those given, between 0 and 1.
    """

    kept: tuple[int, ...]
    text: str
    rate: float = Field(ge=0, le=1)


class _Read(NamedTuple):
    number: int
    text: str
    says: frozenset[str]
    leans: bool
    """Whether it cannot be understood without the sentence before: it begins with a word that points back."""
    figures: bool


def compressed(question: str, sentences: Sequence[tuple[int, str]], budget_characters: int) -> Compressed:
    """Return the sentences that say most about a question and least that others have said.

    A sentence's worth is BM25 of the question's words, a part of its neighbours', and something for a number where one
    is asked for, less what sentences kept before have said. The best for its length is taken until the budget is used.
    A sentence that begins by pointing back or by contradicting comes with the one before it, or its meaning would be
    lost: both are taken or neither. Sentences that have nothing to do with the question are left out even if there is
    room, except that a text with nothing about it at all is cut at the budget.

    Args:
        question: in plain words.
        sentences: with their numbers, in order.
        budget_characters: most characters of the sentences kept, without numbers and marks.
    """
    relevance = _relevance(question, sentences)
    given = _given(sentences, relevance)
    total = sum(len(one.text) for one in given)
    worth = _worth(question, given, relevance)
    chosen = _chosen(given, worth, budget_characters) if any(worth) else _first(given, budget_characters)
    kept = sum(len(given[index].text) for index in chosen)
    return Compressed(
        kept=tuple(given[index].number for index in chosen),
        text=_with_gaps(given, chosen),
        rate=kept / total if total else 1.0,
    )


def numbered(sentences: Sequence[tuple[int, str]]) -> str:
    """Return sentences as a model reads them: one a line, each after its number."""
    return "\n".join(f"[s{number}] {' '.join(text.split())}" for number, text in sentences)


def _read(number: int, text: str) -> _Read:
    found = tokens(text)
    return _Read(number, text, features(found), _leans(text, found), any(token.kind == "number" for token in found))


def _leans(text: str, found: Sequence[Token]) -> bool:
    first = next((token for token in found if token.kind in ("word", "cjk")), None)
    if first is None:
        return False
    if first.kind == "cjk":
        return first.text.startswith((*CJK_ANAPHORS, *_CJK_CONTRASTS)) or CJK_DENIAL.match(first.text) is not None
    return first.text in ANAPHORS or first.text in _CONTRASTS or first.text in DENIALS


def _relevance(question: str, sentences: Sequence[tuple[int, str]]) -> list[float]:
    """Return the score of each sentence that is among the best; of the others, zero."""
    relevance = [0.0] * len(sentences)
    for index, score in Ranking(text for _, text in sentences).best(question, _MOST):
        relevance[index] = score
    return relevance


def _given(sentences: Sequence[tuple[int, str]], relevance: Sequence[float]) -> list[_Read]:
    """Return the sentences, read as far as they can be chosen."""
    near = {index + by for index, score in enumerate(relevance) if score for by in range(-3, 2)}
    return [
        _read(number, text) if index in near else _Read(number, text, frozenset(), leans=False, figures=False)
        for index, (number, text) in enumerate(sentences)
    ]


def _worth(question: str, given: Sequence[_Read], relevance: list[float]) -> list[float]:
    """Return what each sentence is worth by itself; all zero where none shares a term with the question."""
    highest = max(relevance, default=0.0)
    asks_figure = _asks_figure(question)
    worth: list[float] = []
    for index, one in enumerate(given):
        beside = max(relevance[max(index - 1, 0) : index] + relevance[index + 1 : index + 2], default=0.0)
        value = max(relevance[index], 0.0) + _NEIGHBOUR * beside
        # a number alone is no reason to keep a sentence, or every table would be kept
        worth.append(value + _FIGURE * highest if value and asks_figure and one.figures else value)
    return worth


def _asks_figure(question: str) -> bool:
    words = {token.text for token in tokens(question)}
    return bool(words & _ASKS_FIGURE) or any(asking in question for asking in _CJK_ASKS_FIGURE)


def _chosen(given: Sequence[_Read], worth: Sequence[float], budget: int) -> list[int]:
    kept: set[int] = set()
    said: set[str] = set()
    left = budget
    # the price does not change while choosing, only what is new does
    open_ = [index for index, value in enumerate(worth) if value > 0]
    while open_:
        gains = {index: _gain(given[index], worth[index], said) for index in open_}
        best = max(open_, key=lambda index: (gains[index], -index))
        open_.remove(best)
        together = [index for index in _with_context(given, best) if index not in kept]
        length = sum(len(given[index].text) for index in together)
        if length > left:
            continue
        left -= length
        for index in together:
            kept.add(index)
            said |= given[index].says
        # what does not fit now never will
        open_ = [index for index in open_ if index not in kept and len(given[index].text) <= left]
    return sorted(kept)


def _gain(one: _Read, worth: float, said: set[str]) -> float:
    known = len(one.says & said) / len(one.says) if one.says else 1.0
    return worth * (1 - _REDUNDANCY * known) / math.pow(max(len(one.text), 1), _LENGTH)


def _with_context(given: Sequence[_Read], index: int) -> list[int]:
    """Return a sentence with those before it that it leans on, at most two."""
    first = index
    while first > 0 and given[first].leans and index - first < 2:
        first -= 1
    return list(range(first, index + 1))


def _first(given: Sequence[_Read], budget: int) -> list[int]:
    chosen: list[int] = []
    for index, one in enumerate(given):
        budget -= len(one.text)
        if budget < 0:
            break
        chosen.append(index)
    return chosen


def _with_gaps(given: Sequence[_Read], chosen: Sequence[int]) -> str:
    lines: list[str] = []
    following = 0
    for index in chosen:
        if index > following:
            lines.append(GAP)
        lines.append(numbered([(given[index].number, given[index].text)]))
        following = index + 1
    if following < len(given):
        lines.append(GAP)
    return "\n".join(lines)
