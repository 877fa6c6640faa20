"""What a sandbox costs: opening it, calling it, and letting it wait.

Each figure is a median with the 95th percentile and the minimum, because other work on the machine adds to all but the
last. ``docker exec`` of the plain engine stands beside them: it is what a call would cost without a node.
"""

import asyncio
import contextlib
import itertools
import math
import statistics
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel

from evals.benchmarks.memory import container_mb, processes_mb
from toolserver.client import DockerSandbox, LocalSandbox, Sandbox, SandboxConfig, SandboxPool, open_sandbox

Deployment = Literal["local", "docker"]
DEPLOYMENTS: tuple[Deployment, ...] = ("local", "docker")

POOLED = 2
"""Sandboxes that wait in the pool whose hand-out is timed."""

SETTLE_SECONDS = 2.0
"""How long a sandbox is left alone before its memory is looked at."""


class Cost(BaseModel):
    """One figure. ``unit`` is ``ms``, or ``MB`` of 1,048,576 bytes; ``samples`` is how many it was made of."""

    deployment: Deployment
    what: str
    unit: Literal["ms", "MB"]
    p50: float
    p95: float
    least: float
    samples: int


async def toolserver_costs(deployment: Deployment, *, opens: int = 4, calls: int = 300) -> list[Cost]:
    """Measure one deployment.

    Args:
        deployment: where the sandboxes run.
        opens: sandboxes that are opened, and are then idle together.
        calls: repetitions of the cheapest calls; dearer ones are repeated less often.

    Raises:
        SandboxUnavailable: no sandbox can be opened there.
    """
    rows: list[Cost] = []

    def add(what: str, taken: list[float], unit: Literal["ms", "MB"] = "ms") -> None:
        rows.append(_cost(deployment, what, taken, unit))

    numbers = itertools.count()
    with tempfile.TemporaryDirectory(prefix="plumbline-bench-", ignore_cleanup_errors=True) as folder:
        async with _opened(deployment, Path(folder), opens) as (sandboxes, opening):
            add("cold start", opening)
            await asyncio.sleep(SETTLE_SECONDS)
            add("idle memory, never called", await _memory(deployment, sandboxes, Path(folder)), "MB")
            sandbox = sandboxes[0]

            def calling(tool: str, **arguments: object) -> Callable[[], Awaitable[object]]:
                async def call() -> None:
                    outcome = await sandbox.call(f"bench-{next(numbers)}", tool, arguments)
                    if not outcome.ok:
                        raise RuntimeError(f"{tool} failed: {outcome.text}")

                return call

            add("no-op", await _times(sandbox.health, calls))
            add("journaled call", await _times(calling("checkpoint"), calls))
            add("shell: true", await _times(calling("shell", command="true"), calls // 2))
            add("python: pass", await _times(calling("python", code="pass"), max(calls // 10, 1)))
            if deployment == "docker":
                add("plain docker exec true", await _times(_plain_exec(sandbox.id), max(calls // 20, 1)))
            for one in sandboxes:
                await one.call("used", "shell", {"command": "true"})
            await asyncio.sleep(SETTLE_SECONDS)
            add("idle memory, after calls", await _memory(deployment, sandboxes, Path(folder)), "MB")
        add("warm hand-out", await _hand_outs(deployment, Path(folder) / "pool", 3 * opens))
    return rows


async def _hand_outs(deployment: Deployment, folder: Path, number: int) -> list[float]:
    """Return how long each of several sandboxes took to be had from a filled pool, one after the other."""
    handed_out: list[Sandbox] = []
    async with SandboxPool(_config(deployment), POOLED, folder) as pool:

        async def one_more() -> None:
            handed_out.append(await pool.open(f"warm-{len(handed_out)}"))

        try:
            taken = []
            for _ in range(number):
                while pool.ready < POOLED:  # noqa: ASYNC110 - a pool tells nobody that it is full
                    await asyncio.sleep(0.05)
                taken += await _times(one_more, 1)
            return taken
        finally:
            for sandbox in handed_out:
                await sandbox.close()


def _config(deployment: Deployment) -> SandboxConfig:
    return DockerSandbox() if deployment == "docker" else LocalSandbox()


@contextlib.asynccontextmanager
async def _opened(
    deployment: Deployment, folder: Path, number: int
) -> AsyncIterator[tuple[list[Sandbox], list[float]]]:
    """Open sandboxes one after the other; give them and how long each took."""
    config = _config(deployment)
    sandboxes: list[Sandbox] = []

    async def one_more() -> None:
        sandbox_id = f"bench-{folder.name[-8:].lower()}-{len(sandboxes)}"
        sandboxes.append(await open_sandbox(config, sandbox_id, state_dir=folder))

    try:
        yield sandboxes, await _times(one_more, number)
    finally:
        for sandbox in sandboxes:
            await sandbox.close()


async def _memory(deployment: Deployment, sandboxes: list[Sandbox], folder: Path) -> list[float]:
    if deployment == "docker":
        found = [await asyncio.to_thread(container_mb, sandbox.id) for sandbox in sandboxes]
        return [value for value in found if value is not None]
    return [await asyncio.to_thread(processes_mb, str(folder / sandbox.id)) for sandbox in sandboxes]


def _plain_exec(sandbox_id: str) -> Callable[[], Awaitable[object]]:
    listed = ["docker", "ps", "-q", "--filter", f"label=plumbline.sandbox={sandbox_id}"]
    container = subprocess.run(listed, capture_output=True, text=True, check=True).stdout.strip()

    async def run() -> None:
        process = await asyncio.create_subprocess_exec("docker", "exec", container, "bash", "-c", "true")
        if await process.wait() != 0:
            raise RuntimeError("docker exec failed")

    return run


async def _times(work: Callable[[], Awaitable[object]], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def _cost(deployment: Deployment, what: str, taken: list[float], unit: Literal["ms", "MB"]) -> Cost:
    ordered = sorted(taken)
    p95 = ordered[min(math.ceil(len(ordered) * 0.95), len(ordered)) - 1]
    return Cost(
        deployment=deployment,
        what=what,
        unit=unit,
        p50=round(statistics.median(ordered), 2),
        p95=round(p95, 2),
        least=round(ordered[0], 2),
        samples=len(ordered),
    )
