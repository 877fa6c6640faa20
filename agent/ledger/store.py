"""The ledger of all runs: creating, finding, reading, forking and deleting them, and commands sent to them."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from pydantic import Field
from sqlalchemy import Connection, Row, Select, delete, func, insert, literal, or_, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.domain.base import Fact
from agent.domain.errors import CommandConflict, LedgerUnavailable, UnknownRun, UsageError
from agent.domain.events import Command, Event, Phase, RunStatus
from agent.domain.messages import canonical
from agent.domain.task import Task
from agent.ledger.blobs import MAY_REFER, BlobStore, FolderBlobs, externalise, internalise
from agent.ledger.database import Database, Durability, database_url, unavailable
from agent.ledger.filing import Filing, file_run, fork_digest, submission_digest
from agent.ledger.lease import Leases, is_dead
from agent.ledger.redaction import Redactor
from agent.ledger.tables import column_text, events, runs
from agent.ledger.writer import Append, DuplicateEvent, GroupCommitWriter

SCHEMA_VERSION = 1
"""Version of the stored events and their payloads."""

CREATED = "run/created"
"""Key of a run's first event, which holds its task."""

_PAGE = 1_000


class RunSummary(Fact):
    """A run as it stands in a list."""

    id: str
    goal: str
    status: RunStatus
    reason: str
    parent: str | None
    forked_at: int | None
    created_at: datetime
    updated_at: datetime
    active_seconds: float
    last_seq: int
    alive: bool = Field(description="whether a process holds the run's lease and is not known to be dead")


