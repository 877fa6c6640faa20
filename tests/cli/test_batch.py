"""The files of a batch: what a killed process left, who may write, and lines that nobody meant."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli.batch import Answered, Batch
from agent.cli.pipeline import _answer_all
from agent.cli.workshop import open_workshop
from agent.domain.errors import UsageError
from agent.domain.task import BrowseOrder, Task
from agent.ledger.filing import Filing
from agent.runtime.options import RunOptions
from agent.runtime.runner import Runner
from agent.runtime.services import NO_SANDBOX

LINE = Answered(id="b", question="人口?", run="r", outcome="verified", answer="北京的人口").model_dump_json().encode()
FIRST = Answered(id="a", question="How?", run="r", outcome="verified", answer="So.").model_dump_json().encode() + b"\n"


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    rows = [{"id": "a", "question": "How?"}, {"id": "b", "question": "人口?"}]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("lost", [1, 2, 3, 4])
def test_a_line_cut_inside_a_character_is_asked_again(lost: int, questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    end = LINE.index("北京的人口".encode()) + len("北京的人口".encode())
    out.write_bytes(FIRST + LINE[: end - lost])
    with Batch(questions, out) as batch:
        assert [one.id for one in batch.open] == ["b"]
    assert out.read_bytes() == FIRST


def test_an_output_has_one_batch_at_a_time(questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    with Batch(questions, out) as batch:
        with pytest.raises(UsageError, match="another process is writing"):
            Batch(questions, out)
        batch.answered(Answered(id="a", question="How?", run="r", outcome="verified", answer="So."))
    with Batch(questions, out) as later:
        assert [one.id for one in later.open] == ["b"]


def test_a_batch_that_is_refused_leaves_the_output_to_others(questions: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_bytes(FIRST.replace(b"How?", b"Who?"))
    with pytest.raises(UsageError, match="answers another question"):
        Batch(questions, out)
    out.write_bytes(b"")
    with Batch(questions, out) as batch:
        assert len(batch.open) == 2


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("[" * 100_000, "line 1, is nested too deeply"),
        ('{"id": true, "question": "x"}', "line 1: id: Input should be a valid string"),
        ('{"id": {}, "question": "x"}', "line 1: id: Input should be a valid string"),
    ],
)
def test_a_line_that_nobody_meant_is_refused(row: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text(row)
    with pytest.raises(UsageError, match=problem):
        Batch(path, tmp_path / "out.jsonl")


def test_a_line_without_an_id_has_its_number(tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    path.write_text('{"id": null, "question": "x"}\n{"question": "y"}\n{"id": 7, "question": "z"}\n')
    with Batch(path, tmp_path / "out.jsonl") as batch:
        assert [one.id for one in batch.open] == ["1", "2", "7"]


@pytest.mark.usefixtures("user")
async def test_an_interruption_while_a_run_is_being_started_halts_it(questions: Path, folder: Path) -> None:
    class Interrupted(Runner):
        async def start(
            self,
            task: Task,
            options: RunOptions | None = None,
            *,
            run_id: str | None = None,
            filing: Filing | None = None,
        ) -> str:
            os.kill(os.getpid(), signal.SIGINT)
            return await super().start(task, options, run_id=run_id, filing=filing)

    order = BrowseOrder(seat="model", pipeline=True)
    with Batch(questions, folder / "out.jsonl") as batch:
        tasks = {one.id: Task(goal=one.question, browse=order) for one in batch.open}
        async with open_workshop() as shop:
            runner = Interrupted(shop.ledger, shop.services, shop.settings)
            try:
                await _answer_all(replace(shop, runner=runner), batch, tasks, RunOptions(sandbox=NO_SANDBOX), 1, None)
            finally:
                await runner.close()
            assert [run.status in ("queued", "paused") for run in await shop.ledger.newest()] == [True]
        assert batch.summary.outcomes == {"interrupted": 2}
