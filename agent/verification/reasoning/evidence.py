"""What of a chain of reasoning can be looked at: its triples, and what its hints compute."""

import hashlib
import re
from collections.abc import Collection, Iterator, Sequence

from agent.domain.asking import Reasoning
from agent.domain.claims import CheckedClaim, Claim, Statement
from agent.verification.arithmetic.judging import judge_arithmetic
from agent.verification.reasoning.answers import number_in

_ANSWER = re.compile(
    r"\b(?:the|correct|right|final) answer\b|\b(?:correct|right) (?:choice|option|solution)\b|^answer\b", re.IGNORECASE
)
_NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def said(statement: Statement) -> str:
    """Return a triple as a sentence."""
    plain = f"{statement.subject} {statement.relation} {statement.object}"
    return plain if statement.positive else f"It is not so: {plain}"


def chain_text(reasoning: Reasoning) -> str:
    """Return a chain as a text, in the format in which Chain-of-Knowledge writes it."""
    lines = []
    if reasoning.triples:
        lines.append("Evidence triples:")
        lines += [f"{number}. {_parentheses(one)}" for number, one in enumerate(reasoning.triples, 1)]
    if reasoning.hints:
        lines.append(f"Explanation hints: {' '.join(reasoning.hints)}")
    return "\n".join((*lines, *reasoning.steps, f"The answer is {reasoning.answer}."))


def _parentheses(one: Statement) -> str:
    return f"({one.subject}, {one.relation}, {one.object}){'' if one.positive else ' is not so'}"


def claims_of(reasoning: Reasoning) -> tuple[Claim, ...]:
    """Return the triples of a chain as claims, and each computation in a triple, a hint or a step.

    Their ids follow from what they say, so that the same claim is known again in another round.
    """
    found: dict[str, Claim] = {}
    for claim in _claims(reasoning):
        found.setdefault(claim.id, claim)
    return tuple(found.values())


def _claims(reasoning: Reasoning) -> Iterator[Claim]:
    for statement in reasoning.triples:
        yield Claim(id=_name("triple", said(statement)), text=said(statement), triples=(statement,))
    for sentence in (*(said(one) for one in reasoning.triples), *reasoning.hints, *reasoning.steps):
        for one in judge_arithmetic(sentence):
            yield Claim(id=_name("sum", one.text, sentence), text=one.text, sentence=sentence, kind="number")


def _name(kind: str, *parts: str) -> str:
    text = "\n".join(" ".join(part.casefold().split()) for part in parts)
    return f"{kind}.{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:10]}"


def standing(reasoning: Reasoning, claims: Sequence[CheckedClaim], given: str = "") -> list[str]:
    """Return what is left of a chain without what was refuted, what says that again or rests on it, and the answer.

    Left out are refuted triples and sums, hints and undecided triples that name both things of a refuted triple, and
    those that use the result of a wrong sum. A triple that was found true stays. What only announces the answer gives
    no ground for it, and would let it follow from itself.

    Args:
        reasoning: the chain.
        claims: the verdicts on it.
        given: the question; a number in it rests on no sum.
    """
    wrong = [one.claim for one in claims if one.verdict == "contradicted"]
    texts = {claim.text for claim in wrong} | {claim.sentence for claim in wrong if claim.sentence}
    refuted = [triple for claim in wrong for triple in claim.triples]
    true = {one.claim.text for one in claims if one.verdict == "supported" and one.claim.triples}
    numbers = wrong_numbers(reasoning, claims, given)

    def stands(text: str) -> bool:
        if text in texts or tells_answer(text):
            return False
        return text in true or not (numbers & _numbers(text) or any(_names(text, one) for one in refuted))

    return list(dict.fromkeys(filter(stands, (*map(said, reasoning.triples), *reasoning.hints))))


def wrong_numbers(reasoning: Reasoning, claims: Sequence[CheckedClaim], given: str = "") -> frozenset[str]:
    """Return the results of wrong sums, and of the sums in hints that go on with these; not what is given."""
    known = _numbers(given)
    sums = [one for one in claims if not one.claim.triples and "=" in one.claim.text]
    wrong = {part for one in sums if one.verdict == "contradicted" for part in _result(one.claim.text)} - known
    places = {hint: number for number, hint in enumerate(reasoning.hints)}
    for one in sorted(sums, key=lambda one: places.get(one.claim.sentence or "", len(places))):
        before = one.claim.text.rpartition("=")[0]
        if wrong & _numbers(before):
            wrong |= _result(one.claim.text) - known
    return frozenset(wrong)


def tells_answer(text: str) -> bool:
    """Whether a sentence speaks of the answer as such and computes nothing, so that it is no evidence."""
    return _ANSWER.search(text) is not None and not judge_arithmetic(text)


def uses(text: str, numbers: Collection[str]) -> bool:
    """Whether a text has one of some numbers."""
    return not _numbers(text).isdisjoint(numbers)


def _result(equation: str) -> set[str]:
    return _numbers(equation.rpartition("=")[2])


def _numbers(text: str) -> set[str]:
    found = ((part, number_in(part)) for part in _NUMBER.findall(text))
    return {part if number is None else str(number) for part, number in found}


def _names(hint: str, triple: Statement) -> bool:
    """Whether a hint speaks of both things of a triple, and so may say it in other words."""
    folded = hint.casefold()
    return triple.subject.casefold() in folded and triple.object.casefold() in folded
