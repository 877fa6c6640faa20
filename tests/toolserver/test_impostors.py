"""A program of the sandbox takes the node's place: the sandbox can be closed and opened again all the same."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.toolserver.asking import ask
from toolserver.client import DockerSandbox, LocalSandbox, Sandbox, SandboxConfig, TransferRefused, open_sandbox
from toolserver.deployment.bubblewrap import SOCKETS as LOCAL_SOCKETS
from toolserver.deployment.bubblewrap import Bubblewrap
from toolserver.deployment.control import SOCKETS as DOCKER_SOCKETS
from toolserver.deployment.place import SOCKET_NAME
from toolserver.protocol import PROTOCOL

IMPOSTOR = """
import json, os, socketserver
path, answer = {path!r}, {answer!r}
os.rename(path, path + ".real")
class Impostor(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            message = dict(json.loads(answer), jsonrpc="2.0", id=json.loads(line)["id"])
            self.wfile.write(json.dumps(message).encode() + b"\\n")
with socketserver.ThreadingUnixStreamServer(path, Impostor) as server:
    open("up", "w").close()
    server.serve_forever()
"""

HEALTH: dict[str, Any] = {
    "protocol": PROTOCOL,
    "version": "1",
    "python": "3",
    "pid": 1,
    "uid": 0,
    "running": [],
    "capabilities": 1,
    "no_new_privileges": False,
    "seccomp": 0,
    "absent": {},
}

REFUSAL = {"error": {"code": -1, "message": "no"}}
UNREAD = {"error": {"code": -32700, "message": "cannot be read"}}
OLD = {"result": {"structuredContent": {**HEALTH, "protocol": PROTOCOL + 1}}}
WEAK = {"result": {"structuredContent": HEALTH}}


async def taken_over(config: SandboxConfig, sandbox_id: str, folder: Path, answer: dict[str, Any]) -> Sandbox:
    """Open a sandbox whose node a program has replaced for whoever connects from now on."""
    sandbox = await open_sandbox(config, sandbox_id, state_dir=folder)
    sockets = LOCAL_SOCKETS if config.kind == "local" else Path(DOCKER_SOCKETS)
    program = IMPOSTOR.format(path=str(sockets / SOCKET_NAME), answer=json.dumps(answer))
    await sandbox.upload("impostor.py", program.encode())
    asking = asyncio.ensure_future(ask(sandbox, "shell", command="exec python3 impostor.py", seconds=300))
    async with asyncio.timeout(60):
        while True:
            try:
                await sandbox.download("up", max_bytes=1)
            except TransferRefused:
                await asyncio.sleep(0.05)
            else:
                break
    asking.cancel()
    await asyncio.wait({asking})
    return sandbox


@pytest.mark.parametrize("answer", [REFUSAL, UNREAD, OLD])
async def test_a_local_sandbox_whose_node_was_replaced_is_closed(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path, answer: dict[str, Any]
) -> None:
    sandbox = await taken_over(LocalSandbox(), new_id, tmp_path, answer)

    await sandbox.close()

    assert await sandbox.place.gone()
    assert not (tmp_path / new_id).exists()


@pytest.mark.parametrize("answer", [REFUSAL, UNREAD, OLD])
async def test_a_local_sandbox_whose_node_was_replaced_is_opened_again_on_its_files(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path, answer: dict[str, Any]
) -> None:
    first = await taken_over(LocalSandbox(), new_id, tmp_path, answer)
    await first.detach()

    async with await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path) as second:
        assert await second.download("up", max_bytes=1) == b""
        assert (await second.health()).running == ()


async def test_a_folder_in_place_of_the_socket_does_not_keep_a_sandbox_from_opening(
    bubblewrap: Bubblewrap, new_id: str, tmp_path: Path
) -> None:
    first = await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path)
    socket = LOCAL_SOCKETS / SOCKET_NAME
    await ask(first, "shell", command=f"rm {socket}; mkdir -p {socket}/full/of/folders")
    await first.detach()

    async with await open_sandbox(LocalSandbox(), new_id, state_dir=tmp_path) as second:
        assert (await second.health()).running == ()


@pytest.mark.docker
@pytest.mark.parametrize("answer", [REFUSAL, UNREAD, WEAK])
async def test_a_container_whose_node_was_replaced_is_not_adopted(
    engine_ready: None, new_id: str, tmp_path: Path, answer: dict[str, Any]
) -> None:
    first = await taken_over(DockerSandbox(), new_id, tmp_path, answer)
    await first.detach()

    async with await open_sandbox(DockerSandbox(), new_id, state_dir=tmp_path) as second:
        assert await second.download("up", max_bytes=1) == b""
        assert (await second.health()).uid != 0
