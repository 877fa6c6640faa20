# ruff: noqa: RUF001, RUF002 - the separators are WebCPM's own
"""Recorded steps of WebCPM: what a person saw, what they did, and what a model would have done."""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from agent.browsing.webcpm.labels import BY_CHINESE
from agent.domain.base import Fact
from agent.domain.errors import UsageError

_LEFT = re.compile(r"剩余操作步数：(\d+)")
_QUESTION = re.compile(r"问题：\n(.*?)\n摘要：", re.DOTALL)


class RecordedResult(Fact):
    """One result of a window."""

    title: str
    summary: str


class RecordedView(Fact):
    """What was on the screen."""

    kind: Literal["results", "page", "empty"]
    text: str = ""
    results: tuple[RecordedResult, ...] = ()


class RecordedStep(Fact):
    """A step of a recording: the state as it was shown, and the person's action in it."""

    id: str
    question_id: str
    question: str
    step: int = Field(ge=1)
    steps_left: int
    query: str
    quotes: tuple[str, ...]
    view: RecordedView
    previous_view: RecordedView
    history: str
    gold_action: str
    gold_action_zh: str
    gold_argument: dict[str, Any] | None = None


class Prediction(Fact):
    """What a model wrote for a step, beside the person's action, both as WebCPM stores them."""

    question: str
    steps_left: int
    gold: str
    predicted: str


def read_steps(path: Path) -> tuple[RecordedStep, ...]:
    """Return the recorded steps of a JSONL file, one a line.

    Raises:
        UsageError: the file cannot be read, or a line is no step.
    """
    return tuple(_parsed(RecordedStep, number, line) for number, line in _lines(path))


def read_predictions(path: Path) -> tuple[Prediction, ...]:
    """Return the predictions of WebCPM's ``inference/output/test_output.json`` or a file like it.

    Raises:
        UsageError: the file cannot be read, or a line is no prediction.
    """
    found = []
    for number, line in _lines(path):
        try:
            row = json.loads(line)
            source = row["instance"][0]["source"]
            question, left = _QUESTION.search(source), _LEFT.search(source)
            if question is None or left is None:
                raise ValueError("the prompt has no question or no steps left")
            found.append(
                Prediction(
                    question=question[1], steps_left=int(left[1]), gold=row["answer"], predicted=row["decode_tokens"]
                )
            )
        except (ValueError, KeyError, IndexError, TypeError) as error:
            raise UsageError(f"line {number} of {path} is no prediction of WebCPM: {error}") from error
    return tuple(found)


def label_in(text: str) -> str | None:
    """Return the label that what a model wrote begins with, before any ``；``; None where there is none."""
    return BY_CHINESE.get(text.partition("；")[0].strip())


def by_question(steps: Iterable[RecordedStep]) -> dict[str, Sequence[RecordedStep]]:
    """Return the steps of each question in order."""
    found: dict[str, list[RecordedStep]] = {}
    for step in steps:
        found.setdefault(step.question_id, []).append(step)
    return {name: sorted(rows, key=lambda row: row.step) for name, rows in found.items()}


def _lines(path: Path) -> Iterable[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {error}") from error
    return [(number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]


def _parsed(kind: type[RecordedStep], number: int, line: str) -> RecordedStep:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise UsageError(f"line {number} is no recorded step: {first['loc']}: {first['msg']}") from error
