"""An open sandbox: calls that survive a broken connection, and files that cross the border through the node."""

import asyncio
import base64
import contextlib
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self

from msgspec import DecodeError, json

from toolserver.answers import Chunk, Known, ListAnswer, Manifest, outcome_of, required, understood
from toolserver.connection import (
    ConnectionLost,
    NodeConnection,
    RequestUnread,
    RequestUnsendable,
    Streams,
    Watch,
    one_line,
)
from toolserver.deployment.place import Place
from toolserver.egress.gateway import EgressDoor
from toolserver.errors import SandboxLost, ToolServerError, TransferRefused
from toolserver.protocol import (
    CALL_ID,
    CHUNK,
    INTERNAL,
    SECONDS,
    FileEntry,
    NodeHealth,
    NodeTool,
    ProgramRequest,
    ProgramStarted,
    SandboxDescription,
    ToolOutcome,
)
from toolserver.snapshots import Snapshot, SnapshotStore, restored, taken

LOST_SECONDS: Final = 1.5
"""How long reconnecting is tried before a sandbox counts as lost; with all that surrounds it, less than two seconds."""

RESENDS: Final = 100
"""How often one call is sent again over new connections."""

HEARTBEAT_SECONDS: Final = 10.0
"""A node that has not answered a call for so long is asked whether it is alive, and has as long to say so."""


class ProgramStreams(NamedTuple):
    """A running program: its standard output, its standard input, and where ``read_output`` finds its errors."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    output: str


class ToolSource(Protocol):
    """Tools that a sandbox offers beside its own and that its node does not run."""

    async def tools(self) -> tuple[NodeTool, ...]:
        """Return the tools that can be used now."""

    def has(self, tool: str) -> bool:
        """Return whether a tool of that name is for this source, whether or not it can be used now."""

    async def call(
        self,
        call_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float | None = None,
        watch: Watch | None = None,
    ) -> ToolOutcome:
        """Run a tool. What a model can react to is an outcome with ``ok`` False.

        ``watch`` is told how the call gets on, as far as that is known.
        """

    async def cancel(self, call_id: str) -> None:
        """End a call, if it is one of this source's and running."""

    async def close(self) -> None:
        """End what runs the tools; a later call may start it again."""


