"""Labelled examples that a suite ships to measure its judges by."""

import hashlib
import json
from typing import Any, Final

from pydantic import Field, ValidationError

from agent.domain.base import Fact
from agent.domain.errors import UsageError
from evals.scorers.forms import Judged, Scorer
from evals.suite.definition import Suite

FILE: Final = "judge_examples.jsonl"
"""Name of the file in a suite's folder."""


class JudgeExample(Fact):
    """An answer with the level that a person gave it.

    Attributes:
        judge: name of the judge that it is for.
        label: value of one of that judge's levels.
    """

    goal: str = Field(min_length=1)
    answer: str
    gold: tuple[str, ...] = ()
    judge: str = "judge"
    label: float = Field(ge=0, le=1, allow_inf_nan=False)


def judges_of(suite: Suite) -> tuple[Judged, ...]:
    """Return the judges of a suite, each once."""
    found: dict[str, Judged] = {}
    scorers: tuple[Scorer, ...] = tuple(scorer for sample in suite.samples for scorer in suite.scorers_of(sample))
    for scorer in scorers:
        if isinstance(scorer, Judged):
            found.setdefault(scorer.model_dump_json(exclude={"required", "threshold"}), scorer)
    return tuple(found.values())


def examples_of(suite: Suite, judge: Judged) -> tuple[JudgeExample, ...]:
    """Return the labelled examples for a judge.

    Raises:
        UsageError: a line is malformed, has a label that is no level, or there are too few; names file and line.
    """
    path = suite.folder / FILE
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise UsageError(f"the suite {suite.name} has no {FILE}, by which its judge could be measured") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    levels = {level.value for level in judge.levels}
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        example = _example(f"{FILE}, line {number}", line)
        if example.judge != judge.name:
            continue
        if example.label not in levels:
            wanted = ", ".join(f"{value:g}" for value in sorted(levels))
            raise UsageError(f"{FILE}, line {number}: label: {example.label:g} is none of the levels {wanted}")
        found.append(example)
    if len({example.label for example in found}) < 2:
        raise UsageError(f"{FILE}: the judge {judge.name!r} needs examples with two different labels at least")
    return tuple(found)


def digest_of_examples(examples: tuple[JudgeExample, ...]) -> str:
    """Return the digest of examples, with which an agreement is kept."""
    whole = hashlib.sha256()
    for example in examples:
        whole.update(example.model_dump_json().encode() + b"\n")
    return whole.hexdigest()


def _example(place: str, line: str) -> JudgeExample:
    try:
        values: Any = json.loads(line)
        return JudgeExample.model_validate(values)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        raise UsageError(f"{place}: {'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{place}: it is no JSON: {error}") from error
