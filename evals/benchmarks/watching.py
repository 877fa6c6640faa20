"""What it costs a server that many watch one run, what a watcher who does not read costs, and how fast it answers."""

import asyncio
import contextlib
import os
import statistics
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from pydantic import BaseModel

from agent.domain.errors import ServiceError
from agent.domain.events import Guide
from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.filing import Filing
from agent.ledger.store import Ledger
from agent.models.testing.script import Paced, Step, call
from agent.models.testing.scripted_server import ScriptedServer
from evals.benchmarks.long_run import write_long_run

_CONFIG: Final = """\
model = "scripted"
concurrency = 4

[models.scripted]
backend = "openai"
model = "scripted"
base_url = "{base_url}"

[web]
submits_per_minute = 100000
streams_per_user = 100000
"""
_SENTENCE: Final = "The model thinks aloud, word by word, about what it has found so far. "
_SECONDS_A_TOKEN: Final = 0.01
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_STALLED_EVENTS: Final = 12_000
_SUBMISSIONS: Final = 40


class Watched(BaseModel):
    """One stretch of time in which a run went on.

    Attributes:
        cpu_share: of one core, by the server's process.
        events: that the run gained.
        delivered: events that reached each watcher, on average.
        messages: that reached each watcher, on average, with those that are not stored.
    """

    watchers: int
    seconds: float
    cpu_share: float
    events: int
    delivered: float
    messages: float


class Stalled(BaseModel):
    """Watchers who never read, while a run gained many events."""

    watchers: int
    written_mb: float
    grown_mb: float

    @property
    def kb_each(self) -> float:
        """Memory that one of them costs, in thousands of bytes."""
        return self.grown_mb * 1_000 / self.watchers


class Answered(BaseModel):
    """How long answers took, in milliseconds."""

    what: str
    p50: float
    p95: float
    samples: int
    megabytes: float = 0.0


class Served(BaseModel):
    """Everything that was measured of a server."""

    watched: list[Watched]
    stalled: Stalled
    answered: list[Answered]

    @property
    def added(self) -> float:
        """Share of one core that the most watchers add to a run that nobody watches."""
        return self.watched[-1].cpu_share - self.watched[0].cpu_share


@dataclass
class _Server:
    url: httpx.URL
    pid: int
    client: httpx.AsyncClient
    token: str

    def cpu_seconds(self) -> float:
        """Return the processor time that the server has used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    def memory_mb(self) -> float:
        """Return the server's memory that no other process shares."""
        lines = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        private = (line.split() for line in lines if line.startswith("Private_"))
        return sum(int(fields[1]) for fields in private) / 1_000


async def measure(home: Path, *, watchers: int = 200, stalled: int = 50, seconds: float = 15.0) -> Served:
    """Serve a data folder in a process of its own, and measure it from this one, over loopback.

    Raises:
        ServiceError: the server did not start.
    """
    ledger = await Ledger.open(home)
    try:
        async with ScriptedServer(_turn) as model:
            (home / "config.toml").write_text(_CONFIG.format(base_url=model.base_url))
            async with _served(home) as server:
                watched = [await _watched(server, number, seconds) for number in (0, 1, watchers)]
                held = await _stalled(server, ledger, stalled)
                answered = [await _submissions(server), await _long_run(server, ledger)]
        return Served(watched=watched, stalled=held, answered=answered)
    finally:
        await ledger.close()


def _turn(request: dict[str, Any], _number: int) -> Step:
    """Say what a model does that writes a hundred tokens a second and calls a tool each time."""
    if "at once" in str(request["messages"][1]["content"]):
        return call("submit", answer="Done.")
    number = sum(message["role"] == "assistant" for message in request["messages"])
    wanted = call("recall", evidence_id=f"E{number + 1}")
    return Paced(Reply(text=_SENTENCE * 4, calls=wanted.calls, finish="calls"), per_token=_SECONDS_A_TOKEN)


async def _watched(server: _Server, watchers: int, seconds: float) -> Watched:
    """Let a run go on for a while with so many who watch it."""
    run_id = await _submit(server, f"Think aloud, watched by {watchers}")
    following = [_Follower() for _ in range(watchers)]
    tasks = [asyncio.create_task(each.follow(server, run_id)) for each in following]
    # until all are there and the run is under way
    await asyncio.sleep(3)
    for each in following:
        each.events = each.messages = 0
    first, cpu, began = await _last_seq(server, run_id), server.cpu_seconds(), time.perf_counter()
    await asyncio.sleep(seconds)
    took, used = time.perf_counter() - began, server.cpu_seconds() - cpu
    last = await _last_seq(server, run_id)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await server.client.post(f"/api/runs/{run_id}/commands", json={"command": {"op": "cancel"}})
    return Watched(
        watchers=watchers,
        seconds=took,
        cpu_share=used / took,
        events=last - first,
        delivered=sum(each.events for each in following) / max(1, watchers),
        messages=sum(each.messages for each in following) / max(1, watchers),
    )


