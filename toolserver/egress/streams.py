"""Streams with limits: every wait has an end, and every byte is counted."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from toolserver.egress.profiles import EgressLimits

PIECE: Final = 64 * 1024

T = TypeVar("T")


class CutOff(Exception):
    """An exchange went beyond a limit; the message is one line for whoever made it."""


@dataclass
class Tally:
    """What one exchange has moved, in bytes."""

    sent: int = 0
    received: int = 0

    def add_sent(self, count: int, limits: EgressLimits) -> None:
        """Count bytes on their way out.

        Raises:
            CutOff: they are too many.
        """
        self.sent += count
        if self.sent > limits.request_bytes:
            raise CutOff(f"the request is larger than the {limits.request_bytes:,} bytes allowed")

    def add_received(self, count: int, limits: EgressLimits) -> None:
        """Count bytes on their way in.

        Raises:
            CutOff: they are too many.
        """
        self.received += count
        if self.received > limits.response_bytes:
            raise CutOff(f"the response is larger than the {limits.response_bytes:,} bytes allowed")


class Pulse:
    """When an exchange last moved a byte, in either direction: a long download is not idle because nothing is sent."""

    def __init__(self, idle_seconds: float) -> None:
        self.idle_seconds = idle_seconds
        self.beat()

    def beat(self) -> None:
        """Take note of a byte."""
        self._last = time.monotonic()

    async def wait_for(self, work: Callable[[], Coroutine[Any, Any, T]], what: str) -> T:
        """Wait for work that can be cut off and begun anew, as long as the exchange is not idle.

        Raises:
            CutOff: it is.
        """
        while True:
            left = self._last + self.idle_seconds - time.monotonic()
            if left <= 0:
                raise CutOff(f"{what} for {self.idle_seconds:g} s")
            try:
                async with asyncio.timeout(left):
                    result = await work()
            except TimeoutError:
                continue
            self.beat()
            return result


class Line:
    """One end of an exchange: reading and writing that end when the exchange is idle."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pulse: Pulse) -> None:
        self._reader = reader
        self._writer = writer
        self._pulse = pulse

    async def read(self) -> bytes:
        """Return the next piece; empty at the end.

        Raises:
            CutOff: nothing came for too long.
        """
        return await self._pulse.wait_for(lambda: self._reader.read(PIECE), "nothing was received")

    async def write(self, data: bytes) -> None:
        """Send a piece.

        Raises:
            CutOff: the other side took nothing for too long.
        """
        if data:
            self._writer.write(data)
            await self._pulse.wait_for(self._writer.drain, "nothing was taken")

    async def flush(self) -> None:
        """Wait until the other side has taken all that was sent; ``write`` leaves a little on the way.

        Raises:
            CutOff: the other side took nothing for too long.
        """
        self._writer.transport.set_write_buffer_limits(high=0)
        await self._pulse.wait_for(self._writer.drain, "nothing was taken")

    def end(self) -> None:
        """Say that nothing more will be written, where the other side can be told so."""
        if self._writer.can_write_eof() and not self._writer.is_closing():
            self._writer.write_eof()

    def close(self) -> None:
        """Drop the line with whatever was not taken yet."""
        if self._writer.transport.get_write_buffer_size():
            self._writer.transport.abort()
        else:
            self._writer.close()


class Rate:
    """Lets through so many in the long run, and some more at once."""

    def __init__(self, per_second: float, burst: int) -> None:
        self._per_second = per_second
        self._burst = burst
        self._tokens = float(burst)
        self._since: float | None = None

    def take(self, now: float) -> bool:
        """Return whether one more may pass at a time, in seconds of any clock."""
        if self._since is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._since) * self._per_second)
        self._since = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
