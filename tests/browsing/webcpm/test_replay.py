# ruff: noqa: RUF001 - the separators are WebCPM's own
import json
from pathlib import Path

import pytest

from agent.browsing.webcpm.labels import SCORED
from agent.browsing.webcpm.replay import replay
from agent.browsing.webcpm.steps import RecordedStep, by_question, label_in, read_predictions, read_steps
from agent.domain.errors import UsageError
from tests.shared_data import rows


def recorded() -> tuple[RecordedStep, ...]:
    return tuple(RecordedStep.model_validate(row) for row in rows("webcpm/steps.jsonl"))


def test_every_recorded_step_is_shown_as_it_was_and_its_action_is_possible() -> None:
    replayed = [step for steps in by_question(recorded()).values() for step in replay(steps)]

    assert len(replayed) == 95
    assert {step.gold for step in replayed} == set(SCORED)
    assert [step.id for step in replayed if not step.allowed or step.differing or step.refusal] == []


def test_a_recording_that_was_tampered_with_no_longer_agrees() -> None:
    steps = list(by_question(recorded())["q4"])
    other = steps[6].model_copy(update={"steps_left": 1, "query": "x", "history": "开始；", "quotes": ()})
    steps[6] = other

    assert set(replay(steps)[6].differing) >= {"quotes", "query", "left", "history"}


def test_the_guards_would_hold_a_model_back_where_people_scrolled_on() -> None:
    replayed = [step for steps in by_question(recorded()).values() for step in replay(steps)]

    held = [step for step in replayed if step.allowed and not step.allowed_to_model]
    assert len(held) == 12
    assert {step.gold for step in held} == {"scroll_down"}


def test_predictions_are_read_from_webcpms_own_format(tmp_path: Path) -> None:
    source = "问题：\n谁？\n摘要：\n无\n剩余操作步数：97\n可选操作：下翻\n历史操作：开始；\n下一步操作："
    line = {"instance": [{"source": source, "<ans>": "x"}], "answer": "返回", "decode_tokens": "新增摘要；原文"}
    path = tmp_path / "output.json"
    path.write_text(json.dumps(line, ensure_ascii=False) + "\n", encoding="utf-8")

    (found,) = read_predictions(path)
    assert (found.question, found.steps_left, found.gold) == ("谁？", 97, "返回")
    assert label_in(found.predicted) == "quote"
    assert label_in("胡言") is None
    path.write_text("{}\n", encoding="utf-8")
    with pytest.raises(UsageError, match=r"line 1 of .* is no prediction"):
        read_predictions(path)
    with pytest.raises(UsageError, match="is no recorded step"):
        read_steps(path)
