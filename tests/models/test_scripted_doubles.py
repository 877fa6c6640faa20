import asyncio
import hashlib
import json
import os
import signal
import sys
import urllib.request
from typing import Any

import openai
import pytest

from agent.domain.messages import Reply
from agent.models.port import ChatModel
from agent.models.testing.benchmark_turns import ANSWER
from agent.models.testing.script import calls, say
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.models.testing.scripted_server import ScriptedServer
from tests.models.helpers import TOOLS, RecordingWatcher, model_for, question


async def test_turns_are_played_in_order_and_requests_kept() -> None:
    async def later(asked: Asked) -> str:
        await asyncio.sleep(0)
        return f"{len(asked.messages)} messages"

    model = ScriptedModel(["text", say("reply"), lambda asked: Reply(text=asked.messages[-1]["content"]), later])
    transcript = question("Echo.")
    texts = [(await model.complete(transcript, tools=TOOLS)).text for _ in range(4)]
    transcript.append({"role": "assistant", "content": "more"})
    assert texts == ["text", "reply", "Echo.", "2 messages"]
    assert [len(asked.messages) for asked in model.asked] == [2, 2, 2, 2]
    assert isinstance(model, ChatModel)


async def test_errors_are_raised_and_the_end_of_the_script_is_told() -> None:
    model = ScriptedModel([KeyError("x")])
    with pytest.raises(KeyError):
        await model.complete(question())
    with pytest.raises(AssertionError, match="the script has 1 turns, and call 2 came"):
        await model.complete(question())


async def test_one_function_can_answer_every_call() -> None:
    model = ScriptedModel(lambda asked: f"call {asked.messages[-1]['content']}")
    watcher = RecordingWatcher(streaming=True)
    assert (await model.complete(question("1"), watcher=watcher)).text == "call 1"
    assert (await model.complete(question("2"))).text == "call 2"
    assert watcher.pieces == ["call 1"]


async def test_the_ordinary_client_understands_the_server() -> None:
    wanted = calls(("search", {"query": "a long enough query"}), ("read_file", {"path": "x"}))
    async with (
        ScriptedServer([wanted, wanted]) as server,
        openai.AsyncOpenAI(base_url=server.base_url, api_key="k", max_retries=0) as client,
    ):
        ask: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "x"}]}
        whole = await client.chat.completions.create(**ask)
        stream = await client.chat.completions.create(**ask, stream=True)
        streamed = "".join(
            [c.function.arguments or "" async for p in stream if p.choices for c in p.choices[0].delta.tool_calls or ()]
        )
    made = whole.choices[0].message.tool_calls or []
    assert [c.function.name for c in made if c.type == "function"] == ["search", "read_file"]
    assert streamed == "".join(c.arguments for c in wanted.calls)


async def test_the_server_counts_requests_by_path_and_body() -> None:
    async with ScriptedServer(lambda request, index: say(str(index))) as server:
        model = model_for(server)
        texts = [(await model.complete(question())).text for _ in range(2)]
        await model.close()
        address = f"{server.origin}/stats"
        stats = json.loads(await asyncio.to_thread(lambda: urllib.request.urlopen(address).read()))  # noqa: S310
    digest = hashlib.sha256(server.requests[0].body).hexdigest()
    assert texts == ["0", "1"]
    assert stats["by_path"]["/v1/chat/completions"] == 2
    assert stats["by_digest"] == {digest: 2}


async def test_a_request_beyond_the_script_is_refused_with_the_reason() -> None:
    async with ScriptedServer([]) as server:
        model = model_for(server)
        with pytest.raises(Exception, match="the script has 0 steps, and request 1 arrived"):
            await model.complete(question())
        await model.close()


async def test_an_error_in_the_script_reaches_the_test() -> None:
    def broken(request: dict[str, Any], index: int) -> Reply:
        raise ZeroDivisionError("the script is wrong")

    server = ScriptedServer(broken)
    await server.__aenter__()
    model = model_for(server, retry={"attempts": 1})
    with pytest.raises(Exception, match="cannot reach"):
        await model.complete(question())
    await model.close()
    with pytest.raises(ZeroDivisionError):
        await server.__aexit__()


async def play(model: ChatModel) -> list[str]:
    transcript = question()
    names: list[str] = []
    while True:
        reply = await model.complete(transcript, tools=TOOLS)
        transcript.append(reply.as_message())
        if not reply.calls:
            return [*names, reply.text]
        names += [made.name for made in reply.calls]
        for made in reply.calls:
            transcript.append({"role": "tool", "tool_call_id": made.id, "content": "x"})


async def test_a_benchmark_session_is_chosen_by_the_address() -> None:
    async with ScriptedServer() as server:
        model = model_for(server, base_url=server.session_url(turns=3))
        played = [await play(model) for _ in range(2)]
        await model.close()
    assert played == [["read_file", "calc", "read_file", ANSWER]] * 2


async def test_the_server_runs_as_a_process() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent.models.testing.scripted_server", "--turns", "1", "--latency-ms", "1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    address = json.loads(await process.stdout.readline())["base_url"]
    async with ScriptedServer() as unused:
        model = model_for(unused, base_url=address)
    assert await play(model) == ["read_file", ANSWER]
    await model.close()
    os.kill(process.pid, signal.SIGTERM)
    assert await process.wait() == -signal.SIGTERM
