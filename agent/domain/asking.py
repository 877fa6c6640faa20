"""Questions that are put to a model in one of several ways, and what it answered."""

from typing import Literal

from pydantic import Field, model_validator

from agent.domain.base import Fact
from agent.domain.claims import CheckedClaim, Checking, Statement
from agent.domain.evidence import Evidence

AskMode = Literal["direct", "cot", "cok", "cok+f2"]
"""``direct``: the answer alone. ``cot``: steps, then the answer. ``cok``: evidence as triples, hints, then the answer
(Chain-of-Knowledge, arXiv 2306.06427). ``cok+f2``: the same, verified and thought over again."""

AnswerKind = Literal["yes/no", "choice", "number", "text"]

MOST_CHOICES = 26


class Choice(Fact):
    """An answer to choose, by its label."""

    label: str = Field(pattern=r"^\w{1,8}$")
    text: str = Field(min_length=1, max_length=2000)


class Question(Fact):
    """A question, with what sort of answer it wants; ``choices`` exactly where one of them is to be chosen."""

    text: str = Field(min_length=1)
    kind: AnswerKind
    choices: tuple[Choice, ...] = Field(default=(), max_length=MOST_CHOICES)

    @model_validator(mode="after")
    def _choices_fit(self) -> "Question":
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError("a question has choices exactly where one of them is to be chosen")
        if len({choice.label.casefold() for choice in self.choices}) < len(self.choices) or len(self.choices) == 1:
            raise ValueError("choices are at least two, and their labels differ")
        return self


class Reasoning(Fact):
    """What a model answered, and what it gave for it.

    Attributes:
        answer: ``yes`` or ``no``, the label of a choice, a number in digits, or a text.
        steps: what ``cot`` wrote before it.
        triples: evidence, by the names that the model used.
        hints: sentences that lead from the evidence to the answer.
    """

    answer: str
    steps: tuple[str, ...] = ()
    triples: tuple[Statement, ...] = ()
    hints: tuple[str, ...] = ()


class Answered(Fact):
    """What came of a question.

    Attributes:
        claims: what was looked at of the evidence and the hints: triples, and what the hints compute.
        checking: how it was verified, round by round; None where that was not asked for.
        evidence: what verdicts rest on.
        notes: what the reader should know, one sentence each.
    """

    question: Question
    mode: AskMode
    reasoning: Reasoning
    claims: tuple[CheckedClaim, ...] = ()
    checking: Checking | None = None
    evidence: tuple[Evidence, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """Whether verification accepted the answer; False where there was none."""
        return self.checking is not None and self.checking.stopped == "accepted"
