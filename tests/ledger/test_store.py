"""Runs are found, listed, forked and commanded; the database is opened by many and upgraded by one."""

import asyncio
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from agent.domain.errors import ConfigurationError, LedgerUnavailable, RunBusy, UnknownRun, UsageError
from agent.domain.events import Answer, Guide
from agent.domain.task import Task
from agent.ledger.commands import new_commands
from agent.ledger.database import Database, database_url
from agent.ledger.lease import is_dead, process_identity
from agent.ledger.store import Ledger
from agent.ledger.tables import REVISION, metadata


async def test_a_created_run_has_its_task_and_options_in_its_first_event(any_ledger: Ledger) -> None:
    task = Task(goal="count the files")
    run_id = await any_ledger.create(task, options={"model": "embedded"})
    assert await any_ledger.created(run_id) == (task, {"model": "embedded"})
    assert (await any_ledger.find(run_id)).status == "queued"


async def test_a_run_is_found_by_an_unambiguous_beginning_of_its_id(ledger: Ledger) -> None:
    for run_id in ("aa11", "aa22", "bb33"):
        await ledger.create(Task(goal="x"), run_id=run_id)
    assert (await ledger.find("b")).id == "bb33"
    assert (await ledger.find("aa11")).id == "aa11"
    assert (await ledger.find("last")).id == "bb33"
    with pytest.raises(UnknownRun, match="aa"):
        await ledger.find("aa")
    for unknown in ("zz", "", "a%", "%", "_"):
        with pytest.raises(UnknownRun, match="plumbline runs"):
            await ledger.find(unknown)


async def test_events_are_numbered_without_gaps_across_many_writers(any_ledger: Ledger) -> None:
    run_id = await any_ledger.create(Task(goal="x"))
    await asyncio.gather(*(any_ledger.command(run_id, Guide(text=f"{number}")) for number in range(50)))
    assert [event.seq async for event in any_ledger.events(run_id)] == list(range(1, 52))


async def test_the_same_command_sent_twice_counts_once(any_ledger: Ledger) -> None:
    run_id = await any_ledger.create(Task(goal="x"))
    command = Answer(question="q", text="yes")
    numbers = [await any_ledger.command(run_id, command, idempotency_key="k") for _ in range(3)]
    assert numbers == [2, 2, 2]
    with pytest.raises(UsageError, match="used for another command"):
        await any_ledger.command(run_id, Answer(question="q", text="no"), idempotency_key="k")


async def test_commands_are_fetched_for_several_runs_from_where_each_was_left(any_ledger: Ledger) -> None:
    first, second = [await any_ledger.create(Task(goal="x")) for _ in range(2)]
    await any_ledger.command(first, Guide(text="one"))
    await any_ledger.command(first, Guide(text="two"))
    await any_ledger.command(second, Guide(text="three"))
    found = {(run, command) for run, _, command in await new_commands(any_ledger, {first: 2, second: 0})}
    assert found == {(first, Guide(text="two")), (second, Guide(text="three"))}
    assert list(await new_commands(any_ledger, {})) == []


async def test_a_fork_has_the_same_beginning_and_its_own_options(any_ledger: Ledger) -> None:
    run_id = await any_ledger.create(Task(goal="x"), options={"model": "a"})
    for number in range(4):
        await any_ledger.command(run_id, Guide(text=f"{number}"))
    fork = await any_ledger.fork(run_id, 3, options={"model": "b"})
    kept = [event.payload async for event in any_ledger.events(fork)]
    original = [event.payload async for event in any_ledger.events(run_id, until=3)]
    assert kept[1:] == original[1:]
    assert (await any_ledger.created(fork))[1] == {"model": "b"}
    assert (await any_ledger.find(fork)).parent == run_id
    with pytest.raises(UsageError, match="events 1 to 5"):
        await any_ledger.fork(run_id, 6)


async def test_only_one_claim_of_a_free_run_succeeds(any_ledger: Ledger) -> None:
    run_id = await any_ledger.create(Task(goal="x"))
    owners = [process_identity() for _ in range(5)]
    claims = await asyncio.gather(*(any_ledger.leases.claim(run_id, o) for o in owners), return_exceptions=True)
    assert sum(isinstance(claim, RunBusy) for claim in claims) == 4
    assert sum(not isinstance(claim, BaseException) for claim in claims) == 1


