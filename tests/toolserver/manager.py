"""A process that manages a sandbox until it is killed: ``python -m tests.toolserver.manager local|docker ID DIR``."""

import asyncio
import signal
import sys
from pathlib import Path

from toolserver.client import DockerSandbox, LocalSandbox, SandboxConfig, open_sandbox

CONFIGS: dict[str, SandboxConfig] = {
    "local": LocalSandbox(testing=True, require_isolation=True, idle_seconds=60),
    "docker": DockerSandbox(testing=True, idle_seconds=60),
}


async def manage(kind: str, sandbox_id: str, folder: Path) -> None:
    """Open a sandbox, leave one call done and one running, say so, and wait for the end."""
    sandbox = await open_sandbox(CONFIGS[kind], sandbox_id, state_dir=folder)
    await sandbox.call("done", "counter", {})
    running = asyncio.ensure_future(sandbox.call("running", "counter", {"seconds": 3}))
    await asyncio.sleep(0.2)
    print("managing", flush=True)  # noqa: T201 - what the test waits for
    await running
    await asyncio.Event().wait()


async def killed_manager(kind: str, sandbox_id: str, folder: Path) -> None:
    """Run a manager and kill it while a call is running."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.toolserver.manager", kind, sandbox_id, str(folder)),
        stdout=asyncio.subprocess.PIPE,
    )
    if process.stdout is None:
        raise AssertionError("the pipe was asked for")
    async with asyncio.timeout(60):
        line = await process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    await process.wait()
    if line != b"managing\n":
        raise AssertionError("the manager did not come up")


if __name__ == "__main__":
    asyncio.run(manage(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
