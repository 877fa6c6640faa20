"""Words in one normal form, for comparison only: what a question asks and what a text says."""

import re
from functools import cache

import snowballstemmer

STOP_WORDS = frozenset(
    "a an the of in on at to for by with from as into onto upon is are was were be been being am has have had having do "
    "does did it its itself he him his she her hers they them their this that these those there here which who whom "
    "whose what when where why how and or so then too also very just i me my we our us you your will would shall should "
    "can could may might must s many much long".split()
)
"""Words that carry no content of their own."""

_ASKING = frozenset(
    "name kind type sort call mean accord document documentation text manual guide file give tell state say find list "
    "please answer question exact exactly get come make happen use number amount value year date day time month "
    "take need become number".split()
)
"""Words that only say what kind of answer is wanted, or that any verb can stand for."""

LIGHT_WORDS = frozenset(
    "accord actual add all altogether any appear ask average be belong bring buy calculate collect come compute consist"
    " contain cost count data dataset each earn enter entry every exist file find gather generate get give go happen hold"
    " include item keep line list listed make money move order overall own paid part pay people per perform person piece place"
    " present price produce provide raise receive record record report return row see sell sold show single sort spend"
    " spent stand start stay stock store sum take table together total unit use value whole work".split()
)
"""Verbs and nouns so common that a question over a table may use them although the table does not."""

SYNONYMS: tuple[frozenset[str], ...] = tuple(
    frozenset(group.split())
    for group in (
        "tall high height",
        "long length duration last",
        "wide width",
        "deep depth",
        "old age",
        "far distance",
        "heavy weigh weight",
        "fast quick speed",
        "big large size area measure",
        "cost price pay fee charge expensive",
        "begin start commence",
        "end finish",
        "buy purchase",
        "create develop write build construct make design",
        "maximum max most highest largest biggest longest greatest more limit",
        "minimum min least lowest smallest fewest shortest minimal",
        "lead head director chief run",
        "permit allow may",
        "forbid prohibit ban",
        "keep store retain",
        "company firm business",
        "need require must necessary",
        "send submit hand",
        "run operate",
        "licence license",
        "pc computer",
        "client customer",
        "employee staff worker",
        "publish release appear",
        "situate locate location place",
        "delete remove erase",
        "version release",
        "simultaneous same once",
        "annual year yearly",
        "daily day",
        "monthly month",
        "weekly week",
        "vacation holiday leave",
    )
)
"""Small groups of words that a plain text uses for one another; each group is compared by stems."""

_SMALL = {
    word: str(value)
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
} | {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70", "eighty": "80", "ninety": "90"}
_GROUPED = re.compile(r"(?<=\d)[, \u00a0\u202f'](?=\d{3}(?!\d))")
_TOKEN = re.compile(r"\d+(?:[.:/-]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*\d*[^\W_]*")
_STEMMER_LANGUAGE = "english"


def words(text: str) -> tuple[str, ...]:
    """Return the words and numbers of a text in order, in lower case; small number words become digits."""
    plain = _GROUPED.sub("", text).casefold().replace("\u2019", "'")
    found = (match.removesuffix("'s") for match in _TOKEN.findall(plain))
    return tuple(_SMALL.get(word, word) for word in found)


def stems(items: tuple[str, ...]) -> tuple[str, ...]:
    """Return the English Porter 2 stems of words; numbers stay as they are."""
    stemmed: list[str] = snowballstemmer.stemmer(_STEMMER_LANGUAGE).stemWords(list(items))
    return tuple(stemmed)


def content(text: str) -> tuple[str, ...]:
    """Return the content words of a text in order, as stems."""
    return stems(tuple(word for word in words(text) if word not in STOP_WORDS))


def uncovered(question: str, text: str) -> tuple[str, ...]:
    """Return the content words of a question that a text has neither itself nor by a synonym of its own.

    Words that only name the kind of answer are left out. Words are returned as the question writes them.
    """
    known = set(stems(words(text)))
    missing = []
    for word in words(question):
        stem = stems((word,))[0]
        if word in STOP_WORDS or stem in _stemmed(_ASKING) or known & same(stem):
            continue
        missing.append(word)
    return tuple(dict.fromkeys(missing))


def same(stem: str) -> set[str]:
    """Return the stems that may stand for a stem, itself included."""
    found = {stem}
    for group in SYNONYMS:
        members = _stemmed(group)
        if stem in members:
            found |= members
    return found


@cache
def is_light(word: str) -> bool:
    """Whether a word is so common that it says nothing a table would have to have."""
    return stems((word,))[0] in _stemmed(LIGHT_WORDS)


def begins_with_one(word: str, names: tuple[str, ...]) -> bool:
    """Whether a word is written out what a column's name abbreviates: ``temperature`` for ``temp``."""
    return any(len(name) >= 3 and word.startswith(name) for name in names)


def _stemmed(group: frozenset[str]) -> frozenset[str]:
    return frozenset(stems(tuple(sorted(group))))
