import asyncio
import socket

import pytest

from agent.domain.errors import ModelRefused, ModelUnavailable
from agent.models.config import OpenAIConfig, RetryPolicy
from agent.models.failures import ToolsRefused
from agent.models.openai_compatible import OpenAICompatible
from agent.models.testing.script import Hang, Payload, Raw, Reset, Step, error, say
from agent.models.testing.scripted_server import ScriptedServer
from tests.models.helpers import QUICK, TOOLS, RecordingWatcher, model_for, question

KEY = "sk-very-secret-0123456789"


async def refusal_to(step: Step, *, key: str | None = KEY, key_env: str | None = "MY_KEY", tools: bool = False) -> str:
    async with ScriptedServer([step]) as server:
        model = model_for(server, key=key, api_key_env=key_env)
        with pytest.raises(ModelRefused) as caught:
            await model.complete(question(), tools=TOOLS if tools else ())
        await model.close()
    line = str(caught.value)
    assert "\n" not in line
    assert KEY not in line
    return line


async def test_a_refused_key_is_named_by_its_variable_and_never_shown() -> None:
    line = await refusal_to(error(401, f"Incorrect API key provided: {KEY}."))
    assert "the key in $MY_KEY was refused by 127.0.0.1:" in line
    assert "Incorrect API key provided: ***" in line


async def test_a_missing_key_is_asked_for() -> None:
    line = await refusal_to(error(401, "no key"), key=None)
    assert "asks for a key (401); set MY_KEY" in line


async def test_an_unknown_model_is_answered_with_the_models_that_exist() -> None:
    async with ScriptedServer([error(404, "model not found")], models=("llama", "qwen")) as server:
        model = model_for(server, model="gpt-x")
        with pytest.raises(ModelRefused, match="has no model 'gpt-x'; it offers: llama, qwen"):
            await model.complete(question())
        await model.close()


async def test_a_wrong_path_is_answered_with_a_hint_at_the_base_url() -> None:
    page = Raw(b"<html>\n<body>404 page not found</body></html>", status=404)
    assert "404 Not Found: it sent a web page; check the base URL" in await refusal_to(page)


async def test_an_error_of_brackets_without_end_is_an_error_like_any_other() -> None:
    assert "400 Bad Request: [[[[" in await refusal_to(Raw(b"[" * 200_000, status=400))


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 8192 tokens",
        "request (6030 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "prompt is too long: 210000 tokens > 200000 maximum",
    ],
)
async def test_a_conversation_that_is_too_long_is_called_that(message: str) -> None:
    assert "the conversation is too long for scripted" in await refusal_to(error(400, message))


async def test_used_up_quota_is_not_asked_for_again() -> None:
    quota = Payload({"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}, status=429)
    assert "the quota at" in await refusal_to(quota)


async def test_what_a_server_says_is_cut_to_one_short_line() -> None:
    line = await refusal_to(error(400, "bad\n\x1b[31mrequest\x07 " + "x" * 1000))
    assert "bad [31mrequest x" in line
    assert len(line) < 500


@pytest.mark.parametrize(
    ("status", "message"),
    [
        (400, "library/gemma does not support tools"),
        (400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
        (422, "extra fields not permitted: tools"),
        (404, "No endpoints found that support tool use"),
        (500, "tools param requires --jinja flag"),
        (501, "function calling is not implemented"),
    ],
)
async def test_a_server_that_takes_no_tools_is_recognised(status: int, message: str) -> None:
    async with ScriptedServer([error(status, message)]) as server:
        model = model_for(server)
        with pytest.raises(ToolsRefused, match="takes no tools"):
            await model.complete(question(), tools=TOOLS)
        await model.close()


async def test_an_error_about_tools_in_a_request_without_tools_is_an_ordinary_refusal() -> None:
    async with ScriptedServer([error(400, "tools are not supported")]) as server:
        model = model_for(server)
        with pytest.raises(ModelRefused) as caught:
            await model.complete(question())
        await model.close()
    assert not isinstance(caught.value, ToolsRefused)


@pytest.mark.parametrize("step", [error(code, "busy") for code in (408, 409, 429, 500, 502, 503, 529)] + [Reset()])
async def test_passing_failures_are_followed_by_another_attempt(step: Step) -> None:
    watcher = RecordingWatcher()
    async with ScriptedServer([step, say("now")]) as server:
        model = model_for(server)
        reply = await model.complete(question(), watcher=watcher)
        await model.close()
    assert reply.text == "now"
    assert [notice.attempt for notice in watcher.retries] == [1]


async def test_a_server_that_is_not_there_is_named() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1"
        config = OpenAIConfig(model="m", base_url=address, retry=RetryPolicy(attempts=1))
        model = OpenAICompatible("main", config)
        with pytest.raises(ModelUnavailable) as caught:
            await model.complete(question())
        await model.close()
    assert f"cannot reach {address}" in str(caught.value)
    assert "timed out" not in str(caught.value)


async def test_a_server_that_speaks_no_http_is_given_up_after_three_attempts() -> None:
    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP ready\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    model = OpenAICompatible("main", OpenAIConfig(model="m", base_url=address, retry=QUICK))
    async with server:
        with pytest.raises(ModelUnavailable, match=f"after 3 attempts: {address} gave no proper HTTP answer"):
            await model.complete(question())
    await model.close()


async def test_a_silent_server_is_given_up_and_asked_again() -> None:
    watcher = RecordingWatcher()
    async with ScriptedServer([Hang(), say("awake")]) as server:
        model = model_for(server, reply_seconds=0.2)
        reply = await model.complete(question(), watcher=watcher)
        await model.close()
    assert reply.text == "awake"
    assert "no whole reply within 0.2 s" in watcher.retries[0].reason
