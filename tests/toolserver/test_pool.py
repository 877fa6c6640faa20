"""A pool of warm sandboxes: it stays filled, hands out what is well, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolserver.asking import ask, eventually, processes_with, shell
from tests.toolserver.node_process import short_folder
from tests.toolserver.proxying import answering, served
from toolserver.client import (
    AllowListEgress,
    DockerSandbox,
    EgressEvent,
    EgressGateway,
    HostRule,
    LocalSandbox,
    Sandbox,
    SandboxPool,
    open_sandbox,
)
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.deployment.leftovers import remove_leftovers, state_folders
from toolserver.deployment.place import socket_folder
from toolserver.deployment.pooled import drop_dangling, reap_pooled
from toolserver.engine import Engine

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


async def test_one_that_cannot_be_started_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "state"
    # a node that is given no time to start
    impatient = LocalSandbox(start_seconds=0.001)

    async with short_folder() as runtime:
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(runtime))
        sockets = runtime / f"plumbline-{os.getuid()}"
        async with SandboxPool(impatient, 1, state):
            await eventually(lambda: sockets.exists() and any(sockets.iterdir()))
            await eventually(lambda: not pooled(state))

        assert pooled(state) == []
        assert list(sockets.iterdir()) == []
    assert processes_with(str(state)) == []


async def test_the_pool_fills_once_its_folder_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder belongs")

    async with SandboxPool(CONFIG, 1, tmp_path / "state") as pool:
        await asyncio.sleep(0.5)
        (tmp_path / "state").unlink()
        await eventually(lambda: pool.ready == 1, 30)


async def test_one_that_is_frozen_does_not_hold_up_a_hand_out(tmp_path: Path) -> None:
    async with SandboxPool(CONFIG, 2, tmp_path) as pool:
        await eventually(lambda: pool.ready == 2, 30)
        # the first that was started is the first to be handed out
        frozen = nodes_of(min(pooled(tmp_path), key=lambda path: (path / "process").stat().st_mtime_ns))
        for process in frozen:
            os.kill(process, signal.SIGSTOP)
        async with asyncio.timeout(60):
            sandbox = await pool.open("mine")
        assert (await shell(sandbox, "echo well"))["stdout"] == "well\n"
        await sandbox.close()
    assert frozen
    assert list(tmp_path.glob("*")) == []


async def test_a_cancelled_hand_out_leaves_nothing(tmp_path: Path) -> None:
    async with SandboxPool(CONFIG, 3, tmp_path) as pool:
        await eventually(lambda: pool.ready == 3, 30)
        for number, seconds in enumerate((0.0, 0.002, 0.01)):
            opening = asyncio.ensure_future(pool.open(f"mine-{number}"))
            await asyncio.sleep(seconds)
            opening.cancel()
            (opened,) = await asyncio.gather(opening, return_exceptions=True)
            if isinstance(opened, Sandbox):
                await opened.close()
    assert list(tmp_path.glob("*")) == []


async def test_a_warm_sandbox_is_let_out_when_it_is_handed_out(bubblewrap: Bubblewrap, tmp_path: Path) -> None:
    told: list[EgressEvent] = []
    async with served(answering(b"found")) as port:
        rule = HostRule(host="127.0.0.1", ports=(port,), private=True)
        config = LocalSandbox(egress=AllowListEgress(hosts=(rule,)), require_isolation=True)
        async with EgressGateway() as gateway, SandboxPool(config, 1, tmp_path, gateway=gateway) as pool:
            await eventually(lambda: pool.ready == 1 and gateway.process_id is not None, 30)
            proxy = gateway.process_id
            (warm,) = pooled(tmp_path)
            assert not (socket_folder(tmp_path, warm.name) / "egress.sock").exists()
            sandbox = await pool.open("mine", told.append)
            outcome = await ask(sandbox, "http", url=f"http://127.0.0.1:{port}/")
            await sandbox.detach()
            assert gateway.process_id == proxy
            again = await pool.open("mine")
            assert (await ask(again, "http", url=f"http://127.0.0.1:{port}/")).ok
            assert again.description.network == "allow-list"
            await again.close()
    assert "found" in outcome.text
    assert [(event.host, event.decision) for event in told] == [("127.0.0.1", "allowed")]
    assert list(tmp_path.glob("*")) == []


async def test_marks_of_sandboxes_that_are_gone_are_removed_and_no_others(tmp_path: Path) -> None:
    async with SandboxPool(CONFIG, 1, tmp_path) as pool:
        await eventually(lambda: pool.ready == 1, 30)
        sandbox = await pool.open("living")
        (tmp_path / "dangling").mkdir()
        (tmp_path / "dangling" / "alias").write_text("pool-0123456789abcdef")
        (tmp_path / ".pool-0123456789abcdef.new").mkdir()
        await eventually(lambda: pool.ready == 1, 30)

        assert await reap_pooled(tmp_path) == ()
        assert drop_dangling(tmp_path) == ("dangling",)
        assert (await shell(sandbox, "echo well"))["stdout"] == "well\n"
        await sandbox.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.docker
@pytest.mark.usefixtures("engine_ready")
async def test_cleaning_leaves_a_handed_out_container_to_its_manager_and_ends_waiting_ones_of_dead_managers(
    tmp_path: Path, new_id: str
) -> None:
    code = (
        "import asyncio, os, pathlib, signal\n"
        "from toolserver.client import DockerSandbox, SandboxPool\n"
        "async def main():\n"
        f"    async with SandboxPool(DockerSandbox(), 1, pathlib.Path({str(tmp_path)!r})) as pool:\n"
        "        while pool.ready == 0: await asyncio.sleep(0.05)\n"
        "        os.kill(os.getpid(), signal.SIGKILL)\n"
        "asyncio.run(main())\n"
    )
    async with SandboxPool(DockerSandbox(), 1, tmp_path) as pool:
        await eventually(lambda: pool.ready == 1, 60)
        sandbox = await pool.open(new_id)
        await asyncio.to_thread(subprocess.run, [sys.executable, "-c", code], check=False, timeout=90)
        await eventually(lambda: pool.ready == 1, 60)
        before = {path.name for path in pooled(tmp_path)}
        async with Engine.connect() as engine:
            assert tmp_path.resolve() in await state_folders(engine)
            waiting = await reap_pooled(tmp_path)
            removed = await remove_leftovers(engine, tmp_path)
        assert len(before) == 3
        assert {path.name for path in pooled(tmp_path)} == before - set(waiting)
        assert len(waiting) == 1
        assert removed.containers == ()
        assert drop_dangling(tmp_path) == ()
        assert (await shell(sandbox, "echo well"))["stdout"] == "well\n"
        await sandbox.close()


def nodes_of(folder: Path) -> list[int]:
    """Return the node's process of a local sandbox, and those that bubblewrap keeps around it."""
    record = json.loads((folder / "process").read_text())
    return [record["pid"], *processes_below(record["pid"])]


def processes_below(process: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    return [below for child in found for below in (child, *processes_below(child))]
