"""Runs that ended long ago are moved to files, and come back from them as they were."""

from pathlib import Path

import pytest

from agent.domain.errors import LedgerUnavailable, UnknownRun
from agent.domain.events import Guide
from agent.domain.task import Task
from agent.ledger.cassette import check_cassette, import_run
from agent.ledger.shares import Shares
from agent.ledger.store import Ledger
from agent.ledger.upkeep.archiving import archive_runs
from agent.ledger.upkeep.digests import run_digest

LATER = 1e11
"""A time after all runs of these tests, in seconds since 1970."""


async def ended(ledger: Ledger, goal: str = "x") -> str:
    run_id = await ledger.create(Task(goal=goal))
    await ledger.command(run_id, Guide(text="a long word " * 1_000))
    lease = await ledger.leases.claim(run_id, "test")
    await ledger.append(run_id, lease.fence, "run", "run/end", "fact", {}, status="cancelled")
    await ledger.leases.release(lease, active_seconds=1)
    return run_id


async def test_a_run_is_moved_to_a_file_and_comes_back_the_same(any_ledger: Ledger, tmp_path: Path) -> None:
    run_id = await ended(any_ledger)
    waiting = await any_ledger.create(Task(goal="waits"))
    before = await run_digest(any_ledger, run_id)
    found = await archive_runs(any_ledger, tmp_path / "old", before=LATER)
    assert (found.runs, found.shared) == ((run_id,), ())
    with pytest.raises(UnknownRun):
        await any_ledger.find(run_id)
    assert (await any_ledger.find(waiting)).status == "queued"
    (file,) = (tmp_path / "old").iterdir()
    assert (file.name, file.stat().st_size) == (f"{run_id}.jsonl.gz", found.bytes)
    await import_run(any_ledger, file)
    assert await run_digest(any_ledger, run_id) == before
    assert (await any_ledger.find(run_id)).status == "cancelled"


async def test_what_is_younger_shared_or_kept_stays(ledger: Ledger, tmp_path: Path) -> None:
    run_id, linked = await ended(ledger), await ended(ledger)
    await Shares(ledger).make(linked, "ada")
    assert (await archive_runs(ledger, tmp_path / "old", before=0)).runs == ()
    found = await archive_runs(ledger, tmp_path / "old", before=LATER, keep=True)
    assert (found.runs, found.shared) == ((run_id,), (linked,))
    assert {run.id for run in await ledger.newest()} == {run_id, linked}


async def test_a_run_whose_file_cannot_be_written_is_not_deleted(ledger: Ledger, tmp_path: Path) -> None:
    run_id = await ended(ledger)
    (tmp_path / "old").write_text("a file, where the folder should be")
    with pytest.raises(LedgerUnavailable, match="make room or choose another folder"):
        await archive_runs(ledger, tmp_path / "old", before=LATER)
    assert (await ledger.find(run_id)).status == "cancelled"


async def test_a_run_with_a_damaged_blob_is_not_deleted_and_leaves_no_half_file(
    ledger: Ledger, home: Path, tmp_path: Path
) -> None:
    run_id = await ended(ledger)
    next((home / "blobs").glob("*/*")).write_bytes(b"other")
    with pytest.raises(LedgerUnavailable, match="does not match its hash"):
        await archive_runs(ledger, tmp_path / "old", before=LATER)
    assert (await ledger.find(run_id)).status == "cancelled"
    assert list((tmp_path / "old").iterdir()) == []


async def test_the_same_run_gives_the_same_file(ledger: Ledger, tmp_path: Path) -> None:
    run_id = await ended(ledger)
    for name in ("a", "b"):
        await archive_runs(ledger, tmp_path / name, before=LATER, keep=True)
    first, second = [(tmp_path / name / f"{run_id}.jsonl.gz") for name in ("a", "b")]
    assert first.read_bytes() == second.read_bytes()
    assert check_cassette(first) == run_id
