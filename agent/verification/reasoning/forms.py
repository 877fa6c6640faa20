"""What a model fills in when it answers. The answer's type follows from the question, so that nothing is parsed."""

from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, WithJsonSchema, create_model

from agent.domain.asking import AskMode, Question, Reasoning
from agent.domain.base import Form
from agent.domain.claims import Statement
from agent.verification.reasoning.answers import number_in, number_text

_MOST = 8
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=300)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class EvidenceTriple(Form):
    """One piece of evidence: subject, relation, object; ``holds`` is false where it is not so."""

    subject: Name
    relation: Name
    object: Name
    holds: bool = Field(default=True, description="false where this is not so")


class GiveAnswer(Form):
    """Give the answer to the question, and nothing else."""

    answer: Any


class ReasonAndAnswer(Form):
    """Reason step by step, one short sentence a step, and then give the answer that follows."""

    steps: list[Sentence] = Field(min_length=1, max_length=_MOST)
    answer: Any


class ProveAndAnswer(Form):
    """Write down the evidence as triples, then hints that lead from it to the answer, then the answer that follows."""

    triples: list[EvidenceTriple] = Field(min_length=1, max_length=_MOST, description="facts that the answer rests on")
    hints: list[Sentence] = Field(min_length=1, max_length=_MOST, description="how the answer follows from the triples")
    answer: Any


class ComputeAndAnswer(Form):
    """Write down hints with all computations as equations, then what they show as triples, then the answer."""

    hints: list[Sentence] = Field(
        min_length=1,
        max_length=_MOST,
        description="one sentence each, with its equation, such as: Together they have 3 + 4 = 7 eggs.",
    )
    triples: list[EvidenceTriple] = Field(min_length=1, max_length=_MOST, description="what is given and was computed")
    answer: Any


class TellWhatFollows(Form):
    """Say whether the statements alone decide the question, and which answer follows from them."""

    follows: bool = Field(description="true only where the statements alone decide it")
    answer: Any = Field(description="the answer that follows; any where none does")


FormT = TypeVar("FormT", bound=Form)


def form_for(mode: AskMode, question: Question) -> type[Form]:
    """Return what is filled in for a question; arithmetic has its hints before its triples, as in the paper."""
    if mode == "direct":
        return typed(GiveAnswer, question)
    if mode == "cot":
        return typed(ReasonAndAnswer, question)
    return typed(ComputeAndAnswer if question.kind == "number" else ProveAndAnswer, question)


def typed(form: type[FormT], question: Question) -> type[FormT]:
    """Return a form whose answer has the type that a question wants."""
    return _typed(form, question.kind, tuple(choice.label for choice in question.choices))


@lru_cache(maxsize=256)
def _typed(form: type[FormT], kind: str, labels: tuple[str, ...]) -> type[FormT]:
    words = labels if kind == "choice" else ("yes", "no")
    wanted: Any = {
        "number": Annotated[
            Decimal, WithJsonSchema({"type": "number"}), Field(allow_inf_nan=False), AfterValidator(_readable)
        ],
        "text": Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)],
    }.get(kind, Literal[words])
    told = form.model_fields["answer"].description
    made: type[FormT] = create_model(
        form.__name__, __base__=form, __doc__=form.__doc__, answer=(wanted, Field(description=told))
    )
    return made


def _readable(number: Decimal) -> Decimal:
    number_text(number)
    return number


def answer_text(filled: Form) -> str:
    """Return the answer of a filled form as a text."""
    answer = getattr(filled, "answer")  # noqa: B009 - its type differs from question to question
    return number_text(answer) if isinstance(answer, Decimal) else str(answer)


def reasoning_of(filled: Form) -> Reasoning:
    """Return what a model filled in."""
    answer = answer_text(filled)
    if isinstance(filled, ReasonAndAnswer):
        return Reasoning(answer=answer, steps=tuple(filled.steps))
    if isinstance(filled, ProveAndAnswer | ComputeAndAnswer):
        triples = tuple(_statement(triple) for triple in filled.triples)
        return Reasoning(answer=answer, triples=triples, hints=tuple(filled.hints))
    return Reasoning(answer=answer)


def filled_in(mode: AskMode, question: Question, reasoning: Reasoning) -> dict[str, Any]:
    """Return the arguments with which a reasoning would have been handed in, as examples show them.

    Raises:
        ValueError: the question wants a number, and the answer is none.
    """
    number = question.kind == "number"
    answer: Any = reasoning.answer
    if number:
        value = number_in(answer)
        if value is None:
            raise ValueError(f"the answer {answer[:60]!r} is no number, as the question wants")
        answer = int(value) if value == value.to_integral_value() else float(value)
    if mode == "direct":
        return {"answer": answer}
    if mode == "cot":
        return {"steps": list(reasoning.steps or reasoning.hints), "answer": answer}
    triples = [_triple(statement) for statement in reasoning.triples]
    hints = list(reasoning.hints)
    ordered = {"hints": hints, "triples": triples} if number else {"triples": triples, "hints": hints}
    return {**ordered, "answer": answer}


def _statement(triple: EvidenceTriple) -> Statement:
    return Statement(subject=triple.subject, relation=triple.relation, object=triple.object, positive=triple.holds)


def _triple(statement: Statement) -> dict[str, Any]:
    return {
        "subject": statement.subject,
        "relation": statement.relation,
        "object": statement.object,
        "holds": statement.positive,
    }
