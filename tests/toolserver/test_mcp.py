"""Any MCP client can use a node: shown with the official one."""

import asyncio
import contextlib
import json
import sys
import uuid
from pathlib import Path
from typing import Any, cast

import anyio
import mcp_types as types
import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from mcp_types import RequestParamsMeta, TextContent

from tests.toolserver.asking import eventually, marked_sleep, processes_with
from tests.toolserver.official import official_transport
from toolserver.protocol import CALL_ID
from toolserver.testing import InProcessSandbox


def stdio(folder: Path) -> StdioServerParameters:
    arguments = ["-m", "toolserver.node", "--workspace", str(folder / "w"), "--state", str(folder / "s"), "--stdio"]
    return StdioServerParameters(command=sys.executable, args=arguments, cwd=str(Path.cwd()))


@pytest.mark.parametrize("mode", ["auto", "legacy", "2026-07-28"])
async def test_the_official_client_calls_tools_over_the_socket(sandbox: InProcessSandbox, mode: str) -> None:
    async with Client(official_transport(sandbox.connect), mode=mode) as client:
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
    async with Client(official_transport(sandbox.connect)) as client:
        names = {tool.name for tool in (await client.list_tools()).tools}

    assert names.isdisjoint({"upload", "download", "manifest", "cancel", "health", "shutdown"})


async def test_tools_come_with_schema_description_and_hints(sandbox: InProcessSandbox) -> None:
    async with Client(official_transport(sandbox.connect)) as client:
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
    async with Client(official_transport(sandbox.connect)) as client:
        result = await client.call_tool("read_file", {"path": "missing"})

    assert result.is_error
    assert isinstance(result.content[0], TextContent)
    assert result.content[0].text == "missing: no such file or folder"


async def test_calls_without_an_id_are_each_run(sandbox: InProcessSandbox) -> None:
    async with Client(official_transport(sandbox.connect)) as client:
        await client.call_tool("counter", {})
        await client.call_tool("counter", {})

    assert (sandbox.workspace / "counter").read_text() == "2"


async def test_an_id_in_the_request_makes_any_client_safe_to_repeat(sandbox: InProcessSandbox) -> None:
    same = cast("RequestParamsMeta", {CALL_ID: "same"})
    async with Client(official_transport(sandbox.connect)) as client:
        for _ in range(3):
            await client.session.call_tool("counter", {}, meta=same)

    assert (sandbox.workspace / "counter").read_text() == "1"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_request_that_is_cancelled_ends_its_program(sandbox: InProcessSandbox, mode: str) -> None:
    marker = f"marked-{uuid.uuid4().hex}"
    async with Client(official_transport(sandbox.connect), mode=mode) as client:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(client.call_tool, "shell", {"command": marked_sleep(marker)})
            await eventually(lambda: processes_with(marker))
            tasks.cancel_scope.cancel()

        await eventually(lambda: not processes_with(marker))


async def eventually_running(sandbox: InProcessSandbox, number: int) -> None:
    async with asyncio.timeout(60):
        while len((await sandbox.health()).running) != number:  # noqa: ASYNC110 - the node sets no events of ours
            await asyncio.sleep(0.02)


async def exchange(sandbox: InProcessSandbox, *lines: bytes) -> list[dict[str, Any]]:
    """Send lines over a connection of their own and return as many answers."""
    reader, writer = await sandbox.connect()
    writer.write(b"".join(line + b"\n" for line in lines))
    answers = [json.loads(await asyncio.wait_for(reader.readline(), 60)) for _ in lines]
    writer.close()
    return answers


