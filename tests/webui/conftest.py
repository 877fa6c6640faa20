"""Fixtures of the web application's tests.

Tests that use a server or a browser run in one event loop for the whole session, so that they can share them; nothing
has to be marked for that.
"""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from tests.webui import node as clients
from tests.webui.browser import Stage, launched, missing
from tests.webui.serving import Web, serving

_HERE = Path(__file__).parent
_SHARED = {"web", "browser", "stage", "page"}
_BROWSERS = {"browser", "stage", "page"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        used = set(getattr(item, "fixturenames", ())) if item.path.is_relative_to(_HERE) else set()
        if used & _SHARED:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if used & _BROWSERS:
            item.add_marker(pytest.mark.browser)


@pytest_asyncio.fixture(loop_scope="session")
async def web(tmp_path: Path) -> AsyncIterator[Web]:
    """A server of its own for a test: no sandbox, and a model that says what the test has it say."""
    async with serving(tmp_path / "home") as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    async with launched() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser, web: Web, tmp_path: Path) -> AsyncIterator[Stage]:
    """Opens pages that are signed in to ``web``; what they complain of fails the test when it ends."""
    one = Stage(browser, web.url, tmp_path / "screenshots")
    yield one
    await one.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(stage: Stage, web: Web) -> Page:
    """A page that is signed in to ``web``."""
    return await stage.page(web.link())


@pytest.fixture(scope="session")
def node() -> str:
    """Path of node, where it and the packages of the client are there."""
    if (reason := clients.missing()) is not None:
        pytest.skip(reason)
    return shutil.which("node") or ""
