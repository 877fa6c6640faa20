"""The one writer of the ledger: a thread that commits whatever has arrived, in order, as one transaction.

An append resolves when its batch is committed. A lone caller pays one commit per append; many callers share one. Since
appends are committed in the order in which they were made, whoever awaits one of them knows that all earlier ones are
kept as well.
"""

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, bindparam, insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

from agent.domain.errors import LeaseLost, PlumblineError
from agent.ledger.tables import column_text, events, runs

_EVENT_COLUMNS = ("run_id", "seq", "at", "kind", "key", "phase", "payload")


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


@dataclass(slots=True)
class _Waiting:
    append: Append
    done: asyncio.Future[int]
    outcome: int | Exception | None = field(default=None)


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
        self._advance = _Compiled(
            engine,
            update(runs)
            .where(runs.c.id == bindparam("run"), runs.c.fence == bindparam("held"))
            .values(last_seq=runs.c.last_seq + bindparam("count"), updated_at=bindparam("now"))
            .returning(runs.c.last_seq),
        )
        self._advance_unfenced = _Compiled(
            engine,
            update(runs)
            .where(runs.c.id == bindparam("run"))
            .values(last_seq=runs.c.last_seq + bindparam("count"), updated_at=bindparam("now"))
            .returning(runs.c.last_seq),
        )
        self._set_status = _Compiled(
            engine,
            update(runs)
            .where(runs.c.id == bindparam("run"))
            .values(status=bindparam("new_status"), reason=bindparam("new_reason"), outcome=bindparam("new_outcome")),
        )
        self._insert = _Compiled(engine, insert(events).values({name: bindparam(name) for name in _EVENT_COLUMNS}))

    def append(self, append: Append) -> "asyncio.Future[int]":
        """Queue an event and return a future that resolves to its sequence number once it is committed.

        The future raises LeaseLost when another runner has taken the run over, and LedgerUnavailable when the database
        failed; nothing of the event is stored then.
        """
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ledger-writer", daemon=True)
            self._thread.start()
        waiting = _Waiting(append, asyncio.get_running_loop().create_future())
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
        groups = [list(group) for _, group in groupby(batch, key=lambda w: (w.append.run_id, w.append.fence))]
        try:
            self._commit(groups)
        except (DBAPIError, sqlite3.Error, self._engine.dialect.loaded_dbapi.Error):
            # one event may be at fault, such as a command sent twice: give each group a transaction of its own
            for group in groups:
                try:
                    self._commit([group])
                except (DBAPIError, sqlite3.Error, self._engine.dialect.loaded_dbapi.Error) as error:
                    for waiting in group:
                        waiting.outcome = self._refusal(error)

    def _refusal(self, error: Exception) -> Exception:
        dbapi = self._engine.dialect.loaded_dbapi
        if isinstance(getattr(error, "orig", error), dbapi.IntegrityError):
            return DuplicateEvent(str(error))
        return self._unavailable(error)  # type: ignore[arg-type]

    def _commit(self, groups: Iterable[Sequence[_Waiting]]) -> None:
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            for group in groups:
                self._write_group(cursor, group)
            connection.commit()
        except BaseException:
            connection.rollback()
            raise
        finally:
            connection.close()

    def _write_group(self, cursor: Any, group: Sequence[_Waiting]) -> None:
        first = group[0].append
        values = {"run": first.run_id, "count": len(group), "now": group[-1].append.at, "held": first.fence}
        advance = self._advance if first.fence is not None else self._advance_unfenced
        advance.run(cursor, values)
        row = cursor.fetchone()
        if row is None:
            lost = LeaseLost(f"run {first.run_id} was taken over by another process; this one stops writing to it")
            for waiting in group:
                waiting.outcome = lost
            return
        seq = row[0] - len(group)
        rows = []
        for waiting in group:
            seq += 1
            append = waiting.append
            rows.append((append.run_id, seq, append.at, append.kind, append.key, append.phase, append.payload.decode()))
            waiting.outcome = seq
            if append.status is not None:
                reason = column_text(append.reason)
                news = {"new_status": append.status, "new_reason": reason, "new_outcome": append.outcome}
                self._set_status.run(cursor, {"run": append.run_id, **news})
        self._insert.run_many(cursor, _EVENT_COLUMNS, rows)


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

    def run_many(self, cursor: Any, columns: Sequence[str], rows: list[tuple[Any, ...]]) -> None:
        if self._order is None:
            cursor.executemany(self._text, [dict(zip(columns, row, strict=True)) for row in rows])
        else:
            order = [columns.index(name) for name in self._order]
            cursor.executemany(self._text, [tuple(row[index] for index in order) for row in rows])


def _resolve(batch: list[_Waiting]) -> None:
    """Hand the outcomes over to the event loops of those who wait, with one wake-up for each loop."""
    by_loop: dict[asyncio.AbstractEventLoop, list[_Waiting]] = {}
    for waiting in batch:
        by_loop.setdefault(waiting.done.get_loop(), []).append(waiting)
    for loop, waiters in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_hand_over, waiters)


def _hand_over(waiters: list[_Waiting]) -> None:
    for waiting in waiters:
        if waiting.done.done():
            continue
        if isinstance(waiting.outcome, int):
            waiting.done.set_result(waiting.outcome)
        elif waiting.outcome is not None:
            waiting.done.set_exception(waiting.outcome)