async def test_the_lease_of_a_dead_process_is_free_at_once(any_ledger: Ledger) -> None:
    code = "from agent.ledger.lease import process_identity; print(process_identity())"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    dead, alive = ended.stdout.strip(), process_identity()
    run_id = await any_ledger.create(Task(goal="x"))
    await any_ledger.leases.claim(run_id, dead)
    assert (is_dead(dead), is_dead(alive)) == (True, False)
    lease = await any_ledger.leases.claim(run_id, alive)
    assert lease.fence == 2
    with pytest.raises(RunBusy, match=f"process {os.getpid()}"):
        await any_ledger.leases.claim(run_id, process_identity())


async def test_a_claim_that_is_cancelled_leaves_the_run_free(any_ledger: Ledger) -> None:
    run_id = await any_ledger.create(Task(goal="x"))
    claiming = asyncio.create_task(any_ledger.leases.claim(run_id, "one"))
    await asyncio.sleep(0)
    claiming.cancel()
    with pytest.raises(asyncio.CancelledError):
        await claiming
    assert (await any_ledger.leases.claim(run_id, "two")).owner == "two"


async def test_a_closed_ledger_says_so_to_who_reads_on(home: Path) -> None:
    ledger = await Ledger.open(home)
    await ledger.close()
    with pytest.raises(LedgerUnavailable, match="was closed"):
        await ledger.newest()


async def test_of_a_process_in_another_namespace_nothing_is_known_until_its_lease_expires(any_ledger: Ledger) -> None:
    machine, boot, _, _, namespace, number = process_identity().split("/")
    never = str(2**22 + 1)
    gone, in_a_container = (f"{machine}/{boot}/{never}/1/{of}/{number}" for of in (namespace, "1"))
    assert (is_dead(gone), is_dead(in_a_container)) == (True, False)
    run_id = await any_ledger.create(Task(goal="x"))
    await any_ledger.leases.claim(run_id, in_a_container)
    with pytest.raises(RunBusy, match=f"is being worked on by process {never} on {machine}"):
        await any_ledger.leases.claim(run_id, process_identity())


async def test_an_expired_lease_is_free_and_a_renewed_one_is_not(any_ledger: Ledger) -> None:
    run_id = await any_ledger.create(Task(goal="x"))
    elsewhere = "other-host/boot/1/1/1/0"
    lease = await any_ledger.leases.claim(run_id, elsewhere, seconds=-1)
    await any_ledger.leases.renew(lease, active_seconds=4.5)
    with pytest.raises(RunBusy, match="process 1 on other-host"):
        await any_ledger.leases.claim(run_id, process_identity())
    await any_ledger.leases.release(lease, active_seconds=5.5)
    assert (await any_ledger.leases.claim(run_id, process_identity())).fence == 2
    assert (await any_ledger.find(run_id)).active_seconds == 5.5


async def test_the_migrations_make_the_tables_that_the_code_uses(home: Path, database_url: str | None) -> None:
    ledger = await Ledger.open(home, url=database_url)
    await ledger.close()
    database = Database(_url(home, database_url), durability="process")
    with database.engine.connect() as connection:
        inspector = inspect(connection)
        made = {name: {c["name"] for c in inspector.get_columns(name)} for name in inspector.get_table_names()}
        indexes = {index["name"] for index in inspector.get_indexes("events")}
        version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    await database.close()
    made.pop("alembic_version")
    assert made == {table.name: {column.name for column in table.columns} for table in metadata.sorted_tables}
    assert "commands" in indexes
    assert version == REVISION


async def test_many_processes_may_open_a_new_ledger_at_once(home: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path; from agent.ledger.store import Ledger\n"
        "async def main():\n    ledger = await Ledger.open(Path(sys.argv[1])); await ledger.close()\n"
        "asyncio.run(main())"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(home)]) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]


async def test_a_ledger_made_by_a_newer_version_is_refused(home: Path) -> None:
    await (await Ledger.open(home)).close()
    with sqlite3.connect(home / "ledger.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(ConfigurationError, match="newer version"):
        await Ledger.open(home)


async def test_an_unusable_data_folder_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(LedgerUnavailable, match="PLUMBLINE_HOME"):
        await Ledger.open(tmp_path / "file" / "home")
    (tmp_path / "ledger.db").write_text("this is no database, but it is long enough to be taken for one" * 40)
    with pytest.raises(LedgerUnavailable, match="not a database"):
        await Ledger.open(tmp_path)


@pytest.mark.parametrize("url", ["mysql://u@h/x", "not a url", "postgresql://"])
def test_a_wrong_database_url_is_told_in_one_line(tmp_path: Path, url: str) -> None:
    if url == "postgresql://":
        assert database_url(tmp_path, url).get_backend_name() == "postgresql"
        return
    with pytest.raises(ConfigurationError):
        database_url(tmp_path, url)


def _url(home: Path, configured: str | None):  # type: ignore[no-untyped-def]
    return database_url(home, configured)
