"""Fifty sandboxes come and go under load, some of them badly, and nothing of theirs is left on the machine."""

import asyncio
import contextlib
import hashlib
import os
import random
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.toolserver.asking import eventually, marked_sleep
from toolserver.client import (
    DockerSandbox,
    EgressGateway,
    Limits,
    PackagesEgress,
    Sandbox,
    SandboxConfig,
    SandboxPool,
    open_sandbox,
)
from toolserver.deployment import disk
from toolserver.deployment.place import socket_folder

SANDBOXES = 50
SIDE_BY_SIDE = 6
LIMITS = Limits(disk_mb=64, disk_files=2000, memory_mb=256)
PLAIN = DockerSandbox(limits=LIMITS, testing=True)
REACHING = DockerSandbox(limits=LIMITS, testing=True, egress=PackagesEgress())


def docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], check=True, capture_output=True, text=True).stdout.strip()


def things(folder: Path) -> dict[str, list[str]]:
    """Return what there is on the engine and on this machine of the sandboxes of a state folder."""
    label = f"label=plumbline.state={folder.resolve()}"
    named = os.fsencode(folder.resolve())
    return {
        "containers": docker("ps", "-aq", "--filter", label).split(),
        "volumes": docker("volume", "ls", "-q", "--filter", label).split(),
        "networks": docker("network", "ls", "-q", "--filter", label).split(),
        "loop devices": [device for device, file in disk.devices() if Path(file).is_relative_to(folder.resolve())],
        "mounts": [line for line in Path("/proc/mounts").read_text().splitlines() if str(folder.resolve()) in line],
        "files": sorted(str(path) for path in folder.iterdir() if path.name != ".managers"),
        "processes": [f"{pid}" for pid, line in command_lines().items() if named in line],
    }


def command_lines() -> dict[int, bytes]:
    """Return the command lines of all processes of this machine, those in containers among them."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                found[int(entry.name)] = (entry / "cmdline").read_bytes()
    return found


def sockets(folder: Path, ids: Iterable[str]) -> set[str]:
    """Return those sandboxes of a state folder that have a folder for sockets."""
    probe = socket_folder(folder, "probe")
    probe.rmdir()
    # others on this machine have theirs in the same place
    names = {hashlib.sha256(f"{folder.resolve()}\0{one}".encode()).hexdigest()[:16]: one for one in ids}
    return {names[path.name] for path in probe.parent.iterdir() if path.name in names}


def own_children() -> set[int]:
    found = Path("/proc/self/task").glob("*/children")
    return {int(child) for file in found for child in file.read_text().split()}


@dataclass
class Load:
    """Opens, uses and ends sandboxes in several ways, chosen by a number."""

    folder: Path
    pool: SandboxPool
    gateway: EgressGateway
    marker: str
    chance: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - can be repeated

    async def one(self, number: int) -> str:
        way = ("plain", "pooled", "egress", "killed", "cancelled")[number % 5]
        sandbox_id = f"one-{number}"
        working = asyncio.ensure_future(self._worked(sandbox_id, way))
        if way == "cancelled":
            await asyncio.wait({working}, timeout=self.chance.uniform(0.0, 4.0))
            working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
        if way == "cancelled":
            # whoever takes the run up again, or discards it, opens it and ends it
            await (await open_sandbox(PLAIN, sandbox_id, state_dir=self.folder)).close()
        return way

    async def _worked(self, sandbox_id: str, way: str) -> None:
        sandbox = await self._opened(sandbox_id, way)
        calls = [
            asyncio.ensure_future(sandbox.call("waits", "shell", {"command": marked_sleep(self.marker)})),
            asyncio.ensure_future(
                sandbox.call(
                    "daemon", "shell", {"command": f"setsid {marked_sleep(self.marker)} & head -c 3000000 /dev/zero"}
                )
            ),
            asyncio.ensure_future(
                sandbox.call("job", "shell", {"command": marked_sleep(self.marker), "background": True})
            ),
        ]
        try:
            await asyncio.wait(calls, timeout=self.chance.uniform(0.2, 1.5))
            if way == "killed":
                await asyncio.to_thread(self._kill, sandbox_id)
            else:
                await sandbox.cancel("waits")
                assert (await sandbox.call("last", "shell", {"command": "echo well"})).data["stdout"] == "well\n"
        finally:
            await (sandbox.detach() if way == "cancelled" else sandbox.close())
            for call in calls:
                call.cancel()
            await asyncio.gather(*calls, return_exceptions=True)

    async def _opened(self, sandbox_id: str, way: str) -> Sandbox:
        if way == "pooled":
            return await self.pool.open(sandbox_id)
        config: SandboxConfig = REACHING if way == "egress" else PLAIN
        return await open_sandbox(config, sandbox_id, state_dir=self.folder, gateway=self.gateway)

    def _kill(self, sandbox_id: str) -> None:
        (container,) = docker("ps", "-q", "--filter", f"label=plumbline.sandbox={sandbox_id}").split()
        docker("kill", container)


@pytest.mark.slow
@pytest.mark.docker
@pytest.mark.usefixtures("engine_ready")
async def test_fifty_sandboxes_under_load_leave_nothing(tmp_path: Path, new_id: str) -> None:
    children_before = own_children()
    ids: set[str] = set()
    free = asyncio.Semaphore(SIDE_BY_SIDE)
    seen: dict[str, int] = {}
    async with EgressGateway() as gateway, SandboxPool(PLAIN, 2, tmp_path) as pool:
        load = Load(tmp_path, pool, gateway, marker=f"marked-{new_id}")

        async def one(number: int) -> str:
            async with free:
                return await load.one(number)

        async def look() -> None:
            while True:
                ids.update(path.name for path in tmp_path.iterdir())
                for kind, found in (await asyncio.to_thread(things, tmp_path)).items():
                    seen[kind] = max(seen.get(kind, 0), len(found))
                marked = [line for line in command_lines().values() if load.marker.encode() in line]
                seen["marked"] = max(seen.get("marked", 0), len(marked))
                seen["sockets"] = max(seen.get("sockets", 0), len(sockets(tmp_path, ids)))
                await asyncio.sleep(1)

        looking = asyncio.ensure_future(look())
        ways = await asyncio.gather(*(one(number) for number in range(SANDBOXES)))
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)

    # such things are seen while sandboxes are there, so seeing none afterwards means something
    assert [kind for kind in ("containers", "volumes", "files", "marked", "sockets") if not seen[kind]] == []
    assert disk.obstacle() is not None or seen["loop devices"] > 0
    assert {way: ways.count(way) for way in set(ways)} == dict.fromkeys(
        ("plain", "pooled", "egress", "killed", "cancelled"), SANDBOXES // 5
    )
    # the kernel lets go of a disk a moment after its last user
    await eventually(lambda: things(tmp_path)["loop devices"] == [], 20)
    assert {kind: found for kind, found in things(tmp_path).items() if found} == {}
    assert [pid for pid, line in command_lines().items() if load.marker.encode() in line] == []
    assert sockets(tmp_path, ids) == set()
    assert own_children() - children_before == set()
