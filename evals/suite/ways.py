"""Samples that put the same questions to a model in each way there is, side by side."""

import json
from typing import Any, Final, get_args

from agent.domain.asking import AskMode
from evals.suite.reading import SHIPPED

WAYS: Final[tuple[AskMode, ...]] = get_args(AskMode)


def reasoning() -> list[dict[str, Any]]:
    """Return the samples of the suite ``reasoning``: each question in each way, with the way as a tag.

    The four ways of a question stand together, so that the first samples compare them too.
    """
    text = (SHIPPED / "reasoning" / "questions.jsonl").read_text(encoding="utf-8")
    questions = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [_asked(question, way) for question in questions for way in WAYS]


def _asked(question: dict[str, Any], way: AskMode) -> dict[str, Any]:
    kind = "choice" if question.get("choices") else question["kind"]
    scorer = {"choice": "choice", "number": "numeric"}.get(kind, "normalised")
    return {
        "id": f"{question['id']}.{way.replace('+', '-')}",
        "goal": question["goal"],
        "gold": question["gold"],
        "choices": question.get("choices", []),
        "task": {"ask": {"mode": way, "kind": None if kind == "choice" else kind}},
        "scorers": [{"kind": scorer}],
        "tags": [way, *question["tags"]],
    }
