"""A sandbox that is gone is told at once, whether or not a call is under way, and not by its missing heartbeat."""

import asyncio
import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.toolserver.asking import ask
from tests.toolserver.node_process import node_process, short_folder
from toolserver.client import DockerSandbox, LocalSandbox, Sandbox, SandboxLost, open_sandbox
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.sandbox import HEARTBEAT_SECONDS

SOON = HEARTBEAT_SECONDS - 1
"""Seconds within which a heartbeat cannot tell it; on a machine with nothing else to do it takes less than two."""


async def begun(sandbox: Sandbox) -> "asyncio.Task[object]":
    """Begin a long call and return once its program runs."""
    running = asyncio.ensure_future(ask(sandbox, "shell", command="touch up; sleep 60"))
    waiting = "import os, time\nwhile not os.path.exists('up'): time.sleep(0.02)"
    await ask(sandbox, "python", code=waiting)
    return running


async def test_a_killed_node_is_lost_with_a_call_in_flight_and_before_the_next_call() -> None:
    async with short_folder() as folder, node_process(folder) as node:
        running = await begun(node.sandbox)
        await node.kill()

        with pytest.raises(SandboxLost):
            async with asyncio.timeout(SOON):
                await running
        with pytest.raises(SandboxLost):
            async with asyncio.timeout(SOON):
                await ask(node.sandbox, "list_files")


async def test_a_killed_local_node_is_lost_in_time(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    sandbox = await open_sandbox(LocalSandbox(testing=True), new_id, state_dir=tmp_path)
    running = await begun(sandbox)
    outer = json.loads((tmp_path / new_id / "process").read_text())["pid"]
    for inner in Path(f"/proc/{outer}/task/{outer}/children").read_text().split():
        os.kill(int(inner), signal.SIGKILL)

    with pytest.raises(SandboxLost):
        async with asyncio.timeout(SOON):
            await running
    await sandbox.close()


def _killed(name: str) -> None:
    subprocess.run(["docker", "kill", name], check=True, capture_output=True)


def _removed(name: str) -> None:
    subprocess.run(["docker", "rm", "-f", name], check=True, capture_output=True)


@pytest.mark.docker
@pytest.mark.usefixtures("engine_ready")
@pytest.mark.parametrize("end", [_killed, _removed])
@pytest.mark.parametrize("in_flight", [True, False])
async def test_a_container_that_ended_is_lost_in_time(
    new_id: str, tmp_path: Path, end: Callable[[str], None], in_flight: bool
) -> None:
    sandbox = await open_sandbox(DockerSandbox(testing=True), new_id, state_dir=tmp_path)
    listed = ["docker", "ps", "-q", "--filter", f"label=plumbline.sandbox={new_id}"]
    name = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.strip()
    call = await begun(sandbox) if in_flight else None
    await asyncio.to_thread(end, name)

    with pytest.raises(SandboxLost):
        async with asyncio.timeout(SOON):
            await (call or ask(sandbox, "list_files"))
    await sandbox.close()


@pytest.mark.slow
async def test_a_frozen_node_is_lost_after_its_heartbeat() -> None:
    async with short_folder() as folder, node_process(folder) as node:
        running = await begun(node.sandbox)
        node.process.send_signal(signal.SIGSTOP)
        try:
            with pytest.raises(SandboxLost, match="does not answer"):
                async with asyncio.timeout(60):
                    await running
        finally:
            node.process.send_signal(signal.SIGCONT)
