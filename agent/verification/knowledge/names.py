"""Names of things in one normal form, and what two values that are numbers or dates say of each other."""

import re
import unicodedata
from decimal import Decimal
from typing import Literal

_SIGN = re.compile(r"[^\w\s]|_")
_INSIDE_NUMBERS = ".,:/-\u2212\u2013"
_DELETED = ".'\u2019\u02bc"
_KEPT = "#%&@*"
"""Punctuation that tells names apart, as in C# and C."""
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?")
_DATE = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
_LONGEST_VALUE = 100

Relating = Literal["same", "coarser", "finer", "other", "unlike"]
"""How a value relates to another: ``coarser`` is a year against a day of it; ``unlike`` cannot be compared."""


def normalise(text: str) -> str:
    """Return the form under which a name is looked up: NFKC, case folded, without punctuation that carries no meaning.

    Signs inside numbers stay, as do symbols. A name of nothing but punctuation keeps it.
    """
    if text.isascii() and text.replace(" ", "").isalnum():
        return " ".join(text.lower().split())
    # half characters, which JSON can carry, cannot be stored; NUL would end a text early
    text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace").replace("\0", " ")
    while (next_form := _step(text)) != text:
        text = next_form
    return text


def sorted_words(normal: str) -> str:
    """Return a normalised name with its words in alphabetical order."""
    return " ".join(sorted(normal.split()))


def local_name(iri: str) -> str:
    """Return the readable end of an IRI: ``http://example.org/birthPlace`` gives ``birth Place``."""
    end = re.split(r"[/#]", iri.rstrip("/#"))[-1]
    return apart(end)


def apart(name: str) -> str:
    """Return a name with its words apart: ``birthPlace`` and ``birth_Place`` give ``birth Place``."""
    return _CAMEL.sub(" ", name).replace("_", " ")


def compare_values(one: str, other: str) -> Relating:
    """Return how a number or an ISO date relates to another; anything else is ``unlike``."""
    one, other = one.strip(), other.strip()
    if max(len(one), len(other)) > _LONGEST_VALUE:
        return "unlike"
    if _DATE.fullmatch(one) and _DATE.fullmatch(other):
        if one == other:
            return "same"
        if other.startswith(one):
            return "coarser"
        return "finer" if one.startswith(other) else "other"
    if _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other):
        equal = Decimal(one.replace(",", "")) == Decimal(other.replace(",", ""))
        return "same" if equal else "other"
    return "unlike"


def _step(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_SIGN.sub(_replacement, folded).split()) or " ".join(folded.split())


def _replacement(match: re.Match[str]) -> str:
    sign, text = match[0], match.string
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    if sign in _KEPT or unicodedata.category(sign)[0] not in "PC":
        return sign
    if sign in _INSIDE_NUMBERS and after.isdigit() and not before.isalpha():
        return sign
    return "" if sign in _DELETED else " "
