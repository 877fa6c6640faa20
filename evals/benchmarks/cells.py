"""The cells of the benchmarks of the spine, each run in a process of its own: one agent loop on the scripted server.

``python -m evals.benchmarks.cells CELL URL --turns N --sessions K`` plays sessions one after the other and prints one
JSON line; ``evals.benchmarks.crowd`` plays the same cells many at a time.
"""

import argparse
import asyncio
import contextlib
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from agent.models.testing.benchmark_turns import ANSWER, TOOLS
from evals.benchmarks.peers.programs.playing import peak_mb, resident_mb

if TYPE_CHECKING:
    from evals.benchmarks.recorded import Recorded

FILE_TEXT = "".join(f"line {n} of a file that an agent reads\n" for n in range(25))
GOAL = "Read the notes and add up what they say."
WARM_UP = 2
"""Sessions that are played before any is timed."""
SYSTEM = "You are a careful assistant that works with tools until the task is done. " * 6

_PACKAGES = ("openai", "aiohttp", "langgraph")


async def nothing_recorded(turns: int) -> "Recorded | None":
    """Return None: a bare loop keeps nothing."""
    return None


@dataclass(frozen=True)
class Loop:
    """One way of playing sessions.

    Attributes:
        session: plays one session and returns its answer; any number may be played at once.
        close: frees connections and what was stored.
        recorded: checks what was recorded of all sessions so far, given the tool turns of each, and counts it.
    """

    session: Callable[[], Awaitable[str]]
    close: Callable[[], Awaitable[None]]
    recorded: "Callable[[int], Awaitable[Recorded | None]]" = nothing_recorded


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


async def bare_openai(url: str, *, tuned: bool) -> Loop:
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

    return Loop(session, client.close)


async def bare_aiohttp(url: str) -> Loop:
    """The floor: raw HTTP, recording nothing."""
    import aiohttp

    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
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

    return Loop(session, http.close)


async def plumbline(url: str, *, durability: str, at_once: int = 1, home: Path | None = None) -> Loop:
    """Whole runs of ours: plan, loop, report, with everything recorded.

    ``at_once`` is how many there may be; ``home`` is where they are recorded, and by default a folder that ``close``
    removes.
    """
    from agent.domain.budget import Budget
    from agent.domain.task import Task
    from agent.execution.setting import Limits
    from agent.ledger.store import Ledger
    from agent.models.config import OpenAIConfig
    from agent.models.openai_compatible import OpenAICompatible
    from agent.models.port import Profile
    from agent.runtime.runner import Runner
    from agent.runtime.settings import Settings
    from evals.benchmarks.recorded import recorded
    from evals.benchmarks.services import BenchmarkServices

    config = OpenAIConfig(
        model="scripted", base_url=f"{url}/submit/v1", api_key_env=None, profile=Profile(tool_mode="native")
    )
    model = OpenAICompatible("scripted", config)
    folder = home or Path(tempfile.mkdtemp(prefix="plumbline-bench-"))
    ledger = await Ledger.open(folder, durability="power" if durability == "power" else "process")
    settings = Settings(limits=Limits(steps=2_000), concurrency=at_once)
    services = BenchmarkServices(model, run_tool)
    runner = Runner(ledger, services, settings)

    async def session() -> str:
        task = Task(goal=GOAL, constraints=(SYSTEM,), budget=Budget(steps=None))
        return (await runner.wait(await runner.start(task))).answer

    async def close() -> None:
        await runner.close()
        await services.close()
        await ledger.close()
        if home is None:
            await asyncio.to_thread(shutil.rmtree, folder)

    return Loop(session, close, lambda turns: recorded(ledger, turns))


CELLS: dict[str, Callable[[str, int, Path | None], Awaitable[Loop]]] = {
    "raw:aiohttp": lambda url, _, __: bare_aiohttp(url),
    "raw:openai": lambda url, _, __: bare_openai(url, tuned=False),
    "raw:openai-tuned": lambda url, _, __: bare_openai(url, tuned=True),
    "plumbline@process": lambda url, at_once, home: plumbline(url, durability="process", at_once=at_once, home=home),
    "plumbline@power": lambda url, at_once, home: plumbline(url, durability="power", at_once=at_once, home=home),
}
"""Makes the loop of each cell, given the server's address, how many sessions there will be at once, and where what is
recorded is to stay, if it is."""


async def measure(cell: str, url: str, *, turns: int, sessions: int, home: Path | None = None) -> Measured:
    """Run a cell: some sessions to warm up, then those that are timed. Every answer is checked.

    What is recorded stays in ``home`` where that is given.
    """
    async with opened(cell, url, at_once=1, home=home) as loop:
        ready, ready_mb = time.monotonic(), resident_mb()
        for _ in range(WARM_UP):
            await answered(loop)
        wall, cpu = time.perf_counter(), time.process_time()
        for _ in range(sessions):
            await answered(loop)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = peak_mb()
        await loop.recorded(turns)
    calls = sessions * (turns + 1)
    return Measured(
        cell=cell,
        wall_ms=wall / calls * 1000,
        cpu_ms=cpu / calls * 1000,
        peak_mb=peak,
        ready=ready,
        ready_mb=ready_mb,
        versions={package: version(package) for package in _PACKAGES if package in sys.modules},
    )


@contextlib.asynccontextmanager
async def opened(cell: str, url: str, *, at_once: int, home: Path | None = None) -> AsyncIterator[Loop]:
    """Give the loop of a cell, and close it."""
    loop = await CELLS[cell](url, at_once, home)
    try:
        yield loop
    finally:
        await loop.close()


async def answered(loop: Loop) -> None:
    """Play one session and check its answer."""
    answer = await loop.session()
    if answer != ANSWER:
        raise SystemExit(f"a session ended with another answer: {answer}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one cell and print it as JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("cell", choices=sorted(CELLS))
    parser.add_argument("url")
    parser.add_argument("--turns", type=int, required=True)
    parser.add_argument("--sessions", type=int, required=True)
    parser.add_argument("--home", type=Path, help="folder that keeps what is recorded")
    chosen = parser.parse_args(arguments)
    work = measure(chosen.cell, chosen.url, turns=chosen.turns, sessions=chosen.sessions, home=chosen.home)
    measured = asyncio.run(work)
    sys.stdout.write(measured.model_dump_json() + "\n")


if __name__ == "__main__":
    main()
