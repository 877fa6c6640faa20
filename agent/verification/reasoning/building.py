"""Exemplars from labelled examples: a model writes evidence and hints, and what fails our checks is left out."""

import random
from collections.abc import Callable, Sequence
from typing import Annotated, Literal

from pydantic import Field

from agent.domain.asking import Choice, Question
from agent.domain.base import Fact
from agent.domain.errors import ModelOutputError, UsageError
from agent.models.asking import Models
from agent.verification.knowledge.port import Knowledge
from agent.verification.reasoning.answers import is_number, question_of
from agent.verification.reasoning.evidence import standing
from agent.verification.reasoning.exemplars import Exemplar, own_exemplars, read_line, reason_of
from agent.verification.reasoning.linting import contradicted_by, problem_of
from agent.verification.reasoning.reasoner import Reasoner
from agent.verification.words import features, tokens

BuildMode = Literal["cok", "cot", "direct"]
_LONGEST = 20_000
_MOST = 1000
"""Examples that are compared with each other; of more, as many are drawn."""

Said = Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class Example(Fact):
    """A question with its answer, and what is known about how to come to it.

    Attributes:
        line: where it stands in its file, counted from 1.
    """

    line: int
    question: Said
    answer: Said
    choices: tuple[Choice, ...] = ()
    facts: tuple[Said, ...] = ()
    solution: str = Field(default="", max_length=_LONGEST)
    decomposition: tuple[Said, ...] = ()

    @property
    def asked(self) -> Question:
        """The question; what sort of answer it wants is told by its label."""
        label = self.answer.strip().casefold()
        kind: Literal["yes/no", "number", "text"] = "yes/no" if label in ("yes", "no") else "text"
        if is_number(self.answer):
            kind = "number"
        return question_of(self.question, choices=self.choices, kind="choice" if self.choices else kind)

    @property
    def background(self) -> str:
        """What is known, as a text; empty where only the answer is."""
        return "\n".join((*self.facts, *self.decomposition, *([self.solution] if self.solution else [])))


class Rejected(Fact):
    """An example that became no exemplar, with the reason."""

    line: int
    question: str
    reason: str


class Built(Fact):
    """Exemplars, and what was rejected on the way."""

    exemplars: tuple[Exemplar, ...]
    rejected: tuple[Rejected, ...] = ()


def read_examples(text: str, name: str) -> tuple[Example, ...]:
    """Return the labelled examples of a file of JSON lines; fields besides the known ones are left aside.

    Raises:
        UsageError: a line is none, or there are none.
    """
    known = set(Example.model_fields) - {"line"}
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            row = read_line(line)
            if not isinstance(row, dict):
                raise ValueError("it is no JSON object")
            one = Example.model_validate({"line": number, **{key: row[key] for key in known & row.keys()}})
            labels = [choice.label for choice in one.asked.choices]
            if labels and one.answer not in labels:
                raise ValueError(f"the answer {one.answer[:60]!r} is the label of no choice")
        except ValueError as error:
            raise UsageError(f"{name}, line {number}: {reason_of(error)}") from error
        found.append(one)
    if not found:
        raise UsageError(f"{name} has no examples; each line is a JSON object with question and answer")
    return tuple(found)


def diverse(examples: Sequence[Example], seed: int) -> list[Example]:
    """Return examples in the order in which they are tried: each as unlike those before it as there is one.

    Answers take turns first, then what counts is how few words a question shares with those before it. The same seed
    gives the same order.
    """
    left = list(examples)
    random.Random(seed).shuffle(left)  # noqa: S311 - an order, no secret
    left = left[:_MOST]
    words = {one.line: features(tokens(one.question)) for one in left}
    nearest = {one.line: 0.0 for one in left}
    times: dict[str, int] = {}
    chosen: list[Example] = []
    while left:
        best = min(left, key=lambda one: (times.get(_turn(one), 0), nearest[one.line]))
        left.remove(best)
        chosen.append(best)
        times[_turn(best)] = times.get(_turn(best), 0) + 1
        for one in left:
            shared = len(words[one.line] & words[best.line]) / (len(words[one.line] | words[best.line]) or 1)
            nearest[one.line] = max(nearest[one.line], shared)
    return chosen


def _turn(one: Example) -> str:
    kind = one.asked.kind
    return f"{kind} {one.answer.casefold()}" if kind in ("yes/no", "choice") else kind


async def build(
    examples: Sequence[Example],
    models: Models,
    *,
    limited: bool,
    k: int,
    mode: BuildMode = "cok",
    seed: int = 0,
    bases: Sequence[str] = (),
    knowledge: Knowledge | None = None,
    told: Callable[[Example, str], None] = lambda example, reason: None,
) -> Built:
    """Return at most ``k`` exemplars; what is rejected is replaced by the next example.

    Args:
        examples: to be chosen from.
        models: write evidence and hints; the label is not shown to them.
        limited: it is a small model.
        k: how many are wanted.
        mode: for which way to ask they are meant; for ``direct`` nothing is written.
        seed: of the order.
        bases: knowledge bases that must not contradict a triple.
        knowledge: asks them.
        told: hears of each example, and why it was rejected.

    Raises:
        ServiceError: the model cannot be asked.
    """
    reasoner = Reasoner(models, limited=limited)
    found: list[Exemplar] = []
    rejected: list[Rejected] = []
    for example in diverse(examples, seed):
        if len(found) >= k:
            break
        step = f"exemplar/{example.line}"
        try:
            one, reason = await _written(step, example, reasoner, mode)
            if not reason and knowledge is not None:
                reason = await contradicted_by(f"{step}/knowledge", one, bases, knowledge)
            if (
                not reason
                and mode == "cok"
                and not await reasoner.follows(f"{step}/follows", one.asked, standing(one.reasoning, ()), one.answer)
            ):
                reason = "the answer does not follow from its triples and hints alone"
        except ModelOutputError as error:
            reason = " ".join(str(error).split())[:300]
        told(example, reason)
        if reason:
            rejected.append(Rejected(line=example.line, question=example.question[:300], reason=reason))
        else:
            found.append(one)
    return Built(exemplars=tuple(found), rejected=tuple(rejected))


async def _written(step: str, example: Example, reasoner: Reasoner, mode: BuildMode) -> tuple[Exemplar, str]:
    question = example.asked
    one = Exemplar(question=example.question, answer=example.answer, kind=question.kind, choices=example.choices)
    if mode == "direct":
        return one, ""
    given = await reasoner.answer(f"{step}/write", question, mode, own_exemplars(), background=example.background)
    one = one.model_copy(update={"answer": given.answer, "triples": given.triples, "hints": given.hints or given.steps})
    return one, problem_of(one, example.answer)
