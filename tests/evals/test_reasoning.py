"""``plumbline bench reasoning``: the ways to ask, side by side."""

import json
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from agent.models.testing.script import Hang, Step, call
from evals.intervals import interval
from tests.cli.conftest import Plumbline, Serve, command, plumbline, serve, user

__all__ = ["plumbline", "serve", "user"]

SETS: dict[str, list[dict[str, Any]]] = {
    "sums": [{"question": "What is 2 + 3?", "answer": "5"}, {"question": "What is 2 + 2?", "answer": "4"}],
    "facts": [
        {"question": "Is ice cold?", "answer": "yes"},
        {"question": "Which?", "answer": "B", "choices": [{"label": "A", "text": "a"}, {"label": "B", "text": "b"}]},
    ],
}


def answer(request: dict[str, Any], number: int) -> Step:
    """Answer 5, yes and B in every way; so one of the sums is wrong."""
    tool = request["tools"][0]["function"]
    wanted = tool["parameters"]["properties"]["answer"]
    value: Any = 5 if wanted.get("type") == "number" else wanted["enum"][-1 if "A" in wanted["enum"] else 0]
    triples = [{"subject": "ice", "relation": "is", "object": "cold"}]
    given: dict[str, dict[str, Any]] = {
        "give_answer": {},
        "reason_and_answer": {"steps": ["So it is."]},
        "prove_and_answer": {"triples": triples, "hints": ["So it is."]},
        "compute_and_answer": {"triples": triples, "hints": ["2 + 3 = 5"]},
        "tell_what_follows": {"follows": True},
    }
    return call(tool["name"], **given[tool["name"]], answer=value)


@pytest.fixture
def data(folder: Path) -> Path:
    place = folder / "sets"
    place.mkdir()
    for name, rows in SETS.items():
        (place / f"{name}.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    return place


def test_each_way_is_scored_by_set_and_over_all(plumbline: Plumbline, serve: Serve, data: Path) -> None:
    told = plumbline("bench", "reasoning", "--data", str(data), "--model", serve(answer), "--json")
    assert told.code == 0
    scores = {(one["dataset"], one["mode"]): one for one in told.json["scores"]}
    assert len(scores) == 12
    assert {mode: scores["sums", mode]["right"] for mode in ("direct", "cot", "cok", "cok+f2")} == dict.fromkeys(
        ("direct", "cot", "cok", "cok+f2"), 1
    )
    assert (scores["all", "cok"]["right"], scores["all", "cok"]["calls"]) == (3, 1.0)
    # nothing holds what the facts rest on, and both sums compute what they say
    assert (scores["all", "cok+f2"]["accepted"], scores["all", "cok+f2"]["accepted_right"]) == (2, 1)
    assert scores["all", "direct"]["accepted"] is None


def test_the_table_is_for_people(plumbline: Plumbline, serve: Serve, data: Path) -> None:
    told = plumbline(
        "bench", "reasoning", "--data", str(data), "--model", serve(answer), "--sets", "facts", "--modes", "direct"
    )
    assert (told.code, "2 of 2" in told.out) == (0, True)


@pytest.mark.parametrize("json_too", [False, True])
def test_what_was_answered_is_shown_when_it_is_interrupted(
    user: None, serve: Serve, data: Path, json_too: bool
) -> None:
    reached = threading.Event()

    def stuck(request: dict[str, Any], number: int) -> Step:
        if number < 5:
            return answer(request, number)
        reached.set()
        return Hang()

    arguments = command("bench", "reasoning", "--data", str(data), "--model", serve(stuck), "--modes", "direct,cot")
    arguments += ["--json"] if json_too else []
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert reached.wait(60)
        process.send_signal(signal.SIGINT)
        printed, told = process.communicate(timeout=60)
    assert process.returncode == 130
    if json_too:
        found = json.loads(printed)
        assert (found["complete"], len(found["tried"])) == (False, 5)
    else:
        assert "2 of 2" in printed
        assert "interrupted after 5 of 8 answers" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--modes", "guess"), "there is no way 'guess'"),
        (("--sets", "none"), "there is no set 'none'"),
        (("--limit", "0"), "--limit"),
        (("--kb", "none"), "there is no knowledge base 'none'"),
        (("--model", "none"), "name a model"),
    ],
)
def test_what_cannot_be_measured_is_told_in_one_line(
    plumbline: Plumbline, data: Path, arguments: tuple[str, ...], told: str
) -> None:
    outcome = plumbline("bench", "reasoning", "--data", str(data), *arguments)
    assert (outcome.code, told in outcome.err, len(outcome.err.strip().splitlines())) == (2, True, 1)


def test_a_folder_or_a_line_that_is_none_is_told(plumbline: Plumbline, folder: Path, data: Path) -> None:
    assert "has no reasoning sets" in plumbline("bench", "reasoning", "--data", str(folder / "none")).err
    (data / "bad.jsonl").write_text('{"question": "Is it?"}\n')
    assert "bad.jsonl, line 1" in plumbline("bench", "reasoning", "--data", str(data), "--sets", "bad").err
    (data / "bad.jsonl").write_text('{"question": "Is it?", "answer": "yes"}\n\n[1]\n')
    assert "bad.jsonl, line 3" in plumbline("bench", "reasoning", "--data", str(data), "--sets", "bad").err
    (data / "bad.jsonl").write_bytes(b"\xff\xfe")
    assert "bad.jsonl is not in UTF-8" in plumbline("bench", "reasoning", "--data", str(data), "--sets", "bad").err


def test_the_interval_holds_the_share_and_is_the_same_each_time() -> None:
    low, high = interval([True] * 6 + [False] * 4)
    assert low < 0.6 < high
    assert interval([True] * 6 + [False] * 4) == (low, high)
