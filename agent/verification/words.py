"""Words and numbers of a text in one normal form, so that two spellings of the same thing compare equal.

The forms exist for comparison only; nothing that is stored or shown passes through here.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal, NamedTuple

import snowballstemmer

from agent.verification.lexicon import CJK_MAGNITUDES, CURRENCIES, MAGNITUDES, ORDINALS, SMALL_NUMBERS, STOP_WORDS, TENS

CJK = (
    "\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3040-\u30ff\u3100-\u312f\u31a0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Scripts written without spaces between words (Korean for its endings), as the inside of a character class."""

Kind = Literal["word", "number", "cjk", "mark"]


class Token(NamedTuple):
    """A word, a number, a run of CJK characters, or a punctuation mark that separates clauses."""

    text: str
    kind: Kind


_PERCENT = {"%", "percent", "pct"}

_TOKEN = re.compile(
    rf"""
    (?P<date>\d{{4}}-\d{{1,2}}-\d{{1,2}}(?!\d)) |
    (?P<compound>v\d+(?:\.\d+)+ | \d+(?:[.:/]\d+){{2,}} | \d+[:/]\d+) |
    (?P<ordinal>\d+(?:st|nd|rd|th|s)\b) |
    (?P<number>(?:(?<![\w)\]%.\u2013])[-\u2212\u2013])?
        (?: \d{{1,3}}(?:,\d{{3}}){{1,8}}(?![\d,])(?:\.\d+)? | \d+(?:_\d+)*(?:\.\d+)? | (?<!\d)\.\d+ )
        (?:e[+-]?\d{{1,3}}\b)?) |
    (?P<cjk>[{CJK}]+) |
    (?P<word>(?:[a-z]\.){{2,}} | [^\W\d_{CJK}](?:[^\W_{CJK}]|'(?=[^\W_]))*(?:\+\+|\#)?) |
    (?P<sign>[$\u20ac\u00a3\u00a5\u20b9%<>=\u2264\u2265\u00b1\u2260\u00b0~+\u00d7\u00f7\u00ac]
        | [\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]) |
    (?P<mark>\.(?!\w) | [\u2013\u2014] | \s-+\s |
        [,;:()\[\]{{}}|!?"\u3001\u3002\u300c\u300d\u300e\u300f\u201c\u201d\u2026\n])
    """,
    re.VERBOSE,
)
_GROUPED = re.compile(r"(?<=\d)[\u00a0\u202f\u2009'\u2019](?=\d{3}(?!\d))")


def tokens(text: str) -> tuple[Token, ...]:
    """Return the tokens of a text in order.

    Case, width and typographic variants are folded. Numbers lose their thousands separators, take up a magnitude or a
    percent sign that follows (``5 million`` is ``5000000``, ``5 per cent`` is ``5%``), and small number words become
    digits. Versions, dates and times stay as they are written.
    """
    folded = unicodedata.normalize("NFKC", _GROUPED.sub("", text)).casefold().replace("\u2019", "'")
    return tuple(_joined(list(_scan(folded))))


