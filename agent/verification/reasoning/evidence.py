"""What of a chain of reasoning can be looked at: its triples, and what its hints compute."""

import hashlib
from collections.abc import Iterator, Sequence

from agent.domain.asking import Reasoning
from agent.domain.claims import CheckedClaim, Claim, Statement
from agent.verification.arithmetic.judging import judge_arithmetic


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


def standing(reasoning: Reasoning, claims: Sequence[CheckedClaim]) -> list[str]:
    """Return what is left of a chain without what was refuted: triples, and hints that do not speak of it."""
    wrong = [one.claim for one in claims if one.verdict == "contradicted"]
    texts = {claim.text for claim in wrong} | {claim.sentence for claim in wrong if claim.sentence}
    refuted = [triple for claim in wrong for triple in claim.triples]
    triples = [text for text in map(said, reasoning.triples) if text not in texts]
    hints = [hint for hint in reasoning.hints if hint not in texts and not any(_names(hint, one) for one in refuted)]
    return list(dict.fromkeys((*triples, *hints)))


def _names(hint: str, triple: Statement) -> bool:
    """Whether a hint speaks of both things of a triple, and so may say it in other words."""
    folded = hint.casefold()
    return triple.subject.casefold() in folded and triple.object.casefold() in folded
