"""Dates of different precision: "2023" holds of 2 October 2023, another year does not."""

import calendar
import re
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from agent.verification.comparison.items import Item

_SHORT = "jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec"
_LONG = "january|february|march|april|may|june|july|august|september|october|november|december"
_MONTH = rf"(?:{_LONG}|{_SHORT})\b\.?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"[12]\d{3}"
DATE = (
    rf"(?<![\w.-]){_YEAR}-\d\d?-\d\d?(?![\w-])"
    rf"|\b{_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+{_YEAR}\b)?"
    rf"|\b{_MONTH}\s+{_DAY}\b(?!\s*(?:%|percent|million))(?:\s*,?\s+{_YEAR}\b)?"
    rf"|\b{_MONTH},?\s+{_YEAR}\b"
    r"|\b[12]\d\d0s\b|\b\d{1,2}(?:st|nd|rd|th)\s+century\b"
    r"|\d{4}年(?:\d\d?月(?:\d\d?[日号])?)?|\d\d?月\d\d?[日号]"
)
"""A printed date as a regular expression; bare years depend on the words around them."""

_RELATIONS = {
    "in": "", "on": "", "during": "", "since": "since", "before": "before", "after": "after", "until": "until",
    "till": "until", "by": "by", "from": "from", "around": "about", "about": "about", "circa": "about", "ca": "about",
    "c": "about",
}  # fmt: skip
_YEAR_BEFORE = frozenset(_RELATIONS) | frozenset(
    "of year early late mid the and to between through approximately spring summer autumn winter fall".split()  # noqa: SIM905
)
_MARKS_BEFORE = frozenset("(-,\u2013")

Order = Literal["inside", "outside", "overlapping"]


@dataclass(frozen=True, slots=True)
class Period:
    """Days from ``first`` to ``last``, as ordinals; without a year only month and day are known.

    ``relation`` is the word before it where that is not "in" or "on": ``since``, ``before``, ``about``.
    """

    first: int
    last: int
    yearless: tuple[int, int] | None = None
    relation: str = ""

    @property
    def years(self) -> tuple[int, int]:
        """First and last year."""
        return date.fromordinal(self.first).year, date.fromordinal(self.last).year


def compare_periods(claimed: Period, given: Period) -> Order:
    """Say how a claimed date lies to the one that a text gives; "inside" also where the text is more exact."""
    if claimed.relation != given.relation:
        return "overlapping"
    if claimed.yearless or given.yearless:
        return _yearless(claimed, given)
    if claimed.first <= given.first and given.last <= claimed.last:
        if claimed.relation and (claimed.first, claimed.last) != (given.first, given.last):
            return "overlapping"
        return "inside"
    if claimed.last < given.first or given.last < claimed.first:
        return "overlapping" if claimed.relation == "about" else "outside"
    return "overlapping"


def _yearless(claimed: Period, given: Period) -> Order:
    mine, other = (one.yearless or _month_day(one) for one in (claimed, given))
    if mine is None or other is None:
        return "overlapping"
    if mine != other:
        return "outside"
    return "inside" if claimed.yearless else "overlapping"


def _month_day(period: Period) -> tuple[int, int] | None:
    day = date.fromordinal(period.first)
    return (day.month, day.day) if period.first == period.last else None


def period_of(printed: str) -> Period | None:
    """Return what a printed date means; None where there is no such day."""
    lowered = printed.lower()
    if match := re.fullmatch(r"([12]\d\d0)s", lowered):
        return _years(int(match[1]), int(match[1]) + 9)
    if match := re.fullmatch(r"(\d{1,2})\w\w\s+century", lowered):
        return _years(int(match[1]) * 100 - 99, int(match[1]) * 100) if int(match[1]) else None
    numbers = [int(part) for part in re.findall(r"\d+", lowered)]
    month = next((n for n, name in enumerate(_LONG.split("|"), 1) if re.search(rf"(?<![a-z]){name[:3]}", lowered)), 0)
    year, day = 0, 0
    if month:
        year = next((n for n in numbers if n > 31), 0)
        day = next((n for n in numbers if n <= 31), 0)
    elif "年" in lowered or "月" in lowered or "-" in lowered:
        if "年" in lowered or "-" in lowered:
            year, *numbers = numbers
        month, day = ([*numbers, 0, 0])[:2]
    else:
        year = numbers[0]
    return _made(year, month, day)


def _made(year: int, month: int, day: int) -> Period | None:
    try:
        if not year:
            date(2000, month, day)
            return Period(1, 1, (month, day))
        if day:
            exact = date(year, month, day).toordinal()
            return Period(exact, exact)
        if month:
            last = calendar.monthrange(year, month)[1]
            return Period(date(year, month, 1).toordinal(), date(year, month, last).toordinal())
        return _years(year, year)
    except ValueError:
        return None


def _years(first: int, last: int) -> Period:
    return Period(date(first, 1, 1).toordinal(), date(last, 12, 31).toordinal())


def read_periods(items: "list[Item]") -> "list[Item]":
    """Return the items with dates read, each together with the word that relates it ("in", "since")."""
    from agent.verification.comparison.items import Item

    result: list[Item] = []
    for position, item in enumerate(items):
        following = items[position + 1] if position + 1 < len(items) else None
        period = None
        if item.kind == "date" or (item.kind == "number" and _is_year(items, position, following)):
            period = period_of(item.key)
        if period is None:
            result.append(Item(item.text, item.key, "number") if item.kind == "date" else item)
            continue
        text = item.text
        if result and result[-1].key in ("early", "mid", "late"):
            text = f"{result[-1].text} {text}"
            period = _third(period, result.pop().key)
            if result and result[-1].key == "the":
                result.pop()
        elif re.fullmatch(r"[12]\d\d0s|.*century", item.key) and result and result[-1].key == "the":
            result.pop()
        if result and result[-1].key in _RELATIONS:
            related = result.pop()
            text = f"{related.text} {text}"
            period = replace(period, relation=_RELATIONS[related.key])
            if period.relation == "about" and result and result[-1].key in ("in", "on"):
                text = f"{result.pop().text} {text}"
        result.append(Item(text, text.lower(), "date", period))
    return result


def _third(period: Period, part: str) -> Period:
    length = (period.last - period.first + 1) // 3
    at = ("early", "mid", "late").index(part)
    last = period.last if part == "late" else period.first + (at + 1) * length
    return replace(period, first=period.first + at * length, last=last)


def _is_year(items: "list[Item]", position: int, following: "Item | None") -> bool:
    if not re.fullmatch(r"1[1-9]\d\d|20\d\d", items[position].text):
        return False
    before = items[position - 1].key if position else ""
    if before in ("about", "around", "over", "under", "than", "least", "most", "to"):
        return following is None or following.kind == "mark"
    return before in _YEAR_BEFORE | _MARKS_BEFORE or (position == 0 and (following is None or following.kind == "mark"))
