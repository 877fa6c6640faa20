import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.json_actions import MOST_EXAMPLES, JsonActions, action_schema, plain_messages
from agent.models.testing.script import call, calls
from agent.models.testing.scripted_model import ScriptedModel
from tests.models.helpers import READ_FILE, TOOLS, question

ACTION = '{"tool": "read_file", "arguments": {"path": "a.txt"}}'


def after_a_call(text: str = "") -> Transcript:
    transcript = question()
    transcript.append(call("search", query="x").model_copy(update={"text": text}).as_message())
    transcript.append({"role": "tool", "tool_call_id": "call_0", "content": "three hits"})
    return transcript


async def test_a_json_reply_becomes_a_call() -> None:
    inner = ScriptedModel([ACTION])
    reply = await JsonActions(inner).complete(question(), tools=TOOLS)
    assert [(c.id, c.name, c.arguments) for c in reply.calls] == [("call_2_0", "read_file", '{"path":"a.txt"}')]
    assert (reply.text, reply.finish) == ("", "calls")


async def test_the_model_beneath_is_asked_for_json_and_offered_no_tools() -> None:
    inner = ScriptedModel([ACTION])
    await JsonActions(inner).complete(
        question(), tools=TOOLS, options=CallOptions(tool_choice="required", max_tokens=9)
    )
    asked = inner.asked[0]
    assert asked.tools == ()
    assert asked.options == CallOptions(max_tokens=9)
    assert asked.response_format is not None
    branches = asked.response_format.json_schema["anyOf"]
    assert [branch["properties"]["tool"]["const"] for branch in branches] == ["read_file", "search"]  # type: ignore[index,call-overload,union-attr]


async def test_tools_are_described_with_one_example_turn_each() -> None:
    inner = ScriptedModel([ACTION])
    await JsonActions(inner).complete(question("Go."), tools=TOOLS)
    system, *examples, last = inner.asked[0].messages
    assert system["content"].startswith("You are helpful.\n\nYou act through tools.")
    assert "- search(query, limit?): Search the web." in system["content"]
    assert [turn["role"] for turn in examples] == ["user", "assistant", "user", "assistant"]
    assert json.loads(examples[3]["content"]) == {"tool": "search", "arguments": {"query": "tallest tower"}}
    assert last == {"role": "user", "content": "Go."}


async def test_many_tools_do_not_fill_the_context_with_examples() -> None:
    many = [READ_FILE.model_copy(update={"name": f"tool_{n}"}) for n in range(40)]
    inner = ScriptedModel([ACTION])
    await JsonActions(inner).complete(question(), tools=many)
    assert len(inner.asked[0].messages) == 2 + 2 * MOST_EXAMPLES


async def test_earlier_calls_and_results_go_out_as_text() -> None:
    inner = ScriptedModel([ACTION])
    await JsonActions(inner).complete(after_a_call("Let me search."), tools=[READ_FILE])
    called, result = inner.asked[0].messages[-2:]
    assert called == {"role": "assistant", "content": 'Let me search.\n{"tool":"search","arguments":{"query":"x"}}'}
    assert result == {"role": "user", "content": "Result of search:\nthree hits"}


async def test_the_transcript_itself_stays_native() -> None:
    transcript = after_a_call()
    before = transcript.json()
    await JsonActions(ScriptedModel([ACTION])).complete(transcript, tools=TOOLS)
    assert transcript.json() == before


def test_results_that_follow_each_other_are_one_message() -> None:
    transcript = question()
    transcript.append(calls(("search", {"query": "a"}), ("read_file", {"path": "b"})).as_message())
    transcript.append({"role": "tool", "tool_call_id": "call_0", "content": "A"})
    transcript.append({"role": "tool", "tool_call_id": "call_1", "content": "B"})
    transcript.append({"role": "user", "content": "Go on."})
    *_, called, results = plain_messages(transcript)
    assert called["content"].count("\n") == 1
    assert results == {"role": "user", "content": "Result of search:\nA\n\nResult of read_file:\nB\n\nGo on."}


