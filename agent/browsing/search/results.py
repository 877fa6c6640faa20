"""Search results: when two of them are the same page."""

import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from agent.browsing.page import clean_text
from agent.browsing.ports import SearchResult
from agent.verification.words import features, tokens

LONGEST_TITLE, LONGEST_SNIPPET, LONGEST_URL = 300, 500, 2000
"""Characters; a longer title or snippet is cut, and a result with a longer address is left out."""
SAME_WORDS = 0.9
"""Two results of one host are one page if their titles, and titles and snippets together, have this share of their
words in common."""

_TRACKING = re.compile(
    r"utm_\w+|gclid|gbraid|wbraid|dclid|fbclid|msclkid|yclid|twclid|igshid|mc_[ce]id|_ga|_gl|mkt_tok|srsltid|ref_src"
)
_NOT_IN_ADDRESSES = ("Cc", "Cf", "Cs")
"""Unicode's categories of control characters, of characters without a shape, and of surrogates."""
_HAS_DIGIT = re.compile(r"\d")
_DEFAULT_PORTS = {"http": 80, "https": 443}
_MARKUP = re.compile(r"<[^<>]{0,100}>")


def normalised_url(url: str) -> str:
    """Return what two addresses of one page have in common. It is for comparing, not for opening.

    Left out are the fragment, unless it names a page of an application (``#/...`` or ``#!...``), parameters that only
    track readers, ``www.``, a final slash, the default port, and the difference between http and https; parameters are
    sorted.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:
        return url.strip()
    if parts.scheme.lower() not in _DEFAULT_PORTS or not parts.hostname:
        return url.strip().partition("#")[0]
    host = parts.hostname.removeprefix("www.").rstrip(".")
    place = host if port in (None, _DEFAULT_PORTS[parts.scheme.lower()]) else f"{host}:{port}"
    query = sorted(
        pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.fullmatch(pair[0].lower())
    )
    fragment = f"#{parts.fragment}" if parts.fragment.startswith(("/", "!")) else ""
    return f"{place}{parts.path.rstrip('/')}{'?' + urlencode(query, errors='surrogatepass') if query else ''}{fragment}"


def web_result(title: object, url: object, snippet: object, backend: str) -> SearchResult | None:
    """Return a result of a web search service, or None where it has no address that could be opened.

    Markup that marks the words searched for is taken out. An address with white space, control characters or half a
    surrogate pair, which has no UTF-8 and could not be recorded, is none.
    """
    if not isinstance(url, str) or len(url) > LONGEST_URL or not url.lower().startswith(("http://", "https://")):
        return None
    if any(character.isspace() or unicodedata.category(character) in _NOT_IN_ADDRESSES for character in url):
        return None
    name = _plain(title)[:LONGEST_TITLE]
    return SearchResult(title=name or url, url=url, snippet=_plain(snippet)[:LONGEST_SNIPPET], backend=backend)


def unique(results: Iterable[SearchResult]) -> tuple[SearchResult, ...]:
    """Return the first of each page: one address, or nearly the same title and snippet under one host.

    Many sites give all their pages one description, so the titles must be alike on their own. Titles and snippets with
    other numbers in them are not the same: pages about two versions differ in nothing else.
    """
    kept: dict[str, SearchResult] = {}
    seen: dict[str, list[tuple[frozenset[str], frozenset[str]]]] = {}
    for result in results:
        key = normalised_url(result.url)
        if key in kept:
            continue
        title, words = _words(result.title), _words(f"{result.title} {result.snippet}")
        alike = seen.setdefault(key.partition("/")[0], [])
        # without a snippet, pages of one site often have the same title
        if result.snippet and any(_alike(title, name) and _alike(words, other) for name, other in alike):
            continue
        alike.append((title, words))
        kept[key] = result
    return tuple(kept.values())


def _words(text: str) -> frozenset[str]:
    return frozenset(features(tokens(text)))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    differing = one ^ other
    return len(one & other) >= SAME_WORDS * len(one | other) and not any(map(_HAS_DIGIT.search, differing))


def _plain(text: object) -> str:
    return " ".join(html.unescape(_MARKUP.sub("", clean_text(text))).split()) if isinstance(text, str) else ""
