"""A sandbox served to any MCP client: shown with the official one, over standard streams and over HTTP."""

import asyncio
import base64
import contextlib
import os
import signal
import sys
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from mcp import StdioServerParameters
from mcp.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp_types import ImageContent, TextContent

from tests.toolserver.asking import eventually, marked_sleep, processes_with
from toolserver.client import Sandbox, SandboxUnavailable
from toolserver.node.toolbox import Answer, Tool
from toolserver.protocol import Form, ToolImage
from toolserver.serving.http import serve_http
from toolserver.serving.server import ServedSandbox
from toolserver.testing import InProcessSandbox

TOKEN = "a token that only the test knows"
MODES = ["auto", "legacy", "2026-07-28"]


class Paint(Form):
    """Give a picture."""


class Served:
    """A server in the test's process, in front of a sandbox in the test's process."""

    def __init__(self, url: str, sandboxes: list[InProcessSandbox]) -> None:
        self.url = url
        self.sandboxes = sandboxes

    @asynccontextmanager
    async def client(self, mode: str = "auto", token: str = TOKEN) -> AsyncIterator[Client]:
        headers = {"Authorization": f"Bearer {token}"}
        async with (
            httpx2.AsyncClient(headers=headers, timeout=30) as http,
            Client(streamable_http_client(self.url, http_client=http), mode=mode) as client,
        ):
            yield client


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[Served]:
    sandboxes: list[InProcessSandbox] = []
    picture = ToolImage(media_type="image/png", data=base64.b64encode(b"png").decode())

    async def paint(form: Paint) -> Answer:
        return Answer("a picture", images=(picture,))

    async def opening() -> Sandbox:
        sandboxes.append(await InProcessSandbox.open(tools=[Tool(Paint, paint, effects=("reads",))]))
        return sandboxes[-1]

    sandbox = ServedSandbox(opening, allow_weak=True)
    await sandbox.open()
    stop, url = asyncio.Event(), asyncio.get_running_loop().create_future()
    serving = asyncio.ensure_future(serve_http(sandbox, "127.0.0.1", 0, TOKEN, ready=url.set_result, stop=stop))
    yield Served(await url, sandboxes)
    stop.set()
    await serving
    await sandbox.close()


def text(result: Any) -> str:
    assert isinstance(result.content[0], TextContent)
    return result.content[0].text


@pytest.mark.parametrize("mode", MODES)
async def test_tools_are_listed_and_called_over_http_in_each_revision(served: Served, mode: str) -> None:
    async with served.client(mode) as client:
        listed = {tool.name: tool for tool in (await client.list_tools()).tools}
        result = await client.call_tool("shell", {"command": "echo hello"})

    assert text(result) == "hello\n[exit code 0]"
    assert result.structured_content["exit_code"] == 0
    assert listed["read_file"].annotations is not None
    assert listed["read_file"].annotations.read_only_hint is True
    assert "upload" not in listed


async def test_pictures_and_failures_pass_through(served: Served) -> None:
    async with served.client() as client:
        picture = await client.call_tool("paint", {})
        failure = await client.call_tool("read_file", {"path": "none.txt"})

    assert isinstance(picture.content[1], ImageContent)
    assert base64.b64decode(picture.content[1].data) == b"png"
    assert failure.is_error
    assert failure.meta is not None
    assert failure.meta["plumbline/error"] == "not_found"


async def test_internal_tools_cannot_be_called(served: Served) -> None:
    async with served.client() as client:
        result = await client.call_tool("shutdown", {})
        alive = await client.call_tool("list_files", {})

    assert result.is_error
    assert text(result) == "there is no tool 'shutdown'"
    assert not alive.is_error


async def test_a_cancelled_call_ends_its_processes(served: Served) -> None:
    mark = f"served-{uuid.uuid4().hex}"
    async with served.client() as client:
        calling = asyncio.ensure_future(client.call_tool("shell", {"command": marked_sleep(mark)}))
        await eventually(lambda: processes_with(mark))
        calling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await calling
        await eventually(lambda: not processes_with(mark))


async def test_a_lost_sandbox_is_opened_again_and_the_client_is_told(served: Served) -> None:
    async with served.client() as client:
        await client.call_tool("list_files", {})
        await served.sandboxes[0]._place.close(keep_workspace=False)
        result = await client.call_tool("write_file", {"path": "a.txt", "content": "x"})
        again = await client.call_tool("write_file", {"path": "a.txt", "content": "x"})

    assert len(served.sandboxes) == 2
    # found lost when it was asked for its tools, or by the call itself
    assert not result.is_error or "has been opened again" in text(result)
    assert not again.is_error


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Bearer {TOKEN}x"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_without_the_token_nothing_is_served(served: Served, headers: dict[str, str], method: str) -> None:
    async with httpx2.AsyncClient() as http:
        for path in ("", "/../mcp", "/other"):
            answer = await http.request(method, served.url + path, headers=headers, content=b"{}")

            assert answer.status_code == 401
            assert answer.headers["www-authenticate"].startswith("Bearer")
    assert TOKEN not in answer.text


