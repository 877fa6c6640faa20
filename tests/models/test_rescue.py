import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.domain.messages import Reply
from agent.models.rescue import Rescued, find_calls, rescued
from agent.models.testing.script import call, say
from agent.models.testing.scripted_model import ScriptedModel
from tests.models.helpers import NAMES, TOOLS, question

CALL = '{"name": "read_file", "arguments": {"path": "a.txt"}}'
PATH = {"path": "a.txt"}


def found_in(text: str) -> list[tuple[str, Any]]:
    return [(call.name, json.loads(call.arguments)) for call in find_calls(text, NAMES)[0]]


@pytest.mark.parametrize(
    "text",
    [
        CALL,
        f"  {CALL}\n",
        f"```json\n{CALL}\n```",
        f"```\n{CALL}\n```",
        f"```json {CALL}```",
        f"I will read the file first.\n\n```json\n{CALL}\n```",
        f"I will read the file first.\n{CALL}",
        f"<tool_call>\n{CALL}\n</tool_call>",
        f"Let me look. <tool_call>{CALL}</tool_call>",
        f"<tool_call>\n{CALL}",
        f"[{CALL}]",
        f'{{"tool_calls": [{CALL}]}}',
        '{\n  "name": "read_file",\n  "arguments": {\n    "path": "a.txt"\n  }\n}',
        '{"name": "read_file", "parameters": {"path": "a.txt"}}',
        '{"name": "read_file", "arguments": "{\\"path\\": \\"a.txt\\"}"}',
        '{"tool": "read_file", "args": {"path": "a.txt"}}',
        '{"tool_name": "read_file", "input": {"path": "a.txt"}}',
        '{"action": "read_file", "action_input": {"path": "a.txt"}}',
        '{"function": "read_file", "arguments": {"path": "a.txt"}}',
        '{"function": {"name": "read_file", "arguments": {"path": "a.txt"}}}',
        '{"id": "x", "type": "function", "function": {"name": "read_file", "arguments": "{\\"path\\": \\"a.txt\\"}"}}',
    ],
)
def test_a_printed_call_is_recognised(text: str) -> None:
    assert found_in(text) == [("read_file", PATH)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Just an answer.",
        "The name is read_file and the arguments are path.",
        f"You could write {CALL} to read it.",
        '{"name": "delete_everything", "arguments": {}}',
        '{"name": "read_file"}',
        '{"name": "read_file", "arguments": ["a.txt"]}',
        '{"name": "read_file", "arguments": "a.txt"}',
        '{"name": "read_file", "arguments": {"path": "a.txt"}, "description": "Read a file"}',
        '{"name": "read_file", "parameters": {"type": "object", "properties": {"path": {"type": "string"}}}}',
        '{"name": ["read_file"], "arguments": {}}',
        '{"name": "read_file", "tool": "search", "arguments": {}}',
        '{"name": "read_file", "arguments": {"path": "a.t',
        '{"name": "read_file", "arguments": {"size": NaN}}',
        f'{{"steps": [\n{CALL}\n]}}',
        f'[{CALL}, {{"note": "not a call"}}]',
        f'{{"answer": 1}} {CALL} and so on',
        '{"function": ' * 900 + "1" + "}" * 900,
    ],
)
def test_what_only_looks_like_a_call_is_none(text: str) -> None:
    assert find_calls(text, NAMES) == ((), text)


def test_several_calls_are_found_in_order_and_the_text_around_them_is_kept() -> None:
    marked = '<tool_call>{"tool": "search", "args": {"query": "b"}}</tool_call>'
    text = f"First this.\n```json\n{CALL}\n```\nThen that.\n{marked}"
    calls, rest = find_calls(text, NAMES)
    assert [c.name for c in calls] == ["read_file", "search"]
    assert rest.split("\n") == ["First this.", "", "Then that."]


def test_fences_inside_an_argument_do_not_end_the_call() -> None:
    written = json.dumps({"name": "read_file", "arguments": {"path": "```\nx\n```"}})
    assert found_in(f"```json\n{written}\n```") == [("read_file", {"path": "```\nx\n```"})]


def test_a_hostile_text_costs_little_and_is_no_call() -> None:
    assert find_calls('{"a":\n' * 20_000, NAMES)[0] == ()
    assert find_calls("[" * 100_000, NAMES)[0] == ()
    assert find_calls("<tool_call>" * 50_000, NAMES)[0] == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(["read_file", "search"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "tool", "function", "arguments", "args", "path", "type"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
fragments = st.sampled_from(
    ["```json\n", "```", "<tool_call>", "</tool_call>", "\n", CALL, CALL[:-3], "{", "[", "text "]
)


@given(st.text())
def test_any_text_without_a_tools_name_has_no_call(text: str) -> None:
    if not any(name in text for name in NAMES):
        assert find_calls(text, NAMES)[0] == ()


@settings(max_examples=300)
@given(st.lists(fragments | json_values.map(json.dumps) | st.text(max_size=10), max_size=6))
def test_every_call_found_was_written(parts: list[str]) -> None:
    text = "".join(parts)
    calls, rest = find_calls(text, NAMES)
    for made in calls:
        assert made.name in NAMES
        assert made.name in text
        assert isinstance(json.loads(made.arguments), dict)
    assert calls or rest == text


@given(st.dictionaries(st.text(max_size=8), json_values, max_size=4))
def test_arguments_survive_the_rescue(arguments: dict[str, Any]) -> None:
    is_schema = arguments.get("type") == "object" and isinstance(arguments.get("properties"), dict)
    text = json.dumps({"name": "search", "arguments": arguments})
    assert found_in(text) == ([] if is_schema else [("search", arguments)])


def test_a_cut_reply_is_not_trusted() -> None:
    reply = Reply(text=CALL, finish="length")
    assert rescued(reply, TOOLS, question()) is reply


async def test_the_wrapper_makes_printed_calls_real_ones() -> None:
    model = Rescued(ScriptedModel([f"Reading.\n{CALL}", call("search", query="x"), "Done."]))
    transcript = question()
    first, second, third = [await model.complete(transcript, tools=TOOLS) for _ in range(3)]
    assert (first.text, first.calls[0].id, first.finish) == ("Reading.", "call_2_0", "calls")
    assert second.calls == call("search", query="x").calls
    assert third.text == say("Done.").text
