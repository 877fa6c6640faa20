"""Attack 17 on the engine's side: secrets are in none of its records, layers and logs, nor in the manager's files."""

import json
from pathlib import Path

import docker
import pytest
from msgspec import to_builtins

from tests.toolserver.asking import ask, shell
from toolserver.client import AllowListEgress, DockerSandbox, EgressEvent, HostRule, open_sandbox
from toolserver.egress.gateway import EgressGateway
from toolserver.secrets import Secret

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_ready")]

OF_THE_MANAGER, BY_VARIABLE, BY_FILE = "canary-manager-40d1", "canary-variable-77ab", "canary-file-c93e"
CANARIES = (OF_THE_MANAGER, BY_VARIABLE, BY_FILE)


async def test_17_secrets_are_in_no_record_of_the_engine(
    new_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED", OF_THE_MANAGER)
    monkeypatch.setenv("PLANTED_SECRET", BY_VARIABLE)
    kept = tmp_path / "secret.txt"
    kept.write_text(BY_FILE)
    secrets = {
        "one": Secret(env="PLANTED_SECRET", hosts=("api.example.org",)),
        "two": Secret(file=kept, hosts=("api.example.org",)),
    }
    config = DockerSandbox(egress=AllowListEgress(hosts=(HostRule(host="api.example.org"),)))
    told: list[EgressEvent] = []
    state = tmp_path / "state"
    gateway = EgressGateway(secrets)
    async with await open_sandbox(config, new_id, state_dir=state, gateway=gateway, on_egress=told.append) as sandbox:
        headers = {"Authorization": "Bearer {secret:one}", "X-Key": "{secret:two}"}
        asked = await ask(sandbox, "http", url="https://api.example.org/", headers=headers, seconds=10)
        elsewhere = await ask(sandbox, "http", url="https://elsewhere.example.org/", headers=headers, seconds=10)
        await shell(sandbox, "env > env.txt; cat /proc/*/environ > all.txt 2>/dev/null; true")
        inside = await shell(sandbox, "cat env.txt all.txt; cat /sandbox/state/journal.jsonl")
        records = _records(new_id)
    files = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file() and path.name != "files.img")

    assert {asked.ok, elsewhere.ok} == {False}
    for seen in (
        records,
        inside["stdout"],
        json.dumps([to_builtins(asked), to_builtins(elsewhere)]),
        "".join(event.model_dump_json() for event in told),
        files.decode(errors="replace"),
    ):
        assert [canary for canary in CANARIES if canary in seen] == []
    # what was looked through is what it should be
    assert new_id in records
    assert "toolserver/node" in records
    assert "HTTPS_PROXY" in inside["stdout"]
    assert told


def _records(sandbox_id: str) -> str:
    """Return what the engine has on a sandbox: its container, volume, logs, and its image with all layers."""
    client = docker.DockerClient.from_env()
    try:
        (container,) = client.containers.list(filters={"name": sandbox_id})
        volumes = [volume.attrs for volume in client.volumes.list(filters={"name": sandbox_id})]
        image = container.image
        assert image is not None
        found = [container.attrs, volumes, image.attrs, image.history()]
        logs = container.logs().decode(errors="replace")
        layers = b"".join(image.save())
    finally:
        client.close()
    # the archive of an image is megabytes of other things: only what could hold a secret is kept of it
    needles = [needle for needle in (*CANARIES, "toolserver/node") if needle.encode() in layers]
    return json.dumps(found) + logs + " ".join(needles)
