"""A transcript is sent and hashed message by message; function schemas come from models and go back to them."""

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from agent.domain.base import Form
from agent.domain.errors import ModelOutputError
from agent.domain.functions import function_spec, parse_form
from agent.domain.messages import Reply, ToolCall, Transcript, digest_of

MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "tool"]), "content": st.text() | st.none()}), max_size=8
)


@given(MESSAGES)
def test_a_transcripts_json_is_the_json_of_its_messages(messages: list[dict[str, Any]]) -> None:
    transcript = Transcript(messages)
    assert json.loads(transcript.json()) == messages == list(transcript)
    assert transcript.size == len(transcript.json())


@given(MESSAGES, MESSAGES)
def test_equal_transcripts_have_equal_digests_and_others_do_not(one: list[Any], other: list[Any]) -> None:
    grown = Transcript()
    for message in one:
        grown.append(message)
    assert grown.digest == Transcript(one).digest
    assert (Transcript(one).digest == Transcript(other).digest) == (one == other)


def test_a_digest_does_not_depend_on_the_order_of_keys_and_takes_any_text() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1})
    assert digest_of({"huge": 10**40, "lone surrogate": "\ud800"}) == digest_of(
        {"lone surrogate": "\ud800", "huge": 10**40}
    )


def test_a_reply_with_calls_is_an_assistant_message_with_tool_calls() -> None:
    reply = Reply(calls=(ToolCall(id="1", name="grep", arguments='{"pattern": "x"}'),))
    assert reply.as_message() == {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "1", "type": "function", "function": {"name": "grep", "arguments": '{"pattern": "x"}'}}],
    }


class Place(Form):
    """Where to look."""

    title: str = Field(description="a field may be called title")
    kind: Literal["page", "file"] = "page"


class FindThing(Form):
    """Find a thing."""

    places: list[Place] = Field(min_length=1)


def test_a_form_becomes_a_function_without_references() -> None:
    spec = function_spec(FindThing)
    assert (spec.name, spec.description) == ("find_thing", "Find a thing.")
    text = json.dumps(spec.parameters)
    assert "$ref" not in text
    assert "$defs" not in text
    place = spec.parameters["properties"]["places"]["items"]  # type: ignore[index, call-overload]
    assert place["properties"]["title"] == {"description": "a field may be called title", "type": "string"}  # type: ignore[index, call-overload]


def test_a_wrong_form_is_told_field_by_field() -> None:
    with pytest.raises(ModelOutputError, match=r"find_thing: places\.0\.title: .*; places\.0\.extra: "):
        parse_form(FindThing, {"places": [{"extra": 1}]})
