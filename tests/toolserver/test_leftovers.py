"""What dead managers left on the engine is removed, and what a run may come back to is not."""

import asyncio
import os
import sys
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.toolserver.asking import processes_with
from tests.toolserver.manager import CONFIGS, killed_manager
from tests.toolserver.test_docker import containers, volumes
from toolserver.client import DockerSandbox, LocalSandbox, open_sandbox
from toolserver.deployment import disk
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.deployment.leftovers import MANAGERS, reap_once, remove_images, remove_leftovers
from toolserver.deployment.ownership import MANAGER, RECORD, Manager, began, is_orphan, labels
from toolserver.deployment.place import exclusive
from toolserver.engine import Engine


@pytest.fixture
async def engine(engine_ready: None) -> AsyncIterator[Engine]:
    """The machine's engine."""
    async with Engine.connect() as connected:
        yield connected


async def dead_manager() -> Manager:
    """Return a manager of this machine that has ended."""
    process = await asyncio.create_subprocess_exec("true")
    await process.wait()
    here = Manager.current()
    return Manager(here.host, here.boot, here.namespace, process.pid, "1")


async def test_only_a_manager_that_is_certainly_gone_counts_as_dead() -> None:
    here = Manager.current()
    parts = {"host": here.host, "boot": here.boot, "namespace": here.namespace, "pid": here.pid, "began": here.began}

    assert not here.is_dead()
    assert (await dead_manager()).is_dead()
    assert Manager(**{**parts, "began": "1"}).is_dead()  # type: ignore[arg-type]
    assert Manager(**{**parts, "boot": "another"}).is_dead()  # type: ignore[arg-type]
    assert not Manager(**{**parts, "host": "another", "boot": "another"}).is_dead()  # type: ignore[arg-type]
    assert not Manager(**{**parts, "namespace": "another", "pid": 2**22}).is_dead()  # type: ignore[arg-type]
    assert Manager.parse(str(here)) == here
    assert Manager.parse("nonsense") is None