async def _stalled(server: _Server, ledger: Ledger, watchers: int) -> Stalled:
    """Have so many watch a run without ever reading, and write to it."""
    run_id = await ledger.create(Task(goal="written to"), filing=Filing(owner="nobody"))
    await server.client.post(f"/api/runs/{run_id}/commands", json={"command": {"op": "pause"}})
    streams = [await _open(server, run_id) for _ in range(watchers)]
    await asyncio.sleep(1)
    before, text = server.memory_mb(), "x" * 3_900
    for _ in range(_STALLED_EVENTS // 100):
        await asyncio.gather(*(ledger.command(run_id, Guide(text=text)) for _ in range(100)))
    # until the server has passed all of it on
    await asyncio.sleep(5)
    grown = server.memory_mb() - before
    for _, writer in streams:
        writer.close()
    written = _STALLED_EVENTS * len(text) / 1_000_000
    return Stalled(watchers=watchers, written_mb=written, grown_mb=grown)


async def _submissions(server: _Server) -> Answered:
    return await _timed("submit a task", _SUBMISSIONS, lambda: _submit(server, "Be done at once"))


async def _long_run(server: _Server, ledger: Ledger) -> Answered:
    run_id = await write_long_run(ledger, 10_000)
    size = 0

    async def read() -> None:
        nonlocal size
        answer = await server.client.get(f"/api/runs/{run_id}/events")
        if answer.status_code != 200 or answer.content.count(b'"seq":') < 10_000:
            raise ServiceError("the server did not answer with ten thousand events")
        size = len(answer.content)

    found = await _timed("read a run of 10,000 events", 5, read)
    return found.model_copy(update={"megabytes": size / 1_000_000})


async def _timed(what: str, samples: int, act: Callable[[], Awaitable[object]]) -> Answered:
    times = []
    for _ in range(samples):
        began = time.perf_counter()
        await act()
        times.append((time.perf_counter() - began) * 1_000)
    times.sort()
    return Answered(what=what, p50=statistics.median(times), p95=times[int(0.95 * (samples - 1))], samples=samples)


class _Follower:
    """Reads a stream as cheaply as it can be read, so that watchers leave the machine to the server."""

    def __init__(self) -> None:
        self.events = 0
        self.messages = 0

    async def follow(self, server: _Server, run_id: str) -> None:
        """Count what comes until this is cancelled."""
        reader, writer = await _open(server, run_id)
        try:
            while data := await reader.read(1 << 16):
                self.events += data.count(b'"seq":')
                self.messages += data.count(b"data: ")
        finally:
            writer.close()


async def _open(server: _Server, run_id: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Open the stream of a run; nothing is read beyond what the reader holds."""
    host, port = server.url.host, server.url.port
    reader, writer = await asyncio.open_connection(host, port, limit=1 << 16)
    head = (
        f"GET /api/runs/{run_id}/stream HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {server.token}\r\n\r\n"
    )
    writer.write(head.encode())
    return reader, writer


async def _submit(server: _Server, goal: str) -> str:
    answer = await server.client.post("/api/runs", json={"goal": goal, "options": {"sandbox": "none"}})
    if answer.status_code != 202:
        raise ServiceError(f"the server refused a task: {answer.text}")
    return str(answer.json()["id"])


async def _last_seq(server: _Server, run_id: str) -> int:
    return int((await server.client.get(f"/api/runs/{run_id}")).json()["last_seq"])


@contextlib.asynccontextmanager
async def _served(home: Path) -> AsyncIterator[_Server]:
    """Serve a data folder in a process of its own, and end it."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent.cli.main", "serve", "--port", "0"),
        env={**os.environ, "PLUMBLINE_HOME": str(home), "OPENAI_API_KEY": "none"},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        if process.stderr is None:
            raise ServiceError("the server cannot be heard")
        line = (await asyncio.wait_for(process.stderr.readline(), 60)).decode()
        address = next((part for part in line.split() if part.startswith("http://")), None)
        if address is None:
            raise ServiceError(f"the server did not start: {line.strip()}")
        draining = asyncio.create_task(process.stderr.read())
        url = httpx.URL(address).copy_with(path="/", query=None)
        token = (home / "web.token").read_text().strip()
        bearer = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(base_url=url, headers=bearer, timeout=60) as client:
            yield _Server(url, process.pid, client, token)
        process.terminate()
        await draining
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
