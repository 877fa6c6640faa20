"""Fixtures shared by all tests: a data folder, a ledger on each database, a shared PostgreSQL server."""

import asyncio
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import create_engine, make_url, text

from agent.ledger.store import Ledger
from tests import postgres
from toolserver.client import SandboxUnavailable
from toolserver.engine import Engine
from toolserver.images.context import image_tag

# No input fails for having taken long, since what else the machine does is no fault of it, and a commit is judged by
# the same inputs everywhere. New ones are looked for with: python -m pytest -m hypothesis --hypothesis-profile=search
settings.register_profile("search", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("same", settings.get_profile("search"), derandomize=True, database=None)
settings.load_profile("same")

_ONE_AT_A_TIME = {"docker", "embedded"}
"""Marks of tests that share something of which the machine has only one: the engine, and the memory for a model."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one worker, and all those that share the machine; the long ones come first.

    The fixtures of a file are then made once. Where tests do not run side by side, nothing changes but their order.
    """
    marks: dict[Path, set[str]] = {}
    for item in items:
        marks.setdefault(item.path, set()).update(mark.name for mark in item.iter_markers())

    def length(item: pytest.Item) -> int:
        return 0 if _shares(item) else 1 if marks[item.path] & {"slow", "browser"} else 2

    for item in items:
        item.add_marker(pytest.mark.xdist_group("machine" if _shares(item) else str(item.path)))
    items.sort(key=length)


def _shares(item: pytest.Item) -> bool:
    """Whether a test shares something of which the machine has only one."""
    return any(mark.name in _ONE_AT_A_TIME for mark in item.iter_markers())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    reason = postgres.missing()
    if reason is not None:
        pytest.skip(reason)
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a database that only this test uses."""
    name = f"test_{uuid.uuid4().hex}"
    server = make_url(postgres_server).set(drivername="postgresql+psycopg")
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """A database of each supported kind: None is the default one in the data folder."""
    return str(request.getfixturevalue("postgres_url")) if request.param == "postgresql" else None


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A user's data folder."""
    return tmp_path / "home"


@pytest.fixture
async def ledger(home: Path) -> AsyncIterator[Ledger]:
    """An open ledger on the default database."""
    opened = await Ledger.open(home)
    yield opened
    await opened.close()


@pytest.fixture
async def any_ledger(home: Path, database_url: str | None) -> AsyncIterator[Ledger]:
    """An open ledger on each kind of database."""
    opened = await Ledger.open(home, url=database_url)
    yield opened
    await opened.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, since paths of sockets are limited to about a hundred bytes."""
    path = Path(tempfile.mkdtemp(prefix="plb-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def engine_ready() -> None:
    """A Docker engine with the image of this version."""

    async def obstacle() -> str | None:
        try:
            async with Engine.connect(5) as engine:
                if await engine.image(image_tag()) is None:
                    return f"the image {image_tag()} is not built; run: plumbline toolserver image build"
        except SandboxUnavailable as error:
            return str(error)
        return None

    reason = asyncio.run(obstacle())
    if reason is not None:
        pytest.skip(reason)


@pytest.fixture
def require_sandbox(request: pytest.FixtureRequest) -> None:
    """Skip a test parametrised with ``sandbox`` where that kind cannot be opened on this machine."""
    if request.node.callspec.params.get("sandbox") == "docker":
        request.getfixturevalue("engine_ready")
