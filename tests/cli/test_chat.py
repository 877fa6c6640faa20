"""A conversation: one task after the other, each with the files, answers and evidence of those before."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from agent.cli.conversation import Conversation, Turn
from agent.domain.artefacts import Artefact
from agent.domain.report import Report
from agent.models.testing.script import Script, call
from agent.runtime.options import RunOptions
from tests.cli.conftest import Plumbline, Serve, command

WRITE = call("write_file", path="notes.txt", content="42\n")
WRITTEN = call("submit", answer="Written.")
READ = call("read_file", path="notes.txt")
SEEN = call("submit", answer="It says 42.")


class Talk:
    """A chat process that is typed to."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def type(self, line: str) -> None:
        """Type a line."""
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(f"{line}\n")
        stdin.flush()

    def heard(self, text: str, stream: IO[str] | None) -> str:
        """Return the next line of a stream that has a text."""
        assert stream is not None
        for line in stream:
            if text in line:
                return line
        raise AssertionError(f"{text!r} was never printed")

    def told(self, text: str) -> str:
        """Wait for a text on standard error."""
        return self.heard(text, self._process.stderr)

    def shown(self, text: str) -> str:
        """Wait for a text on standard output."""
        return self.heard(text, self._process.stdout)


@contextmanager
def talk(serve: Serve, script: Script) -> Iterator[Talk]:
    arguments = command("chat", "--model", serve(script), "--sandbox", "local")
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        watchdog = threading.Timer(120, process.kill)
        watchdog.start()
        try:
            yield Talk(process)
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait(60) == 0
        finally:
            watchdog.cancel()
            process.kill()


@pytest.mark.usefixtures("user")
def test_a_follow_up_sees_the_files_of_the_task_before_until_it_is_undone(serve: Serve) -> None:
    with talk(serve, [WRITE, WRITTEN, READ, SEEN]) as chat:
        chat.type("Write 42 into notes.txt")
        chat.shown("Written.")
        chat.type("/files")
        chat.told("notes.txt")
        chat.type("What does it say?")
        chat.shown("It says 42.")
        chat.type("/cost")
        assert "2 tasks, 4 model calls" in chat.told("tasks")
        chat.type("/undo")
        chat.told("forgotten: What does it say?")
        chat.type("/undo")
        chat.told("forgotten: Write 42")
        chat.type("/files")
        chat.told("the workspace is empty")
        chat.type("/nonsense")
        chat.told("there is no /nonsense")


@pytest.mark.usefixtures("user")
def test_a_deleted_file_stays_deleted_until_it_is_undone(serve: Serve) -> None:
    delete = call("shell", command="rm notes.txt")
    with talk(serve, [WRITE, WRITTEN, delete, call("submit", answer="Gone.")]) as chat:
        chat.type("Write 42 into notes.txt")
        chat.shown("Written.")
        chat.type("Delete it")
        chat.shown("Gone.")
        chat.shown("deleted: notes.txt")
        chat.type("/files")
        chat.told("the workspace is empty")
        chat.type("/undo")
        chat.told("forgotten: Delete it")
        chat.type("/files")
        chat.told("notes.txt")


def test_a_name_that_no_workspace_may_have_does_not_end_the_conversation() -> None:
    talk = Conversation(files=(), corpus=None, options=RunOptions())
    made = tuple(Artefact(path=path, sha256="0" * 64, size=0) for path in ("a\nb", "c"))
    talk.add(Turn(run_id="r", report=Report(goal="x", answer="y", outcome="unverified", artefacts=made)))
    assert [file.path for file in talk.files] == ["c"]


@pytest.mark.usefixtures("user")
def test_what_is_piped_in_is_worked_on_to_its_end(serve: Serve) -> None:
    arguments = command("chat", "--model", serve([WRITE, WRITTEN]), "--sandbox", "local")
    done = subprocess.run(arguments, input="Write 42\n", capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "Written." in done.stdout


ASK = call("ask_person", question="Which port?")


def chat_with(serve: Serve, script: Script, stdin: int | IO[bytes] | None) -> "subprocess.CompletedProcess[str]":
    """Run a chat to its end over an input that is open already; None closes it."""
    arguments = command("chat", "--model", serve(script), "--sandbox", "none")
    if stdin is None:
        arguments = ["bash", "-c", 'exec "$@" <&-', "bash", *arguments]
    return subprocess.run(arguments, stdin=stdin, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.usefixtures("user")
def test_a_question_that_nobody_can_answer_any_more_stays_open(serve: Serve, plumbline: Plumbline) -> None:
    model = serve([ASK, call("submit", answer="It is 443.")])
    arguments = command("chat", "--model", model, "--sandbox", "none")
    done = subprocess.run(arguments, input="Open a port\n", capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "? Which port?" in done.stderr) == (5, True)
    told = next(line for line in done.stderr.splitlines() if "answer with: plumbline answer" in line)
    assert "the run asks: Which port?" in told
    assert plumbline("answer", "last", "443").code == 3


@pytest.mark.usefixtures("user")
def test_the_input_may_end_while_a_question_is_open(serve: Serve) -> None:
    arguments = command("chat", "--model", serve([ASK]), "--sandbox", "none")
    pipe = subprocess.PIPE
    with subprocess.Popen(arguments, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        chat = Talk(process)
        chat.type("Open a port")
        chat.told("? Which port?")
        assert process.stdin is not None
        process.stdin.close()
        chat.told("answer with: plumbline answer")
        assert process.wait(60) == 5


@pytest.mark.usefixtures("user")
def test_a_blank_line_answers_nothing(serve: Serve) -> None:
    with talk(serve, [ASK, call("submit", answer="It is 443.")]) as chat:
        chat.type("Open a port")
        chat.told("? Which port?")
        chat.type("")
        chat.type("443")
        chat.shown("It is 443.")


@pytest.mark.usefixtures("user")
def test_the_lines_of_a_file_are_worked_on_to_their_end(serve: Serve, folder: Path) -> None:
    (folder / "lines.txt").write_text("What is the capital?")
    with (folder / "lines.txt").open("rb") as file:
        done = chat_with(serve, [call("submit", answer="Paris.")], file)
    assert (done.returncode, "Paris." in done.stdout) == (0, True)
    (folder / "lines.txt").write_text("Open a port\n")
    with (folder / "lines.txt").open("rb") as file:
        assert chat_with(serve, [ASK], file).returncode == 5


@pytest.mark.usefixtures("user")
@pytest.mark.parametrize("stdin", [subprocess.DEVNULL, None], ids=["nothing in it", "closed"])
def test_a_chat_without_any_input_ends_at_once(serve: Serve, stdin: int | None) -> None:
    done = chat_with(serve, [], stdin)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (0, "", 1)
