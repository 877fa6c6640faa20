"""Compares what was computed with what is printed, by the digits that are printed."""

from fractions import Fraction

from agent.domain.claims import Verdict
from agent.verification.arithmetic.grammar import Side

NEGLIGIBLE = Fraction(1, 10**30)
"""Relative error of a root that was computed to a limited precision."""
CLOSE, FAR = Fraction(1, 20), Fraction(1, 5)
"""Relative errors up to which "about" holds, and beyond which it does not."""


def shown(value: Fraction) -> str:
    """Return a value as people print it: a decimal where it is one, else a fraction or ten digits."""
    denominator = value.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if value.denominator == 1:
        text = str(value.numerator)
        return text if len(text) <= 40 else f"{text[:12]}... ({len(text)} digits)"
    try:
        return f"{float(value):.12g}" if denominator == 1 else f"{float(value):.10g}"
    except OverflowError:
        return "a value of very many digits"


def compare(left: Side, right: Side, relation: str) -> tuple[Verdict, str]:
    """Return whether a relation holds between two sides, and what was computed."""
    if relation in ("=", "~"):
        return _equal(left, right, about=relation == "~")
    detail = f"{shown(left.value)} and {shown(right.value)}"
    holds = {
        "!=": left.value != right.value,
        "<": left.value < right.value,
        ">": left.value > right.value,
        "<=": left.value <= right.value,
        ">=": left.value >= right.value,
    }[relation]
    return ("supported" if holds else "contradicted"), detail


def _equal(left: Side, right: Side, *, about: bool) -> tuple[Verdict, str]:
    printed, other = (right, left) if right.digits is not None else (left, right)
    exact, value, step = other.value, printed.value, printed.step if printed.digits is not None else Fraction(0)
    if printed.percent and not other.percent and abs(exact - 100 * value) <= 50 * step:
        exact /= 100  # "12 / 80 * 100 = 15%": the factor is in both
    error = abs(exact - value)
    detail = (
        f"computed {shown(exact)}" if printed.digits is not None else f"{shown(left.value)} and {shown(right.value)}"
    )
    if error == 0 or error <= NEGLIGIBLE * max(abs(exact), Fraction(1)):
        return "supported", detail
    if step and error <= step / 2:
        rounded = f"{detail}, printed rounded"
        return ("supported" if about or (step < 1 and value) else "qualified"), rounded
    cut = abs(value) < abs(exact) < abs(value) + step and exact * value >= 0
    if cut and other.divides:
        return "qualified", f"{detail}, printed cut off"
    if about:
        size = abs(exact) or Fraction(1)
        if error <= CLOSE * size:
            return "supported", detail
        return ("qualified" if error <= FAR * size else "contradicted"), detail
    return "contradicted", detail
