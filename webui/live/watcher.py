"""One open page that watches a run: what waits to be sent to it, within a bound."""

import asyncio
from collections import deque
from typing import Final

MOST_WAITING: Final = 1 << 20
"""Bytes that may wait for one watcher. They are shared by all watchers for whom the same message waits."""


class Watcher:
    """What waits for somebody who watches a run.

    A watcher who reads too slowly is cut off: what waited is forgotten and the stream ends. The page opens it again and
    names the last event it has, so that nothing is lost.

    Attributes:
        ended: nothing more will come.
    """

    def __init__(self) -> None:
        self.ended = False
        self._waiting: deque[tuple[int, int, bytes]] = deque()
        self._size = 0
        self._news = asyncio.Event()

    def offer(self, first: int, last: int, message: bytes) -> None:
        """Have a message wait, with the numbers of its first and last event; both are 0 where it has none."""
        if self.ended:
            return
        self._size += len(message)
        if self._size > MOST_WAITING:
            self._waiting.clear()
            self.end()
            return
        self._waiting.append((first, last, message))
        self._news.set()

    def end(self) -> None:
        """End the stream after what waits."""
        self.ended = True
        self._news.set()

    async def take(self) -> list[tuple[int, int, bytes]]:
        """Wait for messages and return all that wait, in order; none at the end."""
        while not self._waiting and not self.ended:
            await self._news.wait()
            self._news.clear()
        taken = list(self._waiting)
        self._waiting.clear()
        self._size = 0
        return taken
