"""What tells whether two ledgers hold the same of a run."""

import hashlib
from collections.abc import Callable
from typing import Any

import orjson
from sqlalchemy import Row

from agent.ledger.blobs import references
from agent.ledger.store import Ledger

_PAGE = 1_000


async def run_digest(ledger: Ledger, run_id: str, *, named: Callable[[str], None] = lambda sha256: None) -> str:
    """Return the SHA-256 over all events of a run as they are stored, a page of them in memory at a time.

    Args:
        ledger: that has the run.
        run_id: the run.
        named: hears of each hash in the payloads that may name a blob.

    Raises:
        LedgerUnavailable: the database failed.
    """
    digest, after = hashlib.sha256(), 0
    while page := await ledger.raw_events(run_id, after=after, limit=_PAGE):
        for row in page:
            digest.update(line_of(row))
            references(orjson.loads(row.payload), named)
        after = page[-1].seq
    return digest.hexdigest()


def line_of(row: "Row[Any]") -> bytes:
    """Return an event as one line of JSON, the same from every database."""
    return orjson.dumps([row.seq, row.at, row.kind, row.key, row.phase, row.payload]) + b"\n"
