"""A pool of warm sandboxes: it stays filled, hands out what is well, and leaves nothing behind."""

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolserver.asking import ask, eventually, shell
from toolserver.client import LocalSandbox, SandboxPool, open_sandbox

CONFIG = LocalSandbox(testing=True)


def pooled(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.name.startswith("pool-")] if folder.exists() else []


async def test_a_warm_sandbox_is_handed_out_under_any_id_and_found_again(tmp_path: Path) -> None:
    async with SandboxPool(CONFIG, 1, tmp_path) as pool:
        await eventually(lambda: pool.ready == 1, 30)
        (warm,) = pooled(tmp_path)
        sandbox = await pool.open("mine")
        await shell(sandbox, "echo kept > file")
        await sandbox.detach()
        again = await open_sandbox(CONFIG, "mine", state_dir=tmp_path)
        assert (tmp_path / "mine" / "alias").read_text() == warm.name
        assert (await shell(again, "cat file"))["stdout"] == "kept\n"
        await again.close(keep_workspace=True)
        third = await pool.open("mine")
        assert (await shell(third, "cat file"))["stdout"] == "kept\n"
        await third.close()
        await eventually(lambda: pool.ready == 1, 30)
    assert list(tmp_path.glob("*")) == []


async def test_a_dead_one_is_replaced_and_never_handed_out(tmp_path: Path) -> None:
    async with SandboxPool(CONFIG, 1, tmp_path) as pool:
        await eventually(lambda: pool.ready == 1, 30)
        (warm,) = pooled(tmp_path)
        other = await open_sandbox(CONFIG, warm.name, state_dir=tmp_path)
        await other.close(keep_workspace=True)
        sandbox = await pool.open("mine")
        assert (await ask(sandbox, "list_files")).ok
        await sandbox.close()
    assert pooled(tmp_path) == []


async def test_without_a_hand_out_the_waiting_ones_end(tmp_path: Path) -> None:
    async with SandboxPool(CONFIG, 1, tmp_path, idle_seconds=1) as pool:
        await eventually(lambda: pool.ready == 1, 30)
        await eventually(lambda: pool.ready == 0, 30)
        await eventually(lambda: pooled(tmp_path) == [], 10)


async def test_what_a_killed_manager_left_waiting_is_removed_by_the_next(tmp_path: Path) -> None:
    code = (
        "import asyncio, os, pathlib, signal\n"
        "from toolserver.client import LocalSandbox, SandboxPool\n"
        "async def main():\n"
        f"    async with SandboxPool(LocalSandbox(), 1, pathlib.Path({str(tmp_path)!r})) as pool:\n"
        "        while pool.ready == 0: await asyncio.sleep(0.05)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    killed = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], check=False, timeout=60)
    left = pooled(tmp_path)
    assert killed.returncode == -9
    assert len(left) == 1
    async with SandboxPool(CONFIG, 0, tmp_path):
        assert pooled(tmp_path) == []


@pytest.mark.docker
@pytest.mark.usefixtures("engine_ready")
async def test_a_warm_container_is_handed_out_and_leaves_nothing(tmp_path: Path, new_id: str) -> None:
    from toolserver.client import DockerSandbox

    async with SandboxPool(DockerSandbox(), 1, tmp_path) as pool:
        await eventually(lambda: pool.ready == 1, 60)
        sandbox = await pool.open(new_id)
        assert (await shell(sandbox, "echo hello"))["stdout"] == "hello\n"
        await sandbox.close()
    for kind in (["ps", "-a"], ["volume", "ls"]):
        label = f"label=plumbline.state={tmp_path.resolve()}"
        listed = await asyncio.to_thread(
            subprocess.run, ["docker", *kind, "-q", "--filter", label], capture_output=True, check=True
        )
        assert listed.stdout == b""
