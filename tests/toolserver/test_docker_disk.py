"""The disk of a sandbox ends at its quota: by a file system of its own where that is possible, else because its node
watches what its files take."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.toolserver.asking import ask, eventually, shell
from toolserver.client import DockerSandbox, Limits, LocalSandbox, Sandbox, open_sandbox
from toolserver.deployment import disk
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.deployment.docker import DockerPlace
from toolserver.engine import Engine

SMALL = Limits(disk_mb=64, disk_files=2000)
# what a command prints is kept on the same disk: it prints once there is room again
FILL = "head -c 200000000 /dev/zero 2>/tmp/told > big; size=$(stat -c %s big); rm big; cat /tmp/told >&2; echo $size"
MANY = (
    "mkdir m; cd m; (for i in $(seq 5000); do : > f$i || break; done) 2>/tmp/told; made=$(ls | wc -l); cd ..; rm -r m; "
    "cat /tmp/told >&2; echo $made"
)
SLOWLY = "while head -c 2000000 /dev/zero >> slow; do sleep 0.02; done"


@pytest.fixture
def own_disk() -> None:
    """A machine on which sandboxes can have disks of their own."""
    if (reason := disk.obstacle()) is not None:
        pytest.skip(f"no disks of their own here: {reason}")


@pytest.fixture
async def small(engine_ready: None, own_disk: None, new_id: str, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A container with a small disk of its own."""
    opened = await open_sandbox(DockerSandbox(limits=SMALL), new_id, state_dir=tmp_path)
    yield opened
    await opened.close()


@pytest.mark.docker
async def test_a_disk_that_was_there_is_described_with_its_own_size(
    engine_ready: None, own_disk: None, new_id: str, tmp_path: Path
) -> None:
    first = await open_sandbox(DockerSandbox(limits=SMALL), new_id, state_dir=tmp_path)
    await first.close(keep_workspace=True)

    larger = DockerSandbox(limits=Limits(disk_mb=128, disk_files=2000))
    async with await open_sandbox(larger, new_id, state_dir=tmp_path) as second:
        assert "a disk of its own of 64 MB" in second.description.isolation


class ForeignEngine(Engine):
    """An engine whose machine is not ours to make disks on."""

    @property
    def foreign(self) -> str | None:
        return "the test says so"

    @foreign.setter
    def foreign(self, value: str | None) -> None:
        """Stay with what the test says."""


@pytest.mark.docker
async def test_a_full_disk_is_said_at_the_quota_and_the_sandbox_goes_on(small: Sandbox) -> None:
    filled = await shell(small, FILL)
    after = await shell(small, "echo room > note && cat note")

    assert "No space left" in filled["stderr"]
    assert 40_000_000 < int(filled["stdout"]) < 64 * disk.MB
    assert after["stdout"] == "room\n"
    assert "a disk of its own of 64 MB" in small.description.isolation


@pytest.mark.docker
async def test_files_without_number_end_at_the_quota(small: Sandbox) -> None:
    made = await shell(small, MANY)
    after = await shell(small, "echo room > note && cat note")

    assert "No space left" in made["stderr"]
    assert 1000 < int(made["stdout"]) <= 2100
    assert after["stdout"] == "room\n"


@pytest.mark.docker
async def test_programs_of_other_users_have_no_rights_on_the_disk(small: Sandbox) -> None:
    mounted = (await shell(small, "grep ' /sandbox ' /proc/mounts"))["stdout"].split()

    assert mounted[2] == "ext4"
    assert {"nosuid", "nodev"} <= set(mounted[3].split(","))


@pytest.mark.docker
async def test_a_disk_lives_through_the_death_of_its_container(
    engine_ready: None, own_disk: None, new_id: str, tmp_path: Path
) -> None:
    first = await open_sandbox(DockerSandbox(limits=SMALL), new_id, state_dir=tmp_path)
    image = tmp_path / new_id / disk.IMAGE
    await first.upload("kept", b"content")
    assert len(disk.devices_of(image)) == 1
    async with Engine.connect() as engine:
        await engine.remove(f"{(await _place(engine, new_id, tmp_path)).name}")
    await eventually(lambda: disk.devices_of(image) == [])

    async with await open_sandbox(DockerSandbox(limits=SMALL), new_id, state_dir=tmp_path) as second:
        assert await second.download("kept", max_bytes=100) == b"content"
    assert disk.devices_of(image) == []
    assert not image.exists()


@pytest.mark.docker
async def test_a_kept_workspace_holds_no_device(
    engine_ready: None, own_disk: None, new_id: str, tmp_path: Path
) -> None:
    first = await open_sandbox(DockerSandbox(limits=SMALL), new_id, state_dir=tmp_path)
    await first.upload("kept", b"content")
    await first.close(keep_workspace=True)
    await eventually(lambda: disk.devices_of(tmp_path / new_id / disk.IMAGE) == [])

    async with await open_sandbox(DockerSandbox(limits=SMALL), new_id, state_dir=tmp_path) as second:
        assert await second.download("kept", max_bytes=100) == b"content"


@pytest.mark.docker
async def test_a_device_that_a_dead_manager_left_does_no_harm(
    engine_ready: None, own_disk: None, new_id: str, tmp_path: Path
) -> None:
    folder = tmp_path / new_id
    folder.mkdir()
    image = folder / disk.IMAGE
    await asyncio.to_thread(disk.attach, image, disk_mb=64, files=2000, uid=10001, gid=10001)

    async with await open_sandbox(DockerSandbox(limits=SMALL), new_id, state_dir=tmp_path) as sandbox:
        assert (await shell(sandbox, "echo fine"))["stdout"] == "fine\n"
        assert len(disk.devices_of(image)) == 1


@pytest.mark.docker
async def test_without_a_disk_of_its_own_a_container_is_watched(
    engine_ready: None, new_id: str, tmp_path: Path
) -> None:
    async with Engine.connect() as real:
        engine = ForeignEngine(real._client)
        place = await DockerPlace.open(DockerSandbox(limits=SMALL), new_id, tmp_path, engine)
    async with Sandbox(new_id, place) as sandbox:
        await _is_watched(sandbox)


async def test_a_local_sandbox_is_watched(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> None:
    config = LocalSandbox(limits=SMALL, require_isolation=True)
    async with await open_sandbox(config, new_id, state_dir=tmp_path) as sandbox:
        await _is_watched(sandbox)


async def _is_watched(sandbox: Sandbox) -> None:
    filled = await ask(sandbox, "shell", command=SLOWLY, seconds=30)
    full = await shell(sandbox, "du -sm slow")
    tidied = await shell(sandbox, "sleep 1.2; rm slow; sleep 1.2; echo tidied")
    files = await ask(sandbox, "shell", command="mkdir m; cd m; while :; do : > $RANDOM$RANDOM; done", seconds=30)

    assert "weaker than a disk of its own" in sandbox.description.isolation
    assert (filled.ok, filled.error) == (False, "disk_full")
    assert "64 MB" in filled.text
    assert int(full["stdout"].split()[0]) > 60
    assert tidied["stdout"] == "tidied\n"
    assert files.error == "disk_full"


async def _place(engine: Engine, sandbox_id: str, state_dir: Path) -> DockerPlace:
    return await DockerPlace.open(DockerSandbox(limits=SMALL), sandbox_id, state_dir, engine)
