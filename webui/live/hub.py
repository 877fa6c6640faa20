"""What runs tell as they go on, passed on to everybody who watches."""

import asyncio
import contextlib
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Annotated, Final, cast

from fastapi import Depends, Request
from sqlalchemy import select

from agent.domain.errors import LedgerUnavailable
from agent.ledger.store import Ledger
from agent.ledger.tables import runs
from agent.runtime.runner import Runner
from webui.live.slim import Slimmer
from webui.live.tail import READ, Tail, events_message
from webui.live.watcher import Watcher

_LOOK_SECONDS: Final = 0.5
_BEAT_SECONDS: Final = 15.0


class Hub:
    """Passes on the events of runs: each watched run has one tail, whoever works on it.

    Events that this process writes are passed on at once. For those of others the hub looks into the ledger twice a
    second, for all watched runs together.

    Args:
        ledger: where the events are.
        runner: works on some of the runs, and tells of these what is not in the ledger.
    """

    def __init__(self, ledger: Ledger, runner: Runner) -> None:
        self.slimmer = Slimmer(ledger.blobs)
        self._ledger = ledger
        self._live = runner.live
        self._tails: dict[str, Tail] = {}
        self._looking: asyncio.Task[None] | None = None
        self._closed = False

    @property
    def watched(self) -> dict[str, int]:
        """How many watch which run."""
        return {run_id: len(tail.watchers) for run_id, tail in self._tails.items()}

    async def follow(self, run_id: str, after: int) -> AsyncGenerator[bytes]:
        """Yield the messages of a run's stream: what came after an event, then what comes; ends when it is cut off.

        Raises:
            UnknownRun: there is no such run.
            LedgerUnavailable: it cannot be read.
        """
        async with self._watching(run_id) as (tail, watcher):
            sent, known = after, tail.position
            while sent < known:
                page, sent = await self._page(run_id, sent, known)
                yield page
            while waiting := await watcher.take():
                ready = []
                for first, last, message in waiting:
                    if not first:
                        ready.append(message)
                    elif last > sent:
                        overlaps = first <= sent
                        ready.append((await self._page(run_id, sent, last))[0] if overlaps else message)
                        sent = last
                yield b"".join(ready)

    async def deleted(self, run_id: str) -> None:
        """Tell those who watch a run that it was deleted."""
        tail = self._tails.pop(run_id, None)
        if tail is not None:
            await tail.gone()

    def close(self) -> None:
        """End all streams; those that are opened from now on end at once."""
        self._closed = True
        for tail in self._tails.values():
            for watcher in tail.watchers:
                watcher.end()

    @contextlib.asynccontextmanager
    async def _watching(self, run_id: str) -> AsyncIterator[tuple[Tail, Watcher]]:
        position = await self._ledger.last_seq(run_id)
        tail = self._tails.get(run_id)
        if tail is None:
            tail = self._tails[run_id] = Tail(self._ledger, self.slimmer, self._live, run_id, position)
        watcher = Watcher()
        if self._closed:
            watcher.end()
        tail.watchers.add(watcher)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look(), name="hub")
        try:
            yield tail, watcher
        finally:
            tail.watchers.discard(watcher)
            if not tail.watchers and self._tails.get(run_id) is tail:
                del self._tails[run_id]
                await tail.close()
            if not self._tails and self._looking is not None:
                # whoever comes while this one leaves starts a task of its own
                looking, self._looking = self._looking, None
                looking.cancel()
                await asyncio.wait({looking})

    async def _page(self, run_id: str, after: int, until: int) -> tuple[bytes, int]:
        """Return a message with events of a part of the record, and the number of the last one."""
        rows = await self._ledger.raw_events(run_id, after=after, until=until, limit=READ)
        if not rows:
            return b"", until
        return events_message(await self.slimmer.encode(rows), rows[-1].seq), rows[-1].seq

    async def _look(self) -> None:
        """Wake the tails of runs that others have written to."""
        beaten = time.monotonic()
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            watched = dict(self._tails)
            query = select(runs.c.id, runs.c.last_seq).where(runs.c.id.in_(watched))
            try:
                last = {row.id: row.last_seq for row in await self._ledger.rows(query)}
            except LedgerUnavailable:
                # said where somebody asks for something; the streams go on when it is back
                continue
            for run_id, tail in watched.items():
                if run_id not in last:
                    await self.deleted(run_id)
                elif last[run_id] > tail.position:
                    tail.wake()
            if time.monotonic() - beaten >= _BEAT_SECONDS:
                beaten = time.monotonic()
                for tail in watched.values():
                    tail.beat()


def hub_of(request: Request) -> Hub:
    """Return the hub of the application that a request came to; a dependency of routes."""
    return cast("Hub", request.app.state.hub)


TheHub = Annotated[Hub, Depends(hub_of)]
