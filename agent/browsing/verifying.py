"""Checking quotes once more: in the text they were taken from, and in the page as it is now."""

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from agent.browsing.quotes import inside_word, occurrences
from agent.domain.base import Fact
from agent.domain.evidence import Quote
from agent.verification.quotes import CONTEXT, text_digest

VerifyState = Literal["valid", "moved", "changed", "gone", "unchecked"]
"""What became of a quote.

``valid``: it stands at its place. ``moved``: it stands elsewhere in the page as it is now.
``changed``: its neighbours are there, and other words between them; or a few words are at their place, and none of
their neighbours; or the kept text is not the one that was read. ``gone``: the page, the kept text, or everything around
the quote is no more. ``unchecked``: the page could not be had this time, or not as it was read, which says nothing
about the quote.
"""
GOOD: frozenset[VerifyState] = frozenset({"valid", "moved"})

SHORT = 20
"""Characters; a shorter quote, such as a number, counts as valid or moved only where a neighbour is still beside it."""
_SPECIFIC = 8
"""Characters of a neighbour that tell its place."""
_SHOWN = 200


class QuoteCheck(Fact):
    """What became of one quote.

    Attributes:
        found_at: where it stands now, in code points, if it is in the page that was looked at.
        now: what stands in its place now, where other words do.
        detail: why, in one line.
    """

    id: str
    state: VerifyState
    title: str
    location: str
    text: str
    start: int
    end: int
    found_at: int | None = None
    now: str = ""
    detail: str = ""


class Verification(Fact):
    """What became of all quotes of a run.

    Attributes:
        refetched: pages were fetched anew; else the kept texts were checked.
        notes: what could not be looked at, one sentence each.
    """

    run_id: str
    refetched: bool
    checks: tuple[QuoteCheck, ...]
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> dict[str, int]:
        """How many quotes have each state."""
        return dict(Counter(check.state for check in self.checks))

    @property
    def good(self) -> bool:
        """Whether every quote is valid or moved, and all could be looked at."""
        return not self.notes and all(check.state in GOOD for check in self.checks)


def check_kept(quote: Quote, text: str | None) -> QuoteCheck:
    """Check a quote against the text it was taken from; None where that is missing."""
    if text is None:
        return checked(quote, "gone", "the text it was taken from is missing or damaged; import the run again")
    if text_digest(text) != quote.source.text_sha256:
        return checked(quote, "changed", "the kept text does not have the hash of the text that was read")
    if _stands_at(quote, text, quote.start):
        return checked(quote, "valid", found_at=quote.start)
    return checked(quote, "changed", "other words stand at its place", now=text[quote.start : quote.end])


def check_now(quote: Quote, text: str) -> QuoteCheck:
    """Check a quote against the text of its page as it is now, with the same text or another one."""
    if _stands_at(quote, text, quote.start):
        same = text_digest(text) == quote.source.text_sha256
        return checked(quote, "valid", "" if same else "the page has changed elsewhere", found_at=quote.start)
    places = _places(quote, text)
    if quote.start in places:
        return checked(quote, "valid", "what stands beside it has changed", found_at=quote.start)
    if places:
        best = max(places, key=lambda start: (_company(quote, text, start), -abs(start - quote.start)))
        return checked(quote, "moved", f"from {quote.start} to {best}", found_at=best)
    now = _in_its_place(quote, text)
    if now is not None:
        return checked(quote, "changed", "what stood around it is there, with other words between", now=now)
    alone = _starts(quote, text)
    if quote.start in alone:
        beside = text[max(quote.start - CONTEXT, 0) : quote.end + CONTEXT]
        return checked(
            quote, "changed", "the same few words stand at its place, and nothing of what stood beside them", now=beside
        )
    if alone:
        return checked(quote, "gone", "what stood around it is not on the page, only the same few words elsewhere")
    return checked(quote, "gone", "neither its words nor what stood around them are on the page")


def checked(
    quote: Quote, state: VerifyState, detail: str = "", *, found_at: int | None = None, now: str = ""
) -> QuoteCheck:
    """Return what became of a quote."""
    return QuoteCheck(
        id=quote.id,
        state=state,
        title=quote.source.title,
        location=quote.source.location,
        text=quote.text,
        start=quote.start,
        end=quote.end,
        found_at=found_at,
        now=now if len(now) <= _SHOWN else f"{now[:_SHOWN]}...",
        detail=detail,
    )


def distinct(quotes: Iterable[Quote]) -> tuple[Quote, ...]:
    """Return quotes without those that are the same span of the same text, whatever their ids."""
    kept: dict[tuple[str, str, int, int, str], Quote] = {}
    for quote in quotes:
        kept.setdefault((quote.source.location, quote.source.text_sha256, quote.start, quote.end, quote.text), quote)
    return tuple(kept.values())


def _stands_at(quote: Quote, text: str, start: int) -> bool:
    return (
        bool(quote.text)
        and text.startswith(quote.text, start)
        and quote.end - quote.start == len(quote.text)
        and text[max(start - CONTEXT, 0) : start].endswith(quote.prefix)
        and text.startswith(quote.suffix, start + len(quote.text))
    )


def _places(quote: Quote, text: str) -> list[int]:
    """Return where the words of a quote stand now, such that it is this quote and not some other use of the words."""
    starts = _starts(quote, text)
    return starts if len(quote.text) >= SHORT else [start for start in starts if _company(quote, text, start)]


def _starts(quote: Quote, text: str) -> list[int]:
    """Return where the words of a quote stand, whatever stands beside them, but never inside other words."""
    if not quote.text.strip():
        return []
    read = f"{quote.prefix}{quote.text}{quote.suffix}"
    first, last = len(quote.prefix), len(quote.prefix) + len(quote.text)
    whole = not (inside_word(read, first) or inside_word(read, last))
    return [start for start, _ in occurrences(text, quote.text, whole_words=whole)]


def _company(quote: Quote, text: str, start: int) -> int:
    """Return how many of a quote's neighbours stand beside a place; white space does not count."""
    before, after = _words(quote.prefix)[-_SPECIFIC:], _words(quote.suffix)[:_SPECIFIC]
    # the words may stand with other white space between them, so the end is found by what is no white space
    following = _words(text[start : start + 2 * len(quote.text) + 2 * CONTEXT])[len(_words(quote.text)) :]
    precedes = bool(before) and _words(text[max(start - 2 * CONTEXT, 0) : start]).endswith(before)
    return precedes + (bool(after) and following.startswith(after))


def _words(text: str) -> str:
    return "".join(text.split())


def _in_its_place(quote: Quote, text: str) -> str | None:
    """Return what stands between or beside a quote's neighbours now; None where none of them is there."""
    length = len(quote.text)
    before = text.find(quote.prefix) if len(quote.prefix.strip()) >= _SPECIFIC else -1
    after = -1
    if len(quote.suffix.strip()) >= _SPECIFIC:
        after = text.find(quote.suffix, max(before, 0))
    if before >= 0:
        start = before + len(quote.prefix)
        near = start <= after <= start + 2 * length + 2 * CONTEXT
        return text[start:after] if near else text[start : start + length]
    return text[max(after - length, 0) : after] if after >= 0 else None