def test_pictures_are_passed_on_as_they_are() -> None:
    parts = [{"type": "text", "text": "look"}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    transcript = Transcript([{"role": "user", "content": "a"}, {"role": "user", "content": parts}])
    assert list(plain_messages(transcript)) == list(transcript)


async def test_a_growing_transcript_goes_out_as_if_it_had_been_rewritten_from_its_start() -> None:
    transcript = question()
    inner = ScriptedModel([ACTION] * 5)
    model = JsonActions(inner)
    for turn in range(3):
        reply = await model.complete(transcript, tools=TOOLS)
        transcript.append(reply.as_message())
        transcript.append({"role": "tool", "tool_call_id": reply.calls[0].id, "content": f"result {turn}"})
    transcript.append({"role": "user", "content": "One more thing."})
    await model.complete(transcript, tools=TOOLS)
    await JsonActions(inner).complete(Transcript(transcript), tools=TOOLS)
    grown, fresh = inner.asked[-2:]
    assert grown.messages.json() == fresh.messages.json()


async def test_a_message_added_between_two_calls_without_a_reply_is_not_lost() -> None:
    transcript = question("First.")
    inner = ScriptedModel([ACTION] * 2)
    model = JsonActions(inner)
    await model.complete(transcript, tools=TOOLS)
    transcript.append({"role": "user", "content": "Second."})
    await model.complete(transcript, tools=TOOLS)
    assert inner.asked[1].messages[-1] == {"role": "user", "content": "First.\n\nSecond."}


async def test_one_demanded_function_is_the_only_one_possible() -> None:
    inner = ScriptedModel([ACTION])
    await JsonActions(inner).complete(question(), tools=TOOLS, options=CallOptions(tool_choice="search"))
    asked = inner.asked[0]
    assert asked.response_format is not None
    assert asked.response_format.json_schema["properties"]["tool"]["const"] == "search"  # type: ignore[index,call-overload]


async def test_a_response_format_goes_before_tools() -> None:
    wanted = ResponseFormat(name="answer", json_schema={"type": "object"})
    inner = ScriptedModel(["{}"])
    reply = await JsonActions(inner).complete(question(), tools=TOOLS, response_format=wanted)
    assert inner.asked[0].response_format == wanted
    assert reply.text == "{}"
    assert reply.calls == ()


async def test_without_tools_the_reply_is_what_it_is() -> None:
    inner = ScriptedModel([ACTION])
    reply = await JsonActions(inner).complete(question())
    assert reply.text == ACTION
    assert list(inner.asked[0].messages) == list(question())


async def test_an_unknown_tool_is_left_to_whoever_knows_the_tools() -> None:
    reply = await JsonActions(ScriptedModel(['{"tool": "fly", "arguments": {}}'])).complete(question(), tools=TOOLS)
    assert reply.calls[0].name == "fly"


@pytest.mark.parametrize(
    "text", ["Sure, I can do that.", '{"tool": "read_file", "argu', '{"tool": "read_file"}', "[" * 9999]
)
async def test_what_is_no_call_stays_text(text: str) -> None:
    reply = await JsonActions(ScriptedModel([text])).complete(question(), tools=TOOLS)
    assert (reply.text, reply.calls) == (text, ())


async def test_an_earlier_call_with_hostile_arguments_goes_out_as_it_was_written() -> None:
    inner = ScriptedModel(["Sorry."])
    transcript = question()
    nested = call("search").calls[0].model_copy(update={"arguments": "[" * 100_000})
    transcript.append(Reply(calls=(nested,)).as_message())
    transcript.append({"role": "tool", "tool_call_id": nested.id, "content": "nested too deeply"})
    await JsonActions(inner).complete(transcript, tools=TOOLS)
    assert inner.asked[0].messages[-2]["content"] == '{"tool":"search","arguments":"' + "[" * 100_000 + '"}'


async def test_a_server_that_ignores_the_format_may_fence_the_call() -> None:
    reply = await JsonActions(ScriptedModel([f"Sure:\n```json\n{ACTION}\n```"])).complete(question(), tools=TOOLS)
    assert reply.calls[0].name == "read_file"


async def test_a_cut_reply_is_not_trusted() -> None:
    cut = Reply(text=ACTION, finish="length")
    reply = await JsonActions(ScriptedModel([cut])).complete(question(), tools=TOOLS)
    assert (reply.calls, reply.finish) == ((), "length")


def test_definitions_of_different_tools_do_not_meet() -> None:
    def tool(name: str, kind: str) -> ToolSpec:
        parameters = {
            "type": "object",
            "properties": {"item": {"$ref": "#/$defs/Item"}},
            "required": ["item"],
            "$defs": {"Item": {"type": kind}},
        }
        return ToolSpec.model_validate({"name": name, "description": "", "parameters": parameters})

    schema = action_schema([tool("a", "string"), tool("b", "integer")])
    jsonschema.validate({"tool": "a", "arguments": {"item": "x"}}, schema)
    jsonschema.validate({"tool": "b", "arguments": {"item": 1}}, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"tool": "a", "arguments": {"item": 1}}, schema)


@given(st.text() | st.recursive(st.integers() | st.text(), lambda x: st.dictionaries(st.text(), x)).map(json.dumps))
async def test_no_reply_raises_and_none_is_made_up(text: str) -> None:
    reply = await JsonActions(ScriptedModel([text])).complete(question(), tools=TOOLS)
    for made in reply.calls:
        written: dict[str, Any] = json.loads(text)
        assert made.name == written["tool"]
        assert json.loads(made.arguments) == written["arguments"]
