"""Independent subtasks must overlap: wall time against the critical path, with a model that takes one second a call."""

import asyncio
import tempfile
import time
from pathlib import Path

from pydantic import BaseModel

from agent.domain.messages import Reply
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.models.testing.script import call
from agent.models.testing.scripted_model import Asked, ScriptedModel
from agent.runtime.runner import Runner
from agent.runtime.settings import Settings
from evals.benchmarks.cells import run_tool
from evals.benchmarks.services import BenchmarkServices

CALL_SECONDS = 1.0
CALLS_EACH = 3


class Overlap(BaseModel):
    """Wall time of a plan with two independent subtasks, beside its critical path and the sum of all calls."""

    wall_seconds: float
    critical_path_seconds: float
    sequential_seconds: float

    @property
    def over(self) -> float:
        """Wall time as a multiple of the critical path."""
        return self.wall_seconds / self.critical_path_seconds


async def overlap() -> Overlap:
    """Run a plan of two subtasks with three calls each, between one call for the plan and one for the report."""
    model = ScriptedModel(_turn)
    ledger = await Ledger.open(Path(tempfile.mkdtemp(prefix="plumbline-parallel-")))
    runner = Runner(ledger, BenchmarkServices(model, run_tool), Settings())
    began = time.perf_counter()
    await runner.wait(await runner.start(Task(goal="Do two things that have nothing to do with each other")))
    wall = time.perf_counter() - began
    await runner.close()
    await ledger.close()
    return Overlap(
        wall_seconds=wall,
        critical_path_seconds=(CALLS_EACH + 2) * CALL_SECONDS,
        sequential_seconds=len(model.asked) * CALL_SECONDS,
    )


async def _turn(asked: Asked) -> Reply:
    await asyncio.sleep(CALL_SECONDS)
    about = str(asked.messages[1]["content"])
    if "What the subtasks found" in about:
        return call("submit", answer="Both things are done.")
    if "Your part of it:" not in about:
        return call("make_plan", subtasks=[{"id": "one", "goal": "the first"}, {"id": "two", "goal": "the second"}])
    steps = sum(message["role"] == "assistant" for message in asked.messages)
    return call("submit", answer="done") if steps == CALLS_EACH - 1 else call("calc", expression=f"{steps} * 2 + 1")
