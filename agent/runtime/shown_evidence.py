"""Evidence of a run as it is shown: the text around a quote as it was read, and whether what is cited holds."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import ValidationError

from agent.browsing.verifying import check_kept
from agent.domain.base import Fact
from agent.domain.errors import NotInRun
from agent.domain.evidence import Evidence, Quote, Source, ToolResult
from agent.domain.messages import ToolOutcome
from agent.execution.evidence import shown_output
from agent.ledger.store import Ledger
from agent.runtime.history import report_of
from agent.runtime.verifying import kept_text, run_quotes
from agent.verification.quotes import text_digest

WINDOW: Final = 1_500
"""Characters of a page that are shown on either side of a quote."""

_LONE: Final = re.compile("[\ud800-\udfff]")


class EvidencePage(Fact):
    """The text of a page or document around a quote, as it was read.

    ``before``, ``marked`` and ``after`` together are a piece of the text that begins ``offset`` code points into it.

    Attributes:
        url: address of the page; empty where it is none of the web, which is shown by its ``location`` alone.
        read_at: when it was read, ISO 8601 in UTC; empty for documents.
        marked: what stands at the quote's place; it is the quote exactly where that was verified.
        length: code points of the whole text.
    """

    title: str
    location: str
    url: str
    read_at: str
    before: str
    marked: str
    after: str
    offset: int
    length: int


class ShownEvidence(Fact):
    """A piece of evidence and whether it holds.

    Attributes:
        page: around the quote; None for what is no quote, and where the text is no longer kept.
        verified: hash and span of a quote hold; the output of a tool is what the ledger holds of that call; the text
            that a triple was taken from is there unchanged.
        why: one line where it is not verified, or not quite; else empty.
    """

    evidence: Evidence
    page: EvidencePage | None = None
    verified: bool
    why: str = ""


async def find_evidence(ledger: Ledger, run_id: str, evidence_id: str) -> Evidence:
    """Return a run's evidence by its id: of its report, of the answer to its question, or of its browsing sessions.

    Raises:
        NotInRun: it has none of that id.
    """
    task, _ = await ledger.created(run_id)
    known: list[Evidence] = list(task.evidence)
    if (reported := await report_of(ledger, run_id)) is not None:
        report, _ = reported
        known = [*report.evidence, *(report.answered.evidence if report.answered is not None else ()), *known]
    found = next((item for item in known if item.id == evidence_id), None)
    if found is None:
        quotes, _ = await run_quotes(ledger, run_id)
        found = next((quote for quote in quotes if quote.id == evidence_id), None)
    if found is None:
        raise NotInRun(f"run {run_id} has no evidence {evidence_id[:80]!r}; its report lists what there is")
    return found


async def shown_evidence(ledger: Ledger, run_id: str, evidence: Evidence, *, window: int = WINDOW) -> ShownEvidence:
    """Return a piece of evidence with the text around it, checked once more against what is kept."""
    match evidence:
        case Quote():
            text = await kept_text(ledger, evidence.source.text_sha256)
            check = check_kept(evidence, text)
            page = None if text is None else page_around(evidence, text, window)
            whole = {name: _whole(getattr(evidence, name)) for name in ("text", "prefix", "suffix")}
            shown = evidence.model_copy(update=whole)
            return ShownEvidence(evidence=shown, page=page, verified=check.state == "valid", why=check.detail)
        case ToolResult():
            why = await _trouble_with_call(ledger, run_id, evidence)
            shown_call = evidence.model_copy(update={"output": _whole(evidence.output)})
            return ShownEvidence(evidence=shown_call, verified=not why, why=why)
        case _:
            why = await _trouble_with_source(ledger, evidence.source)
            return ShownEvidence(evidence=evidence, verified=not why, why=why)


async def all_shown(
    ledger: Ledger, run_id: str, evidence: Sequence[Evidence], *, window: int = WINDOW
) -> tuple[ShownEvidence, ...]:
    """Return pieces of evidence as they are shown, in order."""
    return tuple([await shown_evidence(ledger, run_id, item, window=window) for item in evidence])


def page_around(quote: Quote, text: str, window: int = WINDOW) -> EvidencePage:
    """Return the piece of a text around the place of a quote; it begins and ends between words where it can."""
    start, end = min(quote.start, len(text)), min(quote.end, len(text))
    first, last = max(0, start - window), min(len(text), end + window)
    if first and (gap := re.search(r"\s", text[first : min(first + 40, start)])):
        first += gap.end()
    location = quote.source.location
    return EvidencePage(
        title=_whole(quote.source.title),
        location=_whole(location),
        url=location if location.startswith(("https://", "http://")) else "",
        read_at=quote.source.retrieved_at,
        before=_whole(text[first:start]),
        marked=_whole(text[start:end]),
        after=_whole(text[end:last]),
        offset=first,
        length=len(text),
    )


async def _trouble_with_call(ledger: Ledger, run_id: str, evidence: ToolResult) -> str:
    """Return why the output of a tool is not what the ledger holds of its call; empty where it is."""
    event = await ledger.event_of(run_id, evidence.key, "done")
    if event is None:
        return "the call that printed it is not in this run; it comes from an earlier one"
    try:
        outcome = ToolOutcome.model_validate(event.payload["result"])
    except (KeyError, ValidationError):
        return f"event {event.seq} is no result of a tool"
    return "" if shown_output(outcome) == evidence.output else f"event {event.seq} holds another output of that call"


async def _trouble_with_source(ledger: Ledger, source: Source | None) -> str:
    if source is None:
        return "it names no source"
    text = await kept_text(ledger, source.text_sha256)
    if text is None:
        return "the text it was taken from is not kept with the run"
    return "" if text_digest(text) == source.text_sha256 else "the kept text does not have the hash of what was read"


def _whole(text: str) -> str:
    """Return a text that can be sent: a lone surrogate, which has no UTF-8 form, is shown as a mark."""
    return _LONE.sub("\ufffd", text)
