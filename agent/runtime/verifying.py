"""Verifying a run's quotes: gathering them from its record, and looking at kept texts or at pages as they are now."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.browsing.annotation.record import RecordedSession
from agent.browsing.corpus import Corpus
from agent.browsing.documents import read_document
from agent.browsing.errors import BrowsingFailed, UnreadableDocument
from agent.browsing.page import Page
from agent.browsing.ports import Browser, Fetcher
from agent.browsing.verifying import QuoteCheck, Verification, VerifyState, check_kept, check_now, checked, distinct
from agent.domain.errors import LedgerUnavailable, ReplayDivergence
from agent.domain.evidence import Quote
from agent.ledger.store import Ledger
from agent.planning.pipeline import pipeline_result
from agent.runtime.history import read_view
from agent.runtime.readings import Reading, readings_of
from agent.runtime.replay import replayed_quotes

_AT_ONCE = 4
"""Pages that are fetched at the same time."""

TextsNow = Callable[[str], AsyncGenerator["TextNow | QuoteTrouble", None]]
"""Yields the text that a location has now, or why there is none, by one way of reading it after the other."""

_RANK: tuple[VerifyState, ...] = ("valid", "moved", "changed", "unchecked", "gone")
"""States, the one that counts first: what is read in one way and not in another is on the page, and nothing is gone
while a way to read it has failed."""


@dataclass(frozen=True)
class TextNow:
    """The text of a location as it is now. ``shown`` where a browser showed it."""

    text: str
    shown: bool = False


class QuoteTrouble:
    """Why a location has no text now. ``gone`` where it is no more, else it could not be looked at."""

    def __init__(self, detail: str, *, gone: bool = False) -> None:
        self.detail = detail
        self.gone = gone


async def run_quotes(ledger: Ledger, run_id: str) -> tuple[tuple[Quote, ...], tuple[str, ...]]:
    """Return the quotes of a run's report and of its browsing sessions, and what could not be looked at.

    Raises:
        UnknownRun: there is no such run.
    """
    view = await read_view(ledger, run_id)
    quotes = [item for item in (view.report.evidence if view.report else ()) if isinstance(item, Quote)]
    notes: list[str] = []
    task, _ = await ledger.created(run_id)
    try:
        if task.browse is not None and task.browse.pipeline:
            found = await pipeline_result(ledger, run_id)
            quotes.extend(part.quote for kept in (found.kept if found else ()) for part in kept.quotes)
            if found is None and view.steps:
                notes.append("The pipeline did not come to its end, and what it read until then was not looked at.")
        elif task.browse is not None:
            recorded = await RecordedSession.open(ledger, run_id)
            quotes.extend(part.quote for kept in recorded.session.state.kept for part in kept.quotes)
        elif task.web:
            kept_quotes, missing = await replayed_quotes(ledger, run_id)
            quotes.extend(kept_quotes)
            notes.extend(missing)
    except (ReplayDivergence, LedgerUnavailable) as error:
        notes.append(f"The sessions cannot be put together again, so only the report's quotes were looked at: {error}")
    return distinct(quotes), tuple(notes)


async def verify_kept(ledger: Ledger, run_id: str) -> Verification:
    """Check every quote of a run against the text it was taken from, which is kept with the run."""
    quotes, notes = await run_quotes(ledger, run_id)
    texts = {digest: await kept_text(ledger, digest) for digest in {quote.source.text_sha256 for quote in quotes}}
    checks = [check_kept(quote, texts[quote.source.text_sha256]) for quote in quotes]
    return Verification(run_id=run_id, refetched=False, checks=tuple(checks), notes=notes)


async def verify_now(ledger: Ledger, run_id: str, texts_now: TextsNow) -> Verification:
    """Check every quote of a run against its page or document as it is now.

    A page is read in another way only where one of its quotes is not valid in the first.
    """
    quotes, notes = await run_quotes(ledger, run_id)
    readings = await readings_of(ledger, run_id)
    by_location: dict[str, list[int]] = defaultdict(list)
    for number, quote in enumerate(quotes):
        by_location[quote.source.location].append(number)
    free = asyncio.Semaphore(_AT_ONCE)

    async def looked_at(location: str, numbers: Sequence[int]) -> list[tuple[int, QuoteCheck]]:
        best: dict[int, QuoteCheck] = {}
        doubtful: dict[int, QuoteCheck] = {}
        async with free, contextlib.aclosing(texts_now(location)) as ways:
            async for found in ways:
                for number in numbers:
                    quote = quotes[number]
                    check = _compared(quote, found)
                    doubt = _doubt(check, found, readings.get(quote.source.text_sha256, "text"))
                    if doubt:
                        doubtful[number] = checked(quote, "unchecked", doubt)
                        continue
                    best[number] = min(best.get(number, check), check, key=lambda one: _RANK.index(one.state))
                if all(number in best and best[number].state == "valid" for number in numbers):
                    break
        return list({**doubtful, **best}.items())

    outcomes = await asyncio.gather(*(looked_at(location, numbers) for location, numbers in by_location.items()))
    checks = dict(pair for pairs in outcomes for pair in pairs)
    return Verification(
        run_id=run_id, refetched=True, checks=tuple(checks[number] for number in range(len(quotes))), notes=notes
    )


def _compared(quote: Quote, found: TextNow | QuoteTrouble) -> QuoteCheck:
    if isinstance(found, QuoteTrouble):
        return checked(quote, "gone" if found.gone else "unchecked", found.detail)
    return check_now(quote, found.text)


def _doubt(check: QuoteCheck, found: TextNow | QuoteTrouble, reading: Reading) -> str:
    """Return why a quote that was not found may yet be there, since it was not looked for as it was read."""
    if check.state not in ("changed", "gone"):
        return ""
    if reading == "handled":
        return "it was read after something was clicked, typed or selected, which is not done again"
    if reading == "shown" and isinstance(found, TextNow) and not found.shown:
        return "it was read in a browser, and is not in what the page says without one"
    return ""


def texts_of_pages(fetcher: Fetcher, browser: Browser | None, corpus: Corpus | None) -> TextsNow:
    """Return what reads a location as it is now: a web page fetched anew, a document from its file.

    A page is read as text first and then as a real browser shows it, where that leaves a quote open. A file
    is read only where it belongs to the run's own index: a record that came from elsewhere may name any file.
    """
    turn = asyncio.Lock()

    async def opened(location: str, *, real: bool) -> Page:
        if browser is None:
            return await fetcher.fetch(location)
        # one browser shows one page at a time
        async with turn:
            return await browser.open(location, browser=real)

    async def texts_now(location: str) -> AsyncGenerator[TextNow | QuoteTrouble, None]:
        if location.startswith(("http://", "https://")):
            try:
                page = await opened(location, real=False)
                yield TextNow(page.text, shown=page.tier == "browser")
                if browser is not None and page.tier == "text":
                    yield TextNow((await opened(location, real=True)).text, shown=True)
            except BrowsingFailed as failure:
                yield QuoteTrouble(f"{failure.kind}: {failure}", gone=failure.kind == "not_found")
        elif corpus is not None and await corpus.holds(location):
            yield await asyncio.to_thread(_file_now, Path(location))
        else:
            yield QuoteTrouble("it is no web page, and no file of an index of this machine")

    return texts_now


def _file_now(path: Path) -> TextNow | QuoteTrouble:
    try:
        return TextNow(read_document(path).text)
    except UnreadableDocument as error:
        return QuoteTrouble(f"the file cannot be read: {error}", gone=not path.exists())


async def kept_text(ledger: Ledger, digest: str) -> str | None:
    """Return the text of a page or document as it was read; None where it is missing or damaged."""
    try:
        return (await ledger.blobs.get(digest)).decode("utf-8", "surrogatepass")
    except (LedgerUnavailable, UnicodeDecodeError):
        return None
