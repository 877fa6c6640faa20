"""One live connection to an attached server."""

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Final

import mcp_types as types
from mcp.client import Client
from mcp.shared.dispatcher import ProgressFnT
from pydantic import TypeAdapter

from toolserver import __version__
from toolserver.attached.vetting import MOST_TOOLS

MOST_PAGES: Final = 16
CLOSE_SECONDS: Final = 5.0

_RESULT: Final = TypeAdapter(types.CallToolResult)
_WHO: Final = types.Implementation(name="plumbline", version=__version__)


class ServerConnection:
    """A session of the MCP library in a task of its own, which is where the library wants to be left as well."""

    def __init__(self, transport: AbstractAsyncContextManager[Any]) -> None:
        self._transport = transport
        self._client: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._leave = asyncio.Event()
        self._keeping = asyncio.ensure_future(self._keep())

    @property
    def closed(self) -> bool:
        """Whether the session has ended."""
        return self._keeping.done()

    async def list(self) -> list[types.Tool]:
        """Return what the server lists, as far as anybody will look at it."""
        client = await asyncio.shield(self._client)
        tools: list[types.Tool] = []
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            page = await client.list_tools(cursor=cursor)
            tools += page.tools
            cursor = page.next_cursor
            if cursor is None or len(tools) > 4 * MOST_TOOLS:
                break
        return tools

    async def call(
        self, tool: str, arguments: Mapping[str, Any], progress: ProgressFnT | None = None
    ) -> types.CallToolResult:
        """Call a tool; the result's schema is the caller's to check, for the library's check trusts the schema."""
        client = await asyncio.shield(self._client)
        params = types.CallToolRequestParams(name=tool, arguments=dict(arguments))
        return await client.session.send_request(
            types.CallToolRequest(params=params), _RESULT, progress_callback=progress
        )

    async def close(self) -> None:
        """End the session and its transport."""
        self._leave.set()
        await asyncio.wait({self._keeping}, timeout=CLOSE_SECONDS)
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)

    async def _keep(self) -> None:
        try:
            async with Client(self._transport, client_info=_WHO, cache=None) as client:
                self._client.set_result(client)
                await self._leave.wait()
        except Exception as error:  # noqa: BLE001 - a hostile server ends the library's session in any way
            self._fail(error)
        finally:
            self._fail(ConnectionError("the connection was closed"))

    def _fail(self, error: Exception) -> None:
        if not self._client.done():
            self._client.set_exception(error)
            # somebody may no longer wait for it
            self._client.exception()
