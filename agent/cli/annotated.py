"""A report as one HTML file: its text with every claim marked by its verdict, and what each verdict rests on.

The file needs nothing from outside and runs nothing: no script, no font, no picture. What stands in it was written by
others, so all of it is escaped, and the page forbids itself to load or run anything.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from agent.cli.html_files import pages, write_page
from agent.cli.verdicts import (
    WORST_FIRST,
    Shown,
    counts,
    coverage,
    notes_of,
    rethinking_line,
    score_line,
    shown_claims,
)
from agent.domain.report import Report

MOST_LISTED = 500
"""Of more claims those about which nobody said anything are only marked in the text."""


class Part(NamedTuple):
    """A piece of the text, and the claims that it belongs to; the worst verdict colours it."""

    text: str
    verdict: str
    claims: tuple[Shown, ...]


class _Placed(NamedTuple):
    start: int
    end: int
    number: int
    claim: Shown


def write_annotated(report: Report, place: Path) -> None:
    """Write a report as HTML to a file.

    Raises:
        UsageError: it cannot be written.
    """
    write_page(annotated(report), place)


def annotated(report: Report) -> str:
    """Return a report as HTML."""
    claims = shown_claims(report)
    listed = tuple(one for one in claims if one.reasons) if len(claims) > MOST_LISTED else claims
    return (
        pages()
        .get_template("annotated.html.j2")
        .render(
            goal=report.goal,
            outcome=report.outcome,
            parts=tuple(parts(report.answer, claims)),
            listed=listed,
            named=frozenset(one.id for one in listed),
            left=len(claims) - len(listed),
            coverage=coverage(report),
            counts=counts(report),
            told=tuple(line for line in (score_line(report), rethinking_line(report)) if line),
            notes=notes_of(report),
            report=report,
        )
    )


def parts(text: str, claims: Sequence[Shown]) -> Iterator[Part]:
    """Yield a text in pieces, each with the claims that are about it; together they are the text."""
    placed = [_Placed(*place, number, claim) for number, claim in enumerate(claims) if (place := _place(text, claim))]
    waiting = deque(sorted(placed, key=lambda one: (one.start, one.number)))
    borders = sorted({0, len(text), *(border for one in placed for border in (one.start, one.end))})
    here: list[_Placed] = []
    for start, end in pairwise(borders):
        while waiting and waiting[0].start <= start:
            here.append(waiting.popleft())
        here = sorted((one for one in here if one.end > start), key=lambda one: one.number)
        worst = min((one.claim.verdict for one in here), key=WORST_FIRST.index, default="")
        yield Part(text[start:end], worst, tuple(one.claim for one in here))


def _place(text: str, claim: Shown) -> tuple[int, int] | None:
    """Return where a claim's sentence stands; None where it is not in the text."""
    start, end = claim.start, claim.end
    if start is not None and end is not None and start < end <= len(text):
        return start, end
    found = text.find(claim.sentence) if claim.sentence else -1
    return None if found < 0 else (found, found + len(claim.sentence))
