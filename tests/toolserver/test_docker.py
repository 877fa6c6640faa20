"""The Docker deployment, on a real engine: hardened, read back, adopted, replaced."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.toolserver.asking import ask, eventually, shell, under_way
from tests.toolserver.manager import CONFIGS, killed_manager
from toolserver.client import (
    AutoSandbox,
    DockerSandbox,
    ImageError,
    Sandbox,
    SandboxLost,
    SandboxUnavailable,
    open_sandbox,
)
from toolserver.deployment.docker import DockerPlace
from toolserver.deployment.ownership import SANDBOX
from toolserver.engine import Engine
from toolserver.images.context import image_tag

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_ready")]


class MeddlingEngine(Engine):
    """An engine that forgets a setting, as some do without a word."""

    def __init__(self, client: docker.DockerClient, forgotten: Mapping[str, Any]) -> None:
        super().__init__(client)
        self._forgotten = forgotten

    async def create(self, name: str, config: Mapping[str, Any]) -> None:
        await super().create(name, {**config, "HostConfig": {**config["HostConfig"], **self._forgotten}})


class ForgetfulEngine(Engine):
    """An engine that says of volumes what is not so."""

    async def ensure_volume(
        self, name: str, labels: Mapping[str, str], options: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        made = await super().ensure_volume(name, labels, options)
        return {**made, "Options": {"type": "none", "device": "/", "o": "bind"}}


def containers(sandbox_id: str) -> list[Any]:
    client = docker.DockerClient.from_env()
    try:
        return list(client.containers.list(all=True, filters={"label": f"{SANDBOX}={sandbox_id}"}))
    finally:
        client.close()


def volumes(sandbox_id: str) -> list[Any]:
    client = docker.DockerClient.from_env()
    try:
        return list(client.volumes.list(filters={"label": f"{SANDBOX}={sandbox_id}"}))
    finally:
        client.close()


async def status(sandbox: Sandbox) -> dict[str, str]:
    text = (await shell(sandbox, "cat /proc/self/status"))["stdout"]
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


async def test_a_program_has_no_rights(container: Sandbox) -> None:
    fields = await status(container)

    assert [int(fields[name], 16) for name in ("CapEff", "CapPrm", "CapBnd", "CapInh")] == [0, 0, 0, 0]
    assert fields["NoNewPrivs"] == "1"
    assert fields["Seccomp"] == "2"
    assert "0" not in fields["Uid"].split()


async def test_nothing_can_be_written_but_its_own_files(container: Sandbox) -> None:
    written = await shell(container, "for d in / /usr /etc /opt/plumbline /proc/sys/kernel /sys; do touch $d/x; done")
    own = await shell(container, "touch /tmp/x /sandbox/workspace/x && echo fine")

    assert written["stderr"].count("touch: ") == 6
    assert own["stdout"] == "fine\n"


async def test_programs_can_run_from_the_temporary_folder(container: Sandbox) -> None:
    ran = await shell(container, "printf '#!/bin/sh\\necho ran\\n' > /tmp/p; chmod +x /tmp/p; /tmp/p")

    assert ran["stdout"] == "ran\n"


async def test_there_is_no_network(container: Sandbox) -> None:
    interfaces = await shell(container, "tail -n +3 /proc/net/dev | cut -d: -f1")
    reached = await ask(container, "python", code="import socket\nsocket.create_connection(('192.0.2.1', 80), 2)")
    resolved = await ask(container, "python", code="import socket\nsocket.getaddrinfo('example.org', 80)")

    assert interfaces["stdout"].split() == ["lo"]
    assert "unreachable" in reached.text
    assert "gaierror" in resolved.text


async def test_nothing_of_the_host_is_there(container: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary")

    seen = await shell(
        container, f"ls /var/run/docker.sock /run/containerd /run/docker.sock {tmp_path}; ls /run/plumbline"
    )
    devices = await shell(container, "find /dev -type b")

    assert seen["stderr"].count("No such file") == 4
    assert seen["stdout"] == "node.sock\n"
    assert devices["stdout"] == ""


async def test_the_environment_is_empty_of_the_hosts(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_SECRET", "canary-value")

    async with await open_sandbox(DockerSandbox(), new_id, state_dir=tmp_path) as sandbox:
        seen = await shell(sandbox, "cat /proc/*/environ | tr '\\0' '\\n'; grep -rh 'canary[-]value' /sandbox /tmp")

    assert "PATH=" in seen["stdout"]
    assert "canary-value" not in seen["stdout"]


async def test_limits_hold(new_id: str, tmp_path: Path) -> None:
    config = DockerSandbox.model_validate(
        {"limits": {"memory_mb": 300, "pids": 64, "file_mb": 32, "tmp_mb": 16, "tmp_inodes": 1024, "cpus": 0.5}}
    )
    async with await open_sandbox(config, new_id, state_dir=tmp_path) as sandbox:
        memory = await ask(sandbox, "python", code="x = bytearray(500_000_000)")
        large = await shell(sandbox, "head -c 40000000 /dev/zero > big; stat -c %s big")
        tmp = await shell(sandbox, "head -c 20000000 /dev/zero > /tmp/big")
        inodes = await shell(
            sandbox, "rm /tmp/big; for i in $(seq 2000); do : > /tmp/$i || break; done; ls /tmp | wc -l"
        )
        bomb = await shell(sandbox, "f() { f | f & }; f; sleep 1; echo survived", seconds=20)
        busy = await ask(
            sandbox,
            "python",
            code="import time\nt = time.monotonic() + 2\nwhile time.monotonic() < t: pass\ntime.process_time()",
        )
        after = await shell(sandbox, "echo alive")

    assert memory.error == "out_of_memory"
    assert large["stdout"] == f"{32 * 1024 * 1024}\n"
    assert "No space left" in tmp["stderr"]
    assert int(inodes["stdout"]) < 1024
    assert "Resource temporarily unavailable" in bomb["stderr"]
    assert float(str(busy.data["stdout"])) < 1.5
    assert after["stdout"] == "alive\n"


async def test_the_description_names_image_and_isolation(container: Sandbox) -> None:
    assert container.description.kind == "docker"
    assert image_tag() in (container.description.image or "")
    assert "sha256:" in (container.description.image or "")
    assert "no capabilities" in container.description.isolation


@pytest.mark.parametrize(
    "forgotten",
    [
        {"CapDrop": []},
        {"SecurityOpt": []},
        {"ReadonlyRootfs": False},
        {"PidsLimit": 0},
        {"NetworkMode": "bridge"},
        {"Memory": 2**32, "MemorySwap": 2**32},
        {"IpcMode": "shareable"},
        {"Ulimits": []},
        {"CapAdd": ["NET_ADMIN"]},
        {"Binds": ["/etc:/host:ro"]},
        {"SecurityOpt": ["no-new-privileges"]},
        {"SecurityOpt": ["no-new-privileges", "seccomp=unconfined"]},
        {"CgroupnsMode": "host"},
        {"Tmpfs": {"/tmp": "rw"}},
        {"ShmSize": 2**30},
        {"LogConfig": {"Type": "none", "Config": {}}},
    ],
    ids=lambda forgotten: str(forgotten)[:60],
)
async def test_a_container_that_is_not_as_asked_for_is_refused(
    new_id: str, tmp_path: Path, forgotten: dict[str, Any]
) -> None:
    client = docker.DockerClient.from_env()
    with pytest.raises(SandboxUnavailable, match="not as it must be"):
        await DockerPlace.open(DockerSandbox(), new_id, tmp_path, MeddlingEngine(client, forgotten))

    assert containers(new_id) == []
    for volume in volumes(new_id):
        volume.remove()
    client.close()


async def test_a_volume_that_is_not_as_asked_for_is_refused(new_id: str, tmp_path: Path) -> None:
    client = docker.DockerClient.from_env()
    with pytest.raises(SandboxUnavailable, match="the volume is"):
        await DockerPlace.open(DockerSandbox(), new_id, tmp_path, ForgetfulEngine(client))

    assert containers(new_id) == []
    for volume in volumes(new_id):
        volume.remove()
    client.close()


async def test_a_killed_managers_container_is_adopted(new_id: str, tmp_path: Path) -> None:
    await killed_manager("docker", new_id, tmp_path)
    before = [container.id for container in containers(new_id)]

    async with await open_sandbox(CONFIGS["docker"], new_id, state_dir=tmp_path) as sandbox:
        after = [container.id for container in containers(new_id)]
        done = await sandbox.call("done", "counter", {})
        resumed = await sandbox.call("running", "counter", {"seconds": 3})
        counted = await sandbox.download("counter", max_bytes=10)

    assert before == after
    assert (done.text, resumed.text, counted) == ("1", "2", b"2")


async def test_a_killed_container_is_replaced_on_its_volume(new_id: str, tmp_path: Path) -> None:
    first = await open_sandbox(DockerSandbox(testing=True), new_id, state_dir=tmp_path)
    await first.call("done", "counter", {})
    cut = asyncio.ensure_future(first.call("cut", "counter", {"seconds": 60}))
    await under_way(first, "cut")
    containers(new_id)[0].kill()
    with pytest.raises(SandboxLost):
        await cut

    async with await open_sandbox(DockerSandbox(testing=True), new_id, state_dir=tmp_path) as second:
        assert (await second.call("done", "counter", {})).text == "1"
        assert (await second.call("cut", "counter", {"seconds": 60})).error == "interrupted"
        assert await second.download("counter", max_bytes=10) == b"1"


async def test_a_container_with_other_limits_is_replaced(new_id: str, tmp_path: Path) -> None:
    first = await open_sandbox(DockerSandbox(), new_id, state_dir=tmp_path)
    await first.upload("kept", b"content")
    await first.detach()

    config = DockerSandbox.model_validate({"limits": {"pids": 100}})
    async with await open_sandbox(config, new_id, state_dir=tmp_path) as second:
        assert await second.download("kept", max_bytes=100) == b"content"
        assert containers(new_id)[0].attrs["HostConfig"]["PidsLimit"] == 100


async def test_a_node_without_clients_ends_its_container(new_id: str, tmp_path: Path) -> None:
    sandbox = await open_sandbox(DockerSandbox(idle_seconds=1), new_id, state_dir=tmp_path)
    await sandbox.detach()

    await eventually(lambda: containers(new_id)[0].status == "exited", seconds=20)

    await sandbox.close()


async def test_closing_leaves_nothing(new_id: str, tmp_path: Path) -> None:
    sandbox = await open_sandbox(DockerSandbox(), new_id, state_dir=tmp_path)
    await sandbox.close()

    assert (containers(new_id), volumes(new_id)) == ([], [])
    assert not (tmp_path / new_id).exists()


async def test_a_kept_workspace_is_there_at_the_next_opening(new_id: str, tmp_path: Path) -> None:
    first = await open_sandbox(DockerSandbox(), new_id, state_dir=tmp_path)
    await first.upload("kept", b"content")
    await first.close(keep_workspace=True)
    assert containers(new_id) == []

    async with await open_sandbox(DockerSandbox(), new_id, state_dir=tmp_path) as second:
        assert await second.download("kept", max_bytes=100) == b"content"


async def test_a_missing_image_is_named_with_what_to_do(new_id: str, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="plumbline toolserver image build"):
        await open_sandbox(DockerSandbox(image="plumbline-toolserver:no-such"), new_id, state_dir=tmp_path)


async def test_a_node_that_cannot_start_says_why(new_id: str, tmp_path: Path) -> None:
    config = DockerSandbox(image="plumbline-base:bookworm", start_seconds=20)

    with pytest.raises(SandboxUnavailable):
        await open_sandbox(config, new_id, state_dir=tmp_path)

    assert containers(new_id) == []
    for volume in volumes(new_id):
        volume.remove()


async def test_auto_chooses_docker_and_says_why(new_id: str, tmp_path: Path) -> None:
    async with await open_sandbox(AutoSandbox(), new_id, state_dir=tmp_path) as sandbox:
        assert sandbox.description.kind == "docker"
        assert "Docker engine and the image are there" in (sandbox.description.reason or "")


async def test_auto_stays_in_docker_and_says_when_it_cannot(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await open_sandbox(AutoSandbox(), new_id, state_dir=tmp_path)
    await first.detach()

    with monkeypatch.context() as without:
        without.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
        with pytest.raises(SandboxUnavailable, match="has its files in Docker"):
            await open_sandbox(AutoSandbox(), new_id, state_dir=tmp_path)

    async with await open_sandbox(AutoSandbox(), new_id, state_dir=tmp_path) as second:
        assert second.description.kind == "docker"


async def test_auto_stays_local_where_an_engine_comes_later(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as without:
        without.setenv("DOCKER_HOST", f"unix://{tmp_path}/none")
        first = await open_sandbox(AutoSandbox(), new_id, state_dir=tmp_path)
        await first.upload("kept", b"content")
        await first.detach()

    async with await open_sandbox(AutoSandbox(), new_id, state_dir=tmp_path) as second:
        assert second.description.kind == "local"
        assert await second.download("kept", max_bytes=100) == b"content"


async def test_several_sandboxes_run_side_by_side(new_id: str, tmp_path: Path) -> None:
    opened = await asyncio.gather(
        *(open_sandbox(DockerSandbox(testing=True), f"{new_id}-{i}", state_dir=tmp_path) for i in range(4))
    )
    counts = await asyncio.gather(*(sandbox.call("one", "counter", {}) for sandbox in opened))
    await asyncio.gather(*(sandbox.close() for sandbox in opened))

    assert [count.text for count in counts] == ["1"] * 4
