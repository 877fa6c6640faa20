"""Kinds of answers: which one a question wants, and when two answers are the same."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from agent.domain.asking import AnswerKind, Choice, Question

_LARGEST = 40
"""Digits before or after the point of a number that is an answer."""
_WHETHER = re.compile(
    r"^(?:(?:and|but|so|then|if\b[^,]*,|given\b[^,]*,)\s+)?(?:is|are|was|were|am|do|does|did|has|have|had|can|could|will"
    r"|would|shall|should|may|might|must|isn't|aren't|doesn't|don't|didn't|can't)\b",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\bor\b|\u8fd8\u662f", re.IGNORECASE)
_WHETHER_CHINESE = re.compile(r"\u5417\s*[?\uff1f]?\s*$|\u662f\u5426|\u662f\u4e0d\u662f|\u6709\u6ca1\u6709")
_AMOUNT = re.compile(
    r"\bhow (?:many|much|old|far|long|tall)\b|\u591a\u5c11|\u51e0[\u4e2a\u540d\u672c\u53ea]", re.IGNORECASE
)
_SENTENCE = re.compile(r"[^.!?\u3002\uff01\uff1f]+[.!?\u3002\uff01\uff1f]*")
_DASHES = re.compile(r"[\u2010-\u2015\u2212]")
_MEANT = r"[+#]|(?<=\d)[./:](?=\d)|(?<![^\W\d_])-(?=\d)"
"""Signs that make another answer: in ``C++``, ``1.5``, ``1/2``, ``3:45``, ``-5``; not the hyphen of ``covid-19``."""
_IDLE = re.compile(rf"(?!{_MEANT})[\W_]")


def question_of(text: str, *, choices: Sequence[Choice] = (), kind: AnswerKind | None = None) -> Question:
    """Return a question whose kind of answer is the given one, or else what its choices and its last sentence show.

    Raises:
        ValueError: the choices cannot be told apart, or do not go with the kind.
    """
    return Question(text=text, kind=kind or _kind_of(text, choices), choices=tuple(choices))


def _kind_of(text: str, choices: Sequence[Choice]) -> AnswerKind:
    if choices:
        return "choice"
    sentences = [part.strip() for part in _SENTENCE.findall(text) if part.strip()]
    asked = next((part for part in reversed(sentences) if part[-1] in "?\uff1f"), sentences[-1] if sentences else text)
    if _AMOUNT.search(asked):
        return "number"
    whether = _WHETHER.match(asked) or _WHETHER_CHINESE.search(asked)
    return "yes/no" if whether and not _EITHER.search(asked) else "text"


def number_text(number: Decimal) -> str:
    """Return a number in digits, without zeros that say nothing.

    Raises:
        ValueError: it is none, or has too many digits.
    """
    if not number.is_finite() or abs(number.adjusted()) > _LARGEST or len(number.as_tuple().digits) > _LARGEST:
        raise ValueError(f"a number has at most {_LARGEST} digits")
    plain = f"{number:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in ("-0", "") else plain


def is_number(text: str) -> bool:
    """Whether a text is one number in digits."""
    return number_in(text) is not None


def same_answer(kind: AnswerKind, one: str, other: str) -> bool:
    """Whether two answers are the same: numbers by value, all else by letters, digits and signs that make another."""
    if kind == "number":
        numbers = number_in(one), number_in(other)
        return None not in numbers and numbers[0] == numbers[1]
    return bool(_folded(one)) and _folded(one) == _folded(other)


def number_in(text: str) -> Decimal | None:
    """Return the one number in digits that a text is, with or without commas; None where it is none."""
    try:
        return Decimal(number_text(Decimal(text.strip().replace(",", ""))))
    except (InvalidOperation, ValueError):
        return None


def _folded(text: str) -> str:
    return _IDLE.sub("", _DASHES.sub("-", unicodedata.normalize("NFKC", text).casefold()))
