"""Measure what a sandbox costs: ``python -m tests.toolserver.measure [local] [docker]``."""

import asyncio
import statistics
import sys
import tempfile
import time
import uuid
from collections.abc import Awaitable, Callable
from pathlib import Path

from tests.toolserver.asking import ask, shell
from toolserver.client import DockerSandbox, LocalSandbox, Sandbox, SandboxConfig, open_sandbox

CONFIGS: dict[str, SandboxConfig] = {"local": LocalSandbox(testing=True), "docker": DockerSandbox(testing=True)}

MEMORY = "grep -h -e ^Name -e ^VmRSS /proc/[0-9]*/status; grep -h ^Pss: /proc/$PPID/smaps_rollup"
GROUP = "cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory/memory.usage_in_bytes 2>/dev/null"


async def milliseconds(work: Callable[[], Awaitable[object]], times: int) -> list[float]:
    """Return how long each run took."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


def report(name: str, taken: list[float]) -> None:
    """Print the spread of measured times."""
    p95 = taken[int(len(taken) * 0.95)]
    sys.stdout.write(f"{name:<28} p50 {statistics.median(taken):8.2f} ms  min {taken[0]:8.2f}  p95 {p95:8.2f}\n")


async def measure(kind: str, folder: Path) -> None:
    """Print the figures of one deployment."""
    sandboxes: list[Sandbox] = []

    async def open_one() -> None:
        sandboxes.append(await open_sandbox(CONFIGS[kind], f"measure-{uuid.uuid4().hex[:8]}", state_dir=folder))

    async def close_one() -> None:
        await sandboxes.pop().close()

    report(f"{kind}: open", await milliseconds(open_one, 7))
    report(f"{kind}: close", await milliseconds(close_one, 6))
    sandbox = sandboxes[0]
    await shell(sandbox, "true")
    report(f"{kind}: no-op (health)", await milliseconds(sandbox.health, 500))
    report(f"{kind}: journaled (counter)", await milliseconds(lambda: ask(sandbox, "counter"), 500))
    report(f"{kind}: spawn (shell: true)", await milliseconds(lambda: shell(sandbox, "true"), 200))
    report(f"{kind}: spawn (python: pass)", await milliseconds(lambda: ask(sandbox, "python", code="pass"), 50))
    sys.stdout.write((await shell(sandbox, MEMORY))["stdout"] + (await shell(sandbox, GROUP))["stdout"])
    await sandbox.close()


async def main(kinds: list[str]) -> None:
    """Measure the deployments that are named."""
    with tempfile.TemporaryDirectory() as folder:
        for kind in kinds:
            await measure(kind, Path(folder))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:] or list(CONFIGS)))
