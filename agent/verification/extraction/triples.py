"""Triples by rules: a statement that is as a whole one of a few patterns. Everything else has none.

Relations and objects keep the words of the statement; nothing is learnt and nothing is looked up. Time, bounds and
units are qualifiers. A copula in the past without a date has the time ``past``: what was so need not be so now.
"""

import re
from collections.abc import Iterator, Sequence

from agent.domain.claims import Statement
from agent.verification.extraction.cjk_triples import cjk_triples
from agent.verification.extraction.english import Parts, Pattern, is_thing, patterns
from agent.verification.extraction.qualifiers import Timed, has_date, without_time
from agent.verification.negation import is_denied, unshared_scope
from agent.verification.words import CJK

_LONGEST = 240
_OUTSIDE = re.compile(r"[\"\u201c\u201d`;:?!\[\]{}<>=|*\n\u2026]|\.\.\.|\s[-\u2013\u2014]\s|\u2014")
_PARTICIPLE = re.compile(
    r"\b(?:[a-z]{2,}ed|[a-z]{3,}ing|set|made|held|built|born|shot|known|written|won|led|taken|given|found)\b"
)
_CJK = re.compile(f"[{CJK}]")
_NO_VALUE = re.compile(
    r"(?:yes|no|n/?a|none|unknown|[-\u2013\u2014?\u2713\u2714\u2717\u2718\u00d7xX.]*|是|否|有|无|無)", re.IGNORECASE
)


def triples_of(statement: str) -> tuple[Statement, ...]:
    """Return the triples of a statement, or nothing where no pattern fits the whole of it."""
    body = statement.strip().rstrip(".\u3002!\uff01").strip()
    if len(body) > _LONGEST or not body:
        return ()
    if _CJK.search(body):
        return cjk_triples(body)
    if _OUTSIDE.search(body):
        return ()
    timed = without_time(body)
    if timed is None:
        return ()
    # "is a film released in 2011": the date belongs to the film's release, and stays where it is
    return tuple(_english(timed)) or (tuple(_english(Timed(body), literal=True)) if timed.time else ())


def _english(timed: Timed, *, literal: bool = False) -> Iterator[Statement]:
    for pattern in patterns():
        if literal and pattern.named:
            continue
        if (match := pattern.expression.fullmatch(timed.text)) and (parts := pattern.read(match)):
            made = list(_made(pattern, parts, timed, denied=bool(match.groupdict().get("neg"))))
            if made:
                yield from made
                return


def _made(pattern: Pattern, parts: Parts, timed: Timed, *, denied: bool) -> Iterator[Statement]:
    """Yield the triples of a matched pattern, unless something in its parts denies or limits, or is no name."""
    words = f"{parts.subject} {parts.relation} {parts.object}"
    if unshared_scope("", words) or is_denied(words) or not is_thing(parts.subject, subject=True):
        return
    if parts.object and not parts.number and not is_thing(parts.object, named=pattern.named):
        return
    if timed.time and _PARTICIPLE.search(f"{parts.subject} {parts.object}"):
        return
    if denied and parts.qualifiers.get("bound") in ("only", "just"):
        return
    when = {"time": timed.time} if timed.time else {}
    if parts.event:
        # "was born in Paris in 1990": a place and a date, each a triple of its own; denied, nobody knows which is wrong
        if timed.time and not timed.plain:
            return
        if denied and timed.time and parts.object:
            return
        if parts.object and not has_date(parts.object):
            yield _statement(parts, parts.object, f"{parts.event} {parts.relation}".strip(), denied, {})
        if timed.time and not (parts.object and has_date(parts.object)):
            yield _statement(parts, timed.time, f"{parts.event} on", denied, {})
        return
    if timed.time and (has_date(parts.object) or has_date(parts.subject)):
        return
    if not timed.time and parts.past:
        when = {"time": "past"}
    if parts.object:
        yield _statement(parts, parts.object, parts.relation, denied, {**when, **parts.qualifiers})


def _statement(parts: Parts, value: str, relation: str, denied: bool, qualifiers: dict[str, str]) -> Statement:
    return Statement(subject=parts.subject, relation=relation, object=value, positive=not denied, qualifiers=qualifiers)


def row_triples(header: Sequence[str], cells: Sequence[str]) -> tuple[Statement, ...]:
    """Return the triples of a table's row: its first cell is what it is about, its columns are the relations.

    Rows that are counted, cells that say yes or no, and words that deny or limit give none.
    """
    subject = cells[0]
    if not any(character.isalpha() for character in subject) or unshared_scope("", " ".join([*header, *cells])):
        return ()
    return tuple(
        Statement(subject=subject, relation=name, object=cell)
        for name, cell in zip(header[1:], cells[1:], strict=True)
        if name and cell and not _NO_VALUE.fullmatch(cell)
    )
