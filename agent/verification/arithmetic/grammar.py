"""The whitelisted grammar of computed expressions, and its exact evaluation.

Nothing is ever handed to an evaluator of code: tokens are parsed by recursive descent into exact fractions. What would
be too deep, too long or too large raises ``Unreadable`` before it is computed.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from agent.verification.arithmetic.computation import Uncomputable, Unreadable
from agent.verification.arithmetic.lexer import PARTS, SCALES, Token
from agent.verification.arithmetic.units import dimension, in_base, known_unit

DEEPEST = 40
"""Nested brackets of an expression."""
LARGEST_BITS = 4096
"""Size of a number that is still computed, about 1,200 digits."""
_LONGEST_LABEL = 4
_ROOT_SCALE = 10**40


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read what is ambiguous: a comma as decimal sign, ``80 + 15%`` as 80 and 15% of it.

    ``base_units`` converts every number that has a known unit into the base unit of its dimension;
    ``dozen_is_label`` reads "5 dozen" as five of something.
    """

    decimal_comma: bool = False
    running_percent: bool = False
    base_units: bool = False
    dozen_is_label: bool = False


@dataclass(frozen=True, slots=True)
class Side:
    """One side of an equation.

    Attributes:
        value: its value, exact but for roots.
        start: index of its first token.
        end: index behind its last token.
        operations: how many operations it has.
        digits: printed decimals of a plain number, None for anything else.
        step: size of the last digit of a plain number that is significant.
        units: known units and currencies of its numbers, in order; None stands for a number without one.
        divides: it contains a division or a root.
        percent: it is a plain number with a percent sign.
    """

    value: Fraction
    start: int
    end: int
    operations: int
    digits: int | None
    step: Fraction
    units: tuple[str | None, ...]
    divides: bool
    percent: bool


def number(raw: str, reading: Reading) -> tuple[Fraction, int]:
    """Return the value of a printed number and how many decimals it shows.

    Raises:
        Unreadable: its separators fit neither way of writing numbers, or it is too long.
    """
    if len(raw) > LARGEST_BITS // 4:
        raise Uncomputable("a number of too many digits")
    if "/" in raw:
        return Fraction(raw), 0
    mantissa, _, exponent = raw.partition("e")
    if exponent and abs(int(exponent)) > 400:
        raise Uncomputable("a number that is too large")
    for space in "'\u00a0\u202f\u2009":
        mantissa = mantissa.replace(space, "_")
    thousands, decimal = (".", ",") if reading.decimal_comma else (",", ".")
    whole, point, decimals = mantissa.partition(decimal)
    if decimal in decimals or thousands in decimals or "_" in decimals:
        raise Unreadable(f"{raw} is no number")
    groups = whole.replace("_", thousands).split(thousands)
    if len(groups) > 1 and (not 1 <= len(groups[0]) <= 3 or any(len(group) != 3 for group in groups[1:])):
        if not (thousands == "," and "," in whole and all(len(group) in (2, 3) for group in groups[1:])):
            raise Unreadable(f"{raw} is no number")
        if len(groups[-1]) != 3:
            raise Unreadable(f"{raw} is no number")
    if len(groups) > 1 and groups[0].startswith("0"):
        raise Unreadable(f"{raw} is no number")
    digits = "".join(groups) or "0"
    value = Fraction(f"{digits}.{decimals}" if point else digits) * Fraction(10) ** int(exponent or 0)
    return value, max(0, len(decimals) - int(exponent or 0))


def parse_side(tokens: Sequence[Token], start: int, stop: int, reading: Reading) -> Side:
    """Parse the longest expression that begins at a token and ends before another.

    Raises:
        Unreadable: there is none, it goes on with something unknown, or it is too large to compute.
    """
    return _Parser(tokens, start, stop, reading).side()


