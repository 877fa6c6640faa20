"""The other end of ``line_wire``: what every program has that answers a host, several calls at a time."""

import asyncio
import contextlib
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from msgspec import DecodeError, Struct, ValidationError, json

from toolserver.line_wire import LONGEST_LINE, PIECE, Cancel, Piece

_ENCODER: Final = json.Encoder()

Send = Callable[[Struct], Awaitable[None]]


class Asked(Protocol):
    """Something to do, with the id that names it in the answers."""

    @property
    def id(self) -> int: ...  # noqa: D102 - see the class


class Answering:
    """Does what a host asks, each call in a task of its own that can be taken back.

    Args:
        requests: decodes a line into something ``Asked`` or a ``Cancel``.
        answer: does one call and sends its answer, also when it is cancelled.
    """

    def __init__(self, requests: json.Decoder[Any], answer: Callable[[Any], Awaitable[None]]) -> None:
        self._requests = requests
        self._answer = answer
        self._asked: dict[int, asyncio.Task[None]] = {}

    def take(self, line: bytes) -> None:
        """Begin to do what a line asks for.

        Raises:
            DecodeError: it is no request.
        """
        request: Asked | Cancel = self._requests.decode(line)
        if isinstance(request, Cancel):
            if (task := self._asked.get(request.id)) is not None:
                task.cancel()
            return
        number = request.id
        task = asyncio.ensure_future(self._done(request))
        self._asked[number] = task
        task.add_done_callback(lambda _: self._asked.pop(number, None))

    async def close(self) -> None:
        """Stop everything."""
        for task in list(self._asked.values()):
            task.cancel()
        await asyncio.gather(*self._asked.values(), return_exceptions=True)

    async def _done(self, request: Asked) -> None:
        await self._answer(request)


async def send_pieces(send: Send, number: int, data: bytes) -> None:
    """Send bytes that belong to an answer."""
    for start in range(0, len(data), PIECE):
        await send(Piece(id=number, data=data[start : start + PIECE]))


def fits(message: Struct) -> bool:
    """Return whether a message is short enough to be taken; a host hangs up at a longer one."""
    return len(_ENCODER.encode(message)) < LONGEST_LINE


class Serving(Protocol):
    """A program that serves one host."""

    async def begin(self) -> None:
        """Tell the host that it can ask."""

    def take(self, line: bytes) -> None:
        """Begin to do what a line asks for."""

    async def close(self) -> None:
        """Stop everything."""


async def serve(program: Callable[[Send], Serving], connection: socket.socket) -> None:
    """Serve the host at the other end of a connection until it leaves."""
    reader, writer = await asyncio.open_connection(sock=connection, limit=LONGEST_LINE)
    sending = asyncio.Lock()

    async def send(message: Struct) -> None:
        async with sending:
            # a host that has left is noticed where its requests are read
            with contextlib.suppress(ConnectionError):
                writer.write(_ENCODER.encode(message) + b"\n")
                await writer.drain()

    serving = program(send)
    try:
        await serving.begin()
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                serving.take(line)
    except (DecodeError, ValidationError, ValueError):
        return  # whoever does not speak our language is no host
    finally:
        await serving.close()
