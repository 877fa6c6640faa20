"""Whether a quote is where it says (tier T0): computed from the stored text, never believed."""

import hashlib
import re
from typing import Literal

from agent.domain.evidence import Quote
from agent.verification.words import CJK

QuoteState = Literal["valid", "moved", "changed", "gone"]

CONTEXT = 32
"""Characters kept on either side of a quote, so that its place is found again."""

_UNSPACED = f"{CJK}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
"""Scripts without spaces between words, as the inside of a character class; Thai, Lao, Burmese and Khmer join CJK."""
_SPACED = rf"[^\W_{_UNSPACED}]"
_INSIDE = re.compile(
    rf"(?<={_SPACED})(?={_SPACED})"
    rf"|(?<={_SPACED})(?=['\u2019-]{_SPACED})|(?<={_SPACED}['\u2019-])(?={_SPACED})"
    r"|(?<=\d)(?=[.,:/]\d)|(?<=\d[.,:/])(?=\d)"
    r"|(?<=[-\u2212])(?=\d)"
)
"""A place inside a word or a number: between letters or digits, beside a hyphen or separator that joins them, or after
a sign."""


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


def occurrences(text: str, literal: str, *, whole_words: bool = False) -> list[tuple[int, int]]:
    """Return the spans at which a literal stands in a text, in order; runs of white space count as one space.

    With ``whole_words``, places that begin or end inside a word or a number are left out.
    """
    return [
        match.span()
        for match in re.finditer(r"\s+".join(re.escape(word) for word in literal.split()), text)
        if not whole_words or not (inside_word(text, match.start()) or inside_word(text, match.end()))
    ]


def inside_word(text: str, offset: int) -> bool:
    """Return whether a place is inside a word or a number."""
    return _INSIDE.match(text, offset) is not None
