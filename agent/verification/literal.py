"""The literal check: every word and number of an answer stands in the text it cites.

It sees whether words are there, not what they say about each other: a negation that was dropped, two names that changed
places and a value that belongs to something else all pass. So it can reject, and can be one condition among several for
accepting, but never the only one.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from agent.domain.claims import Finding
from agent.verification.lexicon import (
    ASKING_WORDS,
    CJK_ASKING,
    CJK_STOP,
    CJK_YES_NO,
    DIMENSIONS,
    IRREGULAR,
    STOP_WORDS,
    YES_NO,
)
from agent.verification.words import Token, bigrams, singular, stems, tokens

_YEAR_FIRST = re.compile(r"(\d{4})-\d")


class Words(NamedTuple):
    """What a text has: its words without plural endings, its numbers, and its runs of CJK characters."""

    words: frozenset[str]
    numbers: frozenset[str]
    runs: tuple[str, ...]

    @classmethod
    def of(cls, *texts: str) -> "Words":
        """Return the words of one or more texts together."""
        items = [token for text in texts for token in tokens(text)]
        numbers = {token.text for token in items if token.kind == "number"}
        numbers.update(match[1] for number in tuple(numbers) if (match := _YEAR_FIRST.match(number)))
        return cls(
            frozenset(singular(token.text) for token in items if token.kind == "word"),
            frozenset(numbers),
            tuple(token.text for token in items if token.kind == "cjk"),
        )


def literal(answer: str, cited: str, question: str = "") -> Finding:
    """Say whether every word and number of an answer stands in the cited text.

    Words may also come from the question, numbers may not. The answer must add something to the question. Plural
    endings, case, width, thousands separators and the spelling of small numbers do not matter.

    Returns:
        a finding that names what is missing; undecided for a yes or no, which no text contains.
    """
    items = content(answer)
    if is_yes_or_no(answer):
        return Finding(method="literal", passed=None, detail="a yes or no stands in no text; it needs a judge")
    if not items:
        return Finding(method="literal", passed=False, detail="the answer has no words that could be looked up")
    there, asked = Words.of(cited), Words.of(question)
    missing = missing_numbers(answer, there, question) + [
        part for token in items for part in _missing_parts(token, there, asked)
    ]
    if missing:
        return Finding(method="literal", passed=False, detail=f"not in the cited text: {_listed(missing)}")
    if (
        question
        and not missing_numbers(answer, asked)
        and not any(_missing_parts(item, asked, asked) for item in items)
    ):
        return Finding(method="literal", passed=False, detail="the answer only repeats the question")
    return Finding(method="literal", passed=True, detail="every word and number stands in the cited text")


def missing_numbers(statement: str, there: Words, question: str = "") -> list[str]:
    """Return the numbers of a statement that a text does not have.

    A bare 5 is borne by 5 % only where the question asks for a percentage.
    """
    percent = bool({"percent", "percentage", "%"} & {token.text for token in tokens(question)})
    numbers = [token.text for token in tokens(statement) if token.kind == "number"]
    return [
        number for number in numbers if number not in there.numbers and not (percent and f"{number}%" in there.numbers)
    ]


def is_yes_or_no(answer: str) -> bool:
    """Whether an answer says yes or no, alone or before anything else."""
    items = [token for token in tokens(answer) if token.kind != "mark"]
    if not items:
        return False
    first = items[0]
    return (first.kind == "word" and first.text in YES_NO and _ends_there(answer, items)) or first.text in CJK_YES_NO


def _ends_there(answer: str, items: list[Token]) -> bool:
    """Whether the first word is an answer of its own: nothing or a punctuation mark follows it."""
    return len(items) == 1 or tokens(answer)[1].kind == "mark"


def content(text: str) -> list[Token]:
    """Return the tokens of a text that must be borne by its evidence: no punctuation, no stop words."""
    return [
        token
        for token in tokens(text)
        if token.kind in ("number", "cjk") or (token.kind == "word" and token.text not in STOP_WORDS)
    ]


def _missing_parts(token: Token, there: Words, asked: Words) -> list[str]:
    """Return what of a word or CJK run stands in neither text: nothing, the word, or some of the characters."""
    if token.kind == "word":
        return [] if singular(token.text) in there.words | asked.words else [token.text]
    return missing_runs(token.text, (*there.runs, *asked.runs)) if token.kind == "cjk" else []


def missing_runs(run: str, haystack: Iterable[str]) -> list[str]:
    """Return the parts of a CJK run whose characters stand beside none of their neighbours in any other run.

    A character that has no neighbour left once particles are set aside must merely occur.
    """
    known: set[str] = set()
    for other in haystack:
        known |= bigrams(other) | set(other)
    missing = []
    for piece in re.findall(f"[^{''.join(CJK_STOP)}]+", run):
        if len(piece) == 1:
            flags = [piece in known]
        else:
            pairs = [piece[index : index + 2] in known for index in range(len(piece) - 1)]
            flags = [any(pairs[max(index - 1, 0) : index + 1]) for index in range(len(piece))]
        spaced = "".join(character if not flag else " " for character, flag in zip(piece, flags, strict=True))
        missing.extend(spaced.split())
    return missing


def coverage(question: str, cited: str, context: str = "") -> tuple[str, ...]:
    """Return the content words of a question that stand neither in the cited text nor in its context.

    A near miss shows here: a text that gives sales does not have the word ``profit`` of the question. Words are
    compared by their stems; words that only name the kind of answer (``year``, ``name``) are left out.

    Args:
        question: what was asked.
        cited: the quoted text.
        context: what the reader of the quote knows besides: title, heading, neighbouring sentences.
    """
    there = Words.of(cited, context)
    known = _stems_of(there.words)
    missing: list[str] = []
    for token in content(CJK_ASKING.sub(" ", question)):
        if token.kind == "cjk":
            missing.extend(missing_runs(token.text, there.runs))
        elif token.kind == "number":
            missing.extend([] if token.text in there.numbers or f"{token.text}%" in there.numbers else [token.text])
        elif singular(token.text) not in ASKING_WORDS and not _stem_known(token.text, known, there.words):
            missing.append(token.text)
    return tuple(dict.fromkeys(missing))


def _stem_known(word: str, known: set[str], words: frozenset[str]) -> bool:
    same = next((group for group in DIMENSIONS if word in group), frozenset({word}))
    return bool(same & words) or bool(_stems_of(same) & known)


def _stems_of(words: Iterable[str]) -> set[str]:
    """Return the stems of words in both numbers, and of the present where a word is an irregular past."""
    present = {IRREGULAR.get(word, word) for word in words}
    return set(stems(sorted(present | {singular(word) for word in present})))


def _listed(missing: list[str]) -> str:
    unique = list(dict.fromkeys(missing))
    more = f" and {len(unique) - 8} more" if len(unique) > 8 else ""
    return ", ".join(unique[:8]) + more
