"""``plumbline db``: check the ledger, copy it to PostgreSQL and go on there, move old runs to files."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from agent.domain.events import Guide
from agent.domain.task import Task
from agent.ledger.store import Ledger
from agent.ledger.tables import REVISION
from tests.cli.conftest import Plumbline


@pytest.fixture
def run_id(user: None, folder: Path) -> str:
    """A run that was cancelled long enough ago."""

    async def made() -> str:
        ledger = await Ledger.open(folder / "home")
        made = await ledger.create(Task(goal="count the files"))
        await ledger.command(made, Guide(text="slowly"))
        lease = await ledger.leases.claim(made, "test")
        await ledger.append(made, lease.fence, "run", "run/end", "fact", {}, status="cancelled")
        await ledger.leases.release(lease, active_seconds=1)
        await ledger.close()
        return made

    return asyncio.run(made())


def test_a_ledger_moves_to_postgresql_and_is_used_there(
    plumbline: Plumbline, run_id: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked = plumbline("db", "check")
    assert (checked.code, "1 run, 3 events, 0 blobs" in checked.out) == (0, True)
    copied = plumbline("db", "copy", "--to", postgres_url)
    assert (copied.code, "1 run with 3 events copied" in copied.out) == (0, True)
    assert plumbline("db", "copy", "--to", postgres_url, "--json").json["same"] == 1
    monkeypatch.setenv("PLUMBLINE_DATABASE_URL", postgres_url)
    assert [run["id"] for run in plumbline("runs", "--json").json] == [run_id]
    assert plumbline("db", "migrate", "--json").json == {"before": REVISION, "now": REVISION}
    same = plumbline("db", "copy", "--to", postgres_url)
    assert (same.code, "that is the database that is copied" in same.err) == (2, True)


def test_old_runs_are_moved_to_files_and_taken_back(plumbline: Plumbline, run_id: str) -> None:
    assert "0 runs moved" in plumbline("db", "archive", "--to", "old").out
    moved = plumbline("db", "archive", "--to", "old", "--older-than", "0", "--json").json
    assert moved["runs"] == [run_id]
    assert plumbline("runs", "--json").json == []
    assert plumbline("import", f"old/{run_id}.jsonl.gz").code == 0
    assert [run["status"] for run in plumbline("runs", "--json").json] == ["cancelled"]


def test_what_is_damaged_is_told_and_ends_with_1(plumbline: Plumbline, run_id: str, folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'home' / 'ledger.db'}")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM events WHERE seq = 2"))
    engine.dispose()
    checked = plumbline("db", "check")
    assert (checked.code, f"run {run_id}: events 2 to 2 are missing" in checked.out) == (1, True)
    assert [fault["run_id"] for fault in plumbline("db", "check", "--json").json["faults"]] == [run_id]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://me@here/x", "use sqlite or postgresql"),
        ("nonsense", "is not a database URL"),
        ("postgresql://nobody:hush@127.0.0.1:1/none", "check that the database is up"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_in_one_line(
    plumbline: Plumbline, run_id: str, url: str, told: str
) -> None:
    copied = plumbline("db", "copy", "--to", url)
    assert (copied.code in {1, 2}, told in copied.err, "hush" in copied.err) == (True, True, False)
    assert len(copied.err.strip().splitlines()) == 1


def test_a_newer_schema_is_refused(plumbline: Plumbline, run_id: str, folder: Path) -> None:
    engine = create_engine(f"sqlite:///{folder / 'home' / 'ledger.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    for arguments in (("db", "migrate"), ("db", "check"), ("runs",)):
        refused = plumbline(*arguments)
        assert (refused.code, "made by a newer version" in refused.err) == (2, True)
        assert len(refused.err.strip().splitlines()) == 1
