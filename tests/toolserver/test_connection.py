"""A client in front of a node that is gone, hangs, or was replaced by something hostile."""

import asyncio
import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.toolserver.asking import ask, eventually
from tests.toolserver.impostor import impostor
from tests.toolserver.node_process import node_process, short_folder
from tests.toolserver.relay import Behind
from toolserver.client import SandboxLost, ToolServerError, TransferRefused
from toolserver.connection import NodeConnection, connect_to_socket
from toolserver.sandbox import Sandbox
from toolserver.testing import InProcessSandbox

SWAPPING = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
first, second = os.fsencode(sys.argv[1]), os.fsencode(sys.argv[2])
while True:
    libc.renameat2(-100, first, -100, second, 2)
"""
"""Exchanges two names without end."""


async def test_a_node_that_is_gone_is_lost_within_seconds() -> None:
    async with short_folder() as folder, node_process(folder) as node:
        running = [asyncio.ensure_future(ask(node.sandbox, "shell", command="touch up; sleep 60")) for _ in range(5)]
        await eventually((folder / "workspace" / "up").exists)
        await node.kill()
        began = time.monotonic()
        outcomes = await asyncio.gather(*running, return_exceptions=True)

        assert all(isinstance(outcome, SandboxLost) for outcome in outcomes)
        assert time.monotonic() - began < 40


async def test_a_missing_socket_is_a_lost_sandbox(tmp_path: Path) -> None:
    with pytest.raises(SandboxLost, match="open the sandbox again"):
        await ask(Sandbox("gone", Behind(tmp_path / "none")), "health")


async def test_a_link_in_place_of_the_socket_is_not_followed(sandbox: InProcessSandbox, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(sandbox.workspace.parent / "node.sock")

    with pytest.raises(SandboxLost):
        await ask(Sandbox("link", Behind(tmp_path / "link")), "health")


async def test_a_link_that_takes_turns_with_the_socket_leads_nowhere_else() -> None:
    elsewhere: list[bool] = []

    async def note(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        elsewhere.append(True)
        writer.close()

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with short_folder() as folder:
        wanted = await asyncio.start_unix_server(serve, folder / "s", backlog=1000)
        other = await asyncio.start_unix_server(note, folder / "other", backlog=1000)
        (folder / "link").symlink_to(folder / "other")
        swapping = await asyncio.create_subprocess_exec(sys.executable, "-c", SWAPPING, folder / "s", folder / "link")
        connected = refused = 0
        try:
            for _ in range(3000):
                try:
                    _, writer = await connect_to_socket(folder / "s")
                except OSError:
                    refused += 1
                else:
                    connected += 1
                    writer.close()
        finally:
            swapping.kill()
            await swapping.wait()
            wanted.close()
            other.close()

    assert min(connected, refused) > 50, "the two must have taken turns"
    assert not elsewhere


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


@pytest.mark.parametrize("error", ["a \x1b[2J\x07 word", {"code": -32700, "message": "a \x1b[2J\x07 word"}])
async def test_what_a_node_says_against_a_request_has_nothing_that_a_terminal_obeys(error: object) -> None:
    def answer(request: dict[str, Any]) -> bytes:
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode() + b"\n"

    async with impostor(answer) as sandbox:
        with pytest.raises(ToolServerError, match="word") as caught:
            await sandbox.health()

    assert str(caught.value).isprintable()


@pytest.mark.parametrize("what", ["health", "tools", "manifest", "download", "upload", "cancel", "knows"])
async def test_a_node_that_says_it_cannot_read_our_own_requests_is_lost(what: str) -> None:
    asked: dict[str, Callable[[Sandbox], Any]] = {
        "health": lambda sandbox: sandbox.health(),
        "tools": lambda sandbox: sandbox.tools(),
        "manifest": lambda sandbox: sandbox.manifest(),
        "download": lambda sandbox: sandbox.download("f", max_bytes=10),
        "upload": lambda sandbox: sandbox.upload("f", b""),
        "cancel": lambda sandbox: sandbox.cancel("c"),
        "knows": lambda sandbox: sandbox.knows("c"),
    }

    def answer(request: dict[str, Any]) -> bytes:
        error = {"code": -32700, "message": "cannot be read"}
        return json.dumps({"jsonrpc": "2.0", "id": request["id"], "error": error}).encode() + b"\n"

    async with impostor(answer) as sandbox:
        with pytest.raises(SandboxLost, match="cannot read"):
            await asked[what](sandbox)


async def test_a_path_that_cannot_be_sent_is_refused(sandbox: InProcessSandbox) -> None:
    with pytest.raises(TransferRefused, match="not JSON"):
        await sandbox.upload("a\ud800b", b"")


@pytest.mark.parametrize("number", [[1], {"a": 1}, "1", 1.0, True, None])
async def test_an_answer_whose_id_is_no_number_of_ours_is_passed_over(number: object) -> None:
    def answer(request: dict[str, Any]) -> bytes:
        forged = {"jsonrpc": "2.0", "id": number, "error": {"code": -1, "message": "forged"}}
        real = {"jsonrpc": "2.0", "id": request["id"], "error": {"code": -1, "message": "real"}}
        return json.dumps(forged).encode() + b"\n" + json.dumps(real).encode() + b"\n"

    async with impostor(answer) as sandbox:
        with pytest.raises(ToolServerError, match="real"):
            await sandbox.health()


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


async def test_a_connection_that_is_closed_as_soon_as_it_is_made_is_closed() -> None:
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        left.set()

    async with short_folder() as folder:
        server = await asyncio.start_unix_server(serve, folder / "s")
        connection = await NodeConnection.open(Behind(folder / "s").connect)
        await connection.close()

        async with asyncio.timeout(60):
            await left.wait()
        server.close()
