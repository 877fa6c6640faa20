"""Values that programs print: one form for comparison and one for people."""

import re
from decimal import Decimal, InvalidOperation

from agent.domain.base import Fact

_NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:e[-+]?\d+)?%?", re.IGNORECASE)
_SHOWN_DECIMALS = 4
_TOLERANCE = Decimal("1e-6")


class Value(Fact):
    """What a program printed: a number, or one line of text."""

    text: str
    number: Decimal | None = None

    @property
    def shown(self) -> str:
        """The value for people: a number without trailing zeros and with at most four decimals."""
        if self.number is None:
            return self.text
        return f"{round(self.number, _SHOWN_DECIMALS).normalize():f}"


def value_of(printed: str) -> Value | None:
    """Return the one value in a program's output, or None where it printed nothing, several lines or a structure."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    if len(lines) != 1 or lines[0][0] in "[{(<" or lines[0].lower() in ("none", "nan", "inf", "-inf"):
        return None
    text = lines[0].strip("'\"")
    return Value(text=text, number=_number(text))


def agree(first: Value, second: Value) -> bool:
    """Whether two routes gave the same value; a number that one of them rounded agrees with the other's digits."""
    if first.number is None or second.number is None:
        return first.text.casefold().split() == second.text.casefold().split()
    difference = abs(first.number - second.number)
    if difference <= _TOLERANCE * max(Decimal(1), abs(first.number)):
        return True
    decimals = min(_decimals(first.number), _decimals(second.number))
    return decimals >= 1 and round(first.number, decimals) == round(second.number, decimals)


def more_exact(first: Value, second: Value) -> Value:
    """Return the one of two agreeing values that was rounded less."""
    if first.number is None or second.number is None:
        return first
    return first if _decimals(first.number) >= _decimals(second.number) else second


def _number(text: str) -> Decimal | None:
    if not _NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text.replace(",", "").rstrip("%"))
    except InvalidOperation:
        return None


def _decimals(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
