"""A ledger is copied whole, from either database to either, and a copy that was cut short is gone on with."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from sqlalchemy import update

from agent.domain.errors import LedgerUnavailable
from agent.domain.events import Answer, Guide
from agent.domain.task import Task
from agent.ledger.audit import Audit
from agent.ledger.filing import Filing
from agent.ledger.library import Library, Search
from agent.ledger.shares import Shares
from agent.ledger.store import Ledger
from agent.ledger.tables import runs
from agent.ledger.upkeep.checking import check_ledger
from agent.ledger.upkeep.copying import Copied, copy_ledger

Opener = Callable[[], Awaitable[Ledger]]


@pytest.fixture
async def elsewhere(tmp_path: Path, database_url: str | None) -> AsyncIterator[Ledger]:
    opened = await Ledger.open(tmp_path / "elsewhere", url=database_url)
    yield opened
    await opened.close()


async def filled(ledger: Ledger) -> tuple[str, str]:
    """Two runs: one with a long text, odd signs, tags and a link; one that only was submitted."""
    filing = Filing(owner="ada", title="the first", tags=("b", "a"), key="once")
    first = await ledger.create(Task(goal="count \u0000 the 文件"), filing=filing)
    guides = [Guide(text=f"{number} " + ("long " * 2_000 if number == 7 else "")) for number in range(1_200)]
    await asyncio.gather(*(ledger.command(first, guide) for guide in guides))
    await Shares(ledger).make(first, "ada")
    await Audit(ledger).note("ada", "shared", run_id=first)
    return first, await ledger.create(Task(goal="second"))


async def everything(ledger: Ledger) -> object:
    return [
        [(event.seq, event.at, event.kind, event.key, event.phase, event.payload) async for event in ledger.events(id_)]
        for id_ in sorted([run.id for run in await ledger.newest()])
    ], await Library(ledger).search(Search())


async def test_everything_arrives_and_a_second_copy_finds_nothing_to_do(ledger: Ledger, elsewhere: Ledger) -> None:
    first, _ = await filled(ledger)
    told: list[tuple[int, int]] = []
    found = await copy_ledger(ledger, elsewhere, same_blobs=False, told=lambda done, of: told.append((done, of)))
    assert found == Copied(runs=2, events=1_202, blobs=1)
    assert told == [(1, 2), (2, 2)]
    assert await everything(elsewhere) == await everything(ledger)
    assert (await check_ledger(elsewhere)).faults == ()
    again = await copy_ledger(ledger, elsewhere, same_blobs=False)
    assert again == Copied(same=2)
    assert len(await Audit(elsewhere).entries()) == len(await Audit(ledger).entries()) == 1
    # the copy is a ledger of its own, which the run goes on in
    lease = await elsewhere.leases.claim(first, "there")
    assert await elsewhere.append(first, lease.fence, "inbox", "k", "fact", {}) == 1_202


async def test_a_run_that_went_on_is_copied_anew_and_one_that_went_on_elsewhere_is_left(
    ledger: Ledger, elsewhere: Ledger
) -> None:
    first, second = await filled(ledger)
    await copy_ledger(ledger, elsewhere, same_blobs=False)
    await ledger.command(first, Answer(question="q", text="yes"))
    await elsewhere.command(second, Guide(text="there"))
    found = await copy_ledger(ledger, elsewhere, same_blobs=False)
    assert (found.runs, found.same, found.different) == (1, 0, (second,))
    assert not found.whole
    assert (await elsewhere.find(first)).last_seq == 1_202
    assert (await elsewhere.find(second)).last_seq == 2


async def test_a_run_that_is_being_worked_on_waits_for_the_next_copy(ledger: Ledger, elsewhere: Ledger) -> None:
    first, _ = await filled(ledger)
    lease = await ledger.leases.claim(first, "somebody/else")
    found = await copy_ledger(ledger, elsewhere, same_blobs=False)
    assert (found.runs, found.busy) == (1, (first,))
    await ledger.leases.release(lease, active_seconds=2)
    assert (await copy_ledger(ledger, elsewhere, same_blobs=False)).whole
    assert (await elsewhere.find(first)).active_seconds == 2


async def test_a_copy_that_was_cut_short_is_gone_on_with(ledger: Ledger, elsewhere: Ledger, tmp_path: Path) -> None:
    await filled(ledger)

    def cut(done: int, of: int) -> None:
        raise LedgerUnavailable("the line is down")

    with pytest.raises(LedgerUnavailable, match="the line is down"):
        await copy_ledger(ledger, elsewhere, same_blobs=False, told=cut)
    found = await copy_ledger(ledger, elsewhere, same_blobs=False)
    assert (found.runs, found.same) == (1, 1)
    assert await everything(elsewhere) == await everything(ledger)


async def test_faults_are_told_by_run_and_nothing_is_changed(any_ledger: Ledger) -> None:
    first, second = await filled(any_ledger)
    assert (await check_ledger(any_ledger)).faults == ()
    async with any_ledger.transaction() as connection:
        await connection.execute(update(runs).where(runs.c.id == second).values(last_seq=5))
        await connection.execute(update(runs).where(runs.c.id == first).values(schema_version=99))
    found = await check_ledger(any_ledger)
    assert {(fault.run_id, fault.problem.split(" (")[0]) for fault in found.faults} == {
        (second, "has 1 events and should have 5"),
        (first, "was written by a newer version"),
    }
    assert (found.runs, found.events, found.blobs) == (2, 1_202, 1)


async def test_damaged_events_and_blobs_are_told(any_ledger: Ledger, home: Path) -> None:
    first, _ = await filled(any_ledger)
    blob = next(path for path in (home / "blobs").glob("*/*"))
    blob.write_bytes(b"other")
    faults = (await check_ledger(any_ledger)).faults
    assert {fault.run_id for fault in faults} == {first}
    assert all("does not match its hash" in fault.problem for fault in faults)
    blob.unlink()
    (fault,) = (await check_ledger(any_ledger)).faults
    assert "cannot be read" in fault.problem
    assert "is missing" in fault.problem
