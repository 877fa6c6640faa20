"""The proxy of a manager: ``python -m toolserver.egress``. It is given orders by standard input and answers by output.

It ends when standard input does, that is, with its manager.
"""

import asyncio
import resource
import sys
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from toolserver.egress.door import Door
from toolserver.egress.events import ORDER, Close, Closed, EgressEvent, Open, Opened, Told

LONGEST_ORDER: Final = 4 * 1024 * 1024


class Proxy:
    """The doors of all sandboxes."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._doors: dict[str, Door] = {}

    async def obey(self, order: Open | Close) -> None:
        """Carry out an order and say so."""
        old = self._doors.pop(order.id, None)
        if old is not None:
            await old.close()
        if isinstance(order, Close):
            await self._say(Closed(id=order.id))
            return
        door = Door(order.policy, lambda event: self._tell(order.id, event))
        try:
            await door.open(Path(order.socket))
        except OSError as error:
            await self._say(Opened(id=order.id, problem=error.strerror or str(error)))
            return
        self._doors[order.id] = door
        await self._say(Opened(id=order.id))

    async def close(self) -> None:
        """Close all doors."""
        for door in self._doors.values():
            await door.close()

    def _tell(self, sandbox: str, event: EgressEvent) -> None:
        self._writer.write(_line(Told(id=sandbox, event=event)))

    async def _say(self, answer: BaseModel) -> None:
        self._writer.write(_line(answer))
        await self._writer.drain()


def _line(answer: BaseModel) -> bytes:
    return answer.model_dump_json().encode() + b"\n"


async def _run() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=LONGEST_ORDER)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    transport, protocol = await loop.connect_write_pipe(asyncio.streams.FlowControlMixin, sys.stdout)
    proxy = Proxy(asyncio.StreamWriter(transport, protocol, None, loop))
    try:
        while line := await reader.readline():
            await proxy.obey(ORDER.validate_json(line))
    finally:
        await proxy.close()


def main() -> int:
    """Serve until standard input ends; return the exit code."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    asyncio.run(_run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
