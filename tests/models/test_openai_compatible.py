from decimal import Decimal
from typing import Any

import httpx2
import openai
import pytest

from agent.domain.budget import Usage
from agent.domain.errors import ConfigurationError, ModelRefused, ModelUnavailable
from agent.domain.messages import CallOptions, Reply, ResponseFormat, TokenChoice, ToolCall, Transcript
from agent.models.port import ChatModel
from agent.models.testing.script import Payload, Raw, call, calls, say
from agent.models.testing.scripted_server import Request, ScriptedServer
from tests.models.helpers import TOOLS, RecordingWatcher, model_for, question

ANSWER_FORMAT = ResponseFormat(name="answer", json_schema={"type": "object", "properties": {"a": {"type": "string"}}})
# these differ from request to request, or follow from the body's length
CHANGING_HEADERS = {"content-length", "idempotency-key", "x-stainless-retry-count"}


def conversation() -> Transcript:
    transcript = question("Was steht in «notes.txt»? 你好 \U0001f600")
    transcript.append(call("read_file", path="notes.txt").as_message())
    transcript.append({"role": "tool", "tool_call_id": "call_0", "content": "line\n" * 3})
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    transcript.append({"role": "user", "content": [{"type": "text", "text": "and this?"}, picture]})
    return transcript


def headers_of(request: Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name not in CHANGING_HEADERS}


def test_the_adapter_is_a_chat_model() -> None:
    assert isinstance(model_for(ScriptedServer()), ChatModel)


@pytest.mark.parametrize("streaming", [False, True])
async def test_a_request_equals_that_of_the_ordinary_client(streaming: bool) -> None:
    transcript = conversation()
    async with ScriptedServer([say("ours"), say("theirs")]) as server:
        model = model_for(server, key="secret", api_key_env="KEY", temperature=0.5, extra_body={"seed": 7})
        options = CallOptions(tool_choice="required", max_tokens=50, top_logprobs=2)
        await model.complete(
            transcript,
            tools=TOOLS,
            response_format=ANSWER_FORMAT,
            options=options,
            watcher=RecordingWatcher(streaming=streaming),
        )
        await model.close()
        async with openai.AsyncOpenAI(
            base_url=server.base_url,
            api_key="secret",
            timeout=httpx2.Timeout(240, connect=10),
            http_client=openai.DefaultAioHttpClient(),
        ) as client:
            wanted: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}} if streaming else {}
            body: dict[str, Any] = {
                "model": "scripted",
                "messages": list(transcript),
                "tools": [tool.as_function() for tool in TOOLS],
                "tool_choice": "required",
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "answer", "schema": ANSWER_FORMAT.json_schema},
                },
                "max_tokens": 50,
                "logprobs": True,
                "top_logprobs": 2,
                "temperature": 0.5,
                "extra_body": {"seed": 7},
                **wanted,
            }
            await client.chat.completions.create(**body)
    ours, theirs = server.requests
    assert ours.json == theirs.json
    assert headers_of(ours) == headers_of(theirs)
    assert ours.path == theirs.path


async def test_a_text_reply_comes_back_with_usage_cost_and_model() -> None:
    used = Usage(calls=1, input_tokens=1000, cached_tokens=400, output_tokens=100)
    price = {"input": "2", "cached": "1", "output": "10"}
    async with ScriptedServer([Reply(text="hello", model="scripted-2", usage=used)]) as server:
        model = model_for(server, price=price)
        reply = await model.complete(question())
        await model.close()
    assert reply.text == "hello"
    assert reply.model == "scripted-2"
    assert reply.finish == "stop"
    assert reply.usage == used.model_copy(update={"cost": Decimal("0.0026")})


async def test_parallel_calls_come_back_in_order() -> None:
    async with ScriptedServer([calls(("read_file", {"path": "a"}), ("search", {"query": "b"}))]) as server:
        model = model_for(server)
        reply = await model.complete(question(), tools=TOOLS)
        await model.close()
    assert [(c.name, c.arguments) for c in reply.calls] == [
        ("read_file", '{"path": "a"}'),
        ("search", '{"query": "b"}'),
    ]
    assert reply.finish == "calls"


async def test_one_function_can_be_demanded_by_name() -> None:
    async with ScriptedServer([call("search", query="x")]) as server:
        model = model_for(server)
        await model.complete(question(), tools=TOOLS, options=CallOptions(tool_choice="search"))
        await model.close()
    assert server.requests[0].json["tool_choice"] == {"type": "function", "function": {"name": "search"}}


async def test_alternatives_of_the_first_token_come_back() -> None:
    choices = (TokenChoice(token="yes", logprob=-0.1), TokenChoice(token="no", logprob=-2.5))
    async with ScriptedServer([Reply(text="yes", first_token=choices)]) as server:
        model = model_for(server)
        reply = await model.complete(question(), options=CallOptions(top_logprobs=2))
        await model.close()
    assert reply.first_token == choices


