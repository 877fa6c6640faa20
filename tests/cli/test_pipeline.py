"""``plumbline pipeline``: many questions from a file, and an output that says what is left to do."""

import json
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from agent.models.testing.script import Hang, Step, call, error
from tests.cli.conftest import Plumbline, Serve, command

QUESTIONS = [
    {"id": "a", "question": "How high is the tower?", "answer": "is not read"},
    {"id": 7, "question": "How long is the bridge?"},
]


@pytest.fixture
def docs(folder: Path) -> str:
    place = folder / "docs"
    place.mkdir()
    (place / "tower.md").write_text("# The tower\n\nThe tower is 120 metres high.\n")
    (place / "bridge.md").write_text("# The bridge\n\nThe bridge is 300 metres long.\n")
    return str(place)


@pytest.fixture
def questions(folder: Path) -> Path:
    return write(folder / "questions.jsonl", *QUESTIONS)


def write(path: Path, *rows: Any) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def reader(request: dict[str, Any], number: int) -> Step:
    """Searches for the question's noun, picks sentences about it with metres, and answers in their words."""
    name = request["tools"][0]["function"]["name"]
    shown = "\n".join(str(message["content"]) for message in request["messages"])
    topic = "tower" if "How high is the tower?" in shown else "bridge"
    if name == "write_queries":
        return call(name, queries=[topic])
    if name == "pick_sentences":
        found = re.findall(rf"\[s(\d+)\] [^\n]*{topic} is [^\n]*metres", shown)
        return call(name, passages=[{"first": int(n)} for n in found])
    text = next(iter(re.findall(rf"The {topic} is \d+ metres \w+\.", shown)), "The quotes do not say it.")
    return call(name, sentences=[{"text": text, "evidence": ["E1"]}])


def lines(path: Path) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in map(json.loads, path.read_text().splitlines())}


def test_each_question_gets_a_line_with_quotes_references_and_a_run(
    plumbline: Plumbline, serve: Serve, docs: str, questions: Path, folder: Path
) -> None:
    out = folder / "out.jsonl"
    done = plumbline("pipeline", str(questions), "-o", str(out), "--docs", docs, "--model", serve(reader))

    assert done.code == 0, done.err
    assert "2 questions, 0 answered before; 2 verified" in done.err
    found = lines(out)
    assert found.keys() == {"a", "7"}
    assert found["a"]["answer"] == "The tower is 120 metres high [E1]."
    assert found["a"]["queries"] == ["tower"]
    assert found["a"]["quotes"][0]["text"] == "The tower is 120 metres high."
    assert found["a"]["references"][0]["sources"][0]["url"].endswith("tower.md")
    assert "120 metres" in plumbline("show", found["a"]["run"]).out
    assert plumbline("replay", found["7"]["run"]).code == 0


def test_what_is_answered_is_skipped_and_a_line_that_was_cut_is_asked_again(
    plumbline: Plumbline, serve: Serve, docs: str, questions: Path, folder: Path
) -> None:
    out, model = folder / "out.jsonl", serve(reader)
    arguments = ("pipeline", str(questions), "-o", str(out), "--docs", docs, "--model", model)
    assert plumbline(*arguments).code == 0
    first = out.read_text().splitlines()
    out.write_text(f"{first[0]}\n{first[1][:40]}")
    again = plumbline(*arguments, "--json")

    assert again.json == {"questions": 2, "before": 1, "outcomes": {"verified": 1}}
    assert out.read_text().splitlines()[0] == first[0]
    assert lines(out).keys() == {"a", "7"}
    assert plumbline(*arguments, "--json").json == {"questions": 2, "before": 2, "outcomes": {}}


def test_a_question_whose_run_fails_is_told_and_the_others_go_on(
    plumbline: Plumbline, serve: Serve, docs: str, questions: Path, folder: Path
) -> None:
    def broken(request: dict[str, Any], number: int) -> Step:
        failing = any("How long is the bridge?" in str(message["content"]) for message in request["messages"])
        return error(400, "no such thing") if failing else reader(request, number)

    out = folder / "out.jsonl"
    done = plumbline("pipeline", str(questions), "-o", str(out), "--docs", docs, "--model", serve(broken))
    assert done.code == 1
    assert "plumbline: 7: " in done.err
    assert "1 failed, 1 verified" in done.err
    assert lines(out).keys() == {"a"}


def test_one_question_goes_through_the_pipeline_of_browse(plumbline: Plumbline, serve: Serve, docs: str) -> None:
    done = plumbline("browse", "How high is the tower?", "--pipeline", "--model", serve(reader), "--docs", docs, "-q")
    assert (done.code, done.out) == (0, "The tower is 120 metres high [E1].\n")
    refused = plumbline("browse", "How high is the tower?", "--pipeline", "--docs", docs)
    assert refused.code == 2
    assert "name a model with --model" in refused.err


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("not json", "line 1, is not JSON"),
        ('{"id": "a"}', "line 1: question: Field required"),
        ('{"question": " "}', "line 1: the question is empty"),
        ('{"id": "a", "question": "x"}\n{"id": "a", "question": "y"}', "line 2: the id 'a' is that of an earlier line"),
        ("[1]", "line 1: "),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_before_anything_is_asked(
    row: str, problem: str, plumbline: Plumbline, folder: Path
) -> None:
    path = folder / "wrong.jsonl"
    path.write_text(row)
    done = plumbline("pipeline", str(path), "-o", str(folder / "out.jsonl"))
    assert done.code == 2
    assert problem in done.err
    assert not (folder / "out.jsonl").exists()


def test_an_output_that_is_something_else_is_left_alone(plumbline: Plumbline, questions: Path, folder: Path) -> None:
    notes = folder / "notes.txt"
    notes.write_text("my notes, without an end of line")
    done = plumbline("pipeline", str(questions), "-o", str(notes))
    assert done.code == 2
    assert "choose another output" in done.err
    assert notes.read_text() == "my notes, without an end of line"

    done = plumbline("pipeline", str(questions), "-o", str(questions))
    assert "holds the questions" in done.err
    other = write(folder / "other.jsonl", {"some": "thing"})
    done = plumbline("pipeline", str(questions), "-o", str(other))
    assert "is no answer of the pipeline" in done.err


def test_an_interruption_pauses_what_is_under_way_and_the_same_command_goes_on(
    plumbline: Plumbline, serve: Serve, docs: str, questions: Path, folder: Path
) -> None:
    hanging = threading.Event()

    def stuck(request: dict[str, Any], number: int) -> Step:
        if any("How long is the bridge?" in str(message["content"]) for message in request["messages"]):
            hanging.set()
            return Hang()
        return reader(request, number)

    out = folder / "out.jsonl"
    arguments = ("pipeline", str(questions), "-o", str(out), "--docs", docs, "--json", "--model")
    process = subprocess.Popen(
        command(*arguments, serve(stuck)), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert hanging.wait(60)
    deadline = time.monotonic() + 60
    while not (out.exists() and out.read_text().endswith("\n")):
        assert time.monotonic() < deadline, "the other question was never answered"
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    printed, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert json.loads(printed)["outcomes"] == {"interrupted": 1, "verified": 1}
    assert plumbline(*arguments, serve(reader)).json == {"questions": 2, "before": 1, "outcomes": {"verified": 1}}
    assert lines(out).keys() == {"a", "7"}
