"""Any MCP client can use a node: shown with the official one."""

import asyncio
import contextlib
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import anyio
import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from mcp_types import RequestParamsMeta, TextContent

from tests.toolserver.asking import eventually, marked_sleep, processes_with
from toolserver.node.transport import Streams, message_streams
from toolserver.protocol import CALL_ID
from toolserver.testing import InProcessSandbox


@asynccontextmanager
async def transport(sandbox: InProcessSandbox) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_unix_connection(sandbox.workspace.parent / "node.sock", limit=2**26)
    async with message_streams(reader, writer) as streams:
        yield streams
    writer.close()


def stdio(folder: Path) -> StdioServerParameters:
    arguments = ["-m", "toolserver.node", "--workspace", str(folder / "w"), "--state", str(folder / "s"), "--stdio"]
    return StdioServerParameters(command=sys.executable, args=arguments, cwd=str(Path.cwd()))


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
async def test_the_official_client_calls_tools_over_the_socket(sandbox: InProcessSandbox, mode: str) -> None:
    async with Client(transport(sandbox), mode=mode) as client:
        result = await client.call_tool("shell", {"command": "echo hello"})

    assert isinstance(result.content[0], TextContent)
    assert result.content[0].text == "hello\n[exit code 0]"
    assert result.structured_content["exit_code"] == 0


async def test_the_official_client_calls_tools_over_standard_streams(tmp_path: Path) -> None:
    async with Client(stdio(tmp_path)) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}
        result = await client.call_tool("write_file", {"path": "a.txt", "content": "x"})

    assert {"read_file", "write_file", "shell", "python"} <= names
    assert not result.is_error
    assert (tmp_path / "w" / "a.txt").read_text() == "x"


async def test_internal_tools_are_not_offered(sandbox: InProcessSandbox) -> None:
    async with Client(transport(sandbox)) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}

    assert names.isdisjoint({"upload", "download", "manifest", "cancel", "health", "shutdown"})


async def test_tools_come_with_schema_description_and_hints(sandbox: InProcessSandbox) -> None:
    async with Client(transport(sandbox)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    edit = tools["edit_file"]
    assert set(edit.input_schema["properties"]) == {"path", "old", "new", "replace_all"}
    assert edit.input_schema["required"] == ["path", "old", "new"]
    assert edit.input_schema["additionalProperties"] is False
    assert "must match exactly" in (edit.description or "")
    assert tools["read_file"].annotations is not None
    assert tools["read_file"].annotations.read_only_hint is True


async def test_our_own_listing_has_effects_and_internal_tools(sandbox: InProcessSandbox) -> None:
    tools = {tool.name: tool for tool in await sandbox.tools()}

    assert tools["shell"].effects == ("reads", "writes", "executes")
    assert tools["shutdown"].internal
    assert not tools["shell"].internal


async def test_a_failure_is_a_result_marked_as_error(sandbox: InProcessSandbox) -> None:
    async with Client(transport(sandbox)) as client:
        result = await client.call_tool("read_file", {"path": "missing"})

    assert result.is_error
    assert isinstance(result.content[0], TextContent)
    assert result.content[0].text == "missing: no such file or folder"


async def test_calls_without_an_id_are_each_run(sandbox: InProcessSandbox) -> None:
    async with Client(transport(sandbox)) as client:
        await client.call_tool("counter", {})
        await client.call_tool("counter", {})

    assert (sandbox.workspace / "counter").read_text() == "2"


async def test_an_id_in_the_request_makes_any_client_safe_to_repeat(sandbox: InProcessSandbox) -> None:
    same = cast("RequestParamsMeta", {CALL_ID: "same"})
    async with Client(transport(sandbox)) as client:
        for _ in range(3):
            await client.session.call_tool("counter", {}, meta=same)

    assert (sandbox.workspace / "counter").read_text() == "1"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_request_that_is_cancelled_ends_its_program(sandbox: InProcessSandbox, mode: str) -> None:
    marker = f"marked-{uuid.uuid4().hex}"
    async with Client(transport(sandbox), mode=mode) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "shell", {"command": marked_sleep(marker)})
            await eventually(lambda: processes_with(marker))
            tasks.cancel_scope.cancel()

        await eventually(lambda: not processes_with(marker))


async def test_a_line_that_is_no_message_does_not_end_the_session(sandbox: InProcessSandbox) -> None:
    reader, writer = await asyncio.open_unix_connection(sandbox.workspace.parent / "node.sock")
    writer.write(b'this is not json\n{"jsonrpc":"2.0","id":1,"method":"ping"}\n')
    writer.write(
        b'{"jsonrpc":"2.0","id":2,"method":"initialize","params":{"protocolVersion":"2025-11-25",'
        b'"capabilities":{},"clientInfo":{"name":"t","version":"1"}}}\n'
    )
    lines = [await asyncio.wait_for(reader.readline(), 5) for _ in range(2)]
    writer.close()

    assert b'"id":2' in b"".join(lines)


async def test_a_line_longer_than_allowed_ends_only_its_own_connection(sandbox: InProcessSandbox) -> None:
    reader, writer = await asyncio.open_unix_connection(sandbox.workspace.parent / "node.sock")
    for _ in range(80):
        writer.write(b"x" * 1024 * 1024)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 20) == b""
    writer.close()

    assert (await sandbox.call("after", "counter", {})).text == "1"
