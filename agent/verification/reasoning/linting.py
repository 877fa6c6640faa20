"""Whether an exemplar may be shown: a wrong one teaches a model to be wrong, and published ones have been."""

from collections.abc import Sequence

from agent.domain.asking import Reasoning
from agent.domain.claims import Statement
from agent.verification.arithmetic.judging import judge_arithmetic
from agent.verification.knowledge.port import Knowledge
from agent.verification.reasoning.answers import number_in, same_answer
from agent.verification.reasoning.evidence import said, tells_answer
from agent.verification.reasoning.exemplars import Exemplar

_GREATER = frozenset({"greater", "more", "larger", "higher", "bigger", "longer", "above", "exceeds", ">"})
_LESS = frozenset({"less", "smaller", "lower", "fewer", "shorter", "below", "<"})


def problem_of(one: Exemplar, label: str) -> str:
    """Return what is wrong with an exemplar by itself, in one line; empty where nothing is found.

    Its answer must be the label; equations must hold, and so must comparisons of numbers; a triple must not be stated
    and denied at once, nor speak of the answer itself. Where numbers are asked for, the last thing
    computed is the answer.
    """
    kind = one.asked.kind
    if not same_answer(kind, one.answer, label):
        return f"its answer is {one.answer!r}, and the label is {label!r}"
    computed = [found for text in (*one.hints, *map(said, one.triples)) for found in judge_arithmetic(text)]
    if wrong := next((found for found in computed if found.verdict in ("contradicted", "qualified", "error")), None):
        return f"{wrong.text} is wrong: {wrong.computed}"
    last = [found for hint in one.hints for found in judge_arithmetic(hint)][-1:]
    if kind == "number" and last and not _ends_in(last[0].text, one.answer):
        return f"it computes {last[0].text} last, and answers {one.answer}"
    if untrue := next((triple for triple in one.triples if not _orders_rightly(triple)), None):
        return f"{said(untrue)!r} is no true comparison"
    if told := next((text for text in map(said, one.triples) if tells_answer(text)), ""):
        return f"{told!r} tells the answer, and is no evidence for it"
    return _clash(one.reasoning)


def _ends_in(equation: str, answer: str) -> bool:
    value = equation.rpartition("=")[2]
    numbers = [part for part in value.replace(",", "").split() if number_in(part.strip("$%")) is not None]
    return not numbers or any(same_answer("number", number.strip("$%"), answer) for number in numbers)


def _orders_rightly(triple: Statement) -> bool:
    """Whether a triple that compares two numbers is true; one that does not is not looked at."""
    one, other = number_in(triple.subject), number_in(triple.object)
    words = set(triple.relation.casefold().replace("_", " ").split())
    if one is None or other is None or words & {"not", "or"} or bool(words & _GREATER) == bool(words & _LESS):
        return True
    return ((one > other) if words & _GREATER else (one < other)) == triple.positive


def _clash(reasoning: Reasoning) -> str:
    stated = {_names(one) for one in reasoning.triples if one.positive}
    both = next((one for one in reasoning.triples if not one.positive and _names(one) in stated), None)
    return "" if both is None else f"it states and denies ({both.subject}, {both.relation}, {both.object})"


def _names(one: Statement) -> tuple[str, ...]:
    return tuple(" ".join(part.casefold().split()) for part in (one.subject, one.relation, one.object))


async def contradicted_by(step: str, one: Exemplar, bases: Sequence[str], knowledge: Knowledge) -> str:
    """Return which triple of an exemplar a knowledge base contradicts, in one line; empty for none.

    A knowledge base that cannot be asked contradicts nothing; that it can be opened is to be seen before.
    """
    for number, triple in enumerate(one.triples):
        for base in bases:
            found = await knowledge.look_up(f"{step}/{base}/{number}", base, triple)
            if found.verdict == "contradicted":
                return f"{base} contradicts {said(triple)!r}: {found.reason}"
    return ""
