"""Cuts a text into the tokens that computed statements are made of, each with its place."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

Kind = Literal["number", "word", "op", "open", "close", "currency", "percent", "relation", "function", "power", "other"]


@dataclass(frozen=True, slots=True)
class Token:
    """One token: ``value`` is its meaning, ``tight`` says that no space stands before it."""

    kind: Kind
    value: str
    start: int
    end: int
    tight: bool


VULGAR: Mapping[str, str] = MappingProxyType(
    dict(
        zip(
            "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞",
            ["1/2", "1/3", "2/3", "1/4", "3/4", "1/5", "2/5", "3/5", "4/5", "1/6", "5/6", "1/8", "3/8", "5/8", "7/8"],
            strict=True,
        )
    )
)
_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_SMALL = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
SPELLED: Mapping[str, str] = MappingProxyType(
    {word: str(value) for value, word in enumerate(_SMALL)}
    | {word: str(10 * value) for value, word in enumerate(_TENS, 2)}
    | {
        f"{ten}-{one}": str(10 * value + unit)
        for value, ten in enumerate(_TENS, 2)
        for unit, one in enumerate(_SMALL[1:10], 1)
    }
)
SCALES: Mapping[str, int] = MappingProxyType(
    {"hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12}
    | {"dozens": 12, "百": 100, "千": 1000, "万": 10**4, "亿": 10**8}
)
PARTS: Mapping[str, str] = MappingProxyType(
    {"half": "1/2", "one-half": "1/2", "third": "1/3", "thirds": "1/3", "quarter": "1/4", "quarters": "1/4"}
    | {"fourth": "1/4", "fourths": "1/4", "fifth": "1/5", "fifths": "1/5", "sixth": "1/6", "sixths": "1/6"}
    | {"eighth": "1/8", "eighths": "1/8", "tenth": "1/10", "tenths": "1/10", "一半": "1/2"}
)
_OPERATORS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("plus", "+", "＋", "加上", "加", "added to"), "+")
    | dict.fromkeys(("minus", "-", "−", "–", "－", "减去", "减"), "-")
    | dict.fromkeys(("times", "multiplied by", "*", "×", "·", "∙", "⋅", "✕", "∗", "＊", "乘以", "乘"), "*")
    | dict.fromkeys((r"\times", r"\cdot"), "*")
    | dict.fromkeys(("divided by", "over", "/", "÷", "∕", "⁄", "／", "除以", r"\div"), "/")
    | {"//": "//", "mod": "mod", "modulo": "mod", "^": "^", "**": "^", "to the power of": "^", "的": "of"}
    | {"subtracted from": "from"}
)
_RELATIONS: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("=", "==", "＝", "equals", "equal", "is equal to", "are equal to", "等于"), "=")
    | dict.fromkeys(("is equivalent to", "is the same as", "equates to"), "=")
    | dict.fromkeys(("is", "was", "are", "gives", "give", "makes", "make", "yields", "leaves", "是", "得", "为"), "is")
    | dict.fromkeys(("to get", "we get", "you get", "comes to", "comes out to", "amounts to", "works out to"), "is")
    | dict.fromkeys(("to give", "adds up to", "which is", "results in", "which equals", "will be", "would be"), "is")
    | dict.fromkeys(("totals", "that is", "that's", "得到", "->", "→", "=>", "⇒"), "is")
    | dict.fromkeys(("≈", "≃", "~=", "约等于", "approximately equals", r"\approx"), "~")
    | {"≠": "!=", "!=": "!=", "<>": "!=", "is not": "!=", "does not equal": "!=", "is not equal to": "!="}
    | {"不等于": "!=", "isn't": "!=", r"\neq": "!=", r"\ne": "!="}
    | {"<": "<", ">": ">", "<=": "<=", ">=": ">=", "≤": "<=", "≥": ">=", "is less than": "<", "is at least": ">="}
    | {"is greater than": ">", "is more than": ">", "is at most": "<=", "小于": "<", "大于": ">"}
)
_FUNCTIONS: Mapping[str, str] = MappingProxyType(
    {"sum of": "sum", "product of": "product", "difference between": "difference", "difference of": "difference"}
    | {"quotient of": "quotient", "average of": "mean", "mean of": "mean", "adding": "sum", "add": "sum"}
    | {"multiplying": "product", "multiply": "product", "dividing": "quotient", "divide": "quotient"}
    | {"subtracting": "subtract", "subtract": "subtract", "square root of": "root", "√": "root", "sqrt": "root"}
    | {r"\sqrt": "root", "twice": "twice", "double": "twice", "triple": "thrice", r"\frac": "frac"}
)
_APPROXIMATE = ("about", "approximately", "roughly", "around", "nearly", "almost", "大约", "约")


def _any_of(words: Mapping[str, str]) -> str:
    parts = []
    for word in sorted(words, key=len, reverse=True):
        plain = re.escape(word).replace(r"\ ", r"\s+")
        parts.append(rf"(?<![\w\\]){plain}(?!\w)" if word.isascii() and word[0].isalpha() else plain)
    return "|".join(parts)


_NUMBER = r"\d+(?:[.,'\u00a0\u202f\u2009]\d+)*|\.\d+"
_TOKEN = re.compile(
    rf"(?P<date>\d+\s*[:]\d\d(?::\d\d)?(?!\d)"
    r"|\d{4}([-/.])\d{1,2}\2\d{1,2}(?!\d|\s*=)|\d{1,2}([-/.])\d{1,2}\3\d{4}(?!\d|\s*=)|\d+(?:\.\d+){2,}(?!\d))"
    rf"|(?P<science>(?:{_NUMBER})[eE][+-]?\d+(?!\w))"
    rf"|(?P<number>{_NUMBER})|(?P<vulgar>[{''.join(VULGAR)}])|(?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    rf"|(?P<currency>(?:US|CA|A|NZ|HK)?\\?[$€£¥￥₹])"
    rf"|(?P<percent>\\?%|％|(?:percent|per\s+cent)(?!\w)|百分之)"
    rf"|(?P<function>{_any_of(_FUNCTIONS)})"
    rf"|(?P<relation>{_any_of(_RELATIONS)})"
    rf"|(?P<op>{_any_of(_OPERATORS)}|(?<![\w.])[xX](?=[^\S\n]*[$(]?[^\S\n]*\d)|(?<=\d)[xX](?=[$(]?\d)|(?<=\d\s)[xX](?=[$(]))"
    r"|(?P<open>[(（\[{])|(?P<close>[)）\]}])"
    r"|(?P<word>公里|千米|厘米|毫米|公斤|千克|分钟|小时|毫升|[a-z°µμ]+(?:['’-][a-z]+)*\d*|[\u4e00-\u9fff]|\w)"
    r"|(?P<other>\n|[^\s])",
    re.IGNORECASE,
)


def tokens(text: str) -> list[Token]:
    """Return the tokens of a text in order; what belongs to no computation is a word or ``other``."""
    found: list[Token] = []
    end = 0
    for match in _TOKEN.finditer(text):
        found.append(_token(match, match.start() == end))
        end = match.end()
    return found


def _token(match: re.Match[str], tight: bool) -> Token:
    name, raw = str(match.lastgroup), match[0]
    key = re.sub(r"\s+", " ", raw.lower())
    kind: Kind
    if name == "op":
        kind, value = "op", _OPERATORS.get(key, "*")
    elif name == "relation":
        kind, value = "relation", _RELATIONS[key]
    elif name == "function":
        kind, value = "function", _FUNCTIONS[key]
    elif name == "vulgar":
        kind, value = "number", VULGAR[raw]
    elif name in ("number", "science"):
        kind, value = "number", key
    elif name == "power":
        kind, value = "power", raw.translate(_SUPERSCRIPT)
    elif name == "word" and key in SPELLED:
        kind, value = "number", SPELLED[key]
    elif name == "word":
        # a capital makes another unit of these: a megagram is no milligram
        kind, value = "word", raw if len(raw) == 1 or (raw[0] == "M" and key in ("mg", "mm", "ml")) else key
    elif name == "currency":
        kind, value = "currency", key.lstrip("\\")
    elif name == "percent":
        kind, value = "percent", key
    elif name in ("open", "close"):
        kind, value = ("open", "(") if name == "open" else ("close", ")")
    else:
        kind, value = "other", key
    return Token(kind, value, match.start(), match.end(), tight)


def approximate(token: Token) -> bool:
    """Say whether a word makes the number behind it approximate."""
    return token.kind == "word" and token.value in _APPROXIMATE
