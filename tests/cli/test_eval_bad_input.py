"""Whatever can be wrong with a batch: it is told in one line, nothing is lost, and nothing is taken for a failure."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.domain.messages import Reply
from agent.models.testing.script import Hang, call, error
from evals.batch.order import BatchFolder
from tests.cli.conftest import Plumbline, Serve, command
from tests.cli.test_eval import SUITE, asked_number, made, right

GOOD = '{"id": "a", "goal": "Say 1.", "gold": 1}'


def say(request: dict[str, Any], number: int) -> Reply:
    """Answer every sample right."""
    return call("submit", answer=str(asked_number(request)), success=True)


@pytest.mark.parametrize(
    ("samples", "arguments", "says"),
    [
        (f"{GOOD}\n{{", (), "samples.jsonl, line 2: it is no JSON"),
        (f"{GOOD}\n{GOOD}", (), "line 2: the id 'a' was given before, at samples.jsonl, line 1"),
        ('{"id": "a", "goal": "Say 1.", "gold": 1, "files": {"f": "gone"}}', (), "gone is missing"),
        ('{"id": "a", "goal": "Say 1.", "gold": [NaN]}', (), "line 1: it is no JSON: NaN"),
        ("", (), "has no samples"),
        (GOOD, ("--tag", "none-such"), "no sample of the suite counting has the tag none-such"),
        (GOOD, ("--sample", "b"), "has no sample 'b'"),
        (GOOD, ("--threshold", "nan"), "Invalid value for '--threshold'"),
        (GOOD, ("--name", "A/B"), "a batch cannot be called"),
    ],
)
def test_nothing_is_begun_with_a_suite_or_choice_that_is_wrong(
    folder: Path, plumbline: Plumbline, samples: str, arguments: tuple[str, ...], says: str
) -> None:
    suite = made(folder, 1)
    (suite / "samples.jsonl").write_text(samples)

    refused = plumbline("eval", "run", str(suite), "--model", "m@http://127.0.0.1:9/v1", *arguments)

    assert (refused.code, says in refused.err) == (2, True), refused.err
    assert "Traceback" not in refused.err
    assert not (folder / "home" / "batches").exists()


@pytest.mark.parametrize("field", ["threshold: .nan", "scorers: [{kind: numeric, absolute: .nan}]"])
def test_bounds_that_are_no_numbers_are_refused(folder: Path, plumbline: Plumbline, field: str) -> None:
    suite = made(folder, 1)
    text = SUITE.replace("scorers: [{kind: numeric}]", "") if field.startswith("scorers") else SUITE
    (suite / "suite.yaml").write_text(f"{text}{field}\n")

    refused = plumbline("eval", "suites", str(suite))

    assert (refused.code, field.partition(":")[0] in refused.err) == (2, True), refused.err


def test_gold_and_answers_that_are_no_numbers_are_never_right(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    suite = made(folder, 2)
    lines = [{"id": "s0", "goal": "Say 0.", "gold": "nan"}, {"id": "s1", "goal": "Say 1.", "gold": 1}]
    (suite / "samples.jsonl").write_text("\n".join(map(json.dumps, lines)))

    def nan(request: dict[str, Any], number: int) -> Reply:
        return call("submit", answer="nan", success=True)

    done = plumbline("eval", "run", str(suite), "--model", f"m@{serve(nan)}", "--sandbox", "none", "--json")

    assert [one["state"] for one in done.json["results"]] == ["error", "failed"]
    assert "no gold answer has a number" in done.json["results"][0]["reason"]
    assert "NaN" not in done.out


def test_a_sample_that_never_ends_is_ended_by_its_time(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    suite = made(folder, 3)
    with (suite / "suite.yaml").open("a") as file:
        file.write("task: {budget: {seconds: 1.5}}\n")
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text("drain_seconds = 0.2\n")

    def stubborn(request: dict[str, Any], number: int) -> Any:
        match asked_number(request):
            case 0:
                return Hang()
            case 1:
                time.sleep(0.05)
                return call("none_such", n=number)
            case _:
                return say(request, number)

    model = f"m@{serve(stubborn)}"
    done = plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none", "-n", "3", "--json")

    assert done.json["complete"], done.err
    states = [(one["state"], one["failure"]) for one in done.json["results"]]
    assert states[0] == ("failed", "budget exhausted")
    assert states[1][0] == "failed"
    assert states[2] == ("passed", "")


def test_a_model_that_is_down_for_long_ends_the_batch_and_costs_no_sample(
    folder: Path, plumbline: Plumbline, serve: Serve
) -> None:
    """Ten minutes of 503 against a deadline of five, both made shorter by the settings."""
    suite = made(folder, 24)
    down = True

    def sometimes(request: dict[str, Any], number: int) -> Any:
        return error(503, "overloaded") if down else say(request, number)

    url = serve(sometimes).partition("@")[2]
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text(
        f'[models.m]\nbackend = "openai"\nmodel = "m"\nbase_url = "{url}"\n'
        "[models.m.retry]\ndeadline_seconds = 0.3\nfirst_wait_seconds = 0.05\n"
    )
    arguments = ("--model", "m", "--sandbox", "none", "-n", "4", "--name", "one")
    stopped = plumbline("eval", "run", str(suite), *arguments)
    shown = plumbline("eval", "show", "one", "--json")
    down = False
    resumed = plumbline("eval", "run", "--resume", "one", "--json")

    assert (stopped.code, "20 attempts in a row could not go on" in stopped.err) == (1, True)
    assert "plumbline eval run --resume one" in stopped.err
    assert {one["state"] for one in shown.json["results"]} == {"error"}
    assert shown.json["figures"]["share"] is None
    assert (resumed.code, resumed.json["figures"]["passed"]) == (0, 24), resumed.err


@pytest.mark.slow
@pytest.mark.parametrize("times", [1, 2])
def test_ctrl_c_pauses_and_a_second_one_ends_at_once_and_nothing_is_lost(
    folder: Path, plumbline: Plumbline, serve: Serve, times: int
) -> None:
    suite = made(folder, 30)
    asked: list[int] = []

    def slow(request: dict[str, Any], number: int) -> Any:
        asked.append(asked_number(request))
        # what is under way when it is told to stop would hold it for as long as runs are given to end
        return Hang() if times == 2 and len(asked) == 12 else say(request, number)

    options = ("--model", f"m@{serve(slow)}", "--sandbox", "none", "-n", "2", "--name", "one")
    beginning = command("eval", "run", str(suite), *options)
    with subprocess.Popen(beginning, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        while len(asked) < 12 and process.poll() is None:
            time.sleep(0.01)
        for number in range(times):
            time.sleep(0.2 * number)
            process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    ended = {
        one["sample"] for one in plumbline("eval", "show", "one", "--json").json["results"] if one["state"] != "open"
    }
    before = len(asked)
    resumed = plumbline("eval", "run", "--resume", "one", "--json")

    assert process.returncode == 130, told
    assert "Traceback" not in told
    if times == 1:
        assert "interrupted; go on with: plumbline eval run --resume one" in " ".join(told.split())
    assert len(ended) >= 8
    assert (resumed.code, resumed.json["figures"]["passed"], resumed.json["complete"]) == (0, 30, True)
    assert not {f"s{number}" for number in asked[before:]} & ended


def test_two_processes_do_not_work_on_one_batch(folder: Path, plumbline: Plumbline, serve: Serve) -> None:
    suite = made(folder, 1)
    model = f"m@{serve(right)}"
    assert plumbline("eval", "run", str(suite), "--model", model, "--sandbox", "none", "--name", "one").code == 0

    with BatchFolder(folder / "home", "one"):
        resumed = plumbline("eval", "run", "--resume", "one")
        again = plumbline("eval", "show", "one", "--score-again")
        looked = plumbline("eval", "show", "one")

    assert (resumed.code, "another process works on the batch one" in resumed.err) == (2, True)
    assert (again.code, looked.code) == (2, 0)


@pytest.fixture
def small_disk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder on a disk of 6 MB of its own."""
    place = folder / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small disk needs root")
    monkeypatch.setenv("PLUMBLINE_HOME", str(place / "home"))
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def fill(path: Path) -> None:
    """Write a file until its disk is full."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(b"x" * 4096):
            pass


@pytest.mark.slow
def test_a_full_disk_stops_a_batch_that_goes_on_when_there_is_room(
    folder: Path, plumbline: Plumbline, serve: Serve, small_disk: Path
) -> None:
    suite = made(folder, 12)

    def long(request: dict[str, Any], number: int) -> Reply:
        answer = f"{'x' * 400_000} {asked_number(request)}"
        return call("submit", answer=answer, success=True)

    arguments = ("--model", f"m@{serve(long)}", "--sandbox", "none", "-n", "2", "--name", "one")
    # its lease ends with its process, where no room is left to give it back
    stopped = subprocess.run(
        command("eval", "run", str(suite), *arguments), capture_output=True, text=True, check=False
    )
    subprocess.run(["mount", "-o", "remount,size=200m", str(small_disk)], check=True)
    finished = {
        one["run_id"]: one
        for one in plumbline("eval", "show", "one", "--json").json["results"]
        if one["state"] != "open"
    }
    resumed = plumbline("eval", "run", "--resume", "one", "--json")

    assert stopped.returncode == 1, stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert "make room" in stopped.stderr or "free some space" in stopped.stderr
    assert 0 < len(finished) < 12
    assert (resumed.code, resumed.json["figures"]["passed"]) == (0, 12), resumed.err
    assert all(finished.get(one["run_id"], one) == one for one in resumed.json["results"])


def test_a_batch_that_cannot_be_written_down_is_not_begun(
    folder: Path, plumbline: Plumbline, serve: Serve, small_disk: Path
) -> None:
    suite = made(folder, 1)
    (small_disk / "home").mkdir()
    fill(small_disk / "filler")

    refused = plumbline("eval", "run", str(suite), "--model", f"m@{serve(right)}", "--sandbox", "none", "--name", "one")

    assert refused.code == 1, refused.err
    assert "Traceback" not in refused.err
    assert len(refused.err.strip().splitlines()) == 1
    (small_disk / "filler").unlink()
    assert "there is no batch 'one'" in plumbline("eval", "show", "one").err