class Ledger:
    """The one ledger. Open it with ``Ledger.open``; close it when done."""

    def __init__(self, database: Database, blobs: BlobStore, redactor: Redactor) -> None:
        self.blobs = blobs
        self.redactor = redactor
        self._database = database
        self._writer = GroupCommitWriter(database.engine, lambda error: unavailable(error, database.url))
        self.leases = Leases(self._writer.change, database.engine.dialect.name)
        self._listeners: dict[str, list[Callable[[Append, int], None]]] = {}

    @classmethod
    async def open(
        cls,
        home: Path,
        *,
        url: str | None = None,
        durability: Durability = "process",
        redactor: Redactor | None = None,
    ) -> "Ledger":
        """Open the ledger in a user's data folder, or at a database URL, and bring its schema up to date.

        Raises:
            LedgerUnavailable: the folder or the database cannot be used.
            ConfigurationError: the URL is wrong, a driver is missing, or the schema is newer than this version.
        """
        try:
            await asyncio.to_thread(home.mkdir, parents=True, exist_ok=True)
        except OSError as error:
            raise LedgerUnavailable(
                f"cannot make the data folder {home}: {error.strerror}; set PLUMBLINE_HOME to a writable folder"
            ) from error
        database = Database(database_url(home, url), durability=durability)
        await asyncio.to_thread(database.migrate)
        blobs = FolderBlobs(home / "blobs", fsync=durability == "power")
        return cls(database, blobs, redactor or Redactor())

    @property
    def sqlite(self) -> bool:
        """Whether the database is a file of this machine, which processes of other machines cannot share."""
        return self._database.sqlite

    @property
    def place(self) -> str:
        """Where the database is, without its password."""
        return self._database.url.render_as_string(hide_password=True)

    async def close(self) -> None:
        """Commit what is queued and close the database."""
        await self._writer.close()
        await self._database.close()

    async def create(
        self,
        task: Task,
        *,
        options: dict[str, Any] | None = None,
        run_id: str | None = None,
        filing: Filing | None = None,
    ) -> str:
        """Store a new run with its task and the options it was started with; return its id, once it is committed.

        Raises:
            DuplicateSubmission: a run was submitted under the key of ``filing``.
        """
        run_id, now, filing = run_id or new_run_id(), time.time(), filing or Filing()
        digest = submission_digest(task, options or {})
        task = Task.model_validate_json(self.redactor.scrub(task.model_dump_json().encode()))
        payload = await self.stored_form(canonical({"task": task.model_dump(mode="json"), "options": options or {}}))
        created = {"seq": 1, "at": now, "kind": "run", "key": CREATED, "phase": "fact", "payload": payload.decode()}
        title = self.redactor.scrub_text(filing.title)
        row = new_run(run_id, task.goal, now, status="queued", last_seq=1, owner=filing.owner, title=title)

        def change(connection: Connection) -> None:
            _insert_run(connection, row, [created])
            file_run(connection, run_id, filing, digest)

        await self._writer.change(change)
        return run_id

    async def append(
        self,
        run_id: str,
        fence: int | None,
        kind: str,
        key: str | None,
        phase: str,
        payload: dict[str, Any],
        *,
        status: RunStatus | None = None,
        reason: str = "",
        outcome: str | None = None,
    ) -> int:
        """Store an event and return its number, once it is committed.

        Raises:
            LeaseLost: ``fence`` is no longer the run's.
            DuplicateEvent: the key and phase are taken.
            LedgerUnavailable: the database or the blob folder failed.
        """
        data = await self.stored_form(canonical(payload))
        append = Append(
            run_id, fence, time.time(), kind, key, phase, data, status=status, reason=reason, outcome=outcome
        )
        return await self.submit(append)

    def submit(self, append: Append) -> "asyncio.Future[int]":
        """Queue an encoded event and return the future of its number; see ``GroupCommitWriter.append``."""
        done = self._writer.append(append)
        if append.run_id in self._listeners:
            done.add_done_callback(lambda future: self._tell(append, future))
        return done

    async def stored_form(self, payload: bytes) -> bytes:
        """Return a payload, given as JSON, as it is stored: redacted, with long strings moved to blobs."""
        data = self.redactor.scrub(payload)
        if len(data) <= _EXTERNALISE_FROM and MAY_REFER not in data:
            return data
        return canonical(await externalise(orjson.loads(data), self.blobs))

    async def decode(self, payload: bytes | str) -> dict[str, Any]:
        """Return a stored payload with its blobs put back."""
        data = payload if isinstance(payload, bytes) else payload.encode()
        value: dict[str, Any] = orjson.loads(data)
        return await internalise(value, self.blobs) if MAY_REFER in data else value

    async def command(self, run_id: str, command: Command, *, idempotency_key: str | None = None) -> int:
        """Store a person's command to a run and return its number; sending the same key again changes nothing.

        Raises:
            CommandConflict: another command was sent with this key.
        """
        payload = {"command": command.model_dump(mode="json")}
        try:
            key = f"command/{idempotency_key or uuid.uuid4().hex}"
            return await self.append(run_id, None, "command", key, "fact", payload)
        except DuplicateEvent:
            known = await self.commanded(run_id, command, idempotency_key or "")
            if known is None:
                raise
            return known

    async def commanded(self, run_id: str, command: Command, idempotency_key: str) -> int | None:
        """Return the number of the command that was stored under a key; None where none was.

        Raises:
            CommandConflict: it was another command.
        """
        where = (events.c.run_id == run_id) & (events.c.key == f"command/{idempotency_key}")
        rows = await self.rows(select(events.c.seq, events.c.payload).where(where))
        if not rows:
            return None
        if await self.decode(rows[0].payload) != {"command": command.model_dump(mode="json")}:
            raise CommandConflict(f"the idempotency key {idempotency_key} was used for another command")
        return int(rows[0].seq)

    def listen(self, run_id: str, listener: Callable[[Append, int], None]) -> Callable[[], None]:
        """Call ``listener`` with each event of a run that this process commits; returns how to stop."""
        self._listeners.setdefault(run_id, []).append(listener)

        def stop() -> None:
            self._listeners[run_id].remove(listener)
            if not self._listeners[run_id]:
                del self._listeners[run_id]

        return stop

    async def find(self, run_id: str) -> RunSummary:
        """Return a run by its id or an unambiguous beginning of it; ``last`` is the newest.

        Raises:
            UnknownRun: none or several match.
        """
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id)
        if run_id != "last":
            query = query.where(or_(runs.c.id == run_id, runs.c.id.startswith(run_id, autoescape=True)))
        found = [summary_of(row) for row in await self.rows(query.limit(2 if run_id != "last" else 1))]
        exact = [run for run in found if run.id == run_id]
        if exact:
            return exact[0]
        if not found or not run_id:
            raise UnknownRun(f"there is no run {run_id!r}; plumbline runs lists them")
        if len(found) > 1:
            raise UnknownRun(f"{run_id!r} is the beginning of several runs: {found[0].id}, {found[1].id}")
        return found[0]

    async def newest(self, *, limit: int = 50, status: RunStatus | None = None) -> tuple[RunSummary, ...]:
        """Return the newest runs, newest first."""
        query = select(runs).order_by(runs.c.created_at.desc(), runs.c.id).limit(limit)
        if status is not None:
            query = query.where(runs.c.status == status)
        return tuple([summary_of(row) for row in await self.rows(query)])

    async def created(self, run_id: str) -> tuple[Task, dict[str, Any]]:
        """Return the task a run was made with, and its options."""
        async for event in self.events(run_id, limit=1):
            return Task.model_validate(event.payload["task"]), event.payload.get("options", {})
        raise UnknownRun(f"run {run_id} has no events; plumbline runs lists the runs")

    async def events(
        self, run_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> AsyncIterator[Event]:
        """Yield a run's events in order, a page at a time, with their blobs put back."""
        left = limit
        while left is None or left > 0:
            page = await self.raw_events(run_id, after=after, until=until, limit=min(left or _PAGE, _PAGE))
            for row in page:
                yield await self._event(row)
            if len(page) < _PAGE:
                return
            after = page[-1].seq
            left = None if left is None else left - len(page)

    async def raw_events(
        self, run_id: str, *, after: int = 0, until: int | None = None, limit: int | None = None
    ) -> "list[Row[Any]]":
        """Return rows of a run's events in order, payloads as stored."""
        query = select(events).where(events.c.run_id == run_id, events.c.seq > after).order_by(events.c.seq)
        if until is not None:
            query = query.where(events.c.seq <= until)
        if limit is not None:
            query = query.limit(limit)
        return await self.rows(query)

    async def event_of(self, run_id: str, key: str, phase: Phase) -> Event | None:
        """Return the event of a key and phase; None where there is none."""
        query = select(events).where(events.c.run_id == run_id, events.c.key == key, events.c.phase == phase)
        rows = await self.rows(query)
        return await self._event(rows[0]) if rows else None

    async def last_seq(self, run_id: str) -> int:
        """Return the number of a run's newest event."""
        rows = await self.rows(select(runs.c.last_seq).where(runs.c.id == run_id))
        if not rows:
            raise UnknownRun(f"there is no run {run_id}; plumbline runs lists them")
        return int(rows[0].last_seq)

    async def last_status(self, run_id: str) -> int:
        """Return the number of the event that told a run's status last; 1 where none did."""
        where = (events.c.run_id == run_id) & (events.c.kind == "run")
        return int((await self.rows(select(func.max(events.c.seq).label("seq")).where(where)))[0].seq or 1)

    async def fork(
        self,
        run_id: str,
        seq: int,
        *,
        options: dict[str, Any] | None = None,
        filing: Filing | None = None,
        fork_id: str | None = None,
    ) -> str:
        """Copy a run's first ``seq`` events to a new run and return its id, which is ``fork_id`` where that is given.

        ``options`` replace those the run was started with.

        Raises:
            UsageError: the run has no event of that number.
        """
        run = await self.find(run_id)
        if not 1 <= seq <= run.last_seq:
            raise UsageError(f"run {run.id} has events 1 to {run.last_seq}; fork at one of them")
        fork_id, filing = fork_id or new_run_id(), filing or Filing()
        columns = [literal(fork_id), *[column for column in events.c if column.name != "run_id"]]
        prefix = select(*columns).where(events.c.run_id == run.id, events.c.seq <= seq, events.c.seq > 1)
        first = (await self.rows(select(events).where(events.c.run_id == run.id, events.c.seq == 1)))[0]._asdict()
        if options is not None:
            created = {**orjson.loads(first["payload"]), "options": options}
            first["payload"] = (await self.stored_form(canonical(created))).decode()
        lineage = {"parent": run.id, "forked_at": seq}
        of = {"owner": filing.owner, "title": self.redactor.scrub_text(filing.title)}
        values = new_run(fork_id, run.goal, time.time(), status="paused", last_seq=seq, **lineage, **of)

        def change(connection: Connection) -> None:
            connection.execute(insert(runs).values(values))
            connection.execute(insert(events).values({**first, "run_id": fork_id}))
            connection.execute(insert(events).from_select([column.name for column in events.c], prefix))
            file_run(connection, fork_id, filing, fork_digest(run.id, seq, options))

        await self._writer.change(change)
        return fork_id

    async def restore(self, run: dict[str, Any], rows: list[dict[str, Any]]) -> None:
        """Store a whole run at once: its row, made by ``new_run``, and its events.

        Raises:
            UsageError: the ledger has a run of that id.
        """
        await self._writer.change(lambda connection: _insert_run(connection, run, rows))

    async def delete(self, run_id: str) -> None:
        """Remove a run and its events. Blobs stay, since other runs may share them."""
        async with self.transaction() as connection:
            await connection.execute(delete(events).where(events.c.run_id == run_id))
            await connection.execute(delete(runs).where(runs.c.id == run_id))

    def _tell(self, append: Append, future: "asyncio.Future[int]") -> None:
        if _succeeded(future):
            for listener in tuple(self._listeners.get(append.run_id, ())):
                listener(append, future.result())

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end of the block.

        Raises:
            LedgerUnavailable: the database failed.
        """
        try:
            async with self._database.others.begin() as connection:
                yield connection
        except DBAPIError as error:
            raise unavailable(error, self._database.url) from error

    async def rows(self, query: Select[Any]) -> "list[Row[Any]]":
        """Return the rows of a query."""
        try:
            return await self._database.rows(query)
        except DBAPIError as error:
            raise unavailable(error, self._database.url) from error

    async def _event(self, row: "Row[Any]") -> Event:
        return Event(
            run_id=row.run_id,
            seq=row.seq,
            at=datetime.fromtimestamp(row.at, UTC),
            kind=row.kind,
            key=row.key,
            phase=row.phase,
            payload=await self.decode(row.payload),
        )


_EXTERNALISE_FROM = 8_192


def new_run_id() -> str:
    """Return a new run id: the day and eight random hexadecimal digits."""
    return f"{datetime.now(UTC):%y%m%d}-{uuid.uuid4().hex[:8]}"


def new_run(run_id: str, goal: str, now: float, **columns: Any) -> dict[str, Any]:
    """Return the values of a new row of the table of runs."""
    first_line = goal.strip().splitlines()[0] if goal.strip() else ""
    return {
        "id": run_id,
        "goal": column_text(first_line[:200]),
        "created_at": now,
        "updated_at": now,
        "schema_version": SCHEMA_VERSION,
        **columns,
    }


def summary_of(row: "Row[Any]") -> RunSummary:
    """Return a run from a row of the table of runs."""
    return RunSummary(
        id=row.id,
        goal=row.goal,
        status=row.status,
        reason=row.reason,
        parent=row.parent,
        forked_at=row.forked_at,
        created_at=datetime.fromtimestamp(row.created_at, UTC),
        updated_at=datetime.fromtimestamp(row.updated_at, UTC),
        active_seconds=row.active_seconds,
        last_seq=row.last_seq,
        alive=row.lease_owner is not None and row.lease_expires_at > time.time() and not is_dead(row.lease_owner),
    )


def _insert_run(connection: Connection, run: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    try:
        connection.execute(insert(runs).values(run))
    except IntegrityError:
        raise UsageError(f"run {run['id']} is already in this ledger") from None
    connection.execute(insert(events), [{**row, "run_id": run["id"]} for row in rows])


def _succeeded(future: "asyncio.Future[int]") -> bool:
    return not future.cancelled() and future.exception() is None
