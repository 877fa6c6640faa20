"""Reads a whole ledger and tells what is not as it must be. It changes nothing."""

from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Row, func, select, text

from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable
from agent.ledger.blobs import references
from agent.ledger.store import CREATED, SCHEMA_VERSION, Ledger
from agent.ledger.tables import events, runs

_PAGE = 1_000


class Fault(Fact):
    """Something that is not as it must be; ``run_id`` is None where it is no single run's."""

    run_id: str | None
    problem: str


class Checked(Fact):
    """What a check came to."""

    runs: int
    events: int
    blobs: int
    faults: tuple[Fault, ...]


async def check_ledger(ledger: Ledger, *, told: Callable[[int, int], None] = lambda done, of: None) -> Checked:
    """Check the database's own structure, each run's events, and each blob that they name.

    Raises:
        LedgerUnavailable: the database failed.
    """
    faults: list[Fault] = [Fault(run_id=None, problem=problem) for problem in await _structure(ledger)]
    found = await ledger.rows(select(runs).order_by(runs.c.created_at, runs.c.id))
    count, blobs = 0, dict[str, str]()
    for number, row in enumerate(found, 1):
        seen, problems = await _check_run(ledger, row, blobs)
        count += seen
        faults += [Fault(run_id=row.id, problem=problem) for problem in problems]
        told(number, len(found))
    for sha256, run_id in blobs.items():
        faults += [Fault(run_id=run_id, problem=problem) for problem in await _check_blob(ledger, sha256)]
    return Checked(runs=len(found), events=count, blobs=len(blobs), faults=tuple(faults))


async def _structure(ledger: Ledger) -> list[str]:
    if ledger.sqlite:
        async with ledger.transaction() as connection:
            found = (await connection.execute(text("PRAGMA integrity_check(20)"))).all()
        return [str(row[0]) for row in found if row[0] != "ok"]
    # PostgreSQL checks its pages as it reads them; what we ask of it is that no event is without its run
    orphans = select(func.count()).select_from(events).where(events.c.run_id.notin_(select(runs.c.id)))
    lost = (await ledger.rows(orphans))[0][0]
    return [f"{lost} events belong to no run"] if lost else []


async def _check_run(ledger: Ledger, run: "Row[Any]", blobs: dict[str, str]) -> tuple[int, list[str]]:
    """Return how many events a run has, and what is wrong with them; note the blobs that they name."""
    problems: list[str] = []
    if run.schema_version > SCHEMA_VERSION:
        problems.append(f"was written by a newer version (schema {run.schema_version}); upgrade Plumbline")
    after, started, named = 0, set[str](), set[str]()
    while page := await ledger.raw_events(run.id, after=after, limit=_PAGE):
        for row in page:
            if row.seq != after + 1:
                problems.append(f"events {after + 1} to {row.seq - 1} are missing")
            after = row.seq
            if row.seq == 1 and row.key != CREATED:
                problems.append("does not begin with its task")
            if row.phase == "started":
                started.add(row.key)
            elif row.phase == "done" and row.kind != "inbox" and row.key not in started:
                problems.append(f"event {row.seq} is the result of what never began")
            try:
                references(orjson.loads(row.payload), named.add)
                # long strings lie in blobs, without which the event is not whole
                await ledger.decode(row.payload)
            except (orjson.JSONDecodeError, UnicodeDecodeError):
                problems.append(f"event {row.seq} cannot be read")
            except LedgerUnavailable as error:
                problems.append(f"event {row.seq} cannot be read: {error}")
    for sha256 in named:
        blobs.setdefault(sha256, run.id)
    if after != run.last_seq:
        problems.append(f"has {after} events and should have {run.last_seq}")
    return after, problems


async def _check_blob(ledger: Ledger, sha256: str) -> list[str]:
    # a tool's output may name hashes of its own, and large pages are not kept: what is not there is no fault by itself
    if not await ledger.blobs.has(sha256):
        return []
    try:
        await ledger.blobs.get(sha256)
    except LedgerUnavailable as error:
        return [str(error)]
    return []
