"""Numbers of cells and of claims: their value, the digits they are printed with, and their unit."""

import re
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Literal, NamedTuple

from agent.verification.arithmetic.units import factor, known_unit

Comparing = Literal["same", "rounded", "other", "unlike"]
"""How a printed number relates to a cell: ``rounded`` to a whole number, of millions for one; ``unlike``: unclear."""

_MAGNITUDES: Mapping[str, int] = MappingProxyType(
    {"thousand": 10**3, "thousands": 10**3, "k": 10**3, "million": 10**6, "millions": 10**6, "mio": 10**6}
    | {"mn": 10**6, "billion": 10**9, "billions": 10**9, "bn": 10**9, "trillion": 10**12, "trillions": 10**12}
)
_CURRENCIES: Mapping[str, str] = MappingProxyType(
    {"$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "€": "EUR", "eur": "EUR", "euro": "EUR"}
    | {"euros": "EUR", "£": "GBP", "gbp": "GBP", "¥": "JPY", "jpy": "JPY", "yen": "JPY"}
)
_AREAS: Mapping[str, str] = MappingProxyType(
    {"km²": "km2", "km2": "km2", "m²": "m2", "m2": "m2", "km^2": "km2", "m^2": "m2", "ha": "ha", "hectares": "ha"}
)
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
NUMBER = re.compile(
    rf"(?<![\w.,])(?P<sign>[-+\u2212])?(?P<money>[$€£¥])?\s?(?P<digits>{_DIGITS})(?![\d]|[.,]\d)"
    rf"(?:\s?(?P<scale>{'|'.join(sorted(_MAGNITUDES, key=len, reverse=True))})\b)?"
    r"(?:\s?(?P<unit>%|per\s?cent\b|[$€£¥]|[a-zµ°]+[²2]?(?!\w)))?",
    re.IGNORECASE,
)
"""A number as people print it, with the word behind it, which may be a unit."""


class Amount(NamedTuple):
    """A number.

    Attributes:
        step: size of its last printed digit.
        unit: empty where none is known.
        scaled: it is written with a magnitude, such as ``million``.
        decimals: it is written with digits behind a point.
    """

    value: Fraction
    step: Fraction
    unit: str
    scaled: bool = False
    decimals: bool = False


class Scale(NamedTuple):
    """What a column's numbers are counted in."""

    times: int
    unit: str


def amount_of(match: re.Match[str]) -> Amount:
    """Return what a match of ``NUMBER`` says; a word behind it that is no unit is left out."""
    digits = match["digits"].replace(",", "")
    times = _MAGNITUDES.get((match["scale"] or "").lower(), 1)
    step = Fraction(times, 10 ** len(digits.partition(".")[2]))
    value = Fraction(digits) * times
    unit = unit_of(match["money"] or "") or unit_of(match["unit"] or "")
    return Amount(-value if match["sign"] in ("-", "\u2212") else value, step, unit, times != 1, "." in digits)


def unit_of(word: str) -> str:
    """Return one name for a unit however it is written; empty where a word is none."""
    word = " ".join(word.lower().split())
    if word in ("%", "percent", "per cent"):
        return "%"
    return _CURRENCIES.get(word) or _AREAS.get(word) or known_unit(word) or ""


def cell_amount(cell: str) -> Amount | None:
    """Return the number of a cell that holds one number, perhaps with a unit, and nothing else."""
    match = NUMBER.fullmatch(cell.strip())
    if match is None or (match["unit"] and not unit_of(match["unit"])):
        return None
    return amount_of(match)


def scale_of(text: str) -> Scale | None:
    """Return what the remark of a header counts in, such as ``millions``, ``k€``, ``km`` or ``%``; None for others."""
    text = " ".join(text.lower().removeprefix("in ").split())
    if unit := unit_of(text):
        return Scale(1, unit)
    match = re.fullmatch(r"(?P<scale>[a-z]+?)(?:\s+of)?\s*(?P<unit>[$€£¥]|\b[a-z]+[²2]?)?", text)
    if text in _MAGNITUDES:
        return Scale(_MAGNITUDES[text], "")
    if match is None or match["scale"] not in (*_MAGNITUDES, "m") or not match["unit"]:
        return None
    unit = unit_of(match["unit"])
    if not unit or (match["scale"] == "m" and unit not in _CURRENCIES.values()):
        return None
    return Scale(_MAGNITUDES.get(match["scale"], 10**6), unit)


def compare_amounts(said: Amount, held: Fraction, unit: str) -> Comparing:
    """Return how a number that is said relates to one that is held, in ``unit``.

    A number with decimals may be rounded to them.
    """
    if said.unit != unit:
        rate = _rate(said.unit, unit)
        if rate is None:
            return "unlike"
        said = said._replace(value=said.value * rate, step=said.step * rate, unit=unit)
    if said.value == held:
        return "same"
    if abs(said.value - held) <= said.step / 2:
        return "same" if said.decimals and held and said.value else "rounded"
    return "other"


def _rate(one: str, other: str) -> Fraction | None:
    physical = known_unit_name(one) and known_unit_name(other)
    return factor(one, other) if physical else None


def known_unit_name(unit: str) -> bool:
    """Whether a name of ``unit_of`` is one that can be converted."""
    return bool(unit) and unit not in ("%", *_CURRENCIES.values(), *_AREAS.values())
