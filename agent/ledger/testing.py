"""A ledger that kills its process, for crash tests of whatever writes to it."""

import asyncio
import os
import signal
from pathlib import Path

from agent.ledger.store import Ledger
from agent.ledger.writer import Append


class KillingLedger(Ledger):
    """A ledger whose process dies by SIGKILL when a given number of events has been committed.

    Attributes:
        commits_left: events to commit before the end; None lets the process live.
        committed: events committed so far.
    """

    commits_left: int | None = None
    committed: int = 0

    @classmethod
    async def open_with(cls, home: Path, *, commits: int | None) -> "KillingLedger":
        """Open a ledger that dies after so many commits of this process."""
        opened = await super().open(home)
        assert isinstance(opened, cls)  # noqa: S101 - ``open`` makes an instance of the class it is called on
        opened.commits_left = commits
        return opened

    def submit(self, append: Append) -> "asyncio.Future[int]":
        """Queue an event; the last one allowed takes the process with it once it is committed."""
        done = super().submit(append)
        done.add_done_callback(self._count)
        return done

    def _count(self, done: "asyncio.Future[int]") -> None:
        if done.cancelled() or done.exception() is not None:
            return
        self.committed += 1
        if self.commits_left is not None and self.committed >= self.commits_left:
            os.kill(os.getpid(), signal.SIGKILL)
