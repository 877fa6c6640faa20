"""Runs of one process share a pool of warm sandboxes when the settings ask for it."""

from pathlib import Path

from agent.runtime.options import RunOptions
from agent.runtime.services import ConfiguredServices
from agent.runtime.settings import Settings
from tests.toolserver.asking import ask, eventually
from toolserver.client import LocalSandbox


async def test_a_second_run_is_given_a_warm_sandbox_and_nothing_is_left(tmp_path: Path) -> None:
    services = ConfiguredServices(Settings(sandbox=LocalSandbox(), pool_size=1), tmp_path)
    folder = tmp_path / "sandboxes"
    first = await services.open_sandbox(RunOptions(), "first")
    assert first is not None
    await eventually(lambda: [*folder.glob("pool-*/process")] != [], 30)
    await ask(first, "list_files")
    await first.close()
    await services.close()

    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == []
