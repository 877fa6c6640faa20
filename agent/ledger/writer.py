"""The one writer of the ledger: a thread that commits whatever has arrived, in order, as one transaction.

An append resolves when its batch is committed. A lone caller pays one commit per append; many callers share one. Since
appends are committed in the order in which they were made, whoever awaits one of them knows that all earlier ones are
kept as well. Other changes, such as the taking of leases, stand in the same queue: a thousand runs that begin at once
share their commits, and no two connections of a process wait for each other's locks.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, bindparam, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

from agent.domain.errors import LeaseLost, PlumblineError
from agent.ledger.bulk import Advance, Row, statements_for
from agent.ledger.tables import column_text, runs


@dataclass(frozen=True, slots=True)
class Append:
    """One event to write.

    ``fence`` is the number the run's lease was taken with; None is for a person's commands, which need no lease.
    ``status`` changes the run's row together with the event, and with it its reason and the outcome of its report.
    """

    run_id: str
    fence: int | None
    at: float
    kind: str
    key: str | None
    phase: str
    payload: bytes
    status: str | None = None
    reason: str = ""
    outcome: str | None = None


Change = Callable[[Connection], Any]
"""Writes something else than an event in the writer's transaction and returns what came of it. It may be made again,
when the transaction had to be rolled back because of another one."""

ChangedT = TypeVar("ChangedT")


@dataclass(slots=True)
class _Waiting:
    """Something that waits to be committed: an event, or a change."""

    wanted: Append | Change
    done: asyncio.Future[Any]
    outcome: Any = field(default=None)
    failure: Exception | None = field(default=None)

    @property
    def group(self) -> tuple[Any, ...]:
        """What stands next to each other with the same group fails together: events of a run under one fence."""
        wanted = self.wanted
        return (wanted.run_id, wanted.fence) if isinstance(wanted, Append) else (id(self),)


class GroupCommitWriter:
    """Writes events with group commit.

    Args:
        engine: synchronous engine of the ledger's database.
        unavailable: makes the error for a database that failed.
    """

    def __init__(self, engine: Engine, unavailable: Callable[[DBAPIError | sqlite3.Error], PlumblineError]) -> None:
        self._engine = engine
        self._unavailable = unavailable
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._statements = statements_for(engine.dialect.name)
        self._set_status = _Compiled(
            engine,
            update(runs)
            .where(runs.c.id == bindparam("run"))
            .values(status=bindparam("new_status"), reason=bindparam("new_reason"), outcome=bindparam("new_outcome")),
        )

    def append(self, append: Append) -> "asyncio.Future[int]":
        """Queue an event and return a future that resolves to its sequence number once it is committed.

        The future raises LeaseLost when another runner has taken the run over, and LedgerUnavailable when the database
        failed; nothing of the event is stored then.
        """
        return self._queued(append)

    async def change(self, change: Callable[[Connection], ChangedT]) -> ChangedT:
        """Queue another change and return what it returns, once it is committed.

        Raises:
            Exception: what the change raised, or LedgerUnavailable when the database failed; nothing is changed.
        """
        changed: ChangedT = await self._queued(change)
        return changed

    def _queued(self, wanted: Append | Change) -> "asyncio.Future[Any]":
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
            self._thread.start()
        waiting = _Waiting(wanted, asyncio.get_running_loop().create_future())
        self._queue.put(waiting)
        return waiting.done

    async def close(self) -> None:
        """Commit what is queued and end the thread."""
        if self._thread is not None:
            self._queue.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None

    def _run(self) -> None:
        while True:
            batch, last = self._next_batch()
            if batch:
                self._write(batch)
                _resolve(batch)
            if last:
                return

    def _next_batch(self) -> tuple[list[_Waiting], bool]:
        """Wait for one event, then take all that have arrived by now."""
        batch: list[_Waiting] = []
        waiting = self._queue.get()
        while waiting is not None:
            batch.append(waiting)
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                return batch, False
        return batch, True

    def _write(self, batch: list[_Waiting]) -> None:
        try:
            self._commit(batch)
        except Exception:  # noqa: BLE001 - whatever it is, it is met again below and told to whom it concerns
            # one event may be at fault, such as a command sent twice: give each group a transaction of its own
            for _, items in groupby(batch, key=lambda waiting: waiting.group):
                group = list(items)
                _fail(group, None)
                try:
                    self._commit(group)
                except (DBAPIError, sqlite3.Error, self._engine.dialect.loaded_dbapi.Error) as error:
                    _fail(group, self._refusal(error))
                except Exception as error:  # noqa: BLE001 - the thread must not end: everybody would wait for ever
                    _fail(group, error)

    def _refusal(self, error: Exception) -> Exception:
        dbapi = self._engine.dialect.loaded_dbapi
        if isinstance(getattr(error, "orig", error), dbapi.IntegrityError):
            return DuplicateEvent(str(error))
        return self._unavailable(error)  # type: ignore[arg-type]

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        with self._engine.begin() as connection:
            cursor = connection.connection.cursor()
            for part in _parts(batch):
                if callable(change := part[0].wanted):
                    part[0].outcome = change(connection)
                else:
                    self._write_events(cursor, part)

    def _write_events(self, cursor: Any, part: Sequence[_Waiting]) -> None:
        """Write events of which each run's have one fence."""
        of_runs: dict[str, list[tuple[_Waiting, Append]]] = {}
        for waiting in part:
            if isinstance(append := waiting.wanted, Append):
                of_runs.setdefault(append.run_id, []).append((waiting, append))
        advances = [
            Advance(run_id, events[0][1].fence, len(events), events[-1][1].at) for run_id, events in of_runs.items()
        ]
        last = self._statements.advance(cursor, advances)
        rows: list[Row] = []
        for run_id, events in of_runs.items():
            if run_id not in last:
                lost = LeaseLost(f"run {run_id} was taken over by another process; this one stops writing to it")
                _fail([waiting for waiting, _ in events], lost)
                continue
            for seq, (waiting, append) in enumerate(events, last[run_id] - len(events) + 1):
                rows.append((run_id, seq, append.at, append.kind, append.key, append.phase, append.payload.decode()))
                waiting.outcome = seq
                if append.status is not None:
                    reason = column_text(append.reason)
                    news = {"new_status": append.status, "new_reason": reason, "new_outcome": append.outcome}
                    self._set_status.run(cursor, {"run": run_id, **news})
        if rows:
            self._statements.insert(cursor, rows)


