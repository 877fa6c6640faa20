"""Looking for single events of a run without reading all of them."""

import re
from collections.abc import AsyncIterator, Collection
from typing import Final

import orjson
from sqlalchemy import and_, or_, select

from agent.domain.events import Event, EventKind
from agent.ledger.store import Ledger
from agent.ledger.tables import events, runs

_SHA256 = re.compile(r"[0-9a-f]{64}")
_LOOKED_AT: Final = 20
_NO_PROGRESS: Final[tuple[EventKind, ...]] = ("run", "command", "retry", "egress", "sandbox")
"""Kinds of events that come again each time a run is taken up, or that others write."""


async def newest_of_kind(ledger: Ledger, run_id: str, kind: EventKind, *, limit: int) -> AsyncIterator[Event]:
    """Yield a run's events of one kind, the newest first, at most ``limit``."""
    query = select(events.c.seq).where(events.c.run_id == run_id, events.c.kind == kind)
    for row in await ledger.rows(query.order_by(events.c.seq.desc()).limit(limit)):
        async for event in ledger.events(run_id, after=row.seq - 1, until=row.seq, limit=1):
            yield event


async def events_naming(
    ledger: Ledger, run_id: str, sha256: str, kinds: Collection[EventKind], *, limit: int = 100
) -> AsyncIterator[Event]:
    """Yield those of a run's facts and results in whose stored form a hash stands anywhere, at most ``limit``.

    The database looks for it, so that no event without it is read: a run of ten thousand events takes some
    milliseconds.
    """
    if not _SHA256.fullmatch(sha256):
        return
    query = select(events.c.seq).where(
        events.c.run_id == run_id,
        events.c.kind.in_(kinds),
        events.c.phase != "started",
        events.c.payload.contains(sha256),
    )
    for row in await ledger.rows(query.order_by(events.c.seq).limit(limit)):
        async for event in ledger.events(run_id, after=row.seq - 1, until=row.seq, limit=1):
            yield event


async def runs_naming(
    ledger: Ledger, sha256: str, kinds: Collection[EventKind], *, owner: str | None, limit: int = 20
) -> tuple[str, ...]:
    """Return runs in whose facts and results a hash stands anywhere, the newest first: those of an owner, or all."""
    if not _SHA256.fullmatch(sha256):
        return ()
    named = select(events.c.run_id).where(
        events.c.run_id == runs.c.id,
        events.c.kind.in_(kinds),
        events.c.phase != "started",
        events.c.payload.contains(sha256),
    )
    query = select(runs.c.id).where(named.exists()).order_by(runs.c.created_at.desc()).limit(limit)
    if owner is not None:
        query = query.where(runs.c.owner == owner)
    return tuple([str(row.id) for row in await ledger.rows(query)])


async def fruitless_starts(ledger: Ledger, run_id: str) -> int:
    """Return how often in a row work on a run began last, and ended without a result and without a word why.

    That is so where a process is killed, again and again, by what the run does. At most 20 are counted.
    """
    progress = and_(events.c.kind.not_in(_NO_PROGRESS), events.c.phase != "started", events.c.key.is_not(None))
    query = select(events.c.kind, events.c.payload).where(
        events.c.run_id == run_id, or_(and_(events.c.kind == "run", events.c.key.is_(None)), progress)
    )
    starts = 0
    for row in await ledger.rows(query.order_by(events.c.seq.desc()).limit(_LOOKED_AT)):
        if row.kind != "run" or orjson.loads(row.payload).get("status") != "running":
            break
        starts += 1
    return starts
