"""Names in a text that is written with capital letters: words that are no common words by their spelling."""

import re

from agent.verification.lexicon import INTRODUCING_WORDS, MONTHS, SCOPE_WORDS, STOP_WORDS
from agent.verification.words import CJK

_WORD = re.compile(rf"[^\W\d_{CJK}][^\W_{CJK}]*(?:[._'\u2019-][^\W_{CJK}]+)*")


def listed(text: str) -> frozenset[str]:
    """Return the words of a text that lists words."""
    return frozenset(text.split())


_COMMON = (
    STOP_WORDS
    | SCOPE_WORDS
    | INTRODUCING_WORDS
    | MONTHS
    | listed("""
    after also although among any as both during each every first however in later many meanwhile more moreover most
    much nearly next now once one only other others over second several since some such then there therefore these
    third thus today two under until usually while yet
    """)
)
"""Words that may begin a sentence. One too few lets a sentence be looked at twice, one too many lets a name pass."""


def names_of(text: str) -> tuple[str, ...]:
    """Return the words of a text that may be names: with a capital letter, or with dots or underscores inside.

    Possessive endings are left out. Scripts without capital letters have no names here; their words are checked like
    all others.
    """
    found = (re.sub(r"['\u2019]s$", "", match[0]) for match in _WORD.finditer(text))
    names = [word for word in found if _is_name(word)]
    return tuple(dict.fromkeys(names))


def words_of(text: str) -> frozenset[str]:
    """Return all words of a text that may be names where they are written so, in lower case."""
    return frozenset(match[0].lower() for match in _WORD.finditer(text))


def _is_name(word: str) -> bool:
    if word.lower() in _COMMON and not word[1:].isupper():
        return False
    return any(character.isupper() for character in word) or re.search(r"\w[._]\w", word) is not None
