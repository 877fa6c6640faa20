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

from tests.webui import canal
from tests.webui import node as clients
from tests.webui.browser import Stage, Windows, launched, missing
from tests.webui.serving import Web, serving

_HERE = Path(__file__).parent
_SHARED = {"server", "web", "browser", "stage", "page"}
_BROWSERS = {"browser", "stage", "page"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        used = set(getattr(item, "fixturenames", ())) if item.path.is_relative_to(_HERE) else set()
        if used & _SHARED:
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if used & _BROWSERS:
            item.add_marker(pytest.mark.browser)


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Web]:
    """A server for the tests of a file: no sandbox, and a model that says what a test has it say."""
    async with serving(tmp_path_factory.mktemp("server") / "home") as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session")
async def web(server: Web) -> Web:
    """The server, without any run of other tests; what else they left in its data folder is there."""
    await server.clear()
    return server


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    if (reason := missing()) is not None:
        pytest.skip(reason)
    async with launched() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def windows(browser: Browser, server: Web) -> AsyncIterator[Windows]:
    """Windows that are signed in to the server of a file."""
    ones = Windows(browser, server.link)
    yield ones
    await ones.close()


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser, server: Web, windows: Windows, tmp_path: Path) -> AsyncIterator[Stage]:
    """Opens pages of the server; what they complain of fails the test when it ends."""
    one = Stage(browser, server.url, tmp_path / "screenshots", windows)
    yield one
    await one.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(stage: Stage) -> Page:
    """A blank page of a window that is signed in to the server."""
    return await stage.page()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def canal_documents(server: Web, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The server has documents about a canal to search."""
    await canal.fill(server.home, tmp_path_factory.mktemp("canal"))


@pytest.fixture(scope="session")
def node() -> str:
    """Path of node, where it and the packages of the client are there."""
    if (reason := clients.missing()) is not None:
        pytest.skip(reason)
    return shutil.which("node") or ""
