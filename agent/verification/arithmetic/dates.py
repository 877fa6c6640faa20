"""Judges statements about dates: the weekday of a date, the days between two, the date some days after, an age."""

import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType

from agent.domain.claims import Verdict
from agent.verification.arithmetic.computation import Computation

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_CHINESE_DAYS: Mapping[str, int] = MappingProxyType(
    {sign: day for day, sign in enumerate("一二三四五六日")} | {"天": 6}
)
_MONTH = rf"(?:{'|'.join(_MONTHS)}|(?:sept|{'|'.join(month[:3] for month in _MONTHS)})\.?)"
_DATE = (
    rf"(?:\d{{4}}-\d\d?-\d\d?|\d\d?/\d\d?/\d{{4}}|{_MONTH}\s+\d\d?(?:st|nd|rd|th)?,?\s+\d{{4}}"
    rf"|\d\d?(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+\d{{4}}|\d{{4}}年\d\d?月\d\d?[日号])(?!\d)"
)
_RELATIVE = r"(?:today|tomorrow|yesterday|今天|明天|昨天)"
_WHEN = rf"(?<![\w./-])(?:{_DATE}|{_RELATIVE})"
_IS = r"\s*,?\s*(?:is|was|will\s+be|falls\s+on|fell\s+on|是|=)\s*(?:on\s+)?(?:a\s+)?"
_WEEKDAY = re.compile(
    rf"(?P<date>{_WHEN}){_IS}(?:(?P<day>{'|'.join(_DAYS)})\b|星期(?P<cjk>[一二三四五六日天]))", re.IGNORECASE
)
_NAMED = re.compile(rf"\b(?P<day>{'|'.join(_DAYS)}),?\s+(?P<date>{_DATE})", re.IGNORECASE)
_COUNT = r"(?P<count>\d{1,3}(?:,\d{3})+|\d{1,7})\s+(?P<unit>days?|weeks?)"
_PAIR = rf"(?P<first>{_WHEN})\s*(?:and|to|until|till|through|-|–)\s*(?P<second>{_WHEN})"
_BETWEEN = (
    re.compile(rf"\b{_COUNT}\s+(?:lie\s+|passed\s+|elapsed\s+)?(?:between|from)\s+{_PAIR}", re.IGNORECASE),
    re.compile(
        rf"\b(?:between|from)\s+{_PAIR}\s*,?\s*(?:is|are|was|were|there\s+are|there\s+were|=)\s+{_COUNT}", re.IGNORECASE
    ),
)
_AFTER = re.compile(
    rf"\b{_COUNT}\s+(?P<way>after|before|from)\s+(?P<first>{_WHEN})\s+(?:is|was|will\s+be)\s+(?P<second>{_DATE})",
    re.IGNORECASE,
)
_AGE = re.compile(
    rf"\bborn\s+(?:on|in)\s+(?P<first>{_DATE}|\d{{4}})\b[^.!?\n]{{0,60}}?\b(?:was|is|turned|were|will\s+be)\s+"
    rf"(?P<age>\d{{1,3}})(?:\s+years?\s+old)?\s+(?:on|in)\s+(?P<second>{_DATE}|\d{{4}})(?!\d)",
    re.IGNORECASE,
)
_NOT_ASSERTED = re.compile(
    r"\b(?:if|suppose|assume|imagine|says?|said|claims?|claimed|not\s+true|false|wrong|incorrect|whether)\b"
    r"(?:\s+that)?[\s:,]*$",
    re.IGNORECASE,
)


class _NoDate(ValueError):
    """A date cannot be known: it is relative without a reference, or does not exist."""


def judge_dates(text: str, reference: date | None) -> Iterator[Computation]:
    """Yield a judgement for each statement about dates.

    Args:
        text: any text.
        reference: the day that "today" means; without it relative dates are unverifiable.
    """
    for match in _WEEKDAY.finditer(text):
        day = _CHINESE_DAYS[match["cjk"]] if match["cjk"] else _DAYS.index(match["day"].lower())
        yield _judged(text, match, _weekday, (match["date"],), reference, day)
    for match in _NAMED.finditer(text):
        yield _judged(text, match, _weekday, (match["date"],), reference, _DAYS.index(match["day"].lower()))
    for pattern in _BETWEEN:
        for match in pattern.finditer(text):
            yield _judged(text, match, _between, (match["first"], match["second"]), reference, _days(match))
    for match in _AFTER.finditer(text):
        days = _days(match) * (-1 if match["way"].lower() == "before" else 1)
        yield _judged(text, match, _after, (match["first"], match["second"]), reference, days)
    for match in _AGE.finditer(text):
        yield _aged(text, match, reference)


def _days(match: re.Match[str]) -> int:
    return int(match["count"].replace(",", "")) * (7 if match["unit"].lower().startswith("week") else 1)


