"""The end of one run's record, read once and passed on to all who watch it."""

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Final

from agent.domain.errors import LedgerUnavailable
from agent.ledger.store import Ledger
from agent.runtime.live import Live
from webui.live.slim import Slimmer
from webui.live.watcher import Watcher

READ: Final = 500
"""Events in one message at most."""

_PAUSE: Final = 0.12
_PAUSE_PER_WATCHER: Final = 0.001
_LONGEST_TEXT: Final = 200_000


def events_message(events: list[bytes], last: int) -> bytes:
    """Return encoded events as a message of a stream; its id is the number of the last one."""
    return b"id: " + str(last).encode() + b"\ndata: [" + b",".join(events) + b"]\n\n"


class Tail:
    """Reads what a run's record has gained and encodes it once, however many watch.

    What comes within a fraction of a second goes out together; the more watchers, the longer that is, which bounds
    what they cost.

    Args:
        ledger: where the record is.
        slimmer: encodes events.
        live: tells what is not recorded: replies as they are written, and how calls get on.
        run_id: the run.
        position: number of the last event that watchers fetch for themselves.
    """

    def __init__(self, ledger: Ledger, slimmer: Slimmer, live: Live, run_id: str, position: int) -> None:
        self.position = position
        self.watchers: set[Watcher] = set()
        self._ledger = ledger
        self._slimmer = slimmer
        self._run_id = run_id
        self._texts: dict[str, list[str]] = {}
        self._progress: dict[str, tuple[float, str]] = {}
        self._wake = asyncio.Event()
        self._stops: list[Callable[[], None]] = [
            ledger.listen(run_id, lambda _append, _seq: self.wake()),
            live.watch(run_id, self._text, self._got_on),
        ]
        self._task = asyncio.create_task(self._pass_on(), name=f"tail of {run_id}")

    def wake(self) -> None:
        """Have the tail look for new events."""
        self._wake.set()

    def beat(self) -> None:
        """Send a sign of life, by which broken connections are noticed."""
        self._offer(0, 0, b": \n\n")

    async def gone(self) -> None:
        """Tell that the run was deleted, and end all streams."""
        self._offer(0, 0, b"event: gone\ndata: {}\n\n")
        await self.close()

    async def close(self) -> None:
        """End all streams."""
        for stop in self._stops:
            stop()
        self._stops.clear()
        for watcher in self.watchers:
            watcher.end()
        self._task.cancel()
        await asyncio.wait({self._task})

    def _text(self, key: str, piece: str) -> None:
        pieces = self._texts.setdefault(key, [])
        if len(pieces) < _LONGEST_TEXT:
            pieces.append(piece)
        self.wake()

    def _got_on(self, key: str, seconds: float, line: str) -> None:
        self._progress[key] = (seconds, line)
        self.wake()

    async def _pass_on(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._pass_on_what_came()
            except LedgerUnavailable:
                # the hub looks again before long, and finds that the record is ahead of this tail
                continue
            finally:
                await asyncio.sleep(max(_PAUSE, _PAUSE_PER_WATCHER * len(self.watchers)))

    async def _pass_on_what_came(self) -> None:
        more = True
        while more:
            rows = await self._ledger.raw_events(self._run_id, after=self.position, limit=READ)
            events = await self._slimmer.encode(rows)
            more = len(rows) == READ
            # taken after the events were read: what a reply's event ends must not come after it
            message = self._transient()
            first = last = 0
            if rows:
                first, last = rows[0].seq, rows[-1].seq
                self.position = last
                self._offer(0, 0, message)
                message = events_message(events, last)
            self._offer(first, last, message)

    def _transient(self) -> bytes:
        """Return what is not recorded, as messages without ids."""
        texts = [{"key": key, "text": "".join(pieces)} for key, pieces in self._texts.items()]
        progress = [{"key": key, "seconds": s, "line": line} for key, (s, line) in self._progress.items()]
        self._texts.clear()
        self._progress.clear()
        messages = [_message("text", value) for value in texts] + [_message("progress", value) for value in progress]
        return b"".join(messages)

    def _offer(self, first: int, last: int, message: bytes) -> None:
        if message:
            for watcher in self.watchers:
                watcher.offer(first, last, message)


def _message(event: str, value: Mapping[str, object]) -> bytes:
    # in ASCII: a piece of a reply may end in the middle of a character
    return f"event: {event}\ndata: {json.dumps(value)}\n\n".encode()
