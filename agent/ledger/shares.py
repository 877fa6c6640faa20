"""Links that show a run to whoever has them."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from agent.domain.base import Fact
from agent.domain.errors import UnknownRun
from agent.ledger.store import Ledger
from agent.ledger.tables import runs, shares


class Share(Fact):
    """A link to a run; its token is the secret."""

    token: str
    run_id: str
    made_by: str
    made_at: datetime


class Shares:
    """Makes, finds and takes back the links to the runs of a ledger."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def make(self, run_id: str, made_by: str) -> Share:
        """Return the newest link to a run; where there is none, one is made, once, however many ask at the same time.

        Raises:
            UnknownRun: there is no such run.
        """
        row = {"token": secrets.token_urlsafe(32), "run_id": run_id, "made_by": made_by, "made_at": time.time()}
        known = select(shares).where(shares.c.run_id == run_id).order_by(shares.c.made_at.desc(), shares.c.token)
        async with self._ledger.transaction() as connection:
            # changes nothing, but has others who make a link to this run wait
            locked = await connection.execute(update(runs).where(runs.c.id == run_id).values(id=run_id))
            if not locked.rowcount:
                raise UnknownRun(f"there is no run {run_id!r}")
            if (found := (await connection.execute(known.limit(1))).first()) is None:
                found = (await connection.execute(insert(shares).values(row).returning(*shares.c))).one()
        return _share(found)

    async def of(self, run_id: str) -> tuple[Share, ...]:
        """Return the links to a run, oldest first."""
        query = select(shares).where(shares.c.run_id == run_id).order_by(shares.c.made_at, shares.c.token)
        return tuple([_share(row) for row in await self._ledger.rows(query)])

    async def run_of(self, token: str) -> str | None:
        """Return the run that a token shows, if there is one."""
        rows = await self._ledger.rows(select(shares.c.run_id).where(shares.c.token == token))
        return str(rows[0].run_id) if rows else None

    async def take_back(self, run_id: str) -> int:
        """Remove all links to a run and return how many there were."""
        async with self._ledger.transaction() as connection:
            removed = await connection.execute(delete(shares).where(shares.c.run_id == run_id))
        return removed.rowcount


def _share(row: "Row[Any]") -> Share:
    made_at = datetime.fromtimestamp(row.made_at, UTC)
    return Share(token=row.token, run_id=row.run_id, made_by=row.made_by, made_at=made_at)