def dates(raw: str, reference: date | None) -> tuple[date, ...]:
    """Return the days that a printed date can mean: two where day and month can change places.

    Raises:
        ValueError: there is no such day, or it is relative and there is no reference.
    """
    lowered = raw.lower()
    relative = {"today": 0, "今天": 0, "tomorrow": 1, "明天": 1, "yesterday": -1, "昨天": -1}
    if lowered in relative:
        if reference is None:
            raise _NoDate(f"{raw} needs a reference date")
        return (reference + timedelta(days=relative[lowered]),)
    numbers = [int(part) for part in re.findall(r"\d+", raw)]
    names = [n for n, month in enumerate(_MONTHS, 1) if re.search(rf"(?<![a-z]){month[:3]}", lowered)]
    if names:
        options = [(numbers[1], names[0], numbers[0])]
    elif "/" in raw:
        options = [(numbers[2], numbers[0], numbers[1]), (numbers[2], numbers[1], numbers[0])]
    else:
        options = [(numbers[0], numbers[1], numbers[2])]
    found = []
    for year, month, day in dict.fromkeys(options):
        try:
            found.append(date(year, month, day))
        except ValueError:
            continue
    if not found:
        raise _NoDate(f"{raw} is no day of the calendar")
    return tuple(found)


def _weekday(days: Sequence[date], wanted: int) -> tuple[Verdict, str]:
    verdict: Verdict = "supported" if days[0].weekday() == wanted else "contradicted"
    return verdict, f"{days[0].isoformat()} is a {_DAYS[days[0].weekday()].capitalize()}"


def _between(days: Sequence[date], wanted: int) -> tuple[Verdict, str]:
    count = abs((days[1] - days[0]).days)
    detail = f"{count} days from {days[0].isoformat()} to {days[1].isoformat()}"
    if wanted in (count + 1, count - 1):
        return "qualified", f"{detail}, when one end is counted"
    return ("supported" if wanted == count else "contradicted"), detail


def _after(days: Sequence[date], wanted: int) -> tuple[Verdict, str]:
    try:
        end = days[0] + timedelta(days=wanted)
    except OverflowError:
        return "unverifiable", "outside the calendar"
    return ("supported" if end == days[1] else "contradicted"), f"it is {end.isoformat()}"


def _judged(
    text: str,
    match: re.Match[str],
    method: Callable[[Sequence[date], int], tuple[Verdict, str]],
    raws: Sequence[str],
    reference: date | None,
    wanted: int,
) -> Computation:
    """Judge a statement in every meaning of its dates; meanings that disagree decide nothing."""
    try:
        meanings = list(itertools.product(*(dates(raw, reference) for raw in raws)))
    except ValueError as reason:
        return _made(text, match, "unverifiable", str(reason))
    outcomes = [method(days, wanted) for days in meanings]
    if len({verdict for verdict, _ in outcomes}) > 1:
        return _made(text, match, "unverifiable", f"day and month can change places: {outcomes[0][1]}")
    return _made(text, match, *outcomes[0])


def _aged(text: str, match: re.Match[str], reference: date | None) -> Computation:
    """Judge an age; two bare years leave two possible ages."""
    age = int(match["age"])
    try:
        spans = [_span(match[name], reference) for name in ("first", "second")]
    except ValueError as reason:
        return _made(text, match, "unverifiable", str(reason))
    (born_first, born_last), (at_first, at_last) = spans
    ages = range(_age(born_last, at_first), _age(born_first, at_last) + 1)
    detail = f"the age is {ages[0]}" if len(ages) == 1 else f"the age is from {ages[0]} to {ages[-1]}" if ages else ""
    if not ages or ages[-1] < 0:
        return _made(text, match, "unverifiable", "a birth after the date")
    if age not in ages:
        return _made(text, match, "contradicted", detail)
    return _made(text, match, "supported" if len(ages) == 1 else "qualified", detail)


def _span(raw: str, reference: date | None) -> tuple[date, date]:
    if raw.isdigit():
        return date(int(raw), 1, 1), date(int(raw), 12, 31)
    days = dates(raw, reference)
    return min(days), max(days)


def _age(born: date, at: date) -> int:
    return at.year - born.year - ((at.month, at.day) < (born.month, born.day))


def _made(text: str, match: re.Match[str], verdict: Verdict, detail: str) -> Computation:
    before = text[max(0, match.start() - 60) : match.start()]
    rest = re.match(r"[^.!?\n]{0,80}[?？]", text[match.end() : match.end() + 82])
    if verdict == "contradicted" and (rest or _NOT_ASSERTED.search(before)):
        verdict, detail = "unverifiable", f"{detail}; the text does not assert it"
    return Computation(
        kind="date", verdict=verdict, start=match.start(), end=match.end(), text=match[0], computed=detail
    )
