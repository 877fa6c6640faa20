"""Words in one normal form, for comparison only: what a question asks and what a text says."""

import re
from types import MappingProxyType

from agent.execution.guided.lexicon import listed, listed_stems, stems, synonyms

_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBER_WORDS = MappingProxyType(
    {word: str(value) for value, word in enumerate(_ONES)}
    | {word: str(10 * value) for value, word in enumerate(_TENS, start=2)}
)
_GROUPED = re.compile(r"(?<=\d)[, \u00a0\u202f'](?=\d{3}(?!\d))")
_TOKEN = re.compile(r"\d+(?:[.:/-]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*\d*[^\W_]*")


def words(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text in order, in lower case; small number words become digits."""
    plain = _GROUPED.sub("", text).casefold().replace("\u2019", "'")
    found = (match.removesuffix("'s") for match in _TOKEN.findall(plain))
    return tuple(_NUMBER_WORDS.get(word, word) for word in found)


def content(text: str) -> tuple[str, ...]:
    """Return the content words of a text in order, as stems."""
    return stems(tuple(word for word in words(text) if word not in listed("stop")))


def uncovered(question: str, text: str) -> tuple[str, ...]:
    """Return the content words of a question that a text has neither itself nor by a synonym of its own.

    Words that only name the kind of answer are left out. Words are returned as the question writes them.
    """
    known = set(stems(words(text)))
    missing = []
    for word in words(question):
        stem = stems((word,))[0]
        if word in listed("stop") or stem in listed_stems("asking") or known & synonyms(stem):
            continue
        missing.append(word)
    return tuple(dict.fromkeys(missing))


def is_light(word: str) -> bool:
    """Whether a word is so common that it says nothing a table would have to have."""
    return stems((word,))[0] in listed_stems("light")


def begins_with_one(word: str, names: tuple[str, ...]) -> bool:
    """Whether a word is written out what a column's name abbreviates: ``temperature`` for ``temp``."""
    return any(len(name) >= 3 and word.startswith(name) for name in names)