class DuplicateEvent(PlumblineError):
    """An event with this key and phase is already stored; the same command was sent twice."""


class _Compiled:
    """A statement compiled once to the driver's own text, so that writing an event costs no compilation."""

    def __init__(self, engine: Engine, statement: Executable) -> None:
        compiled = statement.compile(dialect=engine.dialect)  # type: ignore[attr-defined]
        self._text = str(compiled)
        self._order: Sequence[str] | None = compiled.positiontup

    def run(self, cursor: Any, values: dict[str, Any]) -> None:
        if self._order is None:
            cursor.execute(self._text, values)
        else:
            cursor.execute(self._text, tuple(values[name] for name in self._order))


def _parts(batch: Sequence[_Waiting]) -> Iterator[list[_Waiting]]:
    """Take a batch apart, in order: each change by itself, and events as far as those of each run have one fence."""
    part: list[_Waiting] = []
    fences: dict[str, int | None] = {}
    for waiting in batch:
        wanted = waiting.wanted
        if not isinstance(wanted, Append):
            if part:
                yield part
            yield [waiting]
            part, fences = [], {}
            continue
        if fences.setdefault(wanted.run_id, wanted.fence) != wanted.fence:
            yield part
            part, fences = [], {wanted.run_id: wanted.fence}
        part.append(waiting)
    if part:
        yield part


def _resolve(batch: list[_Waiting]) -> None:
    """Hand the outcomes over to the event loops of those who wait, with one wake-up for each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for waiting in batch:
        by_loop.setdefault(waiting.done.get_loop(), []).append(waiting)
    for loop, waiters in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_hand_over, waiters)


def _fail(group: Iterable[_Waiting], error: Exception | None) -> None:
    for waiting in group:
        waiting.failure = error


def _hand_over(waiters: list[_Waiting]) -> None:
    for waiting in waiters:
        if waiting.done.done():
            continue
        if waiting.failure is not None:
            waiting.done.set_exception(waiting.failure)
        else:
            waiting.done.set_result(waiting.outcome)
