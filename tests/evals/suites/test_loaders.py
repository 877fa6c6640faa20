"""Published sets, read from files as they are distributed."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import UsageError
from evals.suite.loaders import LOADERS, load_suite
from evals.suite.reading import suite_named
from tests.shared_data import file as shared_file

ROWS: dict[str, Any] = {
    "hotpotqa": {"_id": "5a8b", "question": "Q?", "answer": "yes", "type": "bridge", "level": "hard", "context": []},
    "strategyqa": {"qid": "b8", "question": "Q?", "answer": False, "facts": []},
    "gsm8k": {"question": "Q?", "answer": "So 2 * 600 = <<2*600=1200>>1200.\n#### 1,200"},
    "mmlu_pro": {"question_id": 70, "question": "Q?", "options": ["x", "N/A", "z"], "answer": "C", "category": "law"},
    "gaia": {"task_id": "c6-1", "Question": "Q?", "Level": 2, "Final answer": "17", "file_name": ""},
    "frames": {"Prompt": "Q?", "Answer": "Jane", "reasoning_types": "Multiple constraints | Tabular"},
    "questions": {"id": "q1", "context": "It is red.", "question": "Q?", "answer": "red"},
    "choices": {"question": "Q?", "answer": "B", "choices": [{"label": "A", "text": "x"}, {"label": "B", "text": "y"}]},
    "exact": {"question": "Q?", "answer": "ab"},
    "tasks": {"id": "t", "task": "Do.", "category": "code"},
}
GOLD = {"strategyqa": "no", "gsm8k": "1200", "mmlu_pro": "C", "gaia": "17", "frames": "Jane", "choices": "B"}


@pytest.mark.parametrize("name", LOADERS)
def test_a_row_as_it_is_distributed_is_a_sample(name: str, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(json.dumps(ROWS[name]) + "\n")

    suite = load_suite(f"{name}@{tmp_path / 'set.jsonl'}")

    assert len(suite.samples) == 1
    assert suite.samples[0].goal.endswith(("Q?", "Do."))
    if name in GOLD:
        assert suite.samples[0].gold == (GOLD[name],)


def test_an_array_is_read_like_lines(tmp_path: Path) -> None:
    row = ROWS["hotpotqa"]
    (tmp_path / "a.json").write_text(json.dumps([row, {**row, "_id": "6"}]))

    assert [one.id for one in load_suite(f"hotpotqa@{tmp_path / 'a.json'}").samples] == ["5a8b", "6"]


def test_a_way_to_ask_becomes_part_of_the_suite(tmp_path: Path) -> None:
    (tmp_path / "gsm8k.jsonl").write_text(json.dumps(ROWS["gsm8k"]))
    plain, asked = (load_suite(f"{name}@{tmp_path / 'gsm8k.jsonl'}") for name in ("gsm8k", "gsm8k+cok"))

    assert asked.file.task.ask is not None
    assert asked.file.task.ask.mode == "cok"
    assert asked.digest != plain.digest
    with pytest.raises(UsageError, match="no way to ask 'tot'"):
        load_suite(f"gsm8k+tot@{tmp_path / 'gsm8k.jsonl'}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('{"question": "Q?"}', "set.jsonl, line 1: it is no row of this set: it has no 'answer'"),
        ("\n{", "set.jsonl, line 2: it is no JSON"),
        ("[3]", "row 1: it is no row of this set: it is no object"),
        ('{"id": 1, "question": "Q?", "answer": 1}\n' * 2, "line 2: the id '1' was given before, at set.jsonl, line 1"),
        ('{"question": "", "answer": 1}', "line 1: goal"),
        ("", "has no rows"),
    ],
)
def test_what_is_no_row_is_told_with_its_place(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "set.jsonl").write_text(text)

    with pytest.raises(UsageError) as refused:
        suite_named(f"questions@{tmp_path / 'set.jsonl'}")

    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("loader", "file"),
    [("gsm8k", "gsm8k"), ("strategyqa", "strategyqa"), ("choices", "arc_challenge"), ("exact", "last_letters")],
)
def test_real_sets_are_read(loader: str, file: str) -> None:
    suite = load_suite(f"{loader}@{shared_file(f'reasoning/{file}.jsonl')}")

    assert len(suite.samples) > 50
    assert all(sample.gold for sample in suite.samples)