def _scan(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        group, found = match.lastgroup, match[0]
        if group == "number":
            yield Token(_plain_number(found), "number")
        elif group in ("date", "compound", "ordinal"):
            yield Token(found.removeprefix("v"), "number")
        elif group == "cjk":
            yield Token(found, "cjk")
        elif group == "word":
            yield from _word(found)
        elif group == "sign":
            yield Token(CURRENCIES.get(found, found), "word")
        else:
            yield Token(found.strip() or "\n", "mark")


def _plain_number(found: str) -> str:
    digits = re.sub("[\u2212\u2013]", "-", found.replace(",", "").replace("_", ""))
    if digits.lstrip("-").startswith("."):
        digits = digits.replace(".", "0.", 1)
    return number_value(digits) if "e" in digits else digits


def number_value(digits: str) -> str:
    """Return a number without exponent and without a fraction of zeros, so that ``12.0`` and ``12`` are equal.

    Other zeros stay: 3.10 may be a version. What is no plain number, such as a date, is returned as it is.
    """
    try:
        value = Decimal(digits)
    except InvalidOperation:
        return digits
    if not value.is_finite() or abs(value.adjusted()) > 300:
        return digits
    return f"{value:.0f}" if value == value.to_integral_value() else f"{value:f}"


def _word(found: str) -> Iterator[Token]:
    if "." in found:
        found = found.replace(".", "")
    if found == "cannot":
        yield from (Token("can", "word"), Token("not", "word"))
        return
    if found.endswith("n't"):
        stem = {"ca": "can", "wo": "will", "sha": "shall"}.get(found[:-3], found[:-3])
        yield from (Token(stem, "word"), Token("not", "word"))
        return
    base = found.removesuffix("'s")
    if base in ORDINALS:
        yield Token(ORDINALS[base], "number")
    else:
        yield Token(base, "word")


def _joined(items: list[Token]) -> Iterator[Token]:
    """Yield the tokens with number words read as numbers and each number joined to its magnitude and percent sign."""
    position = 0
    while position < len(items):
        token = items[position]
        number, used = _number_at(items, position)
        if number is None:
            yield token
            position += 1
            continue
        position += used
        while position < len(items) and (factor := _magnitude(items[position])):
            number = number_value(str(Decimal(number) * factor[0]))
            if factor[1]:
                items[position] = Token(factor[1], "cjk")
                break
            position += 1
        percent = _percent_length(items, position)
        yield Token(number + "%" if percent else number, "number")
        position += percent


def _number_at(items: list[Token], position: int) -> tuple[str | None, int]:
    """Return the plain number that begins at a position and how many tokens it takes; dates and versions are none."""
    token = items[position]
    following = items[position + 1].text if position + 1 < len(items) else ""
    if token.kind == "number":
        plain = re.fullmatch(r"-?\d+(?:\.\d+)?", token.text)
        return (token.text, 1) if plain else (None, 0)
    if token.kind != "word":
        return None, 0
    if token.text in TENS:
        unit = SMALL_NUMBERS.get(following, 0)
        return (str(TENS[token.text] + unit), 2) if 1 <= unit <= 9 else (str(TENS[token.text]), 1)
    if token.text == "one" and (
        following in ("of", "another")
        or (position and items[position - 1].text in ("no", "any", "some", "every", "the"))
    ):
        return None, 0
    return (str(SMALL_NUMBERS[token.text]), 1) if token.text in SMALL_NUMBERS else (None, 0)


def _magnitude(token: Token) -> tuple[int, str] | None:
    """Return a magnitude's factor and, for a CJK run that begins with one, the rest of the run."""
    if token.kind == "word" and token.text in MAGNITUDES:
        return MAGNITUDES[token.text], ""
    if token.kind == "cjk":
        for sign, factor in CJK_MAGNITUDES.items():
            if token.text.startswith(sign):
                return factor, token.text.removeprefix(sign)
    return None


def _percent_length(items: list[Token], position: int) -> int:
    texts = [token.text for token in items[position : position + 2]]
    if texts[:1] and texts[0] in _PERCENT:
        return 1
    return 2 if texts == ["per", "cent"] else 0


def singular(word: str) -> str:
    """Return a word without its plural ending, by the S-stemmer (Harman, "How effective is suffixing?", 1991)."""
    if len(word) > 3 and word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("es") and not word.endswith(("aes", "ees", "oes")):
        return word[:-1]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("us", "ss")):
        return word[:-1]
    return word


def stems(words: list[str]) -> list[str]:
    """Return the English Porter 2 stems of words; other languages mostly keep their form."""
    return [_stem(word) for word in words]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    return str(snowballstemmer.stemmer("english").stemWord(word))


def features(items: Sequence[Token]) -> frozenset[str]:
    """Return what tokens say in a form that is compared piece by piece: stems, numbers and pairs of CJK characters.

    Stop words and punctuation are left out.
    """
    words = stems([token.text for token in items if token.kind == "word" and token.text not in STOP_WORDS])
    numbers = (token.text for token in items if token.kind == "number")
    pairs = [bigrams(token.text) or {token.text} for token in items if token.kind == "cjk"]
    return frozenset(words).union(numbers, *pairs)


def bigrams(run: str) -> set[str]:
    """Return all pairs of neighbouring characters."""
    return {run[index : index + 2] for index in range(len(run) - 1)}
