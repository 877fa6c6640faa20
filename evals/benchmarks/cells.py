"""The cells of the overhead benchmark, each run in a process of its own: one agent loop on the scripted server.

``python -m evals.benchmarks.cells CELL URL --turns N --sessions K`` prints one JSON line.
"""

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from agent.models.testing.benchmark_turns import ANSWER, TOOLS
from evals.benchmarks.peers.programs.playing import peak_mb, resident_mb

FILE_TEXT = "".join(f"line {n} of a file that an agent reads\n" for n in range(25))
GOAL = "Read the notes and add up what they say."
SYSTEM = "You are a careful assistant that works with tools until the task is done. " * 6

_PACKAGES = ("openai", "aiohttp", "langgraph")

Sessions = Callable[[int], Awaitable[list[str]]]
"""Plays a number of sessions, one after the other, and returns their answers."""


class Measured(BaseModel):
    """What one cell took.

    Attributes:
        wall_ms: milliseconds a model call; ``cpu_ms`` those of the processor.
        peak_mb: most resident memory.
        ready: the monotonic clock when everything stood ready, and ``ready_mb`` the resident memory then.
        versions: of what was measured.
    """

    cell: str
    wall_ms: float
    cpu_ms: float
    peak_mb: float
    ready: float
    ready_mb: float
    versions: dict[str, str]


def run_tool(name: str, arguments: Mapping[str, Any]) -> str:
    """Run one of the session's two tools, in process."""
    if name == "read_file":
        return FILE_TEXT
    left, _, rest = str(arguments["expression"]).partition(" * ")
    right, _, plus = rest.partition(" + ")
    return str(int(left) * int(right) + int(plus))


async def bare_openai(url: str, *, tuned: bool) -> Sessions:
    """A loop on the official client that records nothing; tuned, with its aiohttp transport and ``extra_body``."""
    import openai
    import openai.resources.chat.completions  # else imported at the first request

    http_client = openai.DefaultAioHttpClient() if tuned else None
    client = openai.AsyncOpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, http_client=http_client)
    tools: Any = [tool.as_function() for tool in TOOLS]

    async def session() -> str:
        messages: list[Any] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": GOAL}]
        while True:
            if tuned:
                body = {"messages": messages, "tools": tools}
                reply = await client.chat.completions.create(model="scripted", messages=[], extra_body=body)
            else:
                reply = await client.chat.completions.create(model="scripted", messages=messages, tools=tools)
            message = reply.choices[0].message
            if not message.tool_calls:
                return message.content or ""
            messages.append(message.model_dump(exclude_none=True))
            for call in message.tool_calls:
                assert call.type == "function"  # noqa: S101 - the scripted server sends no other kind
                text = run_tool(call.function.name, json.loads(call.function.arguments))
                messages.append({"role": "tool", "tool_call_id": call.id, "content": text})

    async def sessions(count: int) -> list[str]:
        return [await session() for _ in range(count)]

    return sessions


async def bare_aiohttp(url: str) -> Sessions:
    """The floor: raw HTTP, recording nothing."""
    import aiohttp

    http = aiohttp.ClientSession()
    tools = [tool.as_function() for tool in TOOLS]

    async def session() -> str:
        messages: list[Any] = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": GOAL}]
        while True:
            body = {"model": "scripted", "messages": messages, "tools": tools}
            async with http.post(f"{url}/v1/chat/completions", json=body) as response:
                message = json.loads(await response.read())["choices"][0]["message"]
            if not message.get("tool_calls"):
                return str(message["content"])
            messages.append(message)
            for call in message["tool_calls"]:
                text = run_tool(call["function"]["name"], json.loads(call["function"]["arguments"]))
                messages.append({"role": "tool", "tool_call_id": call["id"], "content": text})

    async def sessions(count: int) -> list[str]:
        answers = [await session() for _ in range(count)]
        if count > 1:
            await http.close()
        return answers

    return sessions


async def plumbline(url: str, *, durability: str) -> Sessions:
    """Whole runs of ours: plan, loop, report, with everything recorded."""
    from agent.domain.budget import Budget
    from agent.domain.task import Task
    from agent.execution.setting import Limits
    from agent.ledger.store import Ledger
    from agent.models.config import OpenAIConfig
    from agent.models.openai_compatible import OpenAICompatible
    from agent.models.port import Profile
    from agent.runtime.runner import Runner
    from agent.runtime.settings import Settings
    from evals.benchmarks.services import BenchmarkServices

    config = OpenAIConfig(
        model="scripted", base_url=f"{url}/submit/v1", api_key_env=None, profile=Profile(tool_mode="native")
    )
    model = OpenAICompatible("scripted", config)
    home = Path(tempfile.mkdtemp(prefix="plumbline-bench-"))
    ledger = await Ledger.open(home, durability="power" if durability == "power" else "process")
    settings = Settings(limits=Limits(steps=2_000))
    runner = Runner(ledger, BenchmarkServices(model, run_tool), settings)

    async def sessions(count: int) -> list[str]:
        task = Task(goal=GOAL, constraints=(SYSTEM,), budget=Budget(steps=None))
        return [(await runner.wait(await runner.start(task))).answer for _ in range(count)]

    return sessions


CELLS: dict[str, Callable[[str], Awaitable[Sessions]]] = {
    "raw:aiohttp": bare_aiohttp,
    "raw:openai": lambda url: bare_openai(url, tuned=False),
    "raw:openai-tuned": lambda url: bare_openai(url, tuned=True),
    "plumbline@process": lambda url: plumbline(url, durability="process"),
    "plumbline@power": lambda url: plumbline(url, durability="power"),
}


async def measure(cell: str, url: str, *, turns: int, sessions: int) -> Measured:
    """Run a cell: two sessions to warm up, then those that are timed. Every answer is checked."""
    play = await CELLS[cell](url)
    ready, ready_mb = time.monotonic(), resident_mb()
    await _checked(play, 1)
    await _checked(play, 1)
    wall, cpu = time.perf_counter(), time.process_time()
    await _checked(play, sessions)
    calls = sessions * (turns + 1)
    return Measured(
        cell=cell,
        wall_ms=(time.perf_counter() - wall) / calls * 1000,
        cpu_ms=(time.process_time() - cpu) / calls * 1000,
        peak_mb=peak_mb(),
        ready=ready,
        ready_mb=ready_mb,
        versions={package: version(package) for package in _PACKAGES if package in sys.modules},
    )


async def _checked(play: Sessions, count: int) -> None:
    answers = await play(count)
    if answers != [ANSWER] * count:
        raise SystemExit(f"a session ended with another answer: {answers}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one cell and print it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cell", choices=sorted(CELLS))
    parser.add_argument("url")
    parser.add_argument("--turns", type=int, required=True)
    parser.add_argument("--sessions", type=int, required=True)
    chosen = parser.parse_args(arguments)
    measured = asyncio.run(measure(chosen.cell, chosen.url, turns=chosen.turns, sessions=chosen.sessions))
    sys.stdout.write(measured.model_dump_json() + "\n")


if __name__ == "__main__":
    main()
