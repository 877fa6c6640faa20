"""Batches: run, interrupted, killed, gone on with, scored again."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from agent.domain.messages import Reply
from agent.models.testing.script import call, error
from evals.records import kept
from tests.cli.conftest import Plumbline, Serve, command

SUITE = """
name: counting
version: "1"
description: A model says how often it was asked for each sample.
samples: [samples.jsonl]
scorers: [{kind: numeric}]
"""


def made(folder: Path, samples: int) -> Path:
    place = folder / "counting"
    place.mkdir()
    (place / "suite.yaml").write_text(SUITE)
    lines = [
        {"id": f"s{n}", "goal": f"Say {n}.", "gold": n, "tags": ["odd" if n % 2 else "even"]} for n in range(samples)
    ]
    (place / "samples.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return place


def asked_number(request: dict[str, Any]) -> int:
    text = json.dumps(request["messages"])
    return int(text.rpartition("Say ")[2].partition(".")[0])


def right(request: dict[str, Any], _number: int) -> Reply:
    """Answer every sample right but those that end in 7."""
    number = asked_number(request)
    return call("submit", answer=str(number if number % 10 != 7 else -1), success=True)


def without_times(printed: str) -> Any:
    """Return what a batch printed, without what differs from one batch to the next: times and ids."""
    shape = json.loads(printed)
    shape["figures"].pop("latency")
    shape.pop("batch")
    for one in shape["results"]:
        one.pop("seconds")
        one.pop("run_id")
    return shape


def test_a_batch_is_run_and_scored_and_scored_again_from_the_ledger(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    suite = made(folder, 10)
    model = f"m@{serve(right)}"

    done = plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none", "--name", "one", "--json")

    assert done.code == 0, done.err
    assert done.json["complete"]
    assert done.json["figures"]["share"]["value"] == 0.9
    assert [one["sample"] for one in done.json["results"] if one["state"] == "failed"] == ["s7"]
    shown = plumbline("eval", "show", "one", "--json")
    assert shown.json["results"] == done.json["results"]
    assert plumbline("show", done.json["results"][0]["run_id"]).code in (0, 3)
    measurement = kept(folder / "home", "counting").measurements[0]
    assert (measurement.batch, measurement.passed, measurement.samples) == ("one", 9, 10)
    assert [failure.run_id for failure in measurement.failures] == ["one-00008-001"]
    assert plumbline("eval", "run", "--resume", "one").code == 0
    assert len(kept(folder / "home", "counting").measurements) == 1
    again = plumbline("eval", "run", str(suite), "--model", model, "--name", "one")
    assert (again.code, "go on with it by --resume one" in again.err) == (2, True)


def test_a_changed_suite_is_not_gone_on_with_unless_told(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    suite = made(folder, 3)
    model = f"m@{serve(right)}"
    assert plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none", "--name", "one").code == 0
    samples = suite / "samples.jsonl"
    samples.write_text(samples.read_text().replace('"gold": 2', '"gold": 5'))

    refused = plumbline("eval", "run", "--resume", "one")
    told = plumbline("eval", "run", "--resume", "one", "--changed-suite", "--json")

    assert (refused.code, "has changed since batch one" in refused.err) == (2, True)
    assert [one["state"] for one in told.json["results"]] == ["passed", "passed", "failed"]


def test_a_model_that_is_down_gives_errors_and_no_failures_and_is_asked_again(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    suite = made(folder, 3)
    down = True

    def sometimes(request: dict[str, Any], number: int) -> Any:
        return error(401, "no such key") if down else right(request, number)

    model = f"m@{serve(sometimes)}"
    failed = plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none", "--name", "one", "--json")
    told = plumbline("eval", "run", "--resume", "one", "--threshold", "0.5")
    down = False
    resumed = plumbline("eval", "run", "--resume", "one", "--json")

    assert [one["state"] for one in failed.json["results"]] == ["error"] * 3
    assert (failed.code, told.code, resumed.code) == (1, 1, 0)
    assert "3 attempts could not be judged; those that could not go on are tried again by" in told.err
    assert "plumbline eval run --resume one" in told.err
    assert failed.json["figures"]["share"] is None
    assert [one["state"] for one in resumed.json["results"]] == ["passed"] * 3


def test_two_batches_are_compared_sample_by_sample_and_written_to_files(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    suite = made(folder, 12)

    def wrong_in_more(request: dict[str, Any], _number: int) -> Reply:
        return call("submit", answer=str(asked_number(request) % 4) + "<script>alert()</script>", success=True)

    for name, script in (("good", right), ("bad", wrong_in_more)):
        files = ("--html", f"{name}.html", "--junit", f"{name}.xml")
        arguments = ("--model", f"m@{serve(script)}", "--sandbox", "none", "--name", name)
        assert plumbline("eval", "run", str(suite), *arguments, *files).code == 0

    found = plumbline("eval", "compare", "good", "bad", "--worse-by", "0.1", "--json")

    assert found.code == 3
    compared = found.json["comparison"]
    assert (compared["samples"], compared["test"]) == (12, "exact")
    assert [flip["sample"] for flip in compared["worse"]] == ["s10", "s11", "s4", "s5", "s6", "s8", "s9"]
    assert "<testsuite" in (folder / "bad.xml").read_text()
    page = (folder / "bad.html").read_text()
    assert "&lt;script&gt;" in page
    assert "<script" not in page
    refused = plumbline("eval", "compare", "good", "none-such")
    assert (refused.code, "there is no batch" in refused.err) == (2, True)


@pytest.mark.slow
def test_a_batch_killed_again_and_again_ends_like_one_that_was_not(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    suite = made(folder, 60)
    asked: list[int] = []

    def slowly(request: dict[str, Any], number: int) -> Reply:
        asked.append(asked_number(request))
        time.sleep(0.01)
        return right(request, number)

    model = f"m@{serve(slowly)}"
    options = ("--model", model, "--sandbox", "none", "-n", "4", "--attempts", "2")
    whole = plumbline("eval", "run", str(suite), *options, "--name", "whole", "--json")
    asked.clear()
    beginning = ("eval", "run", str(suite), *options, "--name", "cut")
    finished: list[dict[str, Any]] = []
    for number in range(3):
        arguments = beginning if number == 0 else ("eval", "run", "--resume", "cut", "-n", "4")
        with subprocess.Popen(command(*arguments), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
            enough = len(asked) + 25
            while len(asked) < enough and process.poll() is None:
                time.sleep(0.02)
            os.kill(process.pid, signal.SIGKILL)
        finished = [one for one in plumbline("eval", "show", "cut", "--json").json["results"] if one["state"] != "open"]
    before = len(asked)
    resumed = plumbline("eval", "run", "--resume", "cut", "-n", "4", "--json")

    assert whole.code == resumed.code == 0, resumed.err
    assert without_times(resumed.out) == without_times(whole.out)
    # what had ended was not asked again, and what was cut off only once more each time
    assert len(finished) > 20
    assert len(asked) - before <= 120 - len(finished)
    assert len(asked) <= 120 + 3 * 4


def test_cassettes_are_replayed_over_the_code_of_today(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    suite = made(folder, 1)
    arguments = ("--model", f"m@{serve(right)}", "--sandbox", "none", "--name", "one")
    run_id = plumbline("eval", "run", str(suite), *arguments, "--json").json["results"][0]["run_id"]
    (folder / "kept").mkdir()
    assert plumbline("export", run_id, "-o", "kept/good.jsonl").code == 0
    (folder / "kept" / "notes.jsonl").write_text('{"no": "cassette"}\n')
    os.mkfifo(folder / "kept" / "endless.jsonl")

    good = plumbline("eval", "regress", "kept", "--json")
    (folder / "kept" / "cut.jsonl").write_bytes((folder / "kept" / "good.jsonl").read_bytes()[:-40])
    bad = plumbline("eval", "regress", "kept", "--json")

    assert (good.code, [one["state"] for one in good.json]) == (0, ["same"])
    assert (bad.code, [one["state"] for one in bad.json]) == (1, ["unreadable", "same"])
    assert "there is no cassette" in plumbline("eval", "regress", str(suite)).err
