"""Reads a sentence into items that are compared one by one: words, names, numbers with their units, and dates."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from agent.verification.comparison.amounts import Amount, read_amounts
from agent.verification.comparison.periods import DATE, Period, read_periods
from agent.verification.comparison.vocabulary import ARTICLES, vocabulary
from agent.verification.lexicon import ANAPHORS, IRREGULAR, ORDINALS
from agent.verification.words import CJK

ItemKind = Literal["word", "name", "number", "date", "cjk", "mark"]

MOST_ITEMS = 120
"""Items of a sentence that is compared; longer ones are left undecided."""


@dataclass(frozen=True, slots=True)
class Item:
    """One word, name, number, date, CJK character or punctuation mark.

    Attributes:
        text: as it is printed, several words joined by blanks.
        key: what is compared: lower case, except for what case tells apart, such as options of commands.
        kind: a ``name`` is a word with a capital letter that does not begin its sentence, or a technical name.
        value: what a number or a date means.
    """

    text: str
    key: str
    kind: ItemKind
    value: Amount | Period | None = None

    @property
    def skipped(self) -> bool:
        """Whether the item says nothing that would be compared: a mark or an article."""
        return self.kind == "mark" or self.key in ARTICLES


_TECHNICAL = (
    r"https?://[^\s()]+|(?<![\w-])--?[A-Za-z][\w-]*|(?<![\w.])(?:~|\.{1,2})?/[\w.+/-]*\w|\w+(?:[_@]\w+)+|\b\w+\(\)"
)
_WORD = rf"[^\W\d_{CJK}](?:[^\W_{CJK}]|[_](?=\w)|[-.'/+&](?=[^\W_{CJK}]))*(?:\+\+|\#)?"
_NUMBER = r"(?<![A-Za-z\d_.])[-\u2212]?(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d{1,3}\b)?"
_TOKEN = re.compile(
    rf"(?P<date>{DATE})|(?P<technical>{_TECHNICAL})"
    r"|(?P<money>\b(?:US|AU?|CA?|NZ|HK|S|NT)\$)"
    r"|(?P<fixed>v?\d+(?:\.\d+){2,}|\d+(?:[:/]\d+)+|\d+(?:st|nd|rd|th|s)\b|\d+[A-Za-z_]+\d[A-Za-z\d_]*)"
    rf"|(?P<number>{_NUMBER})|(?P<cjk>没有|沒有|[{CJK}])|(?P<word>(?:[A-Za-z]\.){{2,}}|{_WORD})"
    r"|(?P<mark>\.(?!\w)|[\u2013\u2014]|\s-+\s|[,;:()\[\]{}|!?\"\u3001\u3002\u300c\u300d\u201c\u201d\u2026])"
    r"|(?P<sign>[^\s\w])",
    re.IGNORECASE,
)
_CONTRACTED = {"'s": "is", "'re": "are", "'ve": "have", "'ll": "will", "'m": "am"}
_PRONOUNS = frozenset(["it", "he", "she", "that", "there", "what", "who", "here"])
_GROUPED = re.compile(r"(?<=\d)[\u00a0\u202f\u2009'\u2019](?=\d{3}(?!\d))")
_RANGE = re.compile(r"(?<![\w.,/:-])(\d{1,3}(?:\.\d+)?)\s?[-\u2013]\s?(\d{1,3}(?:\.\d+)?)(?![\w-]|[.,/:]\d)")
_HYPHENATED = re.compile(r"(?<![\w.-])(\d+(?:\.\d+)?)-(?=[A-Za-z]{2,})")


def fold(text: str) -> str:
    """Return a text with its typographic variants folded; case stays."""
    folded = unicodedata.normalize("NFKC", _GROUPED.sub("", text))
    folded = folded.replace("\u2019", "'").replace("\u2018", "'").replace("``", '"').replace("''", '"')
    return _HYPHENATED.sub(r"\1 ", _RANGE.sub(r"\1 to \2", folded))


@lru_cache(maxsize=512)
def read_items(sentence: str) -> tuple[Item, ...]:
    """Return the items of one sentence in order."""
    return tuple(read_amounts(read_periods(_phrased(_perfect(_scan(fold(sentence)))))))


def _scan(text: str) -> "list[Item]":
    items: list[Item] = []
    for match in _TOKEN.finditer(text):
        group, found = str(match.lastgroup), match[0]
        if group == "date":
            items.append(Item(found, found.lower(), "date"))
        elif group == "technical":
            items.append(Item(found, found, "name"))
        elif group == "fixed":
            items.append(Item(found, found.lower(), "number"))
        elif group == "number":
            items.append(Item(found, found.replace(",", "").replace("\u2212", "-"), "number"))
        elif group == "cjk":
            items.append(Item(found, found[0], "cjk"))
        elif group == "word":
            items.extend(_words(found, first=not any(item.kind != "mark" for item in items)))
        elif group == "mark":
            items.append(Item(found.strip() or "-", found.strip() or "-", "mark"))
        elif group == "money":
            items.append(Item(found, found.lower(), "word"))
        elif found not in "*_`'\\^":
            items.append(Item(found, found, "word"))
    return items


def _words(found: str, *, first: bool) -> "list[Item]":
    lowered = found.lower()
    if lowered == "cannot":
        return [Item("can", "can", "word"), Item("not", "not", "word")]
    if lowered.endswith("n't"):
        stem = {"ca": "can", "wo": "will", "sha": "shall"}.get(lowered[:-3], lowered[:-3])
        return [Item(stem, stem, "word"), Item("not", "not", "word")]
    for ending, full in _CONTRACTED.items():
        if lowered.endswith(ending) and (ending != "'s" or lowered[:-2] in _PRONOUNS):
            base = found[: -len(ending)]
            return [Item(base, base.lower(), "word"), Item(full, full, "word")]
    if lowered.endswith("'s"):
        return [_word(found[:-2], first=first), Item("'s", "'s", "word")]
    return [_word(found, first=first)]


def _word(found: str, *, first: bool) -> Item:
    key = found.lower()
    if key in ORDINALS and key != "second":
        return Item(found, ORDINALS[key], "number")
    if "." in key:
        key = key.replace(".", "")
    capital = found[0].isupper() and key not in vocabulary().function_words
    inside = any(letter.isupper() or letter.isdigit() for letter in found[1:])
    return Item(found, key, "name" if inside or (capital and not first) else "word")


def _perfect(items: "list[Item]") -> "list[Item]":
    """Return the items with "has been" as "was", and without "has" before a participle and "did" before a verb."""
    result: list[Item] = []
    for position, item in enumerate(items):
        following = items[position + 1].key if position + 1 < len(items) else ""
        after = items[position + 2].key if position + 2 < len(items) else ""
        if item.key in ("has", "have", "had") and (
            is_participle(following) or (following in ("not", "never", "also") and is_participle(after))
        ):
            continue
        if item.key in ("do", "does", "did") and (following == "not" or (after and not following.istitle())):
            continue
        result.append(Item(item.text, "was", "word") if item.key == "been" else item)
    return result


def _phrased(items: "list[Item]") -> "list[Item]":
    """Return the items with phrases that stand for simpler words read as these."""
    phrases = vocabulary().phrases
    result: list[Item] = []
    position = 0
    while position < len(items):
        for length in (4, 3, 2):
            words = phrases.get(tuple(item.key for item in items[position : position + length]))
            if words:
                printed = " ".join(item.text for item in items[position : position + length])
                result.extend(Item(printed if at == 0 else word, word, "word") for at, word in enumerate(words))
                position += length
                break
        else:
            result.append(items[position])
            position += 1
    return result


def is_participle(key: str) -> bool:
    """Whether a word may be a past form."""
    return key == "been" or (key.endswith("ed") and len(key) > 4) or key in IRREGULAR or key in vocabulary().participles


def is_named(item: Item) -> bool:
    """Whether an item has a capital letter and is no pronoun; the first word of a sentence may be any word."""
    return item.text[:1].isupper() and item.key not in ANAPHORS


@lru_cache(maxsize=20_000)
def lemmas(key: str) -> frozenset[str]:
    """Return what a word may be an inflected form of, itself included; derived words are others."""
    found = {key}
    if key in IRREGULAR:
        found.add(IRREGULAR[key])
    if irregular := vocabulary().irregular.get(key):
        found.add(irregular)
    if len(key) > 3 and key.endswith("s") and not key.endswith(("ss", "us", "is")):
        found.add(key[:-1])
        if key.endswith("ies"):
            found.add(key[:-3] + "y")
        if key.endswith(("ses", "xes", "zes", "ches", "shes", "oes")):
            found.add(key[:-2])
    for ending in ("ed", "ing"):
        base = key.removesuffix(ending)
        if base != key and len(base) >= 3:
            found |= {base, base + "e"}
            if base[-1] == base[-2]:
                found.add(base[:-1])
            if ending == "ed" and base.endswith("i"):
                found.add(base[:-1] + "y")
    same = vocabulary().synonyms
    return frozenset(found | {same[word] for word in found if word in same})


def same_word(left: Item, right: Item) -> bool:
    """Whether two words are forms of the same word, or safe synonyms; names and signs must be equal."""
    if left.key == right.key:
        return True
    if left.kind == right.kind == "cjk" or not (left.key.isalpha() and right.key.isalpha()):
        return vocabulary().cjk_same.get(left.key, left.key) == vocabulary().cjk_same.get(right.key, right.key)
    if left.kind == right.kind == "name":
        return bool(
            {left.key, left.key.removesuffix("s")} & {right.key + "s", right.key.removesuffix("s")} - {""}
        ) and (min(len(left.key), len(right.key)) > 4 and abs(len(left.key) - len(right.key)) == 1)
    return bool(lemmas(left.key) & lemmas(right.key))
