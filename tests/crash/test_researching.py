"""A run that is killed while it researches ends like one that was not, and asks no page for what is recorded."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.domain.report import Report
from agent.ledger.store import Ledger
from agent.runtime.history import read_view
from tests.studio import assert_replays

EVERY = 5
"""A run is cut after each so many events."""


@dataclass
class Worker:
    """The process that forks those that are killed."""

    process: asyncio.subprocess.Process
    folder: Path

    async def work(self, run_id: str, *, resume: bool = False, commits: int | None = None) -> int:
        """Let a process start or resume a run; returns its exit code, -9 when it was killed."""
        order = {
            "home": str(self.folder / "home"), "folder": str(self.folder / run_id),
            "run_id": run_id, "resume": resume, "commits": commits,
        }  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.process.stdin.drain()
        return int(json.loads(await self.process.stdout.readline())["ended"])


@pytest.fixture
async def worker(folder: Path) -> AsyncIterator[Worker]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.researching", stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    yield Worker(process, folder)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def report_of(ledger: Ledger, run_id: str) -> Report:
    report = (await read_view(ledger, run_id)).report
    assert report is not None
    return report


@pytest.mark.slow
async def test_a_run_killed_at_its_effects_while_it_researches_comes_to_the_same_report(
    worker: Worker, folder: Path
) -> None:
    assert await worker.work("whole") == 0
    ledger = await Ledger.open(folder / "home")
    expected = await report_of(ledger, "whole")
    events = (await ledger.find("whole")).last_seq
    await ledger.close()
    assert expected.outcome == "verified"

    killed = []
    for cut in range(2, events, EVERY):
        run_id = f"cut-{cut}"
        ended = await worker.work(run_id, commits=cut)
        assert ended in (0, -9)
        if ended == -9:
            killed.append(run_id)
            assert await worker.work(run_id, resume=True) == 0

    ledger = await Ledger.open(folder / "home")
    for run_id in killed:
        assert await report_of(ledger, run_id) == expected
        fetched = Counter((folder / "home" / f"{run_id}.fetched").read_text().split())
        # what was under way when the process died is asked for once more, and nothing else
        assert sum(fetched.values()) <= len(fetched) + 2
    assert len(killed) > events // EVERY // 2
    await assert_replays(ledger, killed[-1], folder / "replay")
    await ledger.close()
