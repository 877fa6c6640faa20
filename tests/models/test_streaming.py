import json
from typing import Any

import pytest

from agent.domain.budget import Usage
from agent.domain.errors import ModelUnavailable
from agent.domain.messages import Reply, TokenChoice
from agent.models.streaming import Assembly
from agent.models.testing.script import Drip, NoDone, Paced, Raw, Step, Truncated, calls, error, say
from agent.models.testing.scripted_server import ScriptedServer
from agent.models.wire import WirePiece
from tests.models.helpers import QUICK, TOOLS, RecordingWatcher, model_for, question

STORY = "Once upon a time there was a plumb line."


async def streamed(*steps: Step, **settings: Any) -> tuple[Reply, RecordingWatcher]:
    watcher = RecordingWatcher(streaming=True)
    async with ScriptedServer(steps) as server:
        model = model_for(server, **settings)
        try:
            reply = await model.complete(question(), tools=TOOLS, watcher=watcher)
        finally:
            await model.close()
    return reply, watcher


async def test_text_arrives_in_pieces_and_as_a_whole() -> None:
    used = Usage(calls=1, input_tokens=10, cached_tokens=4, output_tokens=9)
    reply, watcher = await streamed(Reply(text=STORY, usage=used))
    assert reply.text == STORY
    assert reply.usage == used
    assert len(watcher.pieces) > 1
    assert "".join(watcher.pieces) == STORY


async def test_a_call_nobody_watches_is_not_streamed() -> None:
    async with ScriptedServer([say("x")]) as server:
        model = model_for(server)
        await model.complete(question(), watcher=RecordingWatcher(streaming=False))
        await model.close()
    assert "stream" not in server.requests[0].json


async def test_parallel_calls_are_put_together() -> None:
    wanted = calls(("search", {"query": "a long enough query"}), ("read_file", {"path": "notes.txt"}))
    reply, _ = await streamed(wanted)
    assert [(c.id, c.name, c.arguments) for c in reply.calls] == [(c.id, c.name, c.arguments) for c in wanted.calls]
    assert reply.finish == "calls"


async def test_alternatives_of_the_first_token_are_kept() -> None:
    choices = (TokenChoice(token="yes", logprob=-0.1),)
    reply, _ = await streamed(Reply(text="yes", first_token=choices))
    assert reply.first_token == choices


async def test_a_stream_without_usage_and_done_is_complete() -> None:
    reply, watcher = await streamed(NoDone(say(STORY)))
    assert reply.text == STORY
    assert reply.usage == Usage(calls=1)
    assert watcher.retries == []


@pytest.mark.parametrize(
    ("abrupt", "reason"), [(True, "the stream broke off"), (False, "the stream ended before the reply did")]
)
async def test_a_truncated_stream_is_asked_for_again(abrupt: bool, reason: str) -> None:
    reply, watcher = await streamed(Truncated(say(STORY), abrupt=abrupt), say(STORY))
    assert reply.text == STORY
    assert [notice.reason for notice in watcher.retries] == [reason]


async def test_a_slow_drip_is_not_mistaken_for_progress() -> None:
    reply, watcher = await streamed(Drip(say(STORY), seconds=0.02), say(STORY), idle_seconds=0.3, reply_seconds=0.3)
    assert reply.text == STORY
    assert "stood still for 0.3 s" in watcher.retries[0].reason


async def test_a_drip_without_streaming_ends_at_the_limit_for_a_reply() -> None:
    watcher = RecordingWatcher()
    async with ScriptedServer([Drip(say(STORY), seconds=0.02), say("whole")]) as server:
        model = model_for(server, reply_seconds=0.3)
        reply = await model.complete(question(), watcher=watcher)
        await model.close()
    assert reply.text == "whole"
    assert "no whole reply within 0.3 s" in watcher.retries[0].reason


async def test_a_slow_start_is_not_a_pause() -> None:
    reply, watcher = await streamed(Paced(say(STORY), first=0.5), idle_seconds=0.2, reply_seconds=5)
    assert reply.text == STORY
    assert watcher.retries == []


async def test_a_pause_between_tokens_is() -> None:
    _, watcher = await streamed(Paced(say(STORY), between=0.5), say(STORY), idle_seconds=0.1)
    assert "stood still for 0.1 s" in watcher.retries[0].reason


async def test_an_error_before_the_stream_is_handled_like_any_other() -> None:
    reply, watcher = await streamed(error(503, "loading"), say("ready"))
    assert reply.text == "ready"
    assert "503 Service Unavailable: loading" in watcher.retries[0].reason


async def test_an_error_inside_the_stream_is_a_failed_attempt() -> None:
    body = b'data: {"error": {"message": "out of memory"}}\n\n'
    reply, watcher = await streamed(Raw(body, content_type="text/event-stream"), say("ready"))
    assert reply.text == "ready"
    assert "out of memory" in watcher.retries[0].reason


async def test_a_stream_of_nonsense_is_given_up_after_three_attempts() -> None:
    nonsense = Raw(b"data: not json\n\n", content_type="text/event-stream")
    with pytest.raises(ModelUnavailable, match="after 3 attempts: the stream holds something that is no chat"):
        await streamed(*[nonsense] * 9, retry=QUICK)


async def test_a_server_that_ignores_the_wish_for_a_stream_is_understood() -> None:
    body = json.dumps({"choices": [{"message": {"content": STORY}, "finish_reason": "stop"}]}).encode()
    reply, watcher = await streamed(Raw(body, content_type="application/json"))
    assert reply.text == STORY
    assert watcher.pieces == [STORY]


def assembled(*deltas: dict[str, Any], finish: int = 1) -> list[tuple[str | None, str | None, Any]]:
    assembly = Assembly()
    for delta in deltas:
        assembly.add(WirePiece.model_validate({"choices": [{"delta": delta}]}))
    for _ in range(finish):
        assembly.add(WirePiece.model_validate({"choices": [{"delta": {}, "finish_reason": "tool_calls"}]}))
    assembly.add(WirePiece.model_validate({"choices": [], "usage": {"prompt_tokens": 1}}))
    choice = assembly.finished()
    assert choice is not None
    calls_made = choice.message.tool_calls or []
    return [(c.id, c.function.name, c.function.arguments) for c in calls_made if c.function]


def test_calls_without_an_index_are_told_apart_by_their_ids() -> None:
    first = {"tool_calls": [{"id": "a", "function": {"name": "search", "arguments": '{"q'}}]}
    rest = {"tool_calls": [{"function": {"arguments": '": 1}'}}]}
    second = {"tool_calls": [{"id": "b", "function": {"name": "read_file", "arguments": "{}"}}]}
    assert assembled(first, rest, second) == [("a", "search", '{"q": 1}'), ("b", "read_file", "{}")]


def test_a_repeated_name_and_a_repeated_ending_change_nothing() -> None:
    head = {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "search", "arguments": "{"}}]}
    tail = {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "search", "arguments": "}"}}]}
    assert assembled(head, tail, finish=2) == [("a", "search", "{}")]