@pytest.mark.parametrize("finish", ["length", "filtered"])
async def test_a_reply_that_was_cut_says_so(finish: str) -> None:
    async with ScriptedServer([Reply.model_validate({"text": "half", "finish": finish})]) as server:
        model = model_for(server)
        reply = await model.complete(question())
        await model.close()
    assert reply.finish == finish


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "max_tokens"),
        ({"max_tokens_field": "max_completion_tokens"}, "max_completion_tokens"),
    ],
)
async def test_the_limit_goes_under_the_name_that_the_server_knows(settings: dict[str, Any], field: str) -> None:
    async with ScriptedServer([say("x")]) as server:
        model = model_for(server, **settings)
        await model.complete(question(), options=CallOptions(max_tokens=9))
        await model.close()
    assert server.requests[0].json[field] == 9


async def test_a_model_that_takes_no_temperature_is_sent_none() -> None:
    async with ScriptedServer([say("x")]) as server:
        model = model_for(server, temperature=0.2, sends_temperature=False)
        await model.complete(question(), options=CallOptions(temperature=0))
        await model.close()
    assert "temperature" not in server.requests[0].json


async def test_missing_and_repeated_call_ids_become_unique_and_stay_the_same() -> None:
    twice = tuple(ToolCall(id=id_, name="search", arguments="{}") for id_ in ("a", "a", "", "call_0"))
    transcript = question()
    transcript.append(call("read_file", path="x").as_message())
    transcript.append({"role": "tool", "tool_call_id": "call_0", "content": "text"})
    async with ScriptedServer([Reply(calls=twice, finish="calls")] * 2) as server:
        model = model_for(server)
        first = await model.complete(transcript, tools=TOOLS)
        second = await model.complete(transcript, tools=TOOLS)
        await model.close()
    ids = [c.id for c in first.calls]
    assert ids == ["a", "a_4_1", "call_4_2", "call_0_4_3"]
    assert [c.id for c in second.calls] == ids


async def test_arguments_sent_as_an_object_become_text() -> None:
    message = {"tool_calls": [{"id": "1", "function": {"name": "search", "arguments": {"query": "ä"}}}]}
    async with ScriptedServer([Payload({"choices": [{"message": message, "finish_reason": "stop"}]})]) as server:
        model = model_for(server)
        reply = await model.complete(question(), tools=TOOLS)
        await model.close()
    assert reply.calls[0].arguments == '{"query": "ä"}'
    assert reply.finish == "calls"


async def test_an_answer_with_null_everywhere_is_an_empty_reply() -> None:
    nothing = {"choices": [{"message": {"content": None, "tool_calls": None}, "finish_reason": None}], "usage": None}
    async with ScriptedServer([Payload(nothing)]) as server:
        model = model_for(server)
        reply = await model.complete(question())
        await model.close()
    assert reply == Reply(model="scripted", usage=Usage(calls=1))


async def test_text_in_parts_and_refusals_are_text() -> None:
    in_parts = {"choices": [{"message": {"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}}]}
    refusal = {"choices": [{"message": {"content": None, "refusal": "I will not."}}]}
    async with ScriptedServer([Payload(in_parts), Payload(refusal)]) as server:
        model = model_for(server)
        texts = [(await model.complete(question())).text for _ in range(2)]
        await model.close()
    assert texts == ["ab", "I will not."]


async def test_a_web_page_instead_of_an_answer_is_a_refusal_that_names_the_address() -> None:
    async with ScriptedServer([Raw(b"<html><h1>Welcome</h1></html>")]) as server:
        model = model_for(server)
        with pytest.raises(ModelRefused, match="text/html, not with chat completions; check the base URL") as caught:
            await model.complete(question())
        await model.close()
    assert server.base_url in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("answer", [Payload({"choices": []}), Payload({"hello": "world"}), Payload([1, 2])])
async def test_an_answer_without_a_choice_is_asked_for_again_and_then_given_up(answer: Payload) -> None:
    watcher = RecordingWatcher()
    async with ScriptedServer(lambda request, index: answer) as server:
        model = model_for(server)
        with pytest.raises(ModelUnavailable, match="after 3 attempts"):
            await model.complete(question(), watcher=watcher)
        await model.close()
    assert len(watcher.retries) == 2


async def test_an_error_object_with_status_200_is_an_error() -> None:
    overloaded = Payload({"error": {"message": "overloaded", "code": 529}})
    wrong = Payload({"error": {"message": "no such parameter", "code": 400}})
    async with ScriptedServer([overloaded, wrong]) as server:
        model = model_for(server)
        watcher = RecordingWatcher()
        with pytest.raises(ModelRefused, match="no such parameter"):
            await model.complete(question(), watcher=watcher)
        await model.close()
    assert "overloaded" in watcher.retries[0].reason


async def test_forbidden_requests_never_reach_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOW_MODEL_REQUESTS", "0")
    async with ScriptedServer([say("x")]) as server:
        model = model_for(server)
        with pytest.raises(ConfigurationError, match="ALLOW_MODEL_REQUESTS"):
            await model.complete(question())
        await model.close()
    assert server.requests == []
