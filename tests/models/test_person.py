import asyncio
import io
import json
from pathlib import Path
from typing import Any

import pytest

from agent.domain.errors import WaitingForPerson
from agent.domain.messages import CallOptions, Reply, ResponseFormat, Transcript
from agent.models.person.folder import FolderPerson
from agent.models.person.terminal import TerminalPerson
from agent.models.testing.script import call
from tests.models.helpers import TOOLS, question

ANSWER_FORMAT = ResponseFormat(
    name="answer", json_schema={"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
)


class Terminal:
    """A person at a terminal who types the given lines."""

    def __init__(self, *lines: str) -> None:
        self._sink = io.StringIO()
        self.person = TerminalPerson("me", source=io.StringIO("".join(f"{line}\n" for line in lines)), sink=self._sink)

    @property
    def shown(self) -> str:
        return self._sink.getvalue()

    async def ask(self, transcript: Transcript | None = None, **wanted: Any) -> Reply:
        return await self.person.complete(transcript or question(), **wanted)


async def test_typed_text_is_the_reply() -> None:
    terminal = Terminal("It says hello.")
    reply = await terminal.ask(tools=TOOLS)
    assert (reply.text, reply.calls, reply.model) == ("It says hello.", (), "me")
    assert "What is in notes.txt?" in terminal.shown
    assert "1. read_file(path): Read a text file" in terminal.shown
    await terminal.person.close()


@pytest.mark.parametrize("choice", ["2", "search"])
async def test_a_tool_is_chosen_by_number_or_name_and_given_arguments(choice: str) -> None:
    reply = await Terminal(choice, '{"query": "tower"}').ask(tools=TOOLS)
    assert [(c.id, c.name, c.arguments) for c in reply.calls] == [("call_2_0", "search", '{"query":"tower"}')]
    assert reply.finish == "calls"


async def test_wrong_arguments_are_asked_for_again_with_the_reason() -> None:
    terminal = Terminal("1", "path=x", '{"path": 5}', "[]", '{"path": "x"}')
    reply = await terminal.ask(tools=TOOLS)
    assert reply.calls[0].arguments == '{"path":"x"}'
    assert "no JSON" in terminal.shown
    assert "5 is not of type 'string'" in terminal.shown
    assert "[] is not of type 'object'" in terminal.shown


async def test_text_where_a_call_is_required_is_asked_for_again() -> None:
    terminal = Terminal("just text", "", "1", '{"path": "x"}')
    reply = await terminal.ask(tools=TOOLS, options=CallOptions(tool_choice="required"))
    assert reply.calls
    assert "a call is required here" in terminal.shown
    assert "the answer is empty" in terminal.shown


async def test_json_that_must_have_a_form_is_checked() -> None:
    terminal = Terminal("no", '{"a": "x"}', '{"a": 1}')
    assert (await terminal.ask(response_format=ANSWER_FORMAT)).text == '{"a": 1}'
    assert "must be JSON of the form answer" in terminal.shown


async def test_only_what_is_new_is_shown() -> None:
    terminal = Terminal("one", "two")
    transcript = question("The first question.")
    await terminal.ask(transcript)
    transcript.append({"role": "user", "content": "The second question."})
    await terminal.ask(transcript)
    assert terminal.shown.count("The first question.") == 1
    assert "The second question." in terminal.shown


async def test_what_a_page_says_cannot_steer_the_terminal() -> None:
    terminal = Terminal("ok")
    await terminal.ask(question("\x1b]0;owned\x07\x1b[2J"))
    assert "\x1b" not in terminal.shown


async def test_the_end_of_the_input_ends_the_wait() -> None:
    with pytest.raises(WaitingForPerson, match="input has ended"):
        await Terminal().ask()


async def answered(folder: Path, number: str, written: str) -> None:
    while not (folder / f"{number}.request.md").exists():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    draft = folder / "draft"
    draft.write_text(written)
    draft.rename(folder / f"{number}.response.json")


async def test_a_folder_holds_the_request_and_takes_the_response(tmp_path: Path) -> None:
    person = FolderPerson("me", tmp_path / "seat", poll_seconds=0.01)
    written = json.dumps({"text": "Reading.", "calls": [{"name": "read_file", "arguments": {"path": "x"}}]})
    async with asyncio.timeout(60):
        reply, _ = await asyncio.gather(
            person.complete(question(), tools=TOOLS, response_format=ANSWER_FORMAT),
            answered(tmp_path / "seat", "0001", written),
        )
    request = json.loads((tmp_path / "seat" / "0001.request.json").read_text())
    assert request["messages"] == list(question())
    assert [tool["function"]["name"] for tool in request["tools"]] == ["read_file", "search"]
    assert request["response_format"]["name"] == "answer"
    assert "What is in notes.txt?" in (tmp_path / "seat" / "0001.request.md").read_text()
    assert (reply.text, reply.calls[0].name) == ("Reading.", "read_file")
    await person.close()


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("{not json", "Invalid JSON"),
        ('{"answer": "x"}', "answer: Extra inputs are not permitted"),
        ("{}", "the answer is empty"),
        ('{"calls": [{"name": "fly"}]}', "there is no tool 'fly'; there are: read_file, search"),
        ('{"calls": [{"name": "read_file", "arguments": {}}]}', "'path' is a required property"),
    ],
)
async def test_a_response_that_cannot_be_used_is_explained_and_awaited_again(
    tmp_path: Path, written: str, reason: str
) -> None:
    person = FolderPerson("me", tmp_path, poll_seconds=0.01)
    explanation = tmp_path / "0001.error.txt"

    async def correct() -> str:
        await answered(tmp_path, "0001", written)
        while not explanation.exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        said = explanation.read_text()
        await answered(tmp_path, "0001", '{"text": "better"}')
        return said

    async with asyncio.timeout(60):
        reply, said = await asyncio.gather(person.complete(question(), tools=TOOLS), correct())
    assert reply.text == "better"
    assert reason in said
    assert not explanation.exists()


async def test_numbers_go_on_after_what_is_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "0041.response.json").write_text("{}")
    person = FolderPerson("me", tmp_path, poll_seconds=0.01)
    async with asyncio.timeout(60):
        await asyncio.gather(
            person.complete(question("one")),
            person.complete(question("two")),
            answered(tmp_path, "0042", '{"text": "x"}'),
            answered(tmp_path, "0043", '{"text": "y"}'),
        )
    asked = {
        json.loads((tmp_path / f"{n}.request.json").read_text())["messages"][1]["content"] for n in ("0042", "0043")
    }
    assert asked == {"one", "two"}


async def test_waiting_for_a_person_can_be_cancelled(tmp_path: Path) -> None:
    task = asyncio.create_task(FolderPerson("me", tmp_path).complete(question()))
    while not (tmp_path / "0001.request.md").exists():  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_earlier_calls_are_shown_readably() -> None:
    transcript = question()
    transcript.append(call("search", query="x").as_message())
    terminal = Terminal("ok")
    await terminal.ask(transcript)
    assert 'calls search {"query": "x"}' in terminal.shown
