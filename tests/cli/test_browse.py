"""A person browses at the terminal: a command a line, on a pipe as at a keyboard."""

import io
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from agent.models.testing.script import call
from tests.cli.conftest import Outcome, Plumbline, Serve, command

QUESTION = "How deep is the water over the sill of Harrow Lock?"
LOCK = "# Harrow Lock\n\nThe gates are of oak. The water over the sill of Harrow Lock is 1.52 metres deep.\n"
ANSWER = "The water over the sill of Harrow Lock is 1.52 metres deep [E1]."

Browse = Callable[..., Outcome]


@pytest.fixture
def docs(folder: Path) -> Path:
    place = folder / "docs"
    place.mkdir()
    (place / "lock.md").write_text(LOCK)
    (place / "gates.md").write_text("# Gates\n\nGates of oak last forty years.\n\x1b[2Jhostile\u202e\n")
    return place


@pytest.fixture
def typing(plumbline: Plumbline, monkeypatch: pytest.MonkeyPatch) -> Browse:
    """Runs a command of a user who types some lines."""

    def run(lines: str, *arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "stdin", io.StringIO(lines))
        return plumbline(*arguments)

    return run


def test_a_question_is_browsed_for_and_the_answer_is_checked(typing: Browse, docs: Path) -> None:
    lines = f"s sill of Harrow Lock\no 1\nq 3\na {ANSWER}\n"
    done = typing(lines, "browse", QUESTION, "--docs", str(docs))

    assert done.code == 0
    assert "[1] Harrow Lock" in done.err
    assert "[3] The water over the sill of Harrow Lock is 1.52 metres deep." in done.err
    assert "E1 The water over the sill" in done.err
    assert "97 of 100 steps left" in done.err
    assert "✓ supported: The water over the sill of Harrow Lock is 1.52 metres deep." in done.out
    assert "docs/lock.md" in done.out


def test_wrong_input_gets_one_line_and_costs_nothing(typing: Browse, docs: Path) -> None:
    wrong = 'z\nq 1\no 1\ns\n? \n\nq "x"\n\x1b[31m\n'
    done = typing(f"{wrong}s sill Harrow Lock\nq 1\no 99\no 1\nq 99\nq 3\nu now\na {ANSWER}\n", "browse", QUESTION,
                  "--docs", str(docs), "--json")  # fmt: skip

    told = [line for line in done.err.splitlines() if line.startswith("! ")]
    begins = [
        *("there is no command", "quote is not possible", "open is not possible", "search needs words"),
        *("quote is not possible", "there is no command", "quote is not possible", "there is no result 99"),
        *("document ", "undo takes nothing"),
    ]
    assert len(told) == len(begins)
    assert all(line.startswith(f"! {begin}") for line, begin in zip(told, begins, strict=True))
    assert "\x1b" not in done.err
    assert "has the sentences 1 to 3, not 99" in told[8]
    assert done.json["report"]["outcome"] == "verified"


def test_the_end_of_the_input_leaves_the_run_waiting_and_resuming_goes_on_there(typing: Browse, docs: Path) -> None:
    left = typing("s sill Harrow Lock\no 1\n", "browse", QUESTION, "--docs", str(docs), "--json")
    assert (left.code, left.json["status"], left.json["question"]["key"]) == (5, "waiting", "root/act/3")
    run_id = left.json["run_id"]
    (docs / "lock.md").unlink()

    again = typing("q 3\n", "resume", run_id)
    assert again.code == 5
    assert "98 of 100 steps left" in again.err
    # one action at a time can be given without a seat, too
    assert typing("", "answer", run_id, "u").code == 5
    assert typing("", "answer", run_id, "q 3").code == 5
    done = typing(f"a {ANSWER.replace('E1', 'E2')}\n", "resume", run_id, "--json")
    assert (done.code, done.json["report"]["outcome"]) == (0, "verified")


