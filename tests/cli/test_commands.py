"""The commands, as a user meets them: results on standard output, one line on errors, exit codes with a meaning."""

import json
import os
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from agent.models.testing.script import Hang, Step, call, error
from tests.cli.conftest import Plumbline, Serve, command

SUM = [
    call("python", code="print(sum(int(line) for line in open('numbers.txt')))"),
    call(
        "submit",
        answer="The sum of the numbers is 42.",
        claims=[{"text": "The sum of the numbers is 42.", "evidence": ["root.0.0"]}],
    ),
]
UNVERIFIED = call("submit", answer="Paris is the capital of France.")


@pytest.fixture
def numbers(folder: Path) -> str:
    file = folder / "numbers.txt"
    file.write_text("12\n30\n")
    return str(file)


def test_a_verified_answer_ends_with_zero_and_shows_its_evidence(
    plumbline: Plumbline, serve: Serve, numbers: str
) -> None:
    done = plumbline("run", "Add up numbers.txt", "--file", numbers, "--model", serve(SUM), "--sandbox", "local")
    assert done.code == 0
    assert "The sum of the numbers is 42." in done.out
    assert "✓ supported: The sum of the numbers is 42." in done.out
    assert "python [root.0.0] printed: 42" in done.out
    assert "verified: every claim is supported and every check passed" in done.out
    assert "python(code=print(sum(" in done.err


def test_an_unverified_answer_ends_with_three(plumbline: Plumbline, serve: Serve) -> None:
    done = plumbline("run", "What is the capital of France?", "--model", serve([UNVERIFIED]), "--sandbox", "none")
    assert done.code == 3
    assert "? unverifiable: Paris is the capital of France." in done.out


def test_the_answer_alone_is_printed_when_quiet_and_everything_as_json(plumbline: Plumbline, serve: Serve) -> None:
    goal = ("run", "What is the capital?", "--sandbox", "none")
    quiet = plumbline(*goal, "--quiet", "--model", serve([UNVERIFIED]))
    assert (quiet.code, quiet.out, quiet.err) == (3, "Paris is the capital of France.\n", "")
    as_json = plumbline(*goal, "--json", "--model", serve([UNVERIFIED]))
    assert as_json.json["report"]["outcome"] == "unverified"
    assert as_json.err == ""


def test_runs_are_listed_shown_replayed_exported_and_imported(
    plumbline: Plumbline, serve: Serve, numbers: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = plumbline("run", "Add up", "--file", numbers, "--model", serve(SUM), "--json").json["run_id"]
    assert [run["id"] for run in plumbline("runs", "--json").json] == [run_id]
    assert run_id in plumbline("runs").out
    shown = plumbline("show", run_id[:9], "--steps")
    assert "tool" in shown.out or "python(code=" in shown.out
    assert plumbline("show", "last", "--json").json["view"]["report"]["outcome"] == "verified"
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    assert plumbline("replay", run_id, "--json").json["same"] is True
    assert plumbline("export", run_id, "-o", "run.jsonl").code == 0
    assert plumbline("export", run_id, "--format", "html", "-o", "run.html").code == 0
    assert plumbline("export", run_id, "--format", "markdown", "-o", "run.md").code == 0
    assert plumbline("export", run_id, "--format", "pdf").code == 2
    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "other"))
    assert plumbline("import", "run.jsonl", "--json").json["run_id"] == run_id
    assert plumbline("replay", run_id).code == 0
    again = plumbline("import", "run.jsonl")
    assert (again.code, "already in this ledger" in again.err) == (2, True)


def test_a_question_ends_with_five_and_its_answer_goes_on(plumbline: Plumbline, serve: Serve) -> None:
    model = serve([call("ask_person", question="Which port?"), call("submit", answer="It is 443.", success=True)])
    waiting = plumbline("run", "Open a port", "--model", model, "--sandbox", "none")
    assert waiting.code == 5
    assert "Which port?" in waiting.err
    assert "plumbline answer" in waiting.err
    assert "it asks: Which port?" in plumbline("show").out
    assert plumbline("answer", "last", "443").code == 3
    nothing = plumbline("answer", "last", "443")
    assert (nothing.code, "asks nothing" in nothing.err) == (2, True)


