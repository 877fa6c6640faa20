"""Sandboxes for the tests: in the test's process where anything will do, local and Docker where the border matters."""

import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from toolserver.client import DockerSandbox, LocalSandbox, Sandbox, open_sandbox
from toolserver.deployment.bubblewrap import Bubblewrap, find
from toolserver.testing import InProcessSandbox


@pytest.fixture
async def sandbox() -> AsyncIterator[InProcessSandbox]:
    """A sandbox without isolation that opens in milliseconds."""
    opened = await InProcessSandbox.open()
    yield opened
    await opened.close()


@pytest.fixture
def new_id() -> str:
    """An id no other sandbox has."""
    return f"test-{uuid.uuid4().hex[:12]}"


@pytest.fixture(scope="session")
def bubblewrap() -> Bubblewrap:
    """A working bubblewrap."""
    found = find(drop_to=1_900_000_000)
    if isinstance(found, str):
        pytest.skip(found)
    return found


@pytest.fixture
async def local(bubblewrap: Bubblewrap, new_id: str, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A local sandbox in bubblewrap."""
    opened = await open_sandbox(LocalSandbox(testing=True, require_isolation=True), new_id, state_dir=tmp_path)
    yield opened
    await opened.close()


@pytest.fixture
async def container(engine_ready: None, new_id: str, tmp_path: Path) -> AsyncIterator[Sandbox]:
    """A sandbox in a hardened container."""
    opened = await open_sandbox(DockerSandbox(testing=True), new_id, state_dir=tmp_path)
    yield opened
    await opened.close()
