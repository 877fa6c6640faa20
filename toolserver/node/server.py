"""The node as an MCP server: one server object for each connection, all in front of the same calls."""

import secrets
from collections.abc import Mapping
from typing import Any, Final

import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from toolserver.node.node import Node
from toolserver.protocol import CALL_ID, EFFECTS, ERROR, INTERNAL, SECONDS, NodeTool, ToolOutcome

INSTRUCTIONS: Final = (
    "Tools that work on the files of one sandbox and run programs in it. Paths are relative to the workspace, which is "
    "also the folder in which programs start."
)

Context = ServerRequestContext[Any]


class Connection:
    """Serves one client. Calls belong to the node: they go on when the client leaves."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._anonymous: dict[types.RequestId, str] = {}

    def server(self) -> Server[Any]:
        """Return the MCP server for this client."""
        server: Server[Any] = Server(
            "plumbline-toolserver",
            instructions=INSTRUCTIONS,
            on_list_tools=self._list_tools,
            on_call_tool=self._call_tool,
        )
        # spans of every message cost more than most calls
        server.middleware.clear()
        server.add_notification_handler("notifications/cancelled", types.CancelledNotificationParams, self._cancelled)
        return server

    async def _list_tools(
        self, context: Context, _params: types.PaginatedRequestParams | None
    ) -> types.ListToolsResult:
        with_internal = bool(_meta(context).get(INTERNAL))
        tools = [_as_mcp(tool) for tool in self._node.toolbox.described() if with_internal or not tool.internal]
        return types.ListToolsResult(tools=tools)

    async def _call_tool(self, context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        meta = _meta(context)
        seconds = meta.get(SECONDS)
        limit = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None
        call_id = meta.get(CALL_ID)
        if isinstance(call_id, str) and call_id:
            outcome = await self._node.calls.call(call_id, params.name, params.arguments or {}, limit)
        else:
            outcome = await self._call_anonymously(context.request_id, params, limit)
        return _as_result(outcome)

    async def _call_anonymously(
        self, request_id: types.RequestId | None, params: types.CallToolRequestParams, limit: float | None
    ) -> ToolOutcome:
        call_id = secrets.token_hex(16)
        if request_id is None:
            raise ValueError("a call is a request")
        self._anonymous[request_id] = call_id
        outcome = await self._node.calls.call(call_id, params.name, params.arguments or {}, limit)
        # kept when this task is cancelled, for then the notification below is still to come
        del self._anonymous[request_id]
        return outcome

    async def _cancelled(self, _context: Context, params: types.CancelledNotificationParams) -> None:
        """End the call of a client that cannot ask for it again; a call with an id has its own way to be cancelled."""
        call_id = self._anonymous.pop(params.request_id, None) if params.request_id is not None else None
        if call_id is not None:
            await self._node.calls.cancel(call_id)


def _meta(context: Context) -> Mapping[str, Any]:
    return dict(context.meta or {})


def _as_mcp(tool: NodeTool) -> types.Tool:
    effects = set(tool.effects)
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=dict(tool.parameters),
        annotations=types.ToolAnnotations(
            read_only_hint=effects <= {"reads"}, open_world_hint=bool(effects & {"network", "outside"})
        ),
        _meta={EFFECTS: list(tool.effects), INTERNAL: tool.internal},
    )


def _as_result(outcome: ToolOutcome) -> types.CallToolResult:
    images = [types.ImageContent(data=image.data, mime_type=image.media_type) for image in outcome.images]
    return types.CallToolResult(
        content=[types.TextContent(text=outcome.text), *images],
        structured_content=outcome.data,
        is_error=not outcome.ok,
        _meta={ERROR: outcome.error} if outcome.error is not None else None,
    )