def test_a_used_up_budget_ends_with_four_and_a_larger_one_goes_on(plumbline: Plumbline, serve: Serve) -> None:
    look = [call("search_nothing", n=n) for n in range(3)]
    model = serve([*look, UNVERIFIED])
    stopped = plumbline("run", "x", "--model", model, "--sandbox", "none", "--steps", "2")
    assert (stopped.code, "budget of 2 steps is used up" in stopped.err) == (4, True)
    assert "stopped: the budget is used up" in stopped.out
    assert plumbline("resume", "--steps", "10").code == 3


def test_a_fork_goes_on_from_an_event_with_another_model(plumbline: Plumbline, serve: Serve, numbers: str) -> None:
    first = plumbline("run", "Add up", "--file", numbers, "--model", serve(SUM), "--json").json["run_id"]
    other = serve([call("submit", answer="I would rather not.", success=False)])
    at = plumbline("show", first, "--json").json["view"]["steps"]["root/tool/0.0"]["done_seq"]
    forked = plumbline("fork", first, "--at", str(at), "--model", other, "--json")
    assert (forked.code, forked.json["report"]["outcome"]) == (1, "failed")
    assert plumbline("show", first, "--json").json["view"]["report"]["outcome"] == "verified"


def test_artefacts_are_saved_where_the_user_wants_them(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    model = serve([call("write_file", path="out/a.txt", content="made"), call("submit", answer="Made.", success=False)])
    assert plumbline("run", "Make it", "--model", model, "--save", "saved").code == 1
    assert (folder / "saved" / "out" / "a.txt").read_text() == "made"


def test_a_report_is_shown_whatever_comes_of_its_files(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    code = (
        "for name in ('a.txt', 'b\\nc.txt', 'd/e.txt'): os.makedirs('d', exist_ok=True); open(name, 'w').write('made')"
    )
    make = [call("python", code=f"import os\n{code}"), call("submit", answer="All is made.", success=False)]
    (folder / "saved" / "d").parent.mkdir()
    (folder / "saved" / "d").write_text("in the way")
    done = plumbline("run", "Make it", "--model", serve(make), "--save", "saved", "--quiet")
    assert (done.code, done.out) == (2, "All is made.\n")
    assert [("control character" in line, "cannot write" in line) for line in done.err.splitlines()] == [
        (True, False),
        (False, True),
    ]
    assert (folder / "saved" / "a.txt").read_text() == "made"
    nowhere = plumbline("run", "Make it", "--model", serve(make), "--save", "saved/a.txt", "--json")
    assert (nowhere.code, nowhere.json["report"]["answer"]) == (2, "All is made.")
    assert (nowhere.err.count("\n"), "choose another --save folder" in nowhere.err) == (1, True)


def test_a_run_whose_model_is_a_person_who_left_waits_for_them(user: None) -> None:
    arguments = command("run", "hi", "--model", "person", "--sandbox", "none")
    for how in ("</dev/null", "<&-"):
        done = subprocess.run(
            ["bash", "-c", f'exec "$@" {how}', "bash", *arguments],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 5
        assert "go on with: plumbline resume" in done.stderr.splitlines()[-1]


def test_documents_are_indexed_searched_and_cited(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / "docs" / "server.md").write_text("# Server\n\nThe server listens on port 8642.\n")
    assert "1 added" in plumbline("index", "docs").err

    def turn(request: dict[str, Any], number: int) -> Step:
        if number == 0:
            return call("search_documents", query="server port")
        told = request["messages"][-1]["content"]
        document = told.split("document ")[1][:10]
        sentence = next(line for line in told.splitlines() if "8642" in line).split("]")[0].strip("[")
        claim = {"text": "The server listens on port 8642.", "evidence": [f"{document}:{sentence}"]}
        return call("submit", answer="The server listens on port 8642.", claims=[claim])

    done = plumbline("run", "Which port does the server listen on?", "--model", serve(turn), "--sandbox", "none")
    assert done.code == 0
    assert "“The server listens on port 8642.”" in done.out
    assert "server.md" in done.out


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("run", ""), 2, "the task is empty"),
        (("run", "  \n "), 2, "the task is empty"),
        (("run", "x" * 1_000_000), 2, "the limit is 100,000; put the text into a file"),
        (("run", "x", "--file", "missing.txt"), 2, "there is no file 'missing.txt'"),
        (("run", "x", "--file", "/dev/null"), 2, "neither a file nor a folder"),
        (("run", "x", "--file", ""), 2, "the path is empty"),
        (("run", "x", "--file", "\udcff.txt"), 2, "is not UTF-8; rename the file"),
        (("run", "x", "--docs", ""), 2, "the path is empty"),
        (("index", ""), 2, "the path is empty"),
        (("run", "x", "--docs", "\udcff.txt"), 2, "there is no file or folder"),
        (("run", "x", "--mode", "wild"), 2, "--mode is auto, manual or review"),
        (("run", "x", "--steps", "0"), 2, "--steps: Input should be greater than 0"),
        (("run", "x", "--money", "much"), 2, "--money: "),
        (("run", "x", "--sandbox", "cloud"), 2, "there is no sandbox 'cloud'"),
        (("run", "x", "--corpus", "none"), 2, "there is no index 'none'"),
        (("run", "x", "--docs", "missing"), 2, "there is no file or folder 'missing'"),
        (("show", "nope"), 2, "there is no run 'nope'"),
        (("resume", "nope"), 2, "there is no run 'nope'"),
        (("fork", "nope", "--at", "1"), 2, "there is no run 'nope'"),
        (("export", "nope"), 2, "there is no run 'nope'"),
        (("import", "missing.jsonl"), 2, "cannot read missing.jsonl"),
        (("runs", "--status", "odd"), 2, "--status is one of"),
        (("config", "set", "model.", "x"), 2, "is no name of a setting"),
        (("config", "set", "sandbox.kind", "cloud"), 2, "sandbox"),
        (("config", "set", "nonsense", "1"), 2, "nonsense"),
        (("model", "install", "9b"), 2, "there is no embedded model '9b'"),
        (("index", "missing"), 2, "there is no file or folder 'missing'"),
        (("tools", "--sandbox", "cloud"), 2, "there is no sandbox 'cloud'"),
        (("tools", "add", "missing.yaml"), 2, "plumbline: cannot read missing.yaml: No such file or directory"),
        (("tools", "add", "missing.py:f", "--sandbox", "local"), 2, "cannot read missing.py: No such file or"),
        (("tools", "--schema", "nix", "--sandbox", "none"), 2, "there is no tool 'nix'"),
        (("toolserver", "image", "build", "--bootstrap", "arch"), 2, "knows debian only"),
        (("run",), 2, "Missing argument"),
        (("run", "x", "--frobnicate"), 2, "No such option"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_bad_input_is_told_in_one_line(
    plumbline: Plumbline, serve: Serve, arguments: tuple[str, ...], code: int, told: str
) -> None:
    if arguments[0] == "run" and len(arguments) > 1:
        arguments = (*arguments, "--model", serve([]))
    done = plumbline(*arguments)
    assert (done.code, done.out) == (code, "")
    assert told in done.err
    assert done.err.count("\n") == 1
    assert "Traceback" not in done.err


@pytest.mark.parametrize("name", ["a\nb.txt", "two\tparts.txt"])
def test_a_file_name_with_a_control_character_is_refused(
    plumbline: Plumbline, serve: Serve, folder: Path, name: str
) -> None:
    (folder / name).write_text("x")
    done = plumbline("run", "x", "--file", name, "--model", serve([]))
    assert (done.code, "control character; rename the file" in done.err, done.err.count("\n")) == (2, True, 1)


@pytest.mark.parametrize(
    ("where", "code"), [("<&-", 2), ("</dev/null", 2), ("< <(printf 'caf\\xe9?')", 3)], ids=["closed", "empty", "bytes"]
)
def test_a_task_is_read_from_whatever_standard_input_is(user: None, serve: Serve, where: str, code: int) -> None:
    arguments = command("run", "-", "--model", serve([UNVERIFIED]), "--sandbox", "none", "--quiet")
    line = ["bash", "-c", f'exec "$@" {where}', "bash", *arguments]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (code, 1 if code == 2 else 0)


def test_of_a_folder_what_the_user_has_not_named_is_left_out(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "secret.txt").write_text("secret")
    (folder / "given" / "inner").mkdir(parents=True)
    for name in ("seen.txt", "inner/seen.txt", ".env", "inner/.hidden"):
        (folder / "given" / name).write_text(name)
    (folder / "given" / ".git").mkdir()
    (folder / "given" / ".git" / "config").write_text("x")
    (folder / "given" / "shadow").symlink_to(folder / "elsewhere" / "secret.txt")
    (folder / "given" / "inner" / "all").symlink_to(folder / "elsewhere")

    def taken(*arguments: str) -> list[str]:
        done = plumbline("run", "x", *arguments, "--model", serve([UNVERIFIED]), "--sandbox", "none")
        assert done.code == 3
        said.append(done.err)
        return sorted(file["path"] for file in plumbline("show", "--json").json["view"]["task"]["files"])

    said: list[str] = []
    assert taken("--file", "given") == ["given/inner/seen.txt", "given/seen.txt"]
    assert "left out inside the given folders: 5 links, hidden files or hidden folders" in said[0]
    assert taken("--file", "given", "--quiet") == ["given/inner/seen.txt", "given/seen.txt"]
    assert said[1] == ""
    named = [f"given/{name}" for name in (".env", "shadow", ".git", "inner/all")]
    assert taken(*(part for name in named for part in ("--file", name))) == [
        ".env",
        ".git/config",
        "elsewhere/secret.txt",
        "shadow",
    ]
    assert "left out" not in said[2]


def test_a_file_above_is_taken_by_its_plain_name(plumbline: Plumbline, serve: Serve, folder: Path) -> None:
    (folder / "above.txt").write_text("12\n30\n")
    (folder / "inside").mkdir()
    os.chdir(folder / "inside")
    model = serve([call("shell", command="cat above.txt"), call("submit", answer="Read.", success=False)])
    plumbline("run", "x", "--file", "../above.txt", "--model", model)
    assert "12" in plumbline("show", "--json").json["view"]["steps"]["root/tool/0.0"]["detail"]


def test_no_model_at_all_is_told_in_three_lines(plumbline: Plumbline) -> None:
    done = plumbline("run", "hello")
    assert (done.code, done.err.count("\n")) == (2, 3)
    assert "plumbline model install" in done.err
    assert plumbline("runs", "--json").json == []


@pytest.mark.parametrize(
    ("fault", "told"), [(error(401, "no"), "key"), (error(404, "unknown"), "404"), (error(400, "too long"), "400")]
)
def test_a_refusal_by_the_model_server_is_one_line_and_can_be_resumed(
    plumbline: Plumbline, serve: Serve, fault: Step, told: str
) -> None:
    done = plumbline("run", "x", "--model", serve([fault, UNVERIFIED]), "--sandbox", "none", "--quiet")
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert told in done.err
    assert "plumbline resume" in done.err
    assert plumbline("resume").code == 3


def test_an_unexpected_error_leaves_a_file_and_no_traceback(plumbline: Plumbline, folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text("model = [")
    done = plumbline("runs")
    assert (done.code, "cannot read" in done.err) == (2, True)


def test_the_settings_file_is_changed_without_losing_comments(plumbline: Plumbline, folder: Path) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text('# my model\nmodel = "a"\n')
    assert plumbline("config", "set", "model", "embedded").code == 0
    assert plumbline("config", "set", "limits.steps", "12").code == 0
    assert (folder / "home" / "config.toml").read_text().startswith('# my model\nmodel = "embedded"\n')
    settings = plumbline("config", "show", "--json").json
    assert (settings["model"], settings["limits"]["steps"]) == ("embedded", 12)


def test_settings_are_changed_and_found_by_programs_too(plumbline: Plumbline, folder: Path) -> None:
    file = str(folder / "home" / "config.toml")
    assert plumbline("config", "path", "--json").json == {"file": file, "exists": False}
    done = plumbline("config", "set", "limits.steps", "12", "--json")
    assert (done.json, done.err) == ({"name": "limits.steps", "value": 12, "file": file}, "")
    assert plumbline("config", "set", "sandbox.kind", "local", "--json").json["value"] == "local"
    assert plumbline("config", "path", "--json").json["exists"] is True


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"model = '\xff'", "cannot read"), (b"ledger = 5", "ledger: "), (b"sandbox = 5", "sandbox: ")],
    ids=["not UTF-8", "a value for a group", "another"],
)
def test_a_settings_file_that_cannot_be_used_is_told_in_one_line(
    plumbline: Plumbline, folder: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, told: str
) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_bytes(content)
    for url in ("", f"sqlite:///{folder}/other.db"):
        monkeypatch.setenv("PLUMBLINE_DATABASE_URL", url)
        for arguments in (("runs",), ("config", "show"), ("config", "set", "model", "embedded")):
            done = plumbline(*arguments)
            assert (done.code, told in done.err, done.err.count("\n")) == (2, True, 1), arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ("runs",),
        ("run", "x"),
        ("index", "notes.txt"),
        ("model", "list"),
        ("model", "install"),
        ("model", "remove"),
        ("config", "show"),
        ("config", "set", "model", "embedded"),
        ("tools",),
        ("doctor",),
    ],
    ids=" ".join,
)
def test_a_data_folder_that_is_none_is_told_in_one_line(
    plumbline: Plumbline, folder: Path, arguments: tuple[str, ...]
) -> None:
    (folder / "home").write_text("a file")
    (folder / "notes.txt").write_text("Notes.")
    done = plumbline(*arguments)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "is no folder; set PLUMBLINE_HOME to one" in done.err


