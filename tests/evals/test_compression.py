"""What the compression benchmark counts."""

import json
from pathlib import Path

import pytest

from agent.domain.errors import UsageError
from evals.benchmarks.compression import measure_compression

TEXT = "河边有一座工厂。食堂每周一供应汤。工厂生产一千二百个阀门。参观者需要戴头盔。"


def passages(path: Path, answer: str) -> Path:
    row = {
        "text": TEXT,
        "questions": [{"question": "工厂生产多少个阀门", "answers": [{"text": answer, "start": TEXT.index(answer)}]}],
    }
    path.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(("answer", "kept"), [("一千二百个", 1.0), ("戴头盔", 0.0)])
def test_an_answer_counts_as_kept_when_its_sentence_is(answer: str, kept: float, tmp_path: Path) -> None:
    found = measure_compression(cmrc=passages(tmp_path / "rows.jsonl", answer))
    assert [row.budget for row in found] == [0.3, 0.5, 0.7]
    assert found[1].answers == kept
    assert found[1].leading == 0.0
    assert 0 < found[1].rate <= 0.5


def test_without_data_the_documents_of_our_own_suite_are_asked_about() -> None:
    found = measure_compression()
    assert found[0].asked > 50
    assert all(row.rate <= row.budget for row in found)
    assert all(row.answers > row.leading for row in found)


def test_a_file_that_is_none_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="one JSON value a line"):
        measure_compression(cmrc=tmp_path / "missing.jsonl")
