"""How tests have processes work on runs and be killed; ``forking`` is the other end."""

import asyncio
import contextlib
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from agent.domain.report import Report
from agent.ledger.store import Ledger
from agent.runtime.history import read_view


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

    async def killed(self, events: int, every: int) -> list[str]:
        """Cut a run after each so many events and resume it; return the ids of those that were killed."""
        killed = []
        for cut in range(2, events, every):
            run_id = f"cut-{cut}"
            ended = await self.work(run_id, commits=cut)
            assert ended in (0, -9)
            if ended == -9:
                killed.append(run_id)
                assert await self.work(run_id, resume=True) == 0
        return killed


@contextlib.asynccontextmanager
async def working(module: str, folder: Path) -> AsyncIterator[Worker]:
    """Start a module that forks for orders, and let it end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    yield Worker(process, folder)
    assert process.stdin is not None
    process.stdin.close()
    await process.wait()


async def report_of(ledger: Ledger, run_id: str) -> Report:
    report = (await read_view(ledger, run_id)).report
    assert report is not None
    return report