async def test_machines_with_the_same_id_and_other_names_are_told_apart() -> None:
    if os.getuid() != 0:
        pytest.skip("only root can give a process another host name")
    program = "from toolserver.deployment.ownership import Manager; print(Manager.current().host)"
    process = await asyncio.create_subprocess_exec(
        *("unshare", "--uts", "sh", "-c", f"hostname clone && exec {sys.executable} -c '{program}'"),
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate()
    clone = Manager(told.decode().strip(), "another", "1", 1, "1")

    assert process.returncode == 0
    assert not clone.is_dead()


async def test_a_sandbox_that_nobody_comes_back_to_goes_with_its_manager(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path
) -> None:
    opening = (
        "import asyncio, pathlib, sys\n"
        "from toolserver.client import LocalSandbox, open_sandbox\n"
        "async def main():\n"
        "    for name, keep in ((sys.argv[1], False), (sys.argv[1] + '-kept', True)):\n"
        "        sandbox = await open_sandbox(LocalSandbox(), name, state_dir=pathlib.Path(sys.argv[2]), keep=keep)\n"
        "        await sandbox.detach()\n"
        "asyncio.run(main())\n"
    )
    manager = await asyncio.create_subprocess_exec(sys.executable, "-c", opening, new_id, str(tmp_path))
    assert await manager.wait() == 0

    async with await open_sandbox(LocalSandbox(), f"{new_id}-next", state_dir=tmp_path, keep=False) as sandbox:
        left = {path.name for path in tmp_path.iterdir()}
        assert (await sandbox.health()).running == ()
    async with await open_sandbox(LocalSandbox(), f"{new_id}-kept", state_dir=tmp_path):
        assert len(processes_with(f"{tmp_path}/{new_id}/")) == 0

    assert left == {f"{new_id}-next", f"{new_id}-kept"}


def test_a_thing_without_a_mark_is_nobodys_leftover(tmp_path: Path) -> None:
    assert not is_orphan({})
    assert not is_orphan(labels("volume", tmp_path, "x"))
    assert began(os.getpid()) == Manager.current().began


@pytest.mark.docker
async def test_a_container_that_works_for_a_dead_manager_is_left_to_its_run(
    engine: Engine, new_id: str, tmp_path: Path
) -> None:
    await killed_manager("docker", new_id, tmp_path)
    before = containers(new_id)[0].id

    removed = await remove_leftovers(engine, tmp_path)

    assert (removed.containers, removed.volumes) == ((), ())
    async with await open_sandbox(CONFIGS["docker"], new_id, state_dir=tmp_path) as sandbox:
        assert containers(new_id)[0].id == before
        assert (await sandbox.call("running", "counter", {"seconds": 3})).text == "2"


@pytest.mark.docker
async def test_what_a_dead_manager_left_goes_at_the_next_opening_and_its_files_stay(
    engine: Engine, new_id: str, tmp_path: Path
) -> None:
    await killed_manager("docker", new_id, tmp_path)
    containers(new_id)[0].kill()
    other = f"{new_id}-next"

    async with await open_sandbox(DockerSandbox(), other, state_dir=tmp_path):
        assert containers(new_id) == []
    async with await open_sandbox(CONFIGS["docker"], new_id, state_dir=tmp_path) as back:
        assert (await back.call("done", "counter", {})).text == "1"


@pytest.mark.docker
async def test_a_container_that_was_never_handed_out_is_removed(engine: Engine, new_id: str, tmp_path: Path) -> None:
    await killed_manager("docker", new_id, tmp_path)
    (tmp_path / new_id / RECORD).unlink()

    removed = await remove_leftovers(engine, tmp_path)

    assert len(removed.containers) == 1
    assert containers(new_id) == []
    async with await open_sandbox(CONFIGS["docker"], new_id, state_dir=tmp_path):
        pass


@pytest.mark.docker
async def test_a_container_whose_sandbox_is_being_opened_is_left_alone(
    engine: Engine, new_id: str, tmp_path: Path
) -> None:
    await killed_manager("docker", new_id, tmp_path)
    containers(new_id)[0].kill()

    async with exclusive(tmp_path / new_id):
        assert (await remove_leftovers(engine, tmp_path)).containers == ()
    assert len((await remove_leftovers(engine, tmp_path)).containers) == 1


@pytest.mark.docker
async def test_a_volume_without_its_folder_is_removed_and_one_with_it_is_kept(
    engine: Engine, new_id: str, tmp_path: Path
) -> None:
    dead = str(await dead_manager())
    for sandbox_id in (new_id, f"{new_id}-kept"):
        await engine.ensure_volume(f"plumbline-{sandbox_id}", {**labels("volume", tmp_path, sandbox_id), MANAGER: dead})
    (tmp_path / f"{new_id}-kept").mkdir()

    removed = await remove_leftovers(engine, tmp_path)
    all_removed = await remove_leftovers(engine, tmp_path, everything=True)

    assert removed.volumes == (f"plumbline-{new_id}",)
    assert all_removed.volumes == (f"plumbline-{new_id}-kept",)


@pytest.mark.docker
async def test_what_a_living_manager_uses_goes_only_with_everything(
    engine: Engine, new_id: str, tmp_path: Path
) -> None:
    sandbox = await open_sandbox(DockerSandbox(), new_id, state_dir=tmp_path)
    await sandbox.detach()

    assert not any((await remove_leftovers(engine, tmp_path)).model_dump().values())
    removed = await remove_leftovers(engine, tmp_path, everything=True)

    assert (len(removed.containers), len(removed.volumes)) == (1, 1)
    assert (containers(new_id), volumes(new_id)) == ([], [])


@pytest.mark.docker
async def test_a_loop_device_that_nothing_uses_is_removed(engine: Engine, new_id: str, tmp_path: Path) -> None:
    if (reason := disk.obstacle()) is not None:
        pytest.skip(f"no disks of their own here: {reason}")
    folder = tmp_path / new_id
    folder.mkdir()
    (folder / "opening").touch()
    image = folder / disk.IMAGE
    device = await asyncio.to_thread(disk.attach, image, disk_mb=64, files=2000, uid=10001, gid=10001)

    assert (await remove_leftovers(engine, tmp_path)).loop_devices == (device,)
    assert disk.devices_of(image) == []


@pytest.mark.docker
async def test_a_process_looks_for_leftovers_once(engine: Engine, new_id: str, tmp_path: Path) -> None:
    await reap_once(engine, tmp_path)
    dead = {**labels("volume", tmp_path, new_id), MANAGER: str(await dead_manager())}
    await engine.ensure_volume(f"plumbline-{new_id}", dead)

    await reap_once(engine, tmp_path)

    assert len(volumes(new_id)) == 1
    assert len(list((tmp_path / MANAGERS).iterdir())) == 1
    await engine.remove_volume(f"plumbline-{new_id}")


@pytest.mark.docker
async def test_images_of_other_versions_are_removed(engine: Engine, new_id: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("content")
    with tarfile.open(tmp_path / "image.tar", mode="w") as made:
        made.add(tmp_path / "file", "file")
    with (tmp_path / "image.tar").open("rb") as archive:
        await engine.import_image(archive, f"plumbline-{new_id}", "stale")

    assert await remove_images(engine, repository=f"plumbline-{new_id}") == (f"plumbline-{new_id}:stale",)
    assert await engine.image(f"plumbline-{new_id}:stale") is None
