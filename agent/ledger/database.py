"""Opening the ledger's database: SQLite by default, PostgreSQL by URL."""

import asyncio
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import URL, Connection, Engine, Row, Select, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from agent.domain.errors import ConfigurationError, LedgerUnavailable
from agent.ledger.tables import REVISION

Durability = Literal["process", "power"]
"""``process``: what is acknowledged survives the death of this process; ``power``: also a power cut."""

_LOCK_SECONDS = 10
_READERS = 4


class Database:
    """The two engines of one database.

    A synchronous one is for the threads that write and read, which is what runs do, and an asynchronous one for
    transactions of other kinds.
    """

    def __init__(self, url: URL, *, durability: Durability) -> None:
        self.url = url
        self.sqlite = url.get_backend_name() == "sqlite"
        driver = "aiosqlite" if self.sqlite else "psycopg"
        options: dict[str, Any] = {} if self.sqlite else {"pool_pre_ping": True}
        try:
            self.engine: Engine = create_engine(url, **options)
            self.others: AsyncEngine = create_async_engine(
                url.set(drivername=f"{url.get_backend_name()}+{driver}"), **options
            )
        except ModuleNotFoundError as error:
            raise ConfigurationError(
                "PostgreSQL needs its driver; run: pip install 'plumbline-agent[postgres]'"
            ) from error
        if self.sqlite:
            synchronous = "FULL" if durability == "power" else "NORMAL"
            for engine in (self.engine, self.others.sync_engine):
                event.listen(engine, "connect", lambda connection, _record: _prepare(connection, synchronous))
        # an asynchronous driver takes five times as long for the few rows of one run
        self._threads = ThreadPoolExecutor(_READERS, thread_name_prefix="ledger-reader")

    def migrate(self) -> None:
        """Bring the schema up to date, once, however many processes try at the same time.

        Raises:
            LedgerUnavailable: the database cannot be opened or written.
            ConfigurationError: the database was made by a newer version.
        """
        try:
            with self.engine.connect() as connection:
                if _revision(connection) == REVISION:
                    return
                if self.sqlite:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                else:
                    connection.execute(text("SELECT pg_advisory_xact_lock(7586254)"))
                _upgrade(connection)
                connection.commit()
        except DBAPIError as error:
            raise unavailable(error, self.url) from error

    def revision(self) -> str | None:
        """Return the version of the schema that the database has; None where it has none yet.

        Raises:
            LedgerUnavailable: the database cannot be opened.
        """
        try:
            with self.engine.connect() as connection:
                return _revision(connection)
        except DBAPIError as error:
            raise unavailable(error, self.url) from error

    async def rows(self, query: Select[Any]) -> "list[Row[Any]]":
        """Return the rows of a query.

        Raises:
            LedgerUnavailable: the database was closed.
        """
        try:
            reading = asyncio.get_running_loop().run_in_executor(self._threads, self._rows, query)
        except RuntimeError as error:
            # whoever watches a run may still do so while a server ends
            raise LedgerUnavailable("the ledger was closed; start again what reads it") from error
        return await reading

    def _rows(self, query: Select[Any]) -> "list[Row[Any]]":
        with self.engine.connect() as connection:
            return list(connection.execute(query).all())

    async def close(self) -> None:
        """Close all connections."""
        await asyncio.to_thread(self._threads.shutdown)
        self.engine.dispose()
        await self.others.dispose()


def database_url(home: Path, configured: str | None) -> URL:
    """Return the URL of the ledger's database: the configured one, else a file in the user's data folder.

    Raises:
        ConfigurationError: the URL cannot be read or names another kind of database.
    """
    if not configured:
        return URL.create("sqlite", database=str(home / "ledger.db"))
    try:
        url = make_url(configured)
    except ArgumentError as error:
        raise ConfigurationError(
            "what names the database is not a database URL; it looks like postgresql://user@host/name"
        ) from error
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise ConfigurationError(f"{url.get_backend_name()} is not supported; use sqlite or postgresql")
    return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url


def unavailable(error: DBAPIError | sqlite3.Error | OSError, url: URL) -> LedgerUnavailable:
    """Return the one-line error for a database that failed."""
    cause = str(getattr(error, "orig", None) or error).splitlines()[0]
    place = url.render_as_string(hide_password=True)
    advice = "check that the database is up"
    if "full" in cause:
        advice = "make room on the disk"
    elif "readonly" in cause or "unable to open" in cause:
        advice = "make the folder writable or set PLUMBLINE_HOME"
    elif "locked" in cause:
        advice = "another process holds it; wait and try again"
    elif "malformed" in cause or "not a database" in cause:
        advice = "the file is damaged; restore it from a backup"
    return LedgerUnavailable(f"the ledger at {place} failed ({cause}); {advice}")


def _prepare(connection: Any, synchronous: str) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={_LOCK_SECONDS * 1000}",
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _upgrade(connection: Connection) -> None:
    # imported here because a ledger that is up to date, the usual case, has no need of it
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConfigurationError(
            f"the ledger was made by a newer version of Plumbline ({error}); upgrade with pip"
        ) from error
