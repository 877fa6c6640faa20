"""Who did what to which run; entries stay when runs are deleted."""

import time
from datetime import UTC, datetime

from sqlalchemy import insert, select

from agent.domain.base import Fact
from agent.ledger.store import Ledger
from agent.ledger.tables import audit, column_text


class Entry(Fact):
    """One thing that somebody did; ``what`` is a verb such as ``submit``, ``detail`` one line."""

    id: int
    at: datetime
    who: str
    what: str
    run_id: str | None
    detail: str


class Audit:
    """Keeps and tells who did what."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def note(self, who: str, what: str, run_id: str | None = None, detail: str = "") -> None:
        """Add an entry; secrets are removed from its detail, as from events."""
        shown = column_text(self._ledger.redactor.scrub_text(detail)[:2_000])
        row = {"at": time.time(), "who": who, "what": what, "run_id": run_id, "detail": shown}
        async with self._ledger.transaction() as connection:
            await connection.execute(insert(audit).values(row))

    async def entries(self, *, run_id: str | None = None, before: int | None = None, limit: int = 100) -> list[Entry]:
        """Return entries, newest first: all or those of one run, and those with smaller ids than ``before``."""
        query = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if run_id is not None:
            query = query.where(audit.c.run_id == run_id)
        if before is not None:
            query = query.where(audit.c.id < before)
        return [
            Entry(
                id=row.id,
                at=datetime.fromtimestamp(row.at, UTC),
                who=row.who,
                what=row.what,
                run_id=row.run_id,
                detail=row.detail,
            )
            for row in await self._ledger.rows(query)
        ]
