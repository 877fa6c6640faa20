"""English words by what they do in a question, read once from a data file beside this module."""

import re
import tomllib
from functools import cache
from importlib.resources import files

import snowballstemmer

_STEMMER_LANGUAGE = "english"
_USES = re.compile(r"(?<=[^\W\dao])uses$")


def listed(name: str) -> frozenset[str]:
    """Return a list of the lexicon as words."""
    return _lists()[name]


@cache
def listed_stems(name: str) -> frozenset[str]:
    """Return a list of the lexicon as stems."""
    return frozenset(stems(tuple(sorted(listed(name)))))


@cache
def synonyms(stem: str) -> frozenset[str]:
    """Return the stems that may stand for a stem, itself included."""
    return frozenset({stem}).union(*(group for group in _groups() if stem in group))


def stems(items: tuple[str, ...]) -> tuple[str, ...]:
    """Return the English Porter 2 stems of words; numbers stay as they are."""
    # the stemmer keeps the e of buses
    singular = [_USES.sub("us", item) for item in items]
    stemmed: list[str] = snowballstemmer.stemmer(_STEMMER_LANGUAGE).stemWords(singular)
    return tuple(stemmed)


@cache
def _lists() -> dict[str, frozenset[str]]:
    return {name: frozenset(value.split()) for name, value in _data().items() if isinstance(value, str)}


@cache
def _groups() -> tuple[frozenset[str], ...]:
    return tuple(frozenset(stems(tuple(group.split()))) for group in _data()["synonyms"])


def _data() -> dict[str, str | list[str]]:
    source = (files("agent.execution.guided") / "lexicon.toml").read_text(encoding="utf-8")
    return tomllib.loads(source)
