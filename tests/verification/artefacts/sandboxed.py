"""A sandbox of their own for programs that tests try out, in bubblewrap."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agent.verification.artefacts.program_sandbox import ProgramSandbox
from toolserver.client import LocalSandbox, open_sandbox
from toolserver.deployment.bubblewrap import find


@asynccontextmanager
async def sandboxed(folder: Path) -> AsyncIterator[ProgramSandbox]:
    """Give a sandbox whose files lie in a folder; where bubblewrap does not work the test is skipped."""
    found = find(drop_to=1_900_000_000)
    if isinstance(found, str):
        pytest.skip(found)
    config, name = LocalSandbox(require_isolation=True), f"programs-{uuid.uuid4().hex[:12]}"
    sandbox = ProgramSandbox(lambda: open_sandbox(config, name, state_dir=folder, keep=False))
    try:
        yield sandbox
    finally:
        await sandbox.close()