@pytest.mark.parametrize("home", ["/proc/nope", "/etc/passwd/x", "~nobody-of-that-name/x"])
def test_a_data_folder_that_cannot_be_made_is_told_in_one_line(
    plumbline: Plumbline, folder: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("PLUMBLINE_HOME", home)
    (folder / "notes.txt").write_text("Notes.")
    for arguments in (("index", "notes.txt"), ("model", "remove"), ("config", "set", "model", "embedded")):
        done = plumbline(*arguments)
        assert (done.code, "PLUMBLINE_HOME" in done.err, done.err.count("\n")) == (2, True, 1), arguments


@pytest.mark.parametrize("seat", ["/etc/passwd", "/proc/nope"])
def test_a_folder_that_cannot_hold_requests_to_a_person_is_told_in_one_line(plumbline: Plumbline, seat: str) -> None:
    done = plumbline("run", "x", "--model", f"person:{seat}", "--sandbox", "none", "--quiet")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"'{seat}' cannot hold requests to a person" in done.err


@pytest.mark.parametrize(
    ("arguments", "where"),
    [
        ("show --json", ">&-"),
        ("show", ">&-"),
        ("show --json", ">/dev/full"),
        ("show --events", ">/dev/full"),
        ("runs", ">/dev/full"),
    ],
)
def test_output_that_nobody_takes_is_told_in_one_line(
    plumbline: Plumbline, serve: Serve, folder: Path, arguments: str, where: str
) -> None:
    plumbline("run", "x", "--model", serve([UNVERIFIED]), "--sandbox", "none")
    line = ["bash", "-c", f'exec "$@" {where}', "bash", *command(*arguments.split())]
    done = subprocess.run(line, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("plumbline: cannot write the output: ")
    assert not (folder / "home" / "crash.log").exists()


def test_ctrl_c_pauses_and_tells_how_to_resume(folder: Path, serve: Serve, plumbline: Plumbline) -> None:
    asked = threading.Event()

    def slow_at_first(request: dict[str, Any], number: int) -> Step:
        first = not asked.is_set()
        asked.set()
        return Hang() if first else UNVERIFIED

    arguments = command("run", "x", "--sandbox", "none", "--model", serve(slow_at_first))
    with subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True) as process:
        assert asked.wait(60)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "go on with: plumbline resume" in told
    assert plumbline("resume").code == 3


def test_help_names_every_command_and_those_that_others_add(plumbline: Plumbline) -> None:
    done = plumbline("--help")
    assert done.code == 0
    for name in ("run", "chat", "runs", "show", "resume", "replay", "fork", "answer", "export", "import", "index",
                 "tools", "doctor", "toolserver", "config", "model"):  # fmt: skip
        assert f" {name} " in done.out or f" {name}\n" in done.out
    assert plumbline("frobnicate").code == 2


@pytest.mark.docker
def test_clean_tells_what_it_removed(plumbline: Plumbline) -> None:
    done = plumbline("toolserver", "clean", "--keep-images", "--json")
    assert done.code == 0, done.err
    removed = json.loads(done.out)
    assert set(removed) == {"containers", "volumes", "networks", "loop_devices", "images", "waiting_sandboxes", "names"}
    assert removed["images"] == []


def test_clean_without_an_engine_is_told_in_one_line(plumbline: Plumbline, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nonexistent/docker.sock")
    done = plumbline("toolserver", "clean")
    assert (done.out, done.err.count("\n")) == ("", 1)
    assert done.code != 0
    assert "no Docker engine answers" in done.err
