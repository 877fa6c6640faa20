"""Numbers with units and with words such as "at least", compared as the ranges they stand for."""

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from agent.verification.arithmetic.units import dimension, in_base, known_unit
from agent.verification.lexicon import CJK_MAGNITUDES, CURRENCIES, MAGNITUDES, SMALL_NUMBERS, TENS

if TYPE_CHECKING:
    from agent.verification.comparison.items import Item

Bound = Literal["=", ">=", ">", "<=", "<", "~"]
Relation = Literal["holds", "contrary", "limited", "open"]
"""How a claimed amount lies to the one of a text: it follows; both cannot be; the text gives it with a limit."""

CLOSE, FAR = Fraction(1, 20), Fraction(1, 5)
"""Relative differences up to which "about" holds, and beyond which it does not."""

_MORE_UNITS = {
    "kilometre/hour": "km/h kph kmh", "mile/hour": "mph", "meter/second": "m/s",
    "nanometer": "nm nanometers nanometres",
    "micrometer": "\u00b5m micrometers micrometres microns", "light_year": "light-year light-years",
    "hectare": "ha hectare hectares", "acre": "acre acres", "pound": "pounds pound", "ounce": "ounce ounces",
    "metric_ton": "t", "gallon": "gallon gallons", "millisecond": "ms millisecond milliseconds",
    "microsecond": "\u00b5s microsecond microseconds", "nanosecond": "ns nanosecond nanoseconds",
    "month": "month months 个月", "year": "year years yr yrs 年", "decade": "decade decades",
    "century": "century centuries", "kilobyte": "kb", "megabyte": "mb", "gigabyte": "gb gigabyte gigabytes",
    "terabyte": "tb terabyte terabytes", "bit": "bit bits", "megawatt": "mw megawatt megawatts",
    "gigawatt": "gw gigawatt gigawatts", "kilometer": "kms", "volt": "volt volts v", "ampere": "ampere amperes amps",
    "hertz": "hz hertz", "kilohertz": "khz", "megahertz": "mhz", "gigahertz": "ghz", "degree_Celsius": "\u2103",
    "degree_Fahrenheit": "\u2109", "kelvin": "kelvin kelvins", "meter": "meter meters", "knot": "knots",
    "tebibyte": "tib", "kilowatt*hour": "kwh kilowatt-hour kilowatt-hours",
    "megawatt*hour": "mwh megawatt-hour megawatt-hours",
    "gigawatt*hour": "gwh gigawatt-hour gigawatt-hours",
    "horsepower": "hp horsepower", "pascal": "pascal pascals", "hectopascal": "hpa", "calorie": "calories",
    "kilocalorie": "kcal", "fortnight": "fortnight",
}  # fmt: skip
_BITS = {"Kb": "kilobit", "Mb": "megabit", "Gb": "gigabit", "Tb": "terabit"}
"""Units that only case tells from bytes."""
_MONEY = {
    **CURRENCIES, "us$": "dollar", "a$": "Australian dollar", "au$": "Australian dollar", "c$": "Canadian dollar",
    "ca$": "Canadian dollar", "nz$": "New Zealand dollar", "hk$": "Hong Kong dollar", "s$": "Singapore dollar",
    "nt$": "Taiwan dollar",
}  # fmt: skip
_SQUARES = frozenset({"square", "sq", "cubic", "cu"})
_PHRASES: dict[Bound, str] = {
    ">=": "at least|no fewer than|no less than|not less than|not fewer than|a minimum of|minimum of|at minimum",
    "<=": "at most|no more than|not more than|up to|a maximum of|maximum of|as many as|as much as|not exceeding",
    ">": "more than|over|above|greater than|larger than|higher than|longer than|in excess of|exceeding|upwards of",
    "<": "less than|fewer than|under|below|lower than|smaller than|shorter than|just under",
    "~": "about|around|approximately|roughly|nearly|almost|circa|ca|c|approx|~|close to|some|an estimated|\u2248",
    "=": "exactly|precisely",
}
_BEFORE: tuple[tuple[tuple[str, ...], Bound], ...] = tuple(
    (tuple(phrase.split()), bound) for bound, phrases in _PHRASES.items() for phrase in phrases.split("|")
)
_PLAIN = re.compile(r"-?(?:\d{1,40}(?:\.\d{1,40})?|\.\d{1,40})(?:e[+-]?\d{1,2})?")
_SIGNS: dict[str, Bound] = {">": ">", "<": "<", "\u2265": ">=", "\u2264": "<="}
_AFTER: tuple[tuple[tuple[str, ...], Bound], ...] = (
    (("or", "more"), ">="), (("or", "less"), "<="), (("or", "fewer"), "<="), (("or", "above"), ">="),
    (("or", "older"), ">="), (("and", "over"), ">="), (("at", "least"), ">="), (("at", "most"), "<="), (("+",), ">="),
    (("or", "so"), "~"),
)  # fmt: skip
_CJK_BOUNDS: dict[str, Bound] = {"约": "~", "約": "~", "近": "~"}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as it is printed.

    Attributes:
        value: its value, magnitude and percent sign included.
        step: size of its last printed digit.
        unit: name of the unit in the library, a currency or ``%``; empty where there is none.
        bound: how it bounds the thing that it measures.
        plain: the number without unit and bound, for people.
    """

    value: Fraction
    step: Fraction
    unit: str
    bound: Bound
    plain: str


def compare_amounts(claimed: Amount, given: Amount) -> Relation:
    """Say how a claimed amount lies to the one that a text gives for the same thing."""
    if claimed.unit != given.unit:
        if bool(claimed.unit) != bool(given.unit) or _dimension(claimed.unit) != _dimension(given.unit):
            # the same number of another kind of unit cannot be right; another number may measure something else
            known = claimed.unit and given.unit and not given.unit.startswith(f"{claimed.unit}/")
            # "$5" may be dollars of any country
            known = known and not (claimed.unit.endswith("dollar") and given.unit.endswith("dollar"))
            return "contrary" if known and claimed.value == given.value else "open"
        converted = _converted(claimed, given.unit)
        return "open" if converted is None else _compare(converted, given, converted=True)
    return _compare(claimed, given, converted=False)


def _compare(claimed: Amount, given: Amount, *, converted: bool) -> Relation:
    if claimed.bound == "=" and given.bound == "=":
        return _exact(claimed, given, converted=converted)
    if "~" in (claimed.bound, given.bound):
        return _about(claimed, given)
    if claimed.bound == given.bound:
        return _same_bound(claimed, given)
    mine, other = _range(claimed), _range(given)
    if given.bound == "=" and _within(other, mine):
        return "holds"
    if _apart(mine, other):
        return "contrary"
    if claimed.value == given.value and {claimed.bound, given.bound} in ({">=", "<="}, {">", "<"}):
        return "contrary"
    return "limited" if claimed.bound == "=" else "open"


def _exact(claimed: Amount, given: Amount, *, converted: bool) -> Relation:
    error = abs(claimed.value - given.value)
    if not error:
        return "holds"
    size = max(abs(claimed.value), abs(given.value))
    if converted:
        if claimed.step and error <= claimed.step / 2 and error * 50 <= size:
            return "holds"
        return "contrary" if error * 20 > size else "open"
    rounded = claimed.step > given.step and error <= claimed.step / 2 and error * 50 <= size
    return "limited" if rounded else "contrary"


def _about(claimed: Amount, given: Amount) -> Relation:
    size = max(abs(given.value), abs(claimed.value))
    error = abs(claimed.value - given.value)
    if claimed.bound == given.bound == "~":
        return "holds" if not error else "contrary" if error > FAR * size else "open"
    if claimed.bound == "~" and given.bound == "=":
        return "holds" if error <= CLOSE * size else "contrary" if error > FAR * size else "open"
    if given.bound == "~" and claimed.bound == "=":
        return "limited" if error <= CLOSE * size else "contrary" if error > FAR * size else "open"
    return "open"


def _same_bound(claimed: Amount, given: Amount) -> Relation:
    """Compare two limits: a text names the closest one, so a closer one is another, and so is any other maximum."""
    if claimed.value == given.value:
        return "holds"
    closer = claimed.value > given.value if claimed.bound in (">", ">=") else claimed.value < given.value
    return "contrary" if closer or claimed.bound == "<=" else "open"


def _range(amount: Amount) -> tuple[Fraction | None, Fraction | None, bool]:
    """Return the ends of what an amount may be, None for no end, and whether the ends are left out."""
    if amount.bound in (">", ">="):
        return amount.value, None, amount.bound == ">"
    if amount.bound in ("<", "<="):
        return None, amount.value, amount.bound == "<"
    return amount.value, amount.value, False


def _within(
    inner: tuple[Fraction | None, Fraction | None, bool], outer: tuple[Fraction | None, Fraction | None, bool]
) -> bool:
    low = outer[0] is None or (
        inner[0] is not None and (inner[0] > outer[0] or (inner[0] == outer[0] and (inner[2] or not outer[2])))
    )
    high = outer[1] is None or (
        inner[1] is not None and (inner[1] < outer[1] or (inner[1] == outer[1] and (inner[2] or not outer[2])))
    )
    return low and high


def _apart(
    one: tuple[Fraction | None, Fraction | None, bool], other: tuple[Fraction | None, Fraction | None, bool]
) -> bool:
    for left, right in ((one, other), (other, one)):
        end, start = left[1], right[0]
        if end is not None and start is not None and (end < start or (end == start and (left[2] or right[2]))):
            return True
    return False


def read_amounts(items: "list[Item]") -> "list[Item]":
    """Return the items with numbers read, each together with its unit and the words that bound it."""
    from agent.verification.comparison.items import Item

    result: list[Item] = []
    position = 0
    while position < len(items):
        item = items[position]
        found = _number_at(items, position, result)
        if found is None:
            result.append(item)
            position += 1
            continue
        value, step, used = found
        text = " ".join(one.text for one in items[position : position + used])
        position += used
        unit, taken = _unit_at(items, position)
        if not unit and result and result[-1].key in _MONEY:
            unit = _MONEY[result.pop().key]
        plain = f"{text} {' '.join(one.text for one in items[position : position + taken])}".strip()
        position += taken
        bound, taken = _bound_after(items, position)
        position += taken
        bound = _bound_before(result) or bound or "="
        result.append(Item(plain, plain.lower(), "number", Amount(value, step, unit, bound, plain)))
    return result


def _number_at(items: "list[Item]", position: int, before: "list[Item]") -> tuple[Fraction, Fraction, int] | None:
    """Return value, step of the last digit and number of items of the number at a position."""
    item = items[position]
    if item.value is not None or item.kind not in ("number", "word", "cjk"):
        return None
    used = 1
    if item.kind == "number":
        if not _PLAIN.fullmatch(item.key):
            return None
        value = Fraction(item.key)
        digits = item.key.partition(".")[2]
        step = Fraction(1, 10 ** len(digits)) if digits.isdigit() else _trailing(item.key)
    else:
        words = _spelled(items, position, before)
        if words is None:
            return None
        value, used = Fraction(words[0]), words[1]
        step = Fraction(1)
    while position + used < len(items):
        following = items[position + used]
        factor = MAGNITUDES.get(following.key) or {"dozen": 12}.get(following.key)
        size = 1
        if following.kind == "cjk":
            pair = "".join(one.key for one in items[position + used : position + used + 2])
            factor = CJK_MAGNITUDES.get(pair)
            size = 2 if factor else 1
            factor = factor or CJK_MAGNITUDES.get(following.key)
        if not factor:
            break
        value, step, used = value * factor, step * factor, used + size
    return value, step, used


def _trailing(digits: str) -> Fraction:
    bare = digits.lstrip("-")
    zeros = len(bare) - len(bare.rstrip("0"))
    return Fraction(10 ** min(zeros, max(0, len(bare) - 1), 30))


def _spelled(items: "list[Item]", position: int, before: "list[Item]") -> tuple[int, int] | None:
    key = items[position].key
    tens, _, unit = key.partition("-")
    if tens in TENS and (not unit or unit in SMALL_NUMBERS):
        return TENS[tens] + (SMALL_NUMBERS[unit] if unit else 0), 1
    following = items[position + 1].key if position + 1 < len(items) else ""
    if key == "one" and (
        following in ("of", "another", "day", "can", "or", "'s")
        or not following.isalpha()
        or (before and before[-1].key in ("no", "any", "some", "every", "the", "this", "that", "which", "each"))
    ):
        return None
    if key == "single" and before and before[-1].key == "a":
        return 1, 1
    if key in SMALL_NUMBERS:
        return SMALL_NUMBERS[key], 1
    if key in ("a", "an") and following in ("hundred", "thousand", "million", "billion", "dozen"):
        return 1, 1
    return None


def _unit_at(items: "list[Item]", position: int) -> tuple[str, int]:
    """Return the unit at a position, by its name in the library, and how many items it takes."""
    texts = [one.text for one in items[position : position + 3]] + ["", "", ""]
    lowered = [text.lower() for text in texts]
    if lowered[0] in ("%", "percent", "pct"):
        return "%", 1
    if lowered[:2] == ["per", "cent"] or lowered[:2] == ["percentage", "points"]:
        return "%" if lowered[0] == "per" else "points", 2
    if lowered[0] in ("\u00b0", "degree", "degrees") and lowered[1] in ("c", "f", "celsius", "fahrenheit"):
        return ("degree_Celsius" if lowered[1][0] == "c" else "degree_Fahrenheit"), 2
    if lowered[0] in ("dollar", "dollars", "euro", "euros", "yen", "rupee", "rupees"):
        return lowered[0].removesuffix("s"), 1
    if lowered[0] in _SQUARES and (unit := _unit(texts[1])):
        return f"{unit}**{2 if lowered[0].startswith('s') else 3}", 2
    pair = texts[0] + texts[1]
    if items[position : position + 1] and items[position].kind == "cjk":
        if unit := _unit(pair):
            return unit, 2
        return ("%", 1) if texts[0] == "%" else (_unit(texts[0]), 1 if _unit(texts[0]) else 0)
    unit = _unit(texts[0])
    if unit and lowered[1] == "per" and (other := _unit(texts[2])):
        return f"{unit}/{other}", 3
    if unit and lowered[1] == "/" and (other := _unit(texts[2])):
        return f"{unit}/{other}", 3
    return unit, 1 if unit else 0


def different_units(one: str, other: str) -> bool:
    """Whether two words are names of units that are not the same."""
    units = _unit(one), _unit(other)
    return all(units) and units[0] != units[1] and min(len(one), len(other)) > 1


@lru_cache(maxsize=2_000)
def _unit(name: str) -> str:
    if name in ("M", "K", "C", "F", "S", "G", "H", "A", "B", "D", "L", "a", "in", "h"):
        return ""
    if name in _BITS:
        return _BITS[name]
    for unit, names in _MORE_UNITS.items():
        if name.lower() in names.split():
            return unit
    return known_unit(name) or ""


def _bound_before(result: "list[Item]") -> Bound | None:
    """Take the words that bound a number from the end of what was read, and return the bound."""
    if result and (sign := _SIGNS.get(result[-1].key)):
        result.pop()
        return sign
    if result and result[-1].kind == "cjk" and result[-1].key in _CJK_BOUNDS:
        return _CJK_BOUNDS[result.pop().key]
    keys = [one.key for one in result[-3:]]
    best: tuple[tuple[str, ...], Bound] | None = None
    for phrase, bound in _BEFORE:
        if tuple(keys[-len(phrase) :]) == phrase and (best is None or len(phrase) > len(best[0])):
            best = (phrase, bound)
    if best is None:
        return None
    del result[-len(best[0]) :]
    return best[1]


def _bound_after(items: "list[Item]", position: int) -> tuple[Bound | None, int]:
    keys = tuple(one.key for one in items[position : position + 2])
    for phrase, bound in _AFTER:
        if keys[: len(phrase)] == phrase:
            return bound, len(phrase)
    return None, 0


@lru_cache(maxsize=2_000)
def _dimension(unit: str) -> str:
    if unit == "%" or unit in _MONEY.values() or unit == "points":
        return unit
    return dimension(unit)


def _converted(amount: Amount, unit: str) -> Amount | None:
    """Return an amount in another unit of its dimension, None where that cannot be computed."""
    zero, one = _base(Fraction(0), unit), _base(Fraction(1), unit)
    if zero is None or one is None or one == zero:
        return None
    base, step = _base(amount.value, amount.unit), _base(amount.step, amount.unit)
    origin = _base(Fraction(0), amount.unit)
    if base is None or step is None or origin is None:
        return None
    value, scale = (base - zero) / (one - zero), (step - origin) / (one - zero)
    return Amount(value, abs(scale), unit, amount.bound, amount.plain)


@lru_cache(maxsize=2_000)
def _base(value: Fraction, unit: str) -> Fraction | None:
    try:
        return in_base(value, unit)
    except (ValueError, ArithmeticError, AttributeError):
        return None