def test_a_browsing_run_is_shown_replayed_forked_and_moved_like_any_other(
    typing: Browse, plumbline: Plumbline, docs: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = f"s sill Harrow Lock\no 1\nq 3\na {ANSWER}\n"
    run_id = typing(lines, "browse", QUESTION, "--docs", str(docs), "--json").json["run_id"]

    assert [row["id"] for row in plumbline("runs", "--json").json] == [run_id]
    assert "browse(action=search" in plumbline("show", run_id, "--steps").out
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    assert plumbline("replay", run_id, "--json").json["same"] is True
    view = plumbline("show", run_id, "--json").json["view"]
    opened = next(step for step in view["steps"].values() if step["key"] == "root/act/3")
    fork = plumbline("fork", run_id, "--at", str(opened["started_seq"] - 1), "--json").json["run_id"]
    forked = typing("q 2\na The gates are of oak [E1].\n", "resume", fork, "--json")
    assert forked.json["report"]["evidence"][0]["text"] == "The gates are of oak."

    assert plumbline("export", run_id, "-o", "run.jsonl").code == 0
    assert plumbline("browse", "export", run_id, fork, "-o", "out.json").code == 0
    assert len(json.loads(Path("out.json").read_text())["data"]) == 2
    assert plumbline("browse", "export", run_id, "--format", "webcpm-pipeline", "-o", "pipeline").code == 0
    assert sorted(path.name for path in Path("pipeline").iterdir()) == ["abstract.jsonl", "answer.jsonl", "query.jsonl"]
    assert plumbline("browse", "export", run_id, "--format", "chat-jsonl", "-o", "chat.jsonl").code == 0
    assert len(Path("chat.jsonl").read_text().splitlines()) == 4
    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "other"))
    assert plumbline("import", "run.jsonl").code == 0
    assert plumbline("replay", run_id).code == 0
    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "third"))
    rows = plumbline("browse", "import", "out.json", "--json").json
    assert [(row["run_id"], row["refused"]) for row in rows] == [(run_id, 0), (fork, 0)]
    assert plumbline("replay", run_id, "--json").json["same"] is True
    scores = plumbline("browse", "score", run_id, "out.json", "--reference", run_id, "--json").json["sessions"]
    assert [one["citations"]["valid"] for one in scores] == [1, 1, 1]
    assert scores[0]["likeness"] == {"query": 1.0, "fact": 1.0, "answer": 1.0}
    assert scores[2]["likeness"]["answer"] < 1
    assert "1 of 1 quotes are valid" in plumbline("browse", "score", "out.json").out


def test_pages_cannot_write_on_the_terminal(typing: Browse, docs: Path) -> None:
    done = typing("s gates oak forty years\no 1\n", "browse", "How long do gates last?", "--docs", str(docs))

    assert "hostile" in done.err
    assert "\x1b" not in done.err
    assert "\u202e" not in done.err


def test_a_model_can_sit_in_the_same_seat(plumbline: Plumbline, serve: Serve, docs: Path) -> None:
    script = [
        call("search", query="sill Harrow Lock"),
        call("open", result=1),
        call("quote", first=3),
        call("finish", answer=ANSWER),
    ]
    done = plumbline("browse", QUESTION, "--docs", str(docs), "--model", serve(script), "--json")

    assert (done.code, done.json["report"]["answer"]) == (0, ANSWER)
    assert plumbline("replay", "--json").json["same"] is True
    assert plumbline("browse", "export", "last", "-o", "model.json").code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("browse", "Where?"), "there is nothing to browse"),
        (("browse", " ", "--docs", "docs"), "the task is empty"),
        (("browse", "Where?", "--docs", "docs", "--profile", "wide"), "there is no profile 'wide'"),
        (("browse", "Where?", "--docs", "nowhere"), "there is no file or folder 'nowhere'"),
        (("browse", "export", "last"), "there is no run 'last'"),
        (("browse", "export", "last", "--format", "csv"), "there is no format 'csv'"),
        (("browse", "import", "docs/lock.md"), "is no file of WebCPM's interactive format"),
        (("browse", "import", "nowhere.json"), "cannot read nowhere.json"),
        (("browse", "score", "docs/lock.md"), "is no prediction of WebCPM"),
        (("browse", "score", "nothing"), "there is no run 'nothing'"),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(
    plumbline: Plumbline, docs: Path, arguments: tuple[str, ...], told: str
) -> None:
    done = plumbline(*arguments)

    assert done.code == 2
    assert told in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_an_interrupt_at_the_prompt_leaves_the_run_to_be_resumed(user: None, docs: Path, plumbline: Plumbline) -> None:
    arguments = command("browse", QUESTION, "--docs", str(docs))
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("s sill Harrow Lock\no 1\n")
        process.stdin.flush()
        seen = ""
        while "98 of 100" not in seen:
            seen += process.stderr.readline()
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)
        assert time.monotonic() - began < 25
        process.stdin.close()
    assert process.returncode == 5
    assert plumbline("show", "--json").json["view"]["status"] == "waiting"
