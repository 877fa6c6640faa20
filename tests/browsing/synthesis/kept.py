"""Quotes for tests of what is written from them."""

from agent.browsing.page import Page
from agent.browsing.quotes import quote_sentences, quote_text
from agent.browsing.state import Kept, PageQuote
from agent.browsing.testing import page_of
from agent.domain.evidence import Quote


def kept_of(*texts: str, title: str = "A page") -> tuple[Kept, ...]:
    """Return pieces of evidence E1, E2, ...: each the whole text of a page of its own."""
    return tuple(kept(f"E{number}", text, title=title) for number, text in enumerate(texts, start=1))


def kept(name: str, text: str, *, title: str = "A page") -> Kept:
    """Return one piece of evidence, the whole text of a page."""
    page = page_of(text, url=f"https://example.org/{name}", title=title)
    return _kept(page, quote_sentences(page, 1, len(page.sentences), evidence_id=name))


def literally(name: str, literal: str, text: str) -> Kept:
    """Return one piece of evidence, a literal part of the text of a page."""
    page = page_of(text, url=f"https://example.org/{name}")
    return _kept(page, quote_text(page, literal, evidence_id=name))


def _kept(page: Page, quote: Quote) -> Kept:
    part = PageQuote(
        quote=quote,
        url=page.url,
        fetched_at=page.fetched_at.isoformat(),
        tier=page.tier,
        raw_sha256=page.raw_sha256,
    )
    return Kept(id=quote.id, quotes=(part,))
