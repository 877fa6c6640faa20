"""Whether a quote is where it says (tier T0): computed from the stored text, never believed."""

import hashlib
from typing import Literal

from agent.domain.evidence import Quote

QuoteState = Literal["valid", "moved", "changed", "gone"]

CONTEXT = 32
"""Characters kept on either side of a quote, so that its place is found again."""


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text's UTF-8, as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def check_quote(quote: Quote, text: str) -> QuoteState:
    """Say what became of a quote in a text.

    Returns:
        ``valid``: the text is the one that was read, and the quote stands at its span between its neighbours;
        ``moved``: the very words stand in this text, but it is another text or another place;
        ``changed``: the words are not there, but what stood before or after them is;
        ``gone``: nothing of it is there.
    """
    here = text[quote.start : quote.end] == quote.text
    between = text[: quote.start].endswith(quote.prefix) and text.startswith(quote.suffix, quote.end)
    if here and between and quote.source.text_sha256 == text_digest(text):
        return "valid"
    if quote.text and quote.text in text:
        return "moved"
    neighbours = [part for part in (quote.prefix, quote.suffix) if part.strip()]
    return "changed" if any(part in text for part in neighbours) else "gone"