class Sandbox:
    """An open sandbox. Several calls may run at once.

    Attributes:
        id: as given to ``open_sandbox``.
        description: where it runs and what that isolates.
    """

    def __init__(self, sandbox_id: str, place: Place) -> None:
        self.id = sandbox_id
        self._way_out: EgressDoor | None = None
        self._place = place
        self._connection: NodeConnection | None = None
        self._connecting: asyncio.Task[NodeConnection] | None = None
        self._sources: list[ToolSource] = []

    @property
    def description(self) -> SandboxDescription:
        """Where the sandbox runs, what that isolates, and what can be reached from it."""
        description = self._place.description
        return description if self._way_out is None else self._way_out.described(description)

    async def connect(self) -> Streams:
        """Make a connection of one's own to the node, on which it speaks MCP, one JSON-RPC message a line.

        Raises:
            OSError: the node is gone.
        """
        return await self._place.connect()

    async def program(self, argv: Sequence[str], env: Mapping[str, str]) -> ProgramStreams:
        """Start a program in the sandbox and return its standard output and input. It ends with the connection.

        Args:
            argv: the program, looked up in the sandbox's ``PATH``, and its arguments.
            env: variables beside those that every program gets.

        Raises:
            SandboxLost: the node is gone.
            ToolServerError: the program cannot be started.
        """
        try:
            reader, writer = await self._place.connect()
        except OSError as error:
            raise self._lost() from error
        try:
            output = await self._program_started(reader, writer, ProgramRequest(argv=tuple(argv), env=dict(env)))
        except BaseException:
            # the program ends with the connection
            writer.close()
            raise
        return ProgramStreams(reader, writer, output)

    def equip(self, source: ToolSource) -> None:
        """Offer further tools, which are run by somebody else than the node. They end with the sandbox."""
        self._sources.append(source)

    @property
    def place(self) -> Place:
        """Where the sandbox runs."""
        return self._place

    def become(self, sandbox_id: str, place: Place) -> None:
        """Take another id, and a place that knows of it; the connection stays."""
        self.id, self._place = sandbox_id, place

    def let_out(self, way_out: EgressDoor) -> None:
        """Take a way out, which is closed when the sandbox is left."""
        self._way_out = way_out

    async def tools(self) -> tuple[NodeTool, ...]:
        """Return all tools, the internal ones among them.

        Raises:
            SandboxLost: the node is gone.
        """
        answer = understood(await self._asked("tools/list", {}, {INTERNAL: True}), ListAnswer)
        own = [
            NodeTool(
                name=tool.name,
                description=tool.description,
                parameters=tool.parameters,
                effects=tool.meta.effects,
                internal=tool.meta.internal,
            )
            for tool in answer.result.tools
        ]
        return (*own, *[tool for source in self._sources for tool in await source.tools()])

    async def call(
        self,
        call_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float | None = None,
        watch: Watch | None = None,
    ) -> ToolOutcome:
        """Run a tool once under this id, or return what it gave when it ran before.

        Cancelling the task that awaits this leaves the call running in the sandbox: asking again under the same id
        waits for it. ``cancel`` ends it.

        Args:
            call_id: names this call for good; the same id with other arguments is an error.
            tool: name of the tool.
            arguments: JSON values.
            seconds: limit for the call as a whole, beside the tool's own.
            watch: is told about four times a second how the call gets on, also after a reconnect; what it raises is
                raised here, and the call goes on in the sandbox.

        Raises:
            SandboxLost: the node is gone; the call may or may not have run.
        """
        for source in self._sources:
            if source.has(tool):
                return await source.call(call_id, tool, arguments, seconds=seconds, watch=watch)
        meta: dict[str, Any] = {CALL_ID: call_id}
        if seconds is not None:
            meta[SECONDS] = seconds
        try:
            params = {"name": tool, "arguments": dict(arguments)}
            return outcome_of(await self._request("tools/call", params, meta, watch))
        except RequestUnsendable as error:
            return ToolOutcome(ok=False, error="invalid_arguments", text=f"{tool}: {error}")

    async def knows(self, call_id: str) -> bool:
        """Return whether the journal has the result of a call, or the call is running.

        Raises:
            SandboxLost: the node is gone.
        """
        return understood((await self._internal("knows", {"call_id": call_id})).data, Known).known

    async def checkpoint(self, call_id: str) -> None:
        """Leave an id in the journal, for ``knows``.

        Raises:
            SandboxLost: the node is gone.
        """
        await self.call(call_id, "checkpoint", {})

    async def cancel(self, call_id: str) -> None:
        """End a call with everything it started; return once that is done. A call never sent will not run.

        Raises:
            SandboxLost: the node is gone.
        """
        for source in self._sources:
            await source.cancel(call_id)
        await self._internal("cancel", {"call_id": call_id})

    async def upload(self, path: str, data: bytes) -> None:
        """Put a file into the workspace; it appears at once and complete.

        Raises:
            TransferRefused: the path is outside, or the file does not fit.
            SandboxLost: the node is gone.
        """
        outcome = await self._upload(path, data)
        if outcome.error == "corrupted":
            # the last chunk was sent twice over a broken connection; all of it again does no harm
            outcome = await self._upload(path, data)
        required(outcome)

    async def download(self, path: str, *, max_bytes: int) -> bytes:
        """Return a regular file of the workspace.

        Raises:
            TransferRefused: it is missing, outside, no regular file, larger than ``max_bytes``, or keeps changing.
            SandboxLost: the node is gone.
        """
        for _ in range(3):
            data = await self._download(path, max_bytes)
            if data is not None:
                return data
        raise TransferRefused(f"{path}: changes while it is read")

    async def manifest(self) -> tuple[FileEntry, ...]:
        """Return everything in the workspace that is not a folder.

        Raises:
            TransferRefused: there are more than a hundred thousand files.
            SandboxLost: the node is gone.
        """
        outcome = await self._internal("manifest", {})
        return understood(outcome.data, Manifest).entries

    async def snapshot(self, store: SnapshotStore, since: Snapshot | None = None) -> Snapshot:
        """Put what the workspace holds into a store and return what is needed to bring it back.

        Only contents that ``since`` lacks leave the sandbox: that the store has a content proves nothing, for it may be
        another run's. The snapshot itself lies in the store under its id, too.

        Args:
            store: keeps contents by their hash.
            since: an earlier snapshot in the same store, whose contents need not be asked for.

        Raises:
            TransferRefused: the workspace has too many names.
            SandboxLost: the node is gone.
        """
        return await taken(self._internal, store, since)

    async def restore(self, snapshot: Snapshot, store: SnapshotStore) -> None:
        """Make the workspace what it was when a snapshot was taken; what the snapshot does not keep is removed.

        Raises:
            TransferRefused: a content is not what its hash says, or something cannot be written.
            SandboxLost: the node is gone.
        """
        await restored(self._internal, snapshot, store)

    async def health(self) -> NodeHealth:
        """Return what the node says about itself, the ids of running calls among it.

        Raises:
            SandboxLost: the node is gone.
        """
        return understood((await self._internal("health", {})).data, NodeHealth)

    async def attach(self) -> None:
        """Connect to the node now instead of at the first call; it does not end for idleness while we are connected.

        Raises:
            SandboxLost: the node is gone.
        """
        await self._connected()

    async def detach(self) -> None:
        """Leave the sandbox without ending it: it can be opened again within its idle time.

        It is let out only while it is open, so that nothing leaves it unseen.
        """
        for source in self._sources:
            await source.close()
        if self._connecting is not None and self._connecting.cancel():
            # nobody would close a connection that is only just being made
            await asyncio.wait({self._connecting})
        if self._connection is not None:
            await self._connection.close()
            self._connection = None
        if self._way_out is not None:
            await self._way_out.close()

    async def close(self, *, keep_workspace: bool = False) -> None:
        """End the sandbox and everything in it; ``keep_workspace`` keeps its files and journal for the next opening."""
        await self.detach()
        await self._place.close(keep_workspace=keep_workspace)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _internal(self, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        outcome = outcome_of(await self._asked("tools/call", {"name": tool, "arguments": dict(arguments)}, {}))
        required(outcome)
        return outcome

    async def _upload(self, path: str, data: bytes) -> ToolOutcome:
        token, digest = secrets.token_hex(16), hashlib.sha256(data).hexdigest()
        outcome = ToolOutcome(text="")
        for offset in range(0, max(len(data), 1), CHUNK):
            chunk = base64.b64encode(data[offset : offset + CHUNK]).decode()
            arguments = {
                "path": path,
                "token": token,
                "offset": offset,
                "size": len(data),
                "sha256": digest,
                "data": chunk,
            }
            outcome = outcome_of(await self._asked("tools/call", {"name": "upload", "arguments": arguments}, {}))
            if not outcome.ok:
                break
        return outcome

    async def _download(self, path: str, max_bytes: int) -> bytes | None:
        """Return a file; None when it changed on the way."""
        data, version = bytearray(), None
        while True:
            outcome = await self._internal("download", {"path": path, "offset": len(data)})
            chunk = understood(outcome.data, Chunk)
            data += chunk.data
            if max(chunk.size, len(data)) > max_bytes:
                raise TransferRefused(f"{path}: has {chunk.size:,} bytes, more than the {max_bytes:,} allowed")
            if version not in (None, chunk.version):
                return None
            version = chunk.version
            if len(data) == chunk.size:
                return bytes(data)
            if not chunk.data or len(data) > chunk.size:
                return None

    async def _asked(self, method: str, params: Mapping[str, Any], meta: Mapping[str, Any]) -> dict[str, Any]:
        """Send a request of our own making, which a node that is one can read."""
        try:
            return await self._request(method, params, meta)
        except RequestUnread as error:
            raise SandboxLost(f"sandbox {self.id}: {error}") from error
        except RequestUnsendable as error:
            raise TransferRefused(str(error)) from error

    async def _request(
        self, method: str, params: Mapping[str, Any], meta: Mapping[str, Any], watch: Watch | None = None
    ) -> dict[str, Any]:
        """Send a request, again over a new connection when one breaks; every request of ours may be repeated."""
        for _ in range(RESENDS):
            connection = await self._connected()
            with contextlib.suppress(ConnectionLost):
                return await _answered(connection, method, params, meta, watch)
        raise SandboxLost(f"sandbox {self.id}: the connection broke {RESENDS} times during one call")

    async def _connected(self) -> NodeConnection:
        """Return the connection, after a new one is made where it is broken; all who wait share the attempt."""
        if self._connection is not None and not self._connection.closed:
            return self._connection
        if self._connecting is None or self._connecting.done():
            self._connecting = asyncio.ensure_future(self._connect())
            self._connecting.add_done_callback(_seen)
        return await asyncio.shield(self._connecting)

    async def _connect(self) -> NodeConnection:
        try:
            async with asyncio.timeout(LOST_SECONDS):
                self._connection = await self._reached()
        except TimeoutError:
            raise self._lost() from None
        return self._connection

    async def _reached(self) -> NodeConnection:
        """Try to connect until it works or the node has certainly ended."""
        pause = 0.02
        while True:
            try:
                return await NodeConnection.open(self._place.connect)
            except OSError as error:
                if await self._place.gone():
                    raise self._lost() from error
            await asyncio.sleep(pause)
            pause *= 2

    async def _program_started(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: ProgramRequest
    ) -> str:
        """Ask for a program over a connection that becomes its own; returns where its errors are found."""
        try:
            writer.write(json.encode(request) + b"\n")
            await writer.drain()
            started = json.decode(await reader.readline(), type=ProgramStarted)
        except (DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SandboxLost(f"sandbox {self.id}: its node did not answer") from error
        except (OSError, ValueError) as error:
            raise self._lost() from error
        if started.error is not None:
            raise ToolServerError(one_line(started.error, 300))
        return started.output or ""

    def _lost(self) -> SandboxLost:
        return SandboxLost(f"sandbox {self.id}: its node is gone; open the sandbox again")


async def _answered(
    connection: NodeConnection, method: str, params: Mapping[str, Any], meta: Mapping[str, Any], watch: Watch | None
) -> dict[str, Any]:
    """Wait for an answer as long as the node shows that it is alive."""
    answer = asyncio.ensure_future(connection.request(method, params, meta, watch))
    answer.add_done_callback(_seen)
    try:
        while not (await asyncio.wait({answer}, timeout=HEARTBEAT_SECONDS))[0]:
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await connection.request("tools/call", {"name": "health", "arguments": {}}, {})
            except (TimeoutError, RequestUnsendable) as error:
                await connection.close()
                raise SandboxLost("the node is there but does not answer") from error
        return answer.result()
    finally:
        answer.cancel()


def _seen(task: asyncio.Task[Any]) -> None:
    """Take note of a failure that nobody may be waiting for any more."""
    if not task.cancelled():
        task.exception()
