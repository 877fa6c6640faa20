"""Events and other changes stand in one queue: each is kept or refused by itself, in the order in which it was made."""

import asyncio
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from agent.domain.errors import LeaseLost, UsageError
from agent.domain.task import Task
from agent.ledger.database import Database, database_url, unavailable
from agent.ledger.filing import DuplicateSubmission, Filing
from agent.ledger.lease import Lease
from agent.ledger.store import Ledger
from agent.ledger.writer import GroupCommitWriter

_ACKNOWLEDGING = """
import asyncio, sys
from pathlib import Path
from agent.domain.task import Task
from agent.ledger.store import Ledger

async def run(ledger, name):
    await ledger.create(Task(goal=name), run_id=name)
    lease = await ledger.leases.claim(name, "owner")
    for number in range(10_000):
        seq = await ledger.append(name, lease.fence, "sandbox", f"{name}/{number}", "fact", {"number": number})
        print(name, seq, flush=True)

async def main():
    ledger = await Ledger.open(Path(sys.argv[1]))
    await asyncio.gather(*(run(ledger, f"run{n}") for n in range(5)))

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", range(5))
async def test_events_of_many_runs_keep_their_order_whatever_stands_between_them(any_ledger: Ledger, seed: int) -> None:
    ledger, chance = any_ledger, random.Random(seed)  # noqa: S311 - nothing secret
    leases = {name: await _claimed(ledger, f"{seed}-{name}") for name in ("a", "b", "c")}
    sent: dict[str, list[int]] = {name: [] for name in leases}
    waiting: list[asyncio.Future[Any]] = []
    for number in range(80):
        name = chance.choice(sorted(leases))
        match chance.choice(["event", "event", "event", "renew", "create"]):
            case "event":
                sent[name].append(number)
                waiting.append(asyncio.ensure_future(_note(ledger, leases[name], number)))
            case "renew":
                waiting.append(asyncio.ensure_future(_renewed(ledger, leases[name])))
            case _:
                waiting.append(asyncio.ensure_future(_created_twice(ledger, f"{seed}-new-{number}")))
        # so that batches of all sizes come about
        if chance.random() < 0.3:
            await asyncio.sleep(0)
    await asyncio.gather(*waiting)
    for name, lease in leases.items():
        held = [event async for event in ledger.events(lease.run_id)]
        assert [event.seq for event in held] == list(range(1, len(held) + 1))
        assert [event.payload["number"] for event in held[1:]] == sent[name]


async def test_a_change_that_fails_takes_nothing_with_it(any_ledger: Ledger) -> None:
    lease = await _claimed(any_ledger, "kept")
    task, filing = Task(goal="x"), Filing(key="k")
    await any_ledger.create(task, run_id="taken", filing=filing)
    before, same_id, same_key, after = await asyncio.gather(
        _note(any_ledger, lease, 1),
        any_ledger.create(task, run_id="taken"),
        any_ledger.create(task, run_id="other", filing=filing),
        _note(any_ledger, lease, 2),
        return_exceptions=True,
    )
    assert (before, after) == (2, 3)
    assert isinstance(same_id, UsageError)
    assert isinstance(same_key, DuplicateSubmission)
    assert {run.id for run in await any_ledger.newest()} == {"kept", "taken"}


async def test_a_change_that_breaks_is_told_to_whoever_asked_for_it_and_the_others_are_written(home: Path) -> None:
    home.mkdir()
    database = Database(database_url(home, None), durability="process")
    database.migrate()
    writer = GroupCommitWriter(database.engine, lambda error: unavailable(error, database.url))

    def broken(_connection: Connection) -> None:
        raise KeyError("what nobody thought of")

    def number(connection: Connection) -> int:
        return int(connection.execute(text("SELECT 7")).scalar_one())

    async with asyncio.timeout(60):
        first, failed, second = await asyncio.gather(
            writer.change(number), writer.change(broken), writer.change(number), return_exceptions=True
        )
        assert (first, second, await writer.change(number)) == (7, 7, 7)
    assert isinstance(failed, KeyError)
    await writer.close()
    await database.close()


async def test_what_was_sent_before_a_lease_is_given_back_is_kept_and_what_comes_from_an_older_fence_is_not(
    any_ledger: Ledger,
) -> None:
    lease = await _claimed(any_ledger, "r")
    kept, _, next_lease = await asyncio.gather(
        _note(any_ledger, lease, 1),
        any_ledger.leases.release(lease, active_seconds=1.5),
        any_ledger.leases.claim("r", "next"),
    )
    assert kept == 2
    assert (next_lease.fence, next_lease.active_seconds) == (lease.fence + 1, 1.5)
    late, good = await asyncio.gather(
        _note(any_ledger, lease, 2), _note(any_ledger, next_lease, 3), return_exceptions=True
    )
    assert isinstance(late, LeaseLost)
    assert good == 3


async def test_of_many_leases_renewed_together_those_that_were_taken_are_told(any_ledger: Ledger) -> None:
    held = [await _claimed(any_ledger, f"r{number}") for number in range(3)]
    await any_ledger.leases.release(held[1], active_seconds=0)
    await any_ledger.leases.claim("r1", "other")
    assert await any_ledger.leases.renew_all([(lease, 7.0) for lease in held]) == (held[1],)
    assert (await any_ledger.find("r2")).active_seconds == 7.0


def test_what_was_acknowledged_survives_the_death_of_the_process(home: Path) -> None:
    command = [sys.executable, "-c", _ACKNOWLEDGING, str(home)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline().split() for _ in range(100)]
        writer.kill()
        told += [line.split() for line in writer.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
    asyncio.run(_has_all(home, [(name, int(seq)) for name, seq in told]))


async def _has_all(home: Path, told: list[tuple[str, int]]) -> None:
    ledger = await Ledger.open(home)
    for name in {name for name, _ in told}:
        held = [event.seq async for event in ledger.events(name)]
        assert held == list(range(1, len(held) + 1))
        assert max(seq for other, seq in told if other == name) <= len(held)
        assert await ledger.last_seq(name) == len(held)
    await ledger.close()


async def _claimed(ledger: Ledger, name: str) -> Lease:
    return await ledger.leases.claim(await ledger.create(Task(goal="x"), run_id=name), "owner", seconds=600)


async def _note(ledger: Ledger, lease: Lease, number: int) -> int:
    key = f"note/{number}"
    return await ledger.append(lease.run_id, lease.fence, "sandbox", key, "fact", {"number": number})


async def _renewed(ledger: Ledger, lease: Lease) -> None:
    await ledger.leases.renew(lease, active_seconds=1.0, seconds=600)


async def _created_twice(ledger: Ledger, name: str) -> None:
    await ledger.create(Task(goal="x"), run_id=name)
    with pytest.raises(UsageError, match="already in this ledger"):
        await ledger.create(Task(goal="x"), run_id=name)
