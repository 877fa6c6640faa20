"""What a question is about, read from its wording alone: a symbol of a program, or the words it shares with a text."""

import re
import unicodedata

from agent.domain.base import Fact
from agent.verification.lexicon import CJK_ASKING
from agent.verification.words import CJK, features, tokens

_SYMBOL = re.compile(
    r"(?<![A-Za-z0-9_./@:-])"
    r"(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)+(?![A-Za-z0-9_/])"
    r"|[A-Za-z_][A-Za-z0-9_]*(?=\(\))"
    r"|[A-Za-z0-9]*_[A-Za-z0-9_]+"
    r"|[a-z]+[A-Z][A-Za-z0-9]*|[A-Z][a-z]+(?:[A-Z][a-z]+)+)"
)
_QUOTED = re.compile(
    r"[\"\u201c\u300c\u300e\u300a]([^\"\u201c\u201d\u300c-\u300f\u300a\u300b]{2,60})[\"\u201d\u300d\u300f\u300b]|`([^`]{2,60})`"
)
_NAME = re.compile(r"(?<![\w.])[A-Z][\w-]+(?:\s+(?:of\s+|de\s+)?[A-Z][\w-]+)*")
CJK_RUN = re.compile(f"[{CJK}]{{2,}}")
_NUMBER_ASKED = re.compile(
    r"\b(?:when|how (?:many|much|long|old|tall|high|far|often|large|big|wide|deep|heavy|fast)"
    r"|(?:which|what) (?:\w+ ){0,2}?"
    r"(?:version|release|year|date|day|number|percentage|share|price|size|height|length|age)"
    r"|since (?:when|which|what)|in (?:which|what) (?:\w+ )?(?:version|release|year))\b"
    "|几|多少|哪一?年|何时|什么时候|多[长大高远重深宽久]",
    re.IGNORECASE,
)
_VERSION_ASKED = re.compile(
    r"\b(?:which|what) (?:\w+ ){0,2}?(?:version|release)\b|\u54ea\u4e2a?\u7248\u672c|\u4ec0\u4e48\u7248\u672c",
    re.IGNORECASE,
)
_IS_VERSION = re.compile(r"(?:[^\W\d]+\s+){0,3}(?:v?\d+(?:\.\d+)+\w*|v?\d{1,2}|(?:version|release|\u7248\u672c)\s*\d+)")
_HAS_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万亿两零〇半]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|twenty|thirty|forty|fifty|hundred|thousand|million|once|twice|never|always)\b",
    re.IGNORECASE,
)


class Asked(Fact):
    """What a question is about.

    Attributes:
        question: as it was asked, in one line.
        symbol: a dotted or otherwise unmistakable name of a program, without parentheses; empty where there is none.
        names: names and quoted texts, the longest first.
        features: what the question says, in a form that is compared piece by piece.
        number: whether it asks for a number, a version or a date.
        version: whether it asks for a version.
    """

    question: str
    symbol: str
    names: tuple[str, ...]
    features: frozenset[str]
    number: bool
    version: bool

    @property
    def cjk(self) -> bool:
        """Whether the question is in a script without spaces between words."""
        return CJK_RUN.search(self.question) is not None


def asked_in(question: str) -> Asked:
    """Return what a question is about."""
    flat = " ".join(unicodedata.normalize("NFKC", question).split())
    bare = CJK_ASKING.sub(" ", flat)
    symbol = max((match["name"] for match in _SYMBOL.finditer(flat) if _is_symbol(match["name"])), key=len, default="")
    quoted = [part for match in _QUOTED.findall(flat) for part in match if part]
    # the first word of a sentence has a capital letter whatever it is
    named = [match[0] for match in _NAME.finditer(flat) if match.start() > 0]
    names = dict.fromkeys([*quoted, *sorted([*named, *CJK_RUN.findall(bare)], key=len, reverse=True)])
    return Asked(
        question=flat,
        symbol=symbol,
        names=tuple(names),
        features=features(tokens(bare)),
        number=_NUMBER_ASKED.search(flat) is not None,
        version=_VERSION_ASKED.search(flat) is not None,
    )


def _is_symbol(name: str) -> bool:
    """Whether a match is more than an abbreviation such as ``e.g``."""
    return any(len(part) > 1 for part in name.split(".")) and bool(name.strip("_."))


def has_number(text: str) -> bool:
    """Whether a text states a number, in digits or in words."""
    return _HAS_NUMBER.search(text) is not None


def is_version(text: str) -> bool:
    """Whether a text is a version: a number with points, with a name before it or not: ``Kite 2.1``, ``v4``."""
    return _IS_VERSION.fullmatch(text.strip()) is not None


def queries(asked: Asked) -> tuple[str, ...]:
    """Return what to search for, the most telling first: the parts of a symbol, then the question's own words."""
    found = [asked.symbol.replace(".", " ")] if asked.symbol else []
    return (*found, CJK_ASKING.sub(" ", asked.question).strip(" ?!.\u3002\uff1f") or asked.question)
