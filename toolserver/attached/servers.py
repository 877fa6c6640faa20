"""All attached servers of a run, as one source of tools for its sandbox."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from toolserver.attached.server import AttachedServer, belongs_to
from toolserver.connection import Watch
from toolserver.errors import ToolServerError
from toolserver.protocol import NodeTool, ToolOutcome

log = logging.getLogger(__name__)


class AttachedServers:
    """Servers by name. A server that fails is left out, with a warning; the others go on."""

    def __init__(self, servers: Sequence[AttachedServer]) -> None:
        self._servers = {server.name: server for server in servers}
        self._running: dict[str, asyncio.Task[ToolOutcome]] = {}

    async def tools(self) -> tuple[NodeTool, ...]:
        """Return the accepted tools of the servers that can be used now."""
        offered = await asyncio.gather(*(self._offered(server) for server in self._servers.values()))
        return tuple(tool for tools in offered for tool in tools)

    def has(self, tool: str) -> bool:
        """Return whether a tool of that name belongs to one of the servers."""
        return any(belongs_to(tool, name) for name in self._servers)

    async def call(
        self,
        call_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float | None = None,
        watch: Watch | None = None,
    ) -> ToolOutcome:
        """Call a tool of a server. No journal knows these calls: the same id again is another call."""
        server = next(server for name, server in self._servers.items() if belongs_to(tool, name))
        calling = asyncio.ensure_future(server.call(tool, arguments, seconds, watch))
        self._running[call_id] = calling
        try:
            await asyncio.wait({calling})
        finally:
            self._running.pop(call_id, None)
            # when our caller is cancelled, the server is told so by the library
            calling.cancel()
        if calling.cancelled():
            return ToolOutcome(ok=False, error="cancelled", text=f"{tool}: the call was cancelled")
        return calling.result()

    async def cancel(self, call_id: str) -> None:
        """End a call that is running."""
        calling = self._running.get(call_id)
        if calling is not None:
            calling.cancel()
            await asyncio.wait({calling})

    async def close(self) -> None:
        """End all servers."""
        await asyncio.gather(*(server.close() for server in self._servers.values()))

    async def _offered(self, server: AttachedServer) -> list[NodeTool]:
        try:
            found = await server.look()
            offered = await server.offered()
        except ToolServerError as error:
            log.warning("the tools of an attached server are not offered: %s", error)
            return []
        for line in found.refused:
            log.warning("a tool of the attached server %s is not offered: %s", server.name, line)
        return [tool.offered for tool in offered]
