# ruff: noqa: RUF001 - the separators are WebCPM's own
"""``plumbline bench webcpm`` on predictions made up from the recorded steps."""

import json
from pathlib import Path

import pytest

from agent.domain.errors import UsageError
from evals.benchmarks.webcpm import measure_webcpm
from tests.shared_data import rows


def predicted(step: dict[str, str], answer: str) -> str:
    source = f"问题：\n{step['question']}\n摘要：\n无\n剩余操作步数：{step['steps_left']}\n下一步操作："
    line = {"instance": [{"source": source}], "answer": step["gold_action_zh"], "decode_tokens": answer}
    return json.dumps(line, ensure_ascii=False)


def test_all_recorded_steps_are_possible_and_predictions_are_scored_by_both_rules(tmp_path: Path) -> None:
    steps = rows("webcpm/steps.jsonl")
    recorded, predictions = tmp_path / "steps.jsonl", tmp_path / "output.json"
    recorded.write_text("\n".join(json.dumps(step) for step in steps), encoding="utf-8")
    right = [
        predicted(s, f"{s['gold_action_zh']}；x" if s["gold_action"] == "quote" else s["gold_action_zh"]) for s in steps
    ]
    predictions.write_text("\n".join(right), encoding="utf-8")
    found = measure_webcpm(recorded, predictions)

    assert sum(row.steps for row in found.questions.values()) == 95
    assert all(row.steps == row.allowed == row.agreeing for row in found.questions.values())
    ours, theirs = found.scores
    assert (ours.micro_f1, ours.macro_f1, ours.counted) == (1, 1, 95)
    assert (theirs.micro_f1, theirs.counted, theirs.left_out) == (1, 78, 17)
    assert "quote" not in theirs.classes

    predictions.write_text("\n".join(right[1:]), encoding="utf-8")
    with pytest.raises(UsageError, match="has no prediction for step q3-s01"):
        measure_webcpm(recorded, predictions)
