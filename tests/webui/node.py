"""Programs of the client's packages, run by node."""

import asyncio
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

CLIENT = Path(__file__).parents[2] / "webui" / "client"


def missing() -> str | None:
    """Return why nothing can be run here; None where it can."""
    if shutil.which("node") is None:
        return "node is not installed"
    if not (CLIENT / "node_modules").is_dir():
        return "the client's packages are not installed; run: npm install --no-save --prefix webui/client"
    return None


async def run(*arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a program in the client's folder and return its exit code and what it said."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        cwd=CLIENT,
        env={**os.environ, **(env or {})},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode(errors="replace")


async def tool(node: str, package: str, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run the program of one of the client's packages."""
    described = json.loads((CLIENT / "node_modules" / package / "package.json").read_text())["bin"]
    program = described if isinstance(described, str) else described[package.replace("typescript", "tsc")]
    return await run(node, str(CLIENT / "node_modules" / package / program), *arguments, env=env)
