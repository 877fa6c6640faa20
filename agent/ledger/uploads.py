"""Who uploaded which contents, and until when they may name them."""

import contextlib
import re
import time
from collections.abc import Callable, Collection
from typing import Final

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from agent.ledger.store import Ledger
from agent.ledger.tables import uploads

_AT_ONCE: Final = 500
_SHA256: Final = re.compile(r"[0-9a-f]{64}")


class Uploads:
    """Keeps and tells who uploaded what. The contents are blobs, which stay when what is kept here has expired.

    Args:
        ledger: where it is kept.
        clock: the time in seconds since 1970.
    """

    def __init__(self, ledger: Ledger, *, clock: Callable[[], float] = time.time) -> None:
        self._ledger = ledger
        self._clock = clock

    async def note(self, who: str, sha256: str, *, seconds: float) -> None:
        """Keep for so many seconds that somebody uploaded contents; of those who did so twice, the last time counts."""
        now = self._clock()
        row = {"who": who, "sha256": sha256, "expires_at": now + seconds}
        same = (uploads.c.who == who) & (uploads.c.sha256 == sha256)
        # of two uploads of the same at the same time, one is refused here, and the other is as good
        with contextlib.suppress(IntegrityError):
            async with self._ledger.transaction() as connection:
                await connection.execute(delete(uploads).where((uploads.c.expires_at < now) | same))
                await connection.execute(insert(uploads).values(row))

    async def of(self, who: str, hashes: Collection[str]) -> tuple[str, ...]:
        """Return those of some hashes whose contents somebody uploaded."""
        wanted, now = sorted(filter(_SHA256.fullmatch, hashes)), self._clock()
        found: list[str] = []
        for first in range(0, len(wanted), _AT_ONCE):
            part = uploads.c.sha256.in_(wanted[first : first + _AT_ONCE])
            query = select(uploads.c.sha256).where(uploads.c.who == who, part, uploads.c.expires_at >= now)
            found += [str(row.sha256) for row in await self._ledger.rows(query)]
        return tuple(found)
