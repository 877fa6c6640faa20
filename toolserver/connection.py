"""The client's end of a connection to a node: MCP requests over lines of JSON.

MCP since its revision 2026-07-28 has no handshake: each request carries its own envelope, so a connection is ready as
soon as it is made and a request can be repeated on the next one. That is all this module needs of the protocol, and
speaking it directly saves every process that uses a sandbox the half second and 45 MB of importing an MCP library.
"""

import asyncio
import itertools
import os
import stat
import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic_core import PydanticSerializationError, from_json, to_json

from toolserver.errors import ToolServerError
from toolserver.protocol import MAX_LINE, Progress

MCP_REVISION: Final = "2026-07-28"

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
"""Both directions of a connection. The reader takes lines of up to ``MAX_LINE`` bytes."""

Connect = Callable[[], Awaitable[Streams]]
"""Makes a new connection to one node, however it is reached. Raises OSError when nobody listens."""

PARSE_ERROR: Final = -32700
"""Code of JSON-RPC for a line that is no JSON a node can read, such as one nested too deep."""

Watch = Callable[[Progress], None]
"""Is told how a request gets on, at most a few times a second."""

LINE_SHOWN: Final = 200
"""Characters of a line of progress; a node that behaves sends no more."""

_ENVELOPE: Final = {
    "io.modelcontextprotocol/protocolVersion": MCP_REVISION,
    "io.modelcontextprotocol/clientInfo": {"name": "plumbline", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


class ConnectionLost(ConnectionError):
    """The connection ended before the answer came; the request may or may not have been received."""


class RequestUnsendable(ValueError):
    """A request holds something that cannot be sent or that a node cannot read, or is longer than a node takes."""


class RequestUnread(RequestUnsendable):
    """The node says that it cannot read a request; a program in its place may say so of any."""


async def connect_to_socket(socket: Path) -> Streams:
    """Connect to a node's unix socket.

    Raises:
        OSError: nobody listens there.
    """
    # the sandbox can write to the socket's folder: a link there could lead to somebody else's socket
    if sys.platform != "linux":
        if not stat.S_ISSOCK((await asyncio.to_thread(socket.lstat)).st_mode):
            raise ConnectionRefusedError(f"{socket} is not a socket")
        return await asyncio.open_unix_connection(socket, limit=MAX_LINE)
    # what was looked at is held and connected to, whatever has its name by then; such an opening never blocks
    held = os.open(socket, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not stat.S_ISSOCK(os.fstat(held).st_mode):
            raise ConnectionRefusedError(f"{socket} is not a socket")
        return await asyncio.open_unix_connection(f"/proc/self/fd/{held}", limit=MAX_LINE)
    finally:
        os.close(held)


class NodeConnection:
    """One connection to a node. Requests may overlap."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._watching: dict[int, Watch] = {}
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def open(cls, connect: Connect) -> "NodeConnection":
        """Connect to a node.

        Raises:
            OSError: nobody listens there.
        """
        return cls(*await connect())

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._reading.done()

    async def request(
        self, method: str, params: Mapping[str, Any], meta: Mapping[str, Any], watch: Watch | None = None
    ) -> dict[str, Any]:
        """Send a request and return its result; ``watch`` is told meanwhile how it gets on.

        What ``watch`` raises is raised here, and the request goes on in the node.

        Raises:
            ConnectionLost: the connection ended before the answer came.
            RequestUnsendable: nothing was sent; as RequestUnread, the node says that it could not read it.
            ToolServerError: the node refused the request.
        """
        if self.closed:
            raise ConnectionLost("the connection is closed")
        request_id = next(self._ids)
        told = {} if watch is None else {"progressToken": request_id}
        line = _line(request_id, method, {**params, "_meta": {**_ENVELOPE, **meta, **told}})
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        # writing may fail first, and then nobody waits for the answer
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._waiting[request_id] = answer
        if watch is not None:
            self._watching[request_id] = watch
        try:
            self._writer.write(line)
            await self._writer.drain()
            message = await answer
        except ConnectionResetError as error:
            raise ConnectionLost("the connection was reset") from error
        finally:
            del self._waiting[request_id]
            self._watching.pop(request_id, None)
        if "error" in message:
            if isinstance(message["error"], dict) and message["error"].get("code") == PARSE_ERROR:
                raise RequestUnread(f"the node cannot read this: {one_line(message['error'].get('message'), 200)}")
            raise ToolServerError(f"the node refused {method}: {one_line(message['error'], 300)}")
        return message

    async def close(self) -> None:
        """End the connection; what runs in the node goes on."""
        self._reading.cancel()
        await asyncio.wait({self._reading})
        # a task that is cancelled before its first step has closed nothing
        self._writer.close()

    async def _read(self) -> None:
        try:
            while line := await self._reader.readuntil(b"\n"):
                self._take(from_json(line))
        except Exception:  # noqa: BLE001 - the other end may send anything; whoever waits learns it below
            return
        finally:
            self._writer.close()
            for answer in self._waiting.values():
                if not answer.done():
                    answer.set_exception(ConnectionLost("the connection ended"))

    def _take(self, message: object) -> None:
        if not isinstance(message, dict):
            raise ValueError("a message is an object")
        if message.get("method") == "notifications/progress":
            self._take_progress(message.get("params"))
            return
        request_id = message.get("id")
        # true and 1.0 would be found as 1, and a list cannot be looked for
        answer = self._waiting.get(request_id) if type(request_id) is int else None
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _take_progress(self, params: object) -> None:
        match params:
            case {"progressToken": int(token), "progress": int() | float() as seconds, "message": str(line)}:
                watch, answer = self._watching.get(token), self._waiting.get(token)
            case _:
                return
        if watch is None or answer is None or answer.done():
            return
        try:
            watch(Progress(seconds=seconds, line=one_line(line, LINE_SHOWN)))
        except Exception as error:  # noqa: BLE001 - it is the caller's own, and goes to the caller
            answer.set_exception(error)


def one_line(said: object, length: int) -> str:
    """Return the beginning of what a node said, without what a terminal would obey."""
    return "".join(character for character in str(said)[:length] if character.isprintable())


def _line(request_id: int, method: str, params: Mapping[str, Any]) -> bytes:
    try:
        line = to_json({"jsonrpc": "2.0", "id": request_id, "method": method, "params": params}) + b"\n"
    except PydanticSerializationError as error:
        raise RequestUnsendable(f"the arguments are not JSON: {error}") from error
    if len(line) > MAX_LINE:
        raise RequestUnsendable(f"the arguments take {len(line):,} bytes; at most {MAX_LINE:,} can be sent")
    return line