@pytest.mark.parametrize("header", [{"Host": "evil.example"}, {"Origin": "http://evil.example"}])
async def test_a_page_that_points_its_name_here_is_refused(served: Served, header: dict[str, str]) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {"protocolVersion": "2025-06-18"}}
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "application/json, text/event-stream", **header}
    async with httpx2.AsyncClient() as http:
        answer = await http.post(served.url, headers=headers, json=body)

    assert answer.status_code in (403, 421)


async def test_a_sandbox_that_isolates_nothing_is_not_served() -> None:
    async def opening() -> Sandbox:
        return await InProcessSandbox.open()

    with pytest.raises(SandboxUnavailable, match="--force"):
        await ServedSandbox(opening).open()


async def test_a_short_token_is_refused() -> None:
    async def opening() -> Sandbox:
        return await InProcessSandbox.open()

    with pytest.raises(SandboxUnavailable, match="too short"):
        await serve_http(ServedSandbox(opening), "127.0.0.1", 0, "short")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "agent.cli.main", "toolserver", "serve", *arguments]


@pytest.mark.parametrize("mode", MODES)
async def test_the_command_serves_an_isolated_sandbox_on_standard_streams(
    bubblewrap: object, tmp_path: Path, mode: str
) -> None:
    program, *arguments = command("--stdio", "--sandbox", "local")
    environment = {"PLUMBLINE_HOME": str(tmp_path), "PATH": os.environ["PATH"]}
    parameters = StdioServerParameters(command=program, args=arguments, env=environment, cwd=str(Path.cwd()))
    async with Client(parameters, mode=mode) as client:
        result = await client.call_tool("shell", {"command": "cat /etc/hostname; id -u"})
        tools = (await client.list_tools()).tools

    assert result.structured_content["exit_code"] in (0, 1)
    assert {"shell", "python", "read_file"} <= {tool.name for tool in tools}


async def test_the_command_serves_over_http_until_it_is_told_to_end(bubblewrap: object, tmp_path: Path) -> None:
    # sandboxes that are kept warm would be left behind
    (tmp_path / "config.toml").write_text("pool_size = 1\n")
    environment = {**os.environ, "PLUMBLINE_HOME": str(tmp_path)}
    program = await asyncio.create_subprocess_exec(
        *command("--http", "127.0.0.1:0", "--sandbox", "local"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    assert program.stderr is not None
    token = url = ""
    while not url:
        line = (await asyncio.wait_for(program.stderr.readline(), 60)).decode()
        assert line
        if line.startswith("token"):
            token = line.split(": ")[1].strip()
        if line.startswith("listening on "):
            url = line.removeprefix("listening on ").strip()
    async with Served(url, []).client(token=token) as client:
        result = await client.call_tool("shell", {"command": "echo over http"})
    program.send_signal(signal.SIGTERM)
    said = await program.stderr.read()

    assert text(result).startswith("over http")
    assert await program.wait() == 0, said
    assert list((tmp_path / "sandboxes").iterdir()) == []


async def test_no_token_is_shown_where_nothing_is_served(bubblewrap: object, tmp_path: Path) -> None:
    environment = {**os.environ, "PLUMBLINE_HOME": str(tmp_path)}
    program = await asyncio.create_subprocess_exec(
        *command("--http", "300.1.1.1:8080", "--sandbox", "local"), env=environment, stderr=asyncio.subprocess.PIPE
    )
    _, said = await program.communicate()

    assert program.returncode == 1, said
    assert b"300.1.1.1" in said
    assert b"token" not in said


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_that_asks_is_told_how_its_call_gets_on(served: Served, mode: str) -> None:
    told: list[tuple[float, str | None]] = []

    async def note(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, message))

    command = "for step in 1 2 3; do echo step $step; sleep 0.6; done"
    async with served.client(mode) as client:
        done = await client.call_tool("shell", {"command": command}, progress_callback=note)
        unasked = await client.call_tool("shell", {"command": command})

    assert not done.is_error
    assert not unasked.is_error
    assert {message for _, message in told} >= {"step 1", "step 3"}
    assert [seconds for seconds, _ in told] == sorted(seconds for seconds, _ in told)
