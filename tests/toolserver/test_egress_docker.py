"""The way out of a container is the same as that of a local sandbox; its network stays none."""

from pathlib import Path

import docker
import pytest

from tests.toolserver.asking import ask, shell
from tests.toolserver.proxying import answering, served
from toolserver.client import AllowListEgress, DockerSandbox, EgressEvent, HostRule, open_sandbox

pytestmark = [pytest.mark.docker, pytest.mark.usefixtures("engine_ready")]


async def test_19_a_container_reaches_what_is_allowed_and_nothing_of_the_host(new_id: str, tmp_path: Path) -> None:
    told: list[EgressEvent] = []
    async with served(answering(b"welcome"), host="0.0.0.0") as port:  # noqa: S104 - attack 20
        egress = AllowListEgress(hosts=(HostRule(host="127.0.0.1", ports=(port,), private=True),))
        config = DockerSandbox(egress=egress)
        async with await open_sandbox(config, new_id, state_dir=tmp_path, on_egress=told.append) as sandbox:
            allowed = await ask(sandbox, "http", url=f"http://127.0.0.1:{port}/")
            refused = await ask(sandbox, "http", url=f"http://172.17.0.1:{port}/")
            program = await ask(
                sandbox,
                "python",
                code=f"import socket\ns = socket.create_connection(('127.0.0.1', 3128), 2)\n"
                f"s.sendall(b'GET http://127.0.0.1:{port}/ HTTP/1.0\\r\\n\\r\\n')\ns.makefile('rb').read()[-7:]",
            )
            around = await shell(sandbox, f"timeout 3 head -c 9 < /dev/tcp/172.17.0.1/{port}")
            networks = _networks(new_id)

    assert allowed.data["text"] == "welcome"
    assert refused.error == "egress_refused"
    assert "welcome" in program.text
    assert "welcome" not in str(around["stdout"])
    assert networks == ["none"]
    assert [event.decision for event in told] == ["allowed", "refused", "allowed"]
    assert sandbox.description.network == "allow-list"


def _networks(sandbox_id: str) -> list[str]:
    client = docker.DockerClient.from_env()
    try:
        found = client.containers.list(filters={"name": sandbox_id})
        return [str(container.attrs["HostConfig"]["NetworkMode"]) for container in found]
    finally:
        client.close()
