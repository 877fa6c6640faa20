"""How storage and resuming grow with the length of a run: both must be linear in its steps."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

from pydantic import BaseModel

from agent.domain.budget import Budget
from agent.domain.task import Task
from agent.execution.setting import Limits
from agent.ledger.store import Ledger
from agent.models.config import OpenAIConfig
from agent.models.openai_compatible import OpenAICompatible
from agent.models.port import Profile
from agent.models.testing.benchmark_turns import ANSWER
from agent.models.testing.scripted_server import ScriptedServer
from agent.runtime.replay import replayed_report
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from evals.benchmarks.cells import GOAL, run_tool
from evals.benchmarks.services import BenchmarkServices

STEPS = (100, 400, 1_600)


class Grown(BaseModel):
    """A run of so many steps: what it stores, and how long a re-run over its record takes.

    Attributes:
        database_bytes: the whole database after a checkpoint, less that of an empty ledger.
        blob_bytes: all blobs.
        live_edge_seconds: from opening the ledger to the first effect that is not recorded.
    """

    steps: int
    events: int
    database_bytes: int
    blob_bytes: int
    live_edge_seconds: float

    @property
    def bytes_per_step(self) -> float:
        """Database and blobs together, per step."""
        return (self.database_bytes + self.blob_bytes) / self.steps


async def growth() -> list[Grown]:
    """Play runs of 100, 400 and 1,600 steps and measure each."""
    empty = await _empty_size()
    async with ScriptedServer() as server:
        return [await _grown(server, steps, empty) for steps in STEPS]


async def _grown(server: ScriptedServer, steps: int, empty: int) -> Grown:
    home = Path(tempfile.mkdtemp(prefix="plumbline-growth-"))
    url = server.session_url(turns=steps - 1).removesuffix("/v1")
    config = OpenAIConfig(
        model="scripted", base_url=f"{url}/submit/v1", api_key_env=None,
        profile=Profile(tool_mode="native", context=100_000_000),
    )  # fmt: skip
    ledger = await Ledger.open(home)
    services = BenchmarkServices(OpenAICompatible("scripted", config), run_tool)
    runner = Runner(ledger, services, Settings(limits=Limits(steps=steps + 10)))
    run_id = await runner.start(Task(goal=GOAL, budget=Budget(steps=None)))
    report = await runner.wait(run_id)
    if report.answer != ANSWER:
        raise SystemExit(f"the run of {steps} steps ended with another answer: {report.answer}")
    events = (await ledger.find(run_id)).last_seq
    await runner.close()
    await services.close()
    await ledger.close()
    measured = Grown(
        steps=steps,
        events=events,
        database_bytes=(home / "ledger.db").stat().st_size - empty,
        blob_bytes=sum(file.stat().st_size for file in (home / "blobs").rglob("*") if file.is_file()),
        live_edge_seconds=await _live_edge(home, run_id),
    )
    shutil.rmtree(home)
    return measured


async def _live_edge(home: Path, run_id: str) -> float:
    """Time a re-run of the whole record, which is what resuming does before anything new can happen."""
    began = time.perf_counter()
    ledger = await Ledger.open(home)
    await replayed_report(ledger, run_id)
    spent = time.perf_counter() - began
    await ledger.close()
    return spent


async def _empty_size() -> int:
    home = Path(tempfile.mkdtemp(prefix="plumbline-growth-"))
    await (await Ledger.open(home)).close()
    size = (home / "ledger.db").stat().st_size
    await asyncio.to_thread(shutil.rmtree, home)
    return size
