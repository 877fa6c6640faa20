"""A run that is killed at any moment and resumed ends as if nothing had happened, and repeats nothing that was done."""

import asyncio
import contextlib
import json
import os
import random
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.domain.messages import Reply
from agent.domain.report import Report
from agent.ledger.store import Ledger
from agent.models.testing.script import Paced, Step, call
from agent.models.testing.scripted_server import ScriptedServer
from agent.runtime.history import read_view

COUNTS = 14
"""Model calls and tool calls: with the setting, the last model call and the collection of files, 31 effects."""


@dataclass
class Workers:
    """The process that forks workers, and the model server they all ask."""

    process: asyncio.subprocess.Process
    server: ScriptedServer
    home: Path
    sandbox: str
    asked: Counter[int] = field(default_factory=Counter)

    async def work(
        self, run_id: str, *, resume: bool, commits: int | None = None, kill_after: float | None = None
    ) -> int:
        """Let a worker start or resume a run; returns its exit code, -9 when it was killed."""
        order = {
            "home": str(self.home), "url": self.server.base_url, "sandbox": self.sandbox,
            "run_id": run_id, "resume": resume, "commits": commits,
        }  # fmt: skip
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()
        pid = (await self._answer())["pid"]
        ended = asyncio.create_task(self._answer())
        if kill_after is not None:
            await asyncio.wait({ended}, timeout=kill_after)
            if not ended.done():
                os.kill(pid, signal.SIGKILL)
        return int((await ended)["ended"])

    async def _answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        return dict(json.loads(await self.process.stdout.readline()))


@contextlib.asynccontextmanager
async def workers(home: Path, sandbox: str) -> AsyncIterator[Workers]:
    asked: Counter[int] = Counter()

    def turn(request: dict[str, Any], number: int) -> Step:
        done = sum(message["role"] == "assistant" for message in request["messages"])
        asked[done] += 1
        return Paced(_reply(done), first=0.01)

    async with ScriptedServer(turn) as server:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crash.worker", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            yield Workers(process, server, home, sandbox, asked)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()


def _reply(done: int) -> Reply:
    if done < COUNTS:
        return call("counter")
    return call("submit", answer=f"I counted to {COUNTS}.", success=False)


async def state_of(home: Path, run_id: str) -> tuple[Report, list[str], dict[str, str]]:
    """What a run came to: its report, what its tools said, and the files it left."""
    ledger = await Ledger.open(home)
    view = await read_view(ledger, run_id)
    assert view.report is not None
    tools = [step.detail for step in view.steps.values() if step.kind == "tool"]
    files = {a.path: a.sha256 for a in view.report.artefacts}
    await ledger.close()
    return view.report, tools, files


async def done_model_calls(home: Path, run_id: str) -> int:
    """How many model calls of a run are recorded as done, which no resumption may repeat."""
    ledger = await Ledger.open(home)
    try:
        run = [run for run in await ledger.newest() if run.id == run_id]
        steps = (await read_view(ledger, run_id)).steps.values() if run else ()
        return sum(step.kind == "model" and step.done_seq is not None for step in steps)
    finally:
        await ledger.close()


async def crash_and_resume(crew: Workers, run_id: str, **how: Any) -> bool:
    """Kill a worker, resume with another, and check that nothing done was repeated; False if it had ended before."""
    crew.asked.clear()
    if await crew.work(run_id, resume=False, **how) == 0:
        return False
    done = await done_model_calls(crew.home, run_id)
    ledger = await Ledger.open(crew.home)
    known = any(run.id == run_id for run in await ledger.newest(limit=1_000))
    await ledger.close()
    assert await crew.work(run_id, resume=known) == 0
    assert [crew.asked[turn] for turn in range(done)] == [1] * done
    assert set(crew.asked.values()) <= {1, 2}
    return True


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", ["local", pytest.param("docker", marks=pytest.mark.docker)])
async def test_a_run_killed_at_every_effect_boundary_and_at_random_instants_ends_like_one_that_was_not(
    folder: Path, sandbox: str, require_sandbox: None
) -> None:
    home = folder / "home"
    every, wanted = (1, 20) if sandbox == "local" else (4, 5)
    async with workers(home, sandbox) as one, workers(home, sandbox) as two:
        began = time.monotonic()
        assert await one.work("whole", resume=False) == 0
        seconds = time.monotonic() - began
        expected = await state_of(home, "whole")
        assert expected[1][-2].startswith(str(COUNTS))
        ledger = await Ledger.open(home)
        events = (await ledger.find("whole")).last_seq
        effects = len((await read_view(ledger, "whole")).steps)
        await ledger.close()
        assert effects == 2 * COUNTS + 3

        cuts = list(range(1, events, every))

        async def cut(crew: Workers) -> None:
            while cuts:
                name = f"cut-{cuts[-1]}"
                assert await crash_and_resume(crew, name, commits=cuts.pop())
                assert await state_of(home, name) == expected

        await asyncio.gather(cut(one), cut(two))

        chance = random.Random(7)  # noqa: S311 - chooses moments, keeps no secrets
        trials = iter(range(5 * wanted))
        killed: list[str] = []

        async def kill(crew: Workers) -> None:
            while len(killed) < wanted:
                name = f"instant-{next(trials)}"
                if await crash_and_resume(crew, name, kill_after=chance.uniform(0.02, seconds)):
                    killed.append(name)
                assert await state_of(home, name) == expected

        await asyncio.gather(kill(one), kill(two))
