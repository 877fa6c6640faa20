"""Whether the numbers of a statement stand beside the words the statement gives them.

The literal check cannot see two values that changed places. This one compares clauses: a value belongs to the words of
the clause it stands in, so a statement whose words fit another value's clause better has taken the wrong value. It
speaks only where one clause has words of the statement that the other lacks, and not the other way round; several
values in one clause leave it undecided.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from agent.domain.claims import Finding
from agent.verification.lexicon import CONJUNCTIONS, MONTHS, YEAR_WORDS
from agent.verification.words import Token, features, tokens

NumberKind = Literal["plain", "percent", "year", "date", "day"]

_LIST_MARKS = frozenset({"\u3001", '"', "\u201c", "\u201d"})
_METHOD = "attachment"
_MOST_COMPARISONS = 200_000


class Clause(NamedTuple):
    """The numbers of a clause by kind, and the word stems and character pairs around them."""

    numbers: tuple[tuple[str, NumberKind], ...]
    words: frozenset[str]


def swapped(statement: str, cited: str, question: str = "") -> Finding:
    """Say whether a statement's numbers are attached to the words they have in the cited text.

    Args:
        statement: a claim, or an answer that may be a bare value.
        cited: the text it rests on.
        question: what a bare value answers.

    Returns:
        passed where every number has no rival of its kind, or its clause fits better than any rival's; failed where a
        rival's clause fits better; undecided otherwise.
    """
    there = [clause for clause in dict.fromkeys(clauses(cited)) if clause.numbers]
    stated = [clause for clause in dict.fromkeys(clauses(statement)) if clause.numbers]
    if len(stated) * len(there) > _MOST_COMPARISONS:
        return Finding(method=_METHOD, passed=None, detail="the texts have too many numbers to be compared")
    asked = clauses(question)
    given = {number for clause in asked for number, _ in clause.numbers}
    asked_words = frozenset().union(*(clause.words for clause in asked))
    undecided = ""
    for clause in stated:
        shared = [other.words & (clause.words | asked_words) for other in there]
        for number, kind in dict.fromkeys(clause.numbers):
            if number in given:
                continue
            rival, order = _compare(number, kind, there, shared)
            if order < 0:
                detail = f"{number} stands beside other words; those of the statement stand beside {rival}"
                return Finding(method=_METHOD, passed=False, detail=detail)
            if order == 0:
                undecided = undecided or f"{number} and {rival} stand in clauses of which neither fits better"
    if undecided:
        return Finding(method=_METHOD, passed=None, detail=undecided)
    return Finding(method=_METHOD, passed=True, detail="every number stands beside the words it is given")


def _compare(
    number: str, kind: NumberKind, there: Sequence[Clause], shared: Sequence[frozenset[str]]
) -> tuple[str, int]:
    """Return the strongest rival of a number, and 1, 0 or -1: the number fits better, undecided, the rival does.

    Args:
        number: a number of the statement.
        kind: only numbers of the same kind are rivals.
        there: the clauses of the cited text.
        shared: for each of them the words it has in common with the statement's clause.
    """
    own = {words for clause, words in zip(there, shared, strict=True) if (number, kind) in clause.numbers}
    outcome, strongest = 1, ""
    for clause, words in zip(there, shared, strict=True):
        rival = next((other for other, other_kind in clause.numbers if other_kind == kind and other != number), None)
        if rival is None or not own:
            continue
        order = max(bool(mine - words) - bool(words - mine) for mine in own)
        if order < outcome:
            outcome, strongest = order, rival
    return strongest, outcome


def clauses(text: str) -> tuple[Clause, ...]:
    """Return the clauses of a text: what stands between punctuation marks and conjunctions."""
    return tuple(_clause(group) for group in clause_tokens(text))


def clause_tokens(text: str) -> tuple[tuple[Token, ...], ...]:
    """Return the tokens of each clause of a text; marks and conjunctions between clauses are left out."""
    groups: list[list[Token]] = [[]]
    for token in tokens(text):
        is_mark = token.kind == "mark" and token.text not in _LIST_MARKS
        if is_mark or (token.kind == "word" and token.text in CONJUNCTIONS):
            groups.append([])
        else:
            groups[-1].append(token)
    return tuple(tuple(group) for group in groups if group)


def _clause(group: Sequence[Token]) -> Clause:
    numbers = tuple(
        (token.text, number_kind(group, position)) for position, token in enumerate(group) if token.kind == "number"
    )
    # a year tells clauses apart as a word does ("7 in 2020"); other numbers are what is told apart
    return Clause(numbers, features(group) - {number for number, kind in numbers if kind != "year"})


def number_kind(group: Sequence[Token], position: int) -> NumberKind:
    """Return what kind of value a number token is; only values of one kind can be taken for each other."""
    text = group[position].text
    beside = {token.text for token in group[max(position - 1, 0) : position + 2]}
    following = group[position + 1].text[:1] if position + 1 < len(group) else ""
    if text.endswith("%"):
        return "percent"
    if re.fullmatch(r"\d{4}-\d{1,2}-\d{1,2}", text):
        return "date"
    before = group[position - 1].text if position else ""
    dated = before in YEAR_WORDS or before in MONTHS or (position and number_kind(group, position - 1) == "day")
    if following == "\u5e74" or (dated and re.fullmatch(r"1\d{3}|20\d{2}", text)):
        return "year"
    if (beside & MONTHS and re.fullmatch(r"\d{1,2}(?:st|nd|rd|th)?", text)) or following in ("\u6708", "\u65e5"):
        return "day"
    return "plain"
