"""A node as a process of its own, which tests can kill."""

import asyncio
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.toolserver.relay import Behind
from toolserver.deployment.place import started
from toolserver.sandbox import Sandbox


@dataclass(frozen=True)
class NodeProcess:
    """A running node and a sandbox that talks to it."""

    process: asyncio.subprocess.Process
    sandbox: Sandbox

    async def kill(self) -> None:
        """End the node without warning."""
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()


@asynccontextmanager
async def node_process(folder: Path, *options: str) -> AsyncIterator[NodeProcess]:
    """Start a node on a folder, which may hold what an earlier one left."""
    socket = folder / "n.sock"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "toolserver.node", "--testing", "--socket", str(socket)),
        *("--workspace", str(folder / "workspace"), "--state", str(folder / "state"), *options),
    )
    try:
        place = Behind(socket)
        await started(place.connect, 60, _nothing_known)
        sandbox = Sandbox("process", place)
        yield NodeProcess(process, sandbox)
        await sandbox.detach()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@asynccontextmanager
async def short_folder() -> AsyncIterator[Path]:
    """Give a temporary folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="pl-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


async def _nothing_known() -> str | None:
    return None
