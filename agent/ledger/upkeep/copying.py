"""Copies a ledger to another database without loss, such as from SQLite to PostgreSQL.

A run is copied in one transaction and compared afterwards, so that a copy that was interrupted is gone on with by
copying again: runs that are there already and are the same are left alone.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from sqlalchemy import Row, Table, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable
from agent.ledger.store import Ledger, summary_of
from agent.ledger.tables import audit, events, run_tags, runs, shares, submissions, uploads
from agent.ledger.upkeep.digests import run_digest

_PAGE: Final = 1_000

_OF_A_RUN: Final[Sequence[Table]] = (run_tags, submissions, shares)

_FREE: Final = {"lease_owner": None, "lease_expires_at": 0.0}


class Copied(Fact):
    """What copying came to.

    Attributes:
        runs: that were copied now, and ``events`` how many events they have.
        same: runs that were there already.
        blobs: contents that were copied.
        busy: runs that a process was working on; they were left out, copy again when they have ended.
        different: runs that the target has otherwise than the source; they were left alone.
    """

    runs: int = 0
    events: int = 0
    same: int = 0
    blobs: int = 0
    busy: tuple[str, ...] = ()
    different: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether the target now has everything that the source has."""
        return not self.busy and not self.different


async def copy_ledger(
    source: Ledger, target: Ledger, *, same_blobs: bool, told: Callable[[int, int], None] = lambda done, of: None
) -> Copied:
    """Copy all runs, with what is kept beside them, and compare what arrived.

    Args:
        source: is only read.
        target: may have runs of its own.
        same_blobs: both have one store of blobs, so that none has to be copied.
        told: hears how many runs of how many are done.

    Raises:
        LedgerUnavailable: a database failed, a blob is damaged, or what arrived is not what was sent.
    """
    ids = [row.id for row in await source.rows(select(runs.c.id).order_by(runs.c.created_at, runs.c.id))]
    found = Copied()
    for number, run_id in enumerate(ids, 1):
        found = await _copy_run(source, target, run_id, found, same_blobs=same_blobs)
        told(number, len(ids))
    await _copy_rest(source, target, same_blobs=same_blobs)
    return found


async def _copy_run(source: Ledger, target: Ledger, run_id: str, found: Copied, *, same_blobs: bool) -> Copied:
    rows = await source.rows(select(runs).where(runs.c.id == run_id))
    if not rows:
        return found  # it was deleted meanwhile
    row = rows[0]
    if summary_of(row).alive:
        return found.model_copy(update={"busy": (*found.busy, run_id)})
    blobs: dict[str, None] = {}
    digest = await run_digest(source, run_id, named=lambda sha256: blobs.setdefault(sha256))
    there = next(iter(await target.rows(select(runs).where(runs.c.id == run_id))), None)
    if there is not None:
        if await run_digest(target, run_id) == digest:
            return found.model_copy(update={"same": found.same + 1})
        if there.fence != row.fence or there.last_seq >= row.last_seq or not await _begins(source, target, there):
            return found.model_copy(update={"different": (*found.different, run_id)})
    copied = 0 if same_blobs else await _copy_blobs(source, target, blobs)
    async with target.transaction() as connection:
        await _replace(connection, source, row)
    arrived = await run_digest(target, run_id)
    if arrived != digest:
        again = await source.rows(select(runs.c.last_seq).where(runs.c.id == run_id))
        if not again or again[0].last_seq != row.last_seq:
            return found.model_copy(update={"busy": (*found.busy, run_id)})
        raise LedgerUnavailable(f"run {run_id} did not arrive as it was sent; check both databases and copy again")
    return found.model_copy(
        update={"runs": found.runs + 1, "events": found.events + row.last_seq, "blobs": found.blobs + copied}
    )


async def _begins(source: Ledger, target: Ledger, there: "Row[Any]") -> bool:
    """Return whether what the target has of a run is how it begins in the source."""
    last = await source.raw_events(there.id, after=there.last_seq - 1, until=there.last_seq)
    same = await target.raw_events(there.id, after=there.last_seq - 1, until=there.last_seq)
    return bool(last) and [tuple(row) for row in last] == [tuple(row) for row in same]


async def _replace(connection: AsyncConnection, source: Ledger, row: "Row[Any]") -> None:
    await connection.execute(delete(events).where(events.c.run_id == row.id))
    for table in _OF_A_RUN:
        await connection.execute(delete(table).where(table.c.run_id == row.id))
    await connection.execute(delete(runs).where(runs.c.id == row.id))
    await connection.execute(insert(runs).values({**row._asdict(), **_FREE}))
    after = 0
    while page := await source.raw_events(row.id, after=after, until=row.last_seq, limit=_PAGE):
        await connection.execute(insert(events), [one._asdict() for one in page])
        after = page[-1].seq
    for table in _OF_A_RUN:
        if beside := await source.rows(select(table).where(table.c.run_id == row.id)):
            await connection.execute(insert(table), [one._asdict() for one in beside])


async def _copy_blobs(source: Ledger, target: Ledger, blobs: dict[str, None]) -> int:
    copied = 0
    for sha256 in blobs:
        # a tool's output may name hashes of its own
        if await source.blobs.has(sha256) and not await target.blobs.has(sha256):
            await target.blobs.put(await source.blobs.get(sha256))
            copied += 1
    return copied


async def _copy_rest(source: Ledger, target: Ledger, *, same_blobs: bool) -> None:
    """Copy what belongs to no run: who did what, and uploads that wait for their task."""
    noted = {tuple(row)[1:] for row in await target.rows(select(audit))}
    for row in await source.rows(select(audit).order_by(audit.c.id)):
        if tuple(row)[1:] not in noted:
            values = {name: value for name, value in row._asdict().items() if name != "id"}
            async with target.transaction() as connection:
                await connection.execute(insert(audit).values(values))
    waiting = {(row.who, row.sha256) for row in await target.rows(select(uploads))}
    for row in await source.rows(select(uploads)):
        if (row.who, row.sha256) in waiting:
            continue
        if not same_blobs:
            await _copy_blobs(source, target, {row.sha256: None})
        async with target.transaction() as connection:
            await connection.execute(insert(uploads).values(row._asdict()))
