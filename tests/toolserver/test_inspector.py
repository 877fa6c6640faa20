"""The MCP inspector, a client that is not ours and not the SDK's, uses the served tools."""

import asyncio
import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

INSPECTOR = "@modelcontextprotocol/inspector@0.18.0"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def inspector(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The inspector's command line client, installed into a folder of its own."""
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    folder = tmp_path_factory.mktemp("inspector")
    install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), INSPECTOR]
    done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=400)
    if done.returncode != 0:
        pytest.skip(f"npm cannot install {INSPECTOR}: {done.stderr.strip()[-200:]}")
    return folder / "node_modules" / ".bin" / "mcp-inspector"


async def inspect(inspector: Path, home: Path, *arguments: str) -> dict[str, Any]:
    # the inspector takes options of the command for its own, so it is given a command without any
    serve = home / "serve"
    words = [sys.executable, "-m", "agent.cli.main", "toolserver", "serve", "--sandbox", "local"]
    serve.write_text(f"#!/bin/sh\ncd {Path.cwd()} && PLUMBLINE_HOME={home} exec {' '.join(words)}\n")
    serve.chmod(0o755)
    program = await asyncio.create_subprocess_exec(
        str(inspector), "--cli", str(serve), *arguments,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, said = await asyncio.wait_for(program.communicate(), 120)
    assert program.returncode == 0, said
    answer: dict[str, Any] = json.loads(out)
    return answer


async def test_the_inspector_lists_the_tools(bubblewrap: object, inspector: Path, tmp_path: Path) -> None:
    listed = await inspect(inspector, tmp_path, "--method", "tools/list")

    assert {"shell", "python", "read_file"} <= {tool["name"] for tool in listed["tools"]}


async def test_the_inspector_calls_a_tool(bubblewrap: object, inspector: Path, tmp_path: Path) -> None:
    call = ("--method", "tools/call", "--tool-name", "shell", "--tool-arg", "command=echo inspected")
    result = await inspect(inspector, tmp_path, *call)

    assert result["content"][0]["text"] == "inspected\n[exit code 0]"
    assert result["structuredContent"]["exit_code"] == 0