class _Parser:
    """Recursive descent over a slice of tokens."""

    def __init__(self, tokens: Sequence[Token], start: int, stop: int, reading: Reading) -> None:
        self._tokens, self._start, self._at, self._stop, self._reading = tokens, start, start, stop, reading
        self._operations = 0
        self._divides = False
        self._depth = 0
        self._shares: set[int] = set()
        self._percent = False
        self._units: list[str | None] = []
        self._digits: list[int] = []
        self._steps: list[Fraction] = []

    def side(self) -> Side:
        value, _ = self._sum()
        follow = self._peek()
        if follow is not None and follow.kind == "op" and self._goes_on():
            raise Unreadable("it goes on with something that is no number")
        plain = len(self._digits) == 1 and not self._operations
        return Side(
            value=value,
            start=self._start,
            end=self._at,
            operations=self._operations,
            digits=self._digits[0] if plain else None,
            step=self._steps[0] if plain else Fraction(1),
            units=tuple(self._units),
            divides=self._divides,
            percent=plain and self._percent,
        )

    def _peek(self, ahead: int = 0) -> Token | None:
        index = self._at + ahead
        return self._tokens[index] if index < self._stop else None

    def _is(self, kind: str, *values: str, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token is not None and token.kind == kind and (not values or token.value in values)

    def _goes_on(self) -> bool:
        """Say whether an operator that was not consumed binds something unknown, and is no dash or slash of prose."""
        sign, after = self._peek(), self._peek(1)
        if sign is None or after is None or sign.value in (":", "of"):
            return False
        if sign.value in ("*", "/") and sign.end - sign.start >= 4:
            return False  # "70 + 60 = 130 times before": the word counts
        dash = sign.value in ("-", "/") and not (sign.tight and after.tight)
        return not (dash and after.kind == "word" and len(after.value) > 1) and after.kind != "other"

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            raise Uncomputable("nested too deeply")

    def _bounded(self, value: Fraction) -> Fraction:
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > LARGEST_BITS:
            raise Uncomputable("too large to compute")
        return value

    def _starts(self, ahead: int) -> bool:
        token = self._peek(ahead)
        if token is None:
            return False
        if token.kind == "op" and token.value == "-":
            return self._is("number", ahead=ahead + 1) or self._is("currency", ahead=ahead + 1)
        return token.kind in ("number", "open", "currency", "function") or token.value in PARTS

    def _sum(self) -> tuple[Fraction, bool]:
        value, percent = self._product()
        while self._is("op", "+", "-") and self._starts(1):
            sign = 1 if self._tokens[self._at].value == "+" else -1
            self._at += 1
            term, term_percent = self._product()
            if term_percent and not percent and self._reading.running_percent:
                term *= value
            self._operations += 1
            value = self._bounded(value + sign * term)
        if self._is("op", "from") and self._starts(1):
            self._at += 1
            self._deeper()
            value = self._sum()[0] - value
            self._depth -= 1
            self._operations += 1
        return value, percent

    def _product(self) -> tuple[Fraction, bool]:
        value, percent = self._power()
        while True:
            shared = self._at in self._shares or (self._divides and self._is("word", "of") and self._starts(1))
            if shared or (self._is("op", "*", "/", "//", "mod", "of") and self._starts(1)):
                name = self._tokens[self._at].value
                self._at += 1
            elif self._is("open") and self._tokens[self._at].tight and self._starts(1):
                name = "*"
            else:
                return value, percent
            factor, _ = self._power()
            percent = False
            self._operations += 1
            if name in ("*", "of"):
                value = self._bounded(value * factor)
                continue
            self._divides = True
            if factor == 0:
                raise Uncomputable("division by zero has no value")
            if name == "/":
                value = self._bounded(value / factor)
            else:
                value = Fraction(value // factor) if name == "//" else value % factor

    def _power(self) -> tuple[Fraction, bool]:
        if self._is("op", "-", "+"):
            sign = -1 if self._tokens[self._at].value == "-" else 1
            self._at += 1
            self._deeper()
            value, percent = self._power()
            self._depth -= 1
            return sign * value, percent
        value, percent = self._primary()
        if self._is("power"):
            exponent = Fraction(self._tokens[self._at].value)
            self._at += 1
        elif self._is("op", "^"):
            self._at += 1
            self._deeper()
            exponent, _ = self._power()
            self._depth -= 1
        elif self._is("word", "squared", "cubed"):
            exponent = Fraction(2 if self._tokens[self._at].value == "squared" else 3)
            self._at += 1
        else:
            return value, percent
        self._operations += 1
        return self._raised(value, exponent), False

    def _raised(self, value: Fraction, exponent: Fraction) -> Fraction:
        if exponent == Fraction(1, 2):
            return self._root(value)
        if exponent.denominator != 1 or (value == 0 and exponent <= 0):
            raise Uncomputable("a power without a plain value")
        size = max(value.numerator.bit_length(), value.denominator.bit_length())
        if abs(exponent) > LARGEST_BITS or size * abs(exponent) > 2 * LARGEST_BITS:
            raise Uncomputable("too large to compute")
        return self._bounded(value ** int(exponent))

    def _root(self, value: Fraction) -> Fraction:
        if value < 0:
            raise Uncomputable("the root of a negative number")
        self._divides = True
        root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
        if root * root == value:
            return root
        return Fraction(math.isqrt(value.numerator * _ROOT_SCALE**2 // value.denominator), _ROOT_SCALE)

    def _primary(self) -> tuple[Fraction, bool]:
        self._deeper()
        token = self._peek()
        if token is None:
            raise Unreadable("nothing to compute")
        currency = token.value if token.kind == "currency" else None
        if currency:
            self._at += 1
            token = self._peek()
        if token is None:
            raise Unreadable("nothing to compute")
        if token.kind == "open":
            self._at += 1
            value, _ = self._sum()
            if not self._is("close"):
                raise Unreadable("a bracket is not closed")
            self._at += 1
            result = value, False
        elif token.kind == "function":
            self._at += 1
            result = self._function(token.value), False
        elif token.kind == "percent" and token.value == "百分之":
            self._at += 1
            result = self._plain(None)[0] / 100, True
        elif token.kind == "number" or token.value in PARTS:
            result = self._plain(currency)
        else:
            raise Unreadable(f"{token.value} is no number")
        self._label(bracketed=token.kind != "number")
        self._depth -= 1
        return result

    def _plain(self, currency: str | None) -> tuple[Fraction, bool]:
        """Read a number with its fraction, scale, percent sign and unit."""
        token = self._peek()
        if token is None or (token.kind != "number" and token.value not in PARTS):
            raise Unreadable("no number")
        self._at += 1
        if token.value in PARTS:
            value, decimals, step = Fraction(PARTS[token.value]), 9, Fraction(0)
            self._skip_of()
        else:
            value, decimals = number(token.value, self._reading)
            step = Fraction(0) if "/" in token.value else Fraction(1, 10**decimals)
            if "/" in token.value:
                self._skip_of()
        if self._is("number") and value.denominator == 1 and (mixed := self._mixed_fraction()):
            value, step, decimals = value + mixed, Fraction(0), 9
        after = self._peek()
        if after is not None and after.kind == "word" and after.value in PARTS and value.denominator == 1:
            value, step, decimals = value * Fraction(PARTS[after.value]), Fraction(0), 9
            self._at += 1
            self._skip_of()
            after = self._peek()
        while after is not None and after.kind == "word" and after.value in SCALES:
            if self._reading.dozen_is_label and after.value.startswith("dozen"):
                break
            value, step = value * SCALES[after.value], step * SCALES[after.value]
            self._at += 1
            after = self._peek()
        percent = self._is("percent")
        if percent:
            value, step, decimals = value / 100, step / 100, decimals + 2
            self._at += 1
            self._skip_of()
            self._percent = True
        unit = self._peek()
        name = known_unit(unit.value) if unit is not None and unit.kind == "word" else None
        name = self._per(name) if name else None
        self._units.append(currency or name)
        if name and self._reading.base_units:
            step = in_base(value + step, name) - in_base(value, name)
            value = in_base(value, name)
        self._digits.append(decimals)
        self._steps.append(step)
        if name and self._is("number", ahead=1) and self._is("word", ahead=2):
            rest = known_unit(self._tokens[self._at + 2].value)
            if rest and rest != name and dimension(rest) == dimension(name):
                self._at += 1
                self._operations += 1
                value += self._plain(None)[0]
        return self._bounded(value), percent

    def _per(self, name: str) -> str | None:
        """Return a unit with the one it is divided by, as in km/h; None where that is no known unit."""
        below = self._peek(2)
        if not self._is("op", "/", ahead=1) or below is None or below.kind != "word" or not self._joined(1):
            return name
        unit = known_unit(below.value)
        return f"{name}/{unit}" if unit else None

    def _skip_of(self) -> None:
        """Read the word "of" behind a share as a multiplication."""
        if self._is("word", "of") and self._starts(1):
            self._shares.add(self._at)

    def _mixed_fraction(self) -> Fraction | None:
        top, slash, bottom = self._peek(), self._peek(1), self._peek(2)
        if top is not None and "/" in top.value:
            self._at += 1
            return Fraction(top.value)
        if top is None or slash is None or bottom is None or slash.value != "/" or bottom.kind != "number":
            return None
        if not (slash.tight and bottom.tight and top.value.isdecimal() and bottom.value.isdecimal()):
            return None
        if len(bottom.value) > 6 or not 0 < int(top.value) < int(bottom.value):
            return None
        self._at += 3
        return Fraction(int(top.value), int(bottom.value))

    def _function(self, name: str) -> Fraction:
        if name == "frac":
            parts = [self._primary()[0], self._primary()[0]]
            if parts[1] == 0:
                raise Uncomputable("division by zero has no value")
            self._operations += 1
            self._divides = True
            return parts[0] / parts[1]
        if name in ("root", "twice", "thrice"):
            value, _ = self._primary()
            self._operations += 1
            return self._root(value) if name == "root" else value * (2 if name == "twice" else 3)
        values = [self._product()[0]]
        while self._is("word", "and", "to", "by", "from") or self._is("other", ",", "、"):
            before = self._at
            self._at += 2 if self._is("other") and self._is("word", "and", ahead=1) else 1
            if not self._starts(0):
                self._at = before
                break
            values.append(self._product()[0])
        if len(values) < 2 or (len(values) > 2 and name not in ("sum", "product", "mean")):
            raise Unreadable("a sentence about a computation that is not understood")
        self._operations += len(values)
        return self._bounded(self._applied(name, values))

    def _applied(self, name: str, values: list[Fraction]) -> Fraction:
        if name == "sum":
            return Fraction(sum(values))
        if name == "product":
            return math.prod(values, start=Fraction(1))
        if name == "difference":
            return abs(values[0] - values[1])
        if name == "subtract":
            return values[1] - values[0]
        self._divides = True
        if name == "mean":
            return Fraction(sum(values)) / len(values)
        if values[1] == 0:
            raise Uncomputable("division by zero has no value")
        return values[0] / values[1]

    def _label(self, *, bracketed: bool) -> None:
        """Skip the words that name what was counted, where the expression goes on behind them or ends there."""
        token = self._peek()
        if token is not None and token.kind == "word" and token.tight and not bracketed:
            name = token.value
            if len(name) == 1 and known_unit(name) is None and not "\u4e00" <= name <= "\u9fff":
                raise Unreadable(f"{name} is a variable")
        if token is not None and token.kind == "word" and bracketed and token.tight and len(token.value) == 1:
            raise Unreadable(f"{token.value} is a variable")
        if self._at in self._shares:
            return
        ahead = 0
        while True:
            if self._is("word", ahead=ahead) and not self._is("word", "and", "or", "squared", "cubed", ahead=ahead):
                token = self._peek(ahead)
                if token is not None and len(token.value) == 1 and token.value in "bcnpqrwxyz" and not token.tight:
                    raise Unreadable(f"{token.value} is a variable")
                ahead += 1
            elif self._is("op", "/", ahead=ahead) and self._is("word", ahead=ahead + 1) and self._joined(ahead):
                ahead += 2
            else:
                break
            if ahead > 2 * _LONGEST_LABEL:
                return
        follow = self._peek(ahead)
        if ahead and (follow is None or follow.kind in ("close", "op", "percent")):
            if follow is not None and follow.kind == "op" and not self._starts(ahead + 1):
                return
            self._at += ahead

    def _joined(self, ahead: int) -> bool:
        """Say whether a slash stands between two words without spaces, as in metres/day."""
        slash, after = self._peek(ahead), self._peek(ahead + 1)
        return slash is not None and after is not None and slash.tight and after.tight
