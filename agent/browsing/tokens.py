"""How text and queries are cut into index terms.

SQLite's own tokeniser folds case and accents and stems English; it takes a run of Chinese or Japanese for one word, so
such runs are written as pairs of neighbouring characters.
"""

import re
import unicodedata

from agent.verification.lexicon import CJK_ASKING, STOP_WORDS
from agent.verification.words import CJK

MOST_TERMS = 64
"""Terms of a query that count; a pasted page is no query."""

_CJK_RUN = re.compile(f"[{CJK}]+")
_QUERY_PART = re.compile(rf"[{CJK}]+|[^\s{CJK}]+")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def index_text(text: str) -> str:
    """Return a text as it is given to the index: compatibility forms folded, CJK runs as pairs of characters."""
    if text.isascii():
        return text
    return _CJK_RUN.sub(lambda run: f" {_pairs(run[0])} ", unicodedata.normalize("NFKC", text))


def _pairs(run: str) -> str:
    return " ".join(cjk_terms(run))


def cjk_terms(run: str) -> list[str]:
    """Return the pairs of neighbouring characters of a run, or the run where it has one character."""
    return [run[index : index + 2] for index in range(len(run) - 1)] or [run]


def match_expression(query: str) -> str:
    """Return the full-text expression for a query in plain words; empty where it has none.

    Every term is quoted, so nothing in a query is an operator. Any term may match, rarer ones count more. A chunk with
    punctuation inside, such as ``os.path`` or ``3.10``, is one phrase. Words that say nothing are left out unless there
    are no others.
    """
    plain = _UNPRINTABLE.sub(" ", unicodedata.normalize("NFKC", query))
    terms = _terms(CJK_ASKING.sub(" ", plain), stop_words=STOP_WORDS) or _terms(plain, stop_words=frozenset())
    return " OR ".join(terms[:MOST_TERMS])


def _terms(query: str, *, stop_words: frozenset[str]) -> list[str]:
    terms: list[str] = []
    for part in _QUERY_PART.findall(query):
        if _CJK_RUN.match(part):
            # a single character is no term of the index, but the beginning of some
            terms.extend([f'"{pair}"' for pair in cjk_terms(part)] if len(part) > 1 else [f'"{part}" *'])
        elif any(character.isalnum() for character in part) and part.casefold().strip(".,;:!?") not in stop_words:
            terms.append('"' + part.replace('"', " ") + '"')
    return list(dict.fromkeys(terms))
