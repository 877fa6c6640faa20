"""Links that show a run to whoever has them."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from agent.domain.base import Fact
from agent.ledger.store import Ledger
from agent.ledger.tables import shares


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
        """Make a link to a run."""
        row = {"token": secrets.token_urlsafe(32), "run_id": run_id, "made_by": made_by, "made_at": time.time()}
        async with self._ledger.transaction() as connection:
            await connection.execute(insert(shares).values(row))
        return await self._one(str(row["token"]))

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

    async def _one(self, token: str) -> Share:
        return _share((await self._ledger.rows(select(shares).where(shares.c.token == token)))[0])


def _share(row: "Row[Any]") -> Share:
    made_at = datetime.fromtimestamp(row.made_at, UTC)
    return Share(token=row.token, run_id=row.run_id, made_by=row.made_by, made_at=made_at)
