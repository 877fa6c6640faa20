"""How the situations of corrections are read: which words, names and numbers they are compared by."""

import re

from agent.memory.corrections.facts import LONGEST_SITUATION
from agent.memory.corrections.nearness import Reading
from agent.verification.lexicon import CJK_STOP
from agent.verification.words import CJK, features, tokens

_WORD_WEIGHT, _NUMBER_WEIGHT, _PAIR_WEIGHT = 1.0, 0.5, 0.5
"""Numbers of a key must be there anyway, and others are often what was wrong; a CJK word makes about two pairs."""

_CJK = re.compile(f"[{CJK}]")
_NUMBER = re.compile(r"-?\d")
_WORD = re.compile(r"[^\W\d_][\w'-]*")
_BEGINNING = re.compile(r"(?:^|[.!?:\n])[\s\"'(\u201c]*$")
_PARTICLES = CJK_STOP | frozenset("有多少几幾什谁誰哪何如请請问問它他她")


def read_situation(text: str) -> Reading:
    """Return what a situation is compared by: stems of words without stop words, numbers, pairs of CJK characters.

    A word with a capital inside a sentence, or of capitals alone, is a name. Of texts over ``LONGEST_SITUATION``
    characters the rest is not read.
    """
    text = text[:LONGEST_SITUATION]
    terms = {term for term in features(tokens(text)) if not any(sign in _PARTICLES for sign in term)}
    signs = frozenset(_CJK.findall(text)) - _PARTICLES
    return Reading(
        weights={term: _weight(term) for term in sorted(terms)},
        names=features(tokens(" ".join(_names(text)))) & terms,
        numbers=frozenset(term for term in terms if _NUMBER.match(term)),
        signs=signs,
    )


def _weight(term: str) -> float:
    if _NUMBER.match(term):
        return _NUMBER_WEIGHT
    return _PAIR_WEIGHT if _CJK.match(term) else _WORD_WEIGHT


def _names(text: str) -> list[str]:
    return [
        word[0]
        for word in _WORD.finditer(text)
        if word[0][0].isupper()
        and not _CJK.search(word[0])
        and (
            (len(word[0]) > 1 and word[0].isupper())
            or not _BEGINNING.search(text[max(0, word.start() - 8) : word.start()])
        )
    ]
