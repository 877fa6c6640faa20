"""Time, bounds and units of a statement: found, cut off, and kept in the words of the text.

A relative date such as "last year" stays as it is: nobody knows here when the text was written.
"""

import re
from typing import NamedTuple

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan\.?|Feb\.?|Mar\.?|Apr\.?|Jun\.?|Jul\.?|Aug\.?|Sept?\.?|Oct\.?|Nov\.?|Dec\.?)"
)
_YEAR = r"(?:1\d{3}|20\d{2})"
DATE = (
    rf"(?:\d{{1,2}}(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}|{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+{_YEAR}"
    rf"|{_MONTH}(?:\s+of)?,?\s+{_YEAR}|{_YEAR}-\d{{2}}-\d{{2}}|the\s+(?:early\s+|late\s+|mid-?\s*)?\d{{2,3}}0s"
    r"|the\s+(?:early\s+|late\s+|mid-?\s*)?(?:\d{1,2}(?:st|nd|rd|th))\s+century(?:\s+(?:BCE?|AD|CE))?"
    rf"|\d{{1,4}}\s+(?:BCE?|AD|CE)|AD\s+\d{{1,4}}|{_YEAR}(?![\d,.]\d))"
)
"""An absolute date in English, as a pattern; a number of four digits is a year from 1000 to 2099 only."""
_ON = r"(?:in|on|during|at\s+the\s+(?:start|beginning|end)\s+of)"
_OTHER = r"(?:since|until|till|by|before|after|from|between|around|circa|as\s+of|up\s+to)"
_SPAN = rf"{DATE}(?:\s*(?:to|until|through|and|-|\u2013)\s*(?:{DATE}|now|today|the\s+present))?"
_RELATIVE = (
    r"(?:(?:last|this|next|the\s+past|the\s+previous)\s+(?:year|month|week|decade|century|summer|winter|spring|autumn|fall"
    r"|season|night|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)|yesterday|today|tomorrow|tonight|currently"
    r"|presently|nowadays|now|recently|lately|at\s+present|at\s+the\s+moment|these\s+days"
    r"|(?:\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten|a\s+few|several|many)\s+(?:years?|months?|weeks?|days?|hours?)\s+ago)"
)
_WHEN = rf"(?:(?P<on>{_ON})\s+(?P<date>{_SPAN})|(?P<other>{_OTHER}\s+{_SPAN})|(?P<relative>{_RELATIVE}))"
_LEADING = re.compile(rf"(?i:{_WHEN}),\s+(?=\S)")
_LEADING_BARE = re.compile(rf"(?i:(?P<on>{_ON})\s+(?P<date>{_SPAN}))\s+(?=[A-Z])")
_TRAILING = re.compile(rf",?\s+(?i:{_WHEN})$")
_INNER = re.compile(r"(?<=\s)(?P<cop>is|are|was|were)\s+(?P<relative>currently|now|presently|still)\s+", re.IGNORECASE)
_ANY = re.compile(rf"\b(?i:{DATE})(?![\w])")

CJK_DATE = (
    r"(?:(?:公元)?前?\d{1,4}年(?:代)?(?:\d{1,2}月)?(?:\d{1,2}[日号號])?|\d{1,2}世[纪紀](?:\d0年代)?|"
    r"[一二三四五六七八九十]+世[纪紀])"
)
"""An absolute date in Chinese, as a pattern."""
_CJK_RELATIVE = "(?:去年|今年|明年|前年|昨天|今天|明天|上个?月|下个?月|本月|上周|本周|目前|现在|現在|如今|近年来?|最近)"
_CJK_LEADING = re.compile(
    rf"[在于於自从從]?(?P<date>{CJK_DATE})(?P<after>起|以来|后|前|之前|之后|初|末|底)?[，,]|(?P<relative>{_CJK_RELATIVE})[，,]?"
)

BOUND = (
    r"(?P<bound>at\s+least|at\s+most|no\s+(?:more|fewer|less)\s+than|more\s+than|less\s+than|fewer\s+than|over|under|above|below"
    r"|about|around|approximately|approx\.|roughly|nearly|almost|some|exactly|only|just(?:\s+(?:over|under))?|up\s+to|a\s+minimum\s+of"
    r"|a\s+maximum\s+of)"
)
"""Words before a number that make it a bound or an estimate."""
_DIGITS = r"[$\u20ac\u00a3\u00a5]?\s?[-\u2212]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_SPELLED = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    r"|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)"
    r"(?:-(?:one|two|three|four|five|six|seven|eight|nine))?|one(?=\s+(?:hundred|thousand|million|billion)))"
)
NUMBER = rf"(?P<number>(?:{_DIGITS}|{_SPELLED})(?:\s+(?:hundred|thousand|million|billion|trillion))*)"
"""A number in English text, in digits or words, with its magnitude."""


class Timed(NamedTuple):
    """A statement without its time, and that time as it is written; ``since 1990`` keeps its preposition.

    Attributes:
        plain: the time is a date or period in or on which something happened.
    """

    text: str
    time: str = ""
    plain: bool = True


def without_time(text: str) -> Timed | None:
    """Return an English statement and its time apart; None where it has several times, or one inside of it.

    Args:
        text: one sentence without its full stop.
    """
    found: list[tuple[str, bool]] = []
    for pattern in (_LEADING, _LEADING_BARE):
        if match := pattern.match(text):
            found.append(_time(match))
            text = text[match.end() :]
            break
    if match := _TRAILING.search(text):
        found.append(_time(match))
        text = text[: match.start()]
    if match := _INNER.search(text):
        found.append((match["relative"].lower(), False))
        text = f"{text[: match.start()]}{match['cop']} {text[match.end() :]}"
    if len(found) > 1:
        return None
    time, is_plain = found[0] if found else ("", True)
    return Timed(text, time, is_plain)


def has_date(text: str) -> bool:
    """Whether a part of an English statement has an absolute date."""
    return _ANY.search(text) is not None


def without_cjk_time(text: str) -> Timed:
    """Return a Chinese statement without the time it begins with."""
    match = _CJK_LEADING.match(text)
    if not match or match.end() == len(text):
        return Timed(text)
    time = match["relative"] or f"{match['date']}{match['after'] or ''}"
    return Timed(text[match.end() :], time, not match["relative"] and not match["after"])


def _time(match: re.Match[str]) -> tuple[str, bool]:
    groups = match.groupdict()
    if groups.get("relative"):
        return " ".join(match["relative"].lower().split()), False
    if groups.get("other"):
        return " ".join(match["other"].split()), False
    return " ".join(match["date"].split()), True
