"""A client in front of a node that is gone, hangs, or was replaced by something hostile."""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.toolserver.asking import ask, eventually
from tests.toolserver.impostor import impostor
from tests.toolserver.node_process import node_process, short_folder
from tests.toolserver.relay import Behind
from toolserver.client import SandboxLost, ToolServerError, TransferRefused
from toolserver.sandbox import Sandbox
from toolserver.testing import InProcessSandbox


async def test_a_node_that_is_gone_is_lost_within_seconds() -> None:
    async with short_folder() as folder, node_process(folder) as node:
        running = [asyncio.ensure_future(ask(node.sandbox, "shell", command="touch up; sleep 60")) for _ in range(5)]
        await eventually((folder / "workspace" / "up").exists)
        await node.kill()
        began = time.monotonic()
        outcomes = await asyncio.gather(*running, return_exceptions=True)

        assert all(isinstance(outcome, SandboxLost) for outcome in outcomes)
        assert time.monotonic() - began < 4


async def test_a_missing_socket_is_a_lost_sandbox(tmp_path: Path) -> None:
    with pytest.raises(SandboxLost, match="open the sandbox again"):
        await ask(Sandbox("gone", Behind(tmp_path / "none")), "health")


async def test_a_link_in_place_of_the_socket_is_not_followed(sandbox: InProcessSandbox, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(sandbox.workspace.parent / "node.sock")

    with pytest.raises(SandboxLost):
        await ask(Sandbox("link", Behind(tmp_path / "link")), "health")


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"content": []},
        {"content": [{"type": "text", "text": 7}], "structuredContent": {}, "isError": False},
        "text",
        None,
    ],
)
async def test_an_answer_that_makes_no_sense_is_a_lost_sandbox(result: object) -> None:
    def answer(request: dict[str, Any]) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\n"

    async with impostor(answer) as sandbox:
        with pytest.raises(SandboxLost):
            await ask(sandbox, "health")


@pytest.mark.parametrize("line", [b"not json\n", b"[]\n", b"7\n", b"[" * 100_000 + b"\n", b"\xff\xfe\n"])
async def test_a_line_that_is_no_message_is_a_lost_sandbox(line: bytes) -> None:
    async with impostor(lambda _request: line) as sandbox:
        with pytest.raises(SandboxLost):
            await ask(sandbox, "health")


async def test_an_error_of_the_protocol_is_told_in_one_line() -> None:
    def answer(request: dict[str, Any]) -> bytes:
        message = {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -1, "message": "no\nway"}}
        return json.dumps(message).encode() + b"\n"

    async with impostor(answer) as sandbox:
        with pytest.raises(ToolServerError) as caught:
            await ask(sandbox, "health")

    assert "\n" not in str(caught.value)


async def test_a_download_of_a_lying_node_is_bounded() -> None:
    def answer(request: dict[str, Any]) -> bytes:
        chunk = {"size": 10, "version": "1", "data": "A" * 4_000_000}
        result = {"content": [{"type": "text", "text": ""}], "structuredContent": chunk, "isError": False}
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\n"

    async with impostor(answer) as sandbox:
        with pytest.raises(ToolServerError):
            await sandbox.download("f", max_bytes=100)


async def test_a_file_that_changes_with_every_chunk_is_refused() -> None:
    versions = itertools.count()

    def answer(request: dict[str, Any]) -> bytes:
        chunk = {"size": 10, "version": str(next(versions)), "data": "AAAA"}
        result = {"content": [{"type": "text", "text": ""}], "structuredContent": chunk, "isError": False}
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "result": result}).encode() + b"\n"

    async with impostor(answer) as sandbox:
        with pytest.raises(TransferRefused, match="changes while it is read"):
            await sandbox.download("f", max_bytes=100)


async def test_arguments_too_long_to_send_are_an_outcome(sandbox: InProcessSandbox) -> None:
    outcome = await ask(sandbox, "write_file", path="a", content="x" * (65 * 1024 * 1024))

    assert outcome.error == "invalid_arguments"
    assert (await ask(sandbox, "list_files")).ok


async def test_arguments_that_are_not_unicode_are_an_outcome(sandbox: InProcessSandbox) -> None:
    assert (await ask(sandbox, "write_file", path="a", content="\ud800")).error == "invalid_arguments"


async def test_ten_megabytes_of_arguments_arrive(sandbox: InProcessSandbox) -> None:
    await ask(sandbox, "write_file", path="big", content="ä" * 5_000_000)

    assert (sandbox.workspace / "big").stat().st_size == 10_000_000


def test_importing_the_client_is_cheap() -> None:
    code = (
        "import sys, toolserver.client; "
        "print([name for name in ('mcp', 'mcp_types', 'docker', 'requests', 'toolserver.node') if name in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert result.stdout == "[]\n"
