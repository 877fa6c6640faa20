"""Exemplars: answered questions with evidence and hints, which show a model how to answer.

A file of them is JSON Lines: ``question``, ``answer``, ``hints``, ``triples`` as ``[subject, relation, object]`` or as
an object with ``subject``, ``relation``, ``object`` and ``holds``, and ``choices`` as a list of ``label`` and ``text``.
One without hints is shown only where direct answers are wanted, one without triples only for these and for steps.
"""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator

from agent.domain.asking import AnswerKind, AskMode, Choice, Question, Reasoning
from agent.domain.base import Fact
from agent.domain.claims import Statement
from agent.domain.errors import UsageError
from agent.verification.reasoning.answers import question_of
from agent.verification.reasoning.forms import filled_in, form_for

MOST = 8
"""Exemplars that a model is shown at most, the first of its question's kind."""
LARGEST_FILE = 1_000_000
"""Bytes of a file of exemplars."""
_LONGEST = 4000

Said = Annotated[str, Field(min_length=1, max_length=_LONGEST)]


class Exemplar(Fact):
    """An answered question. ``kind`` is what sort of answer it has; None as the question shows."""

    question: Said
    answer: Said
    kind: AnswerKind | None = None
    choices: tuple[Choice, ...] = ()
    triples: tuple[Statement, ...] = ()
    hints: tuple[Said, ...] = ()

    @field_validator("triples", mode="before")
    @classmethod
    def _short_forms(cls, triples: Any) -> Any:
        return [_statement(one) for one in triples] if isinstance(triples, list | tuple) else triples

    @property
    def asked(self) -> Question:
        """The question of this exemplar.

        Raises:
            ValueError: its choices are wrong.
        """
        return question_of(self.question, choices=self.choices, kind=self.kind)

    @property
    def reasoning(self) -> Reasoning:
        """What it answers."""
        return Reasoning(answer=self.answer, triples=self.triples, hints=self.hints)

    def line(self) -> str:
        """Return it as a line of a file."""
        shown = self.model_dump(mode="json", exclude_defaults=True)
        if self.triples:
            shown["triples"] = [_short(one) for one in self.triples]
        return json.dumps(shown, ensure_ascii=False)


def _statement(given: Any) -> Any:
    if isinstance(given, list | tuple):
        if len(given) != 3:
            raise ValueError(f"a triple has 3 parts, not {len(given)}")
        return {"subject": given[0], "relation": given[1], "object": given[2]}
    if isinstance(given, dict) and "holds" in given:
        return {("positive" if key == "holds" else key): value for key, value in given.items()}
    return given


def _short(one: Statement) -> Any:
    if one.positive:
        return [one.subject, one.relation, one.object]
    return {"subject": one.subject, "relation": one.relation, "object": one.object, "holds": False}


def read_exemplars(text: str, name: str) -> tuple[Exemplar, ...]:
    """Return the exemplars of a file.

    Args:
        text: the file.
        name: what it is called.

    Raises:
        UsageError: a line is no exemplar, or there is none.
    """
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            one = Exemplar.model_validate(read_line(line))
            question = one.asked
            # what is shown to a model must be what it could hand in
            mode = _fullest(one)
            form_for(mode, question).model_validate(filled_in(mode, question, one.reasoning))
        except ValueError as error:
            raise UsageError(f"{name}, line {number}: {reason_of(error)}") from error
        found.append(one)
    if not found:
        raise UsageError(f"{name} has no exemplars; each line is a JSON object with question, answer, triples, hints")
    return tuple(found)


def _fullest(one: Exemplar) -> AskMode:
    """Return the way to ask that shows most of an exemplar; one without hints can only show direct answers."""
    if not one.hints:
        return "direct"
    return "cok" if one.triples else "cot"


def read_line(line: str) -> Any:
    """Return the value of a line of JSON.

    Raises:
        ValueError: it is none, or has half of a character, which can be sent and kept nowhere; the text says so.
    """
    try:
        value = json.loads(line)
        json.dumps(value, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        raise ValueError(f"it is no JSON: {error.msg}") from error
    except UnicodeEncodeError as error:
        raise ValueError("it is no JSON: it has half of a character (a lone surrogate)") from error
    except (ValueError, RecursionError) as error:
        raise ValueError("it is no JSON: a number in it is too long, or it is nested too deeply") from error
    return value


def reason_of(error: Exception) -> str:
    """Return why a line could not be used, in one line."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        return f"{place}: {first['msg']}" if place else str(first["msg"])
    return " ".join(str(error).split()) or type(error).__name__


def own_exemplars() -> tuple[Exemplar, ...]:
    """Return the exemplars that come with the product, some for each kind of answer."""
    text = files("agent.verification.reasoning").joinpath("exemplars.jsonl").read_text(encoding="utf-8")
    return read_exemplars(text, "exemplars.jsonl")


def shown(exemplars: Sequence[Exemplar], mode: AskMode, question: Question) -> list[dict[str, str]]:
    """Return how exemplars are shown to a model: question, choices and what is handed in, each as JSON.

    Those of the question's kind are shown where there are any, else all.
    """
    alike = [one for one in exemplars if one.asked.kind == question.kind]
    usable = [one for one in alike or exemplars if mode == "direct" or one.hints]
    if mode in ("cok", "cok+f2"):
        usable = [one for one in usable if one.triples]
    return [
        {
            "question": as_data(one.question),
            "choices": choices_data(one.choices),
            "filled": json.dumps(filled_in(mode, one.asked, one.reasoning), ensure_ascii=False),
        }
        for one in usable[:MOST]
    ]


def as_data(text: str) -> str:
    """Return a text as one JSON string, so that it cannot pretend to be another part of a prompt."""
    return json.dumps(text, ensure_ascii=False)


def choices_data(choices: Sequence[Choice]) -> str:
    """Return choices as one JSON object; empty where there are none."""
    return json.dumps({one.label: one.text for one in choices}, ensure_ascii=False) if choices else ""
