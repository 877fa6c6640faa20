"""Moves runs that ended long ago out of the database into cassettes, which ``plumbline import`` takes back."""

import asyncio
import gzip
import os
import re
import tempfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from sqlalchemy import select

from agent.domain.base import Fact
from agent.domain.errors import LedgerUnavailable
from agent.domain.events import TERMINAL
from agent.ledger.cassette import check_cassette, export_run
from agent.ledger.store import Ledger
from agent.ledger.tables import runs, shares

_UNSAFE = re.compile(r"[^A-Za-z0-9-]")


class Archived(Fact):
    """What archiving came to.

    Attributes:
        runs: ids of those that are in files now.
        bytes: size of the files that were written.
        shared: runs that were left, since a link shows them to somebody.
    """

    runs: tuple[str, ...]
    bytes: int
    shared: tuple[str, ...]


async def archive_runs(
    ledger: Ledger,
    folder: Path,
    *,
    before: float,
    keep: bool = False,
    told: Callable[[int, int], None] = lambda done, of: None,
) -> Archived:
    """Write each run that ended before a time to a file of its own, check the file, then delete the run.

    Args:
        ledger: whose runs they are.
        folder: of the files; it is made where it is missing.
        before: seconds since 1970; a run's newest event counts.
        keep: delete nothing.
        told: hears how many runs of how many are done.

    Raises:
        LedgerUnavailable: the database failed, or a file cannot be written; what is not in a file is not deleted.
    """
    old = (runs.c.status.in_(TERMINAL)) & (runs.c.updated_at < before)
    ids = [row.id for row in await ledger.rows(select(runs.c.id).where(old).order_by(runs.c.updated_at, runs.c.id))]
    linked = {row.run_id for row in await ledger.rows(select(shares.c.run_id).distinct())}
    done, size = list[str](), 0
    for number, run_id in enumerate(ids, 1):
        if run_id not in linked:
            size += await _written(folder / f"{_UNSAFE.sub('_', run_id)}.jsonl.gz", export_run(ledger, run_id))
            if not keep:
                await ledger.delete(run_id)
            done.append(run_id)
        told(number, len(ids))
    return Archived(runs=tuple(done), bytes=size, shared=tuple(run_id for run_id in ids if run_id in linked))


async def _written(target: Path, lines: AsyncIterator[bytes]) -> int:
    """Write a packed cassette so that it is whole on the disk, or not there; return its size in bytes."""
    try:
        descriptor, draft = await asyncio.to_thread(_begun, target)
        try:
            with os.fdopen(descriptor, "wb") as file:
                # no name and no time inside, so that the same run gives the same file
                with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                    async for line in lines:
                        await asyncio.to_thread(packed.write, line)
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            return await asyncio.to_thread(_ended, draft, target)
        finally:
            await asyncio.to_thread(draft.unlink, missing_ok=True)
    except OSError as error:
        why = error.strerror or error
        raise LedgerUnavailable(f"cannot write {target}: {why}; make room or choose another folder") from error


def _begun(target: Path) -> tuple[int, Path]:
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
    return descriptor, Path(name)


def _ended(draft: Path, target: Path) -> int:
    """Give a file its name once it has been read through; return its size in bytes."""
    check_cassette(draft)
    draft.replace(target)
    return target.stat().st_size