def request(request_id: object, method: str, **params: Any) -> bytes:
    envelope = {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    params = {"_meta": envelope, **params}
    return json.dumps({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}).encode()


async def test_a_line_that_is_no_message_does_not_end_the_session(sandbox: InProcessSandbox) -> None:
    ping = b'{"jsonrpc":"2.0","id":7,"method":"ping"}'
    answers = await exchange(sandbox, b"this is not json", b'"\xff\xfe"', b"\x00\x01", ping)

    assert [answer.get("error", {}).get("code") for answer in answers] == [-32700, -32700, -32700, None]
    assert [answer["id"] for answer in answers] == [None, None, None, 7]


@pytest.mark.parametrize(
    ("line", "code", "request_id"),
    [
        (b"[]", -32600, None),
        (b"3", -32600, None),
        (b'{"jsonrpc":"2.0","id":4}', -32600, 4),
        (b'{"id":4,"method":"ping"}', -32600, 4),
        (b'{"jsonrpc":"2.0","id":null,"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":true,"method":"ping"}', -32600, None),
        (b'{"jsonrpc":"2.0","id":4,"method":"ping","params":[]}', -32600, 4),
        (b'{"jsonrpc":"2.0","id":4,"method":"x","params":' + b"[" * 10_000 + b"]" * 10_000 + b"}", -32700, 4),
        (b'{"jsonrpc":"2.0","id":4,"method":"tools/list"}', -32602, 4),
        (request("a", "tools/list", _meta={}), -32602, "a"),
        (request("a", "tools/list", _meta=3), -32602, "a"),
        (request("a", "no/such"), -32601, "a"),
        (request("a", "resources/list"), -32601, "a"),
        (request("a", "tools/call"), -32602, "a"),
        (request("a", "tools/call", name=3), -32602, "a"),
        (request("a", "tools/call", name="shell", arguments=[]), -32602, "a"),
        (b'{"jsonrpc":"2.0","id":4,"method":"initialize","params":{}}', -32602, 4),
    ],
    ids=lambda value: str(value)[:60],
)
async def test_every_wrong_request_is_answered_with_an_error(
    sandbox: InProcessSandbox, line: bytes, code: int, request_id: object
) -> None:
    [answer] = await exchange(sandbox, line)

    assert (answer["error"]["code"], answer["id"]) == (code, request_id)


async def test_a_later_revision_is_told_which_one_is_served(sandbox: InProcessSandbox) -> None:
    later = {
        "io.modelcontextprotocol/protocolVersion": "2099-01-01",
        "io.modelcontextprotocol/clientCapabilities": {},
    }
    [answer] = await exchange(sandbox, request(1, "server/discover", _meta=later))

    assert answer["error"]["code"] == -32022
    assert answer["error"]["data"]["supported"] == ["2026-07-28"]


async def test_a_request_that_is_cancelled_at_once_leaves_nothing(sandbox: InProcessSandbox) -> None:
    reader, writer = await sandbox.connect()
    call = request(1, "tools/call", name="counter", arguments={"seconds": 30})
    cancel = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'
    writer.write(call + b"\n" + cancel + b"\n")
    # the id is free again, and the only answer is that of its second use
    await eventually_running(sandbox, 0)
    writer.write(request(1, "tools/call", name="counter", arguments={}) + b"\n")
    answer = json.loads(await asyncio.wait_for(reader.readline(), 60))
    writer.close()

    assert answer["result"]["structuredContent"] == {"value": 1}


async def test_answers_of_the_node_are_what_the_official_library_reads(sandbox: InProcessSandbox) -> None:
    discovered, listed, called = await exchange(
        sandbox,
        request(1, "server/discover"),
        request(2, "tools/list"),
        request(3, "tools/call", name="counter"),
    )

    types.DiscoverResult.model_validate(discovered["result"], by_name=False)
    types.ListToolsResult.model_validate(listed["result"], by_name=False)
    types.CallToolResult.model_validate(called["result"], by_name=False)


async def test_arguments_nested_too_deep_are_an_outcome(sandbox: InProcessSandbox) -> None:
    deep: list[Any] = []
    for _ in range(230):
        deep = [deep]
    outcome = await asyncio.wait_for(sandbox.call("deep", "write_file", {"path": "a", "content": deep}), 60)

    assert outcome.error == "invalid_arguments"


async def test_arguments_of_many_megabytes_arrive(sandbox: InProcessSandbox) -> None:
    outcome = await sandbox.call("large", "write_file", {"path": "a", "content": "\u00e4" * 10_000_000})

    assert outcome.ok, outcome.text
    assert (sandbox.workspace / "a").stat().st_size == 20_000_000


async def test_a_line_longer_than_allowed_ends_only_its_own_connection(sandbox: InProcessSandbox) -> None:
    reader, writer = await asyncio.open_unix_connection(sandbox.workspace.parent / "node.sock")
    for _ in range(80):
        writer.write(b"x" * 1024 * 1024)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 60) == b""
    writer.close()

    assert (await sandbox.call("after", "counter", {})).text == "1"
