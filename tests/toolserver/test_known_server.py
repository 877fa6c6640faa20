"""A well-known server from PyPI, installed in a folder of its own as a user would do it, attached and used."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.toolserver.asking import ask
from toolserver.client import LocalSandbox, StdioServer, accept_server, attach_servers, examined_server
from toolserver.testing import InProcessSandbox

PACKAGE = "mcp-server-time"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the server, which needs another version of the MCP library than ours."""
    # a sandbox of root has another user id, and the folder pytest makes is closed to it
    folder = tmp_path_factory.mktemp("known") / "time"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", PACKAGE]
    done = subprocess.run(pip, capture_output=True, text=True, check=False, timeout=400)
    if done.returncode != 0:
        pytest.skip(f"pip cannot install {PACKAGE}: {done.stderr.strip()[-200:]}")
    return folder


async def test_a_server_from_pypi_is_attached_in_a_sandbox_of_its_own(
    bubblewrap: object, sandbox: InProcessSandbox, installed: Path, tmp_path: Path
) -> None:
    config = StdioServer(
        command=str(installed / "bin" / PACKAGE),
        args=("--local-timezone", "UTC"),
        effects=("reads",),
        sandbox=LocalSandbox(require_isolation=True, shown=(installed,)),
    )
    trust = tmp_path / "trust.json"
    async with examined_server("time", config, secrets={}, trust_file=trust, state_dir=tmp_path / "s") as found:
        accept_server(trust, "time", found.digest)
    attach_servers(sandbox, {"time": config}, secrets={}, trust_file=trust, state_dir=tmp_path / "s")
    offered = {tool.name: tool.effects for tool in await sandbox.tools() if tool.server == "time"}
    outcome = await ask(
        sandbox, "time__convert_time", source_timezone="UTC", time="12:00", target_timezone="Asia/Tokyo"
    )

    assert offered == {"time__get_current_time": ("reads",), "time__convert_time": ("reads",)}
    assert outcome.ok, outcome.text
    assert "T21:00:00+09:00" in outcome.text
