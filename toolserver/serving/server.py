"""One sandbox as an MCP server. The server runs on the host; the tools run in the sandbox."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import anyio
import mcp_types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server

from toolserver import __version__
from toolserver.connection import Watch
from toolserver.errors import SandboxLost, SandboxUnavailable, ToolServerError
from toolserver.protocol import CALL_ID, EFFECTS, ERROR, SECONDS, NodeTool, Progress, SandboxDescription, ToolOutcome
from toolserver.sandbox import Sandbox

INSTRUCTIONS: Final = (
    "Tools that work on the files of one sandbox and run programs in it. Paths are relative to the workspace, which is "
    "also the folder in which programs start."
)

CANCEL_SECONDS: Final = 20.0
"""How long ending a cancelled call may take before we stop waiting for it."""

Context = ServerRequestContext[Any]


class ServedSandbox:
    """The sandbox behind a server. All sessions share it; it is opened again when it is lost.

    Args:
        opening: opens the sandbox, or adopts what is left of it.
        allow_weak: serve a sandbox that isolates nothing, too.
    """

    def __init__(self, opening: Callable[[], Awaitable[Sandbox]], *, allow_weak: bool = False) -> None:
        self._opening = opening
        self._allow_weak = allow_weak
        self._sandbox: Sandbox | None = None
        self._changing = asyncio.Lock()

    async def open(self) -> SandboxDescription:
        """Open the sandbox and return what it is.

        Raises:
            SandboxUnavailable: it cannot be started, or isolates nothing and that was not allowed.
        """
        return (await self._opened()).description

    async def close(self) -> None:
        """End the sandbox with everything in it."""
        if self._sandbox is not None:
            await self._sandbox.close()
            self._sandbox = None

    async def tools(self) -> tuple[NodeTool, ...]:
        """Return the tools that clients may use.

        Raises:
            ToolServerError: the sandbox is gone and cannot be opened again.
        """
        sandbox = await self._opened()
        try:
            tools = await sandbox.tools()
        except SandboxLost:
            tools = await (await self._replace(sandbox)).tools()
        return tuple(tool for tool in tools if not tool.internal)

    async def call(
        self,
        call_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        seconds: float | None,
        watch: Watch | None = None,
    ) -> ToolOutcome:
        """Run a tool; a lost sandbox is opened again, and the outcome says so. ``watch`` is told how it gets on.

        Raises:
            ToolServerError: the sandbox is gone and cannot be opened again.
        """
        if tool not in {offered.name for offered in await self.tools()}:
            return ToolOutcome(ok=False, error="unknown_tool", text=f"there is no tool {tool[:60]!r}")
        sandbox = await self._opened()
        try:
            return await sandbox.call(call_id, tool, arguments, seconds=seconds, watch=watch)
        except SandboxLost:
            await self._replace(sandbox)
            text = (
                "The sandbox was lost during this call and has been opened again. Its files are kept, its programs "
                "have ended. The call may or may not have run; look before you repeat it."
            )
            return ToolOutcome(ok=False, error="sandbox_lost", text=text)

    async def cancel(self, call_id: str) -> None:
        """End a call with everything it started; of a lost sandbox nothing is left to end."""
        sandbox = self._sandbox
        if sandbox is not None:
            try:
                await sandbox.cancel(call_id)
            except SandboxLost:
                return

    async def _opened(self) -> Sandbox:
        async with self._changing:
            return self._sandbox if self._sandbox is not None else await self._open_new()

    async def _replace(self, lost: Sandbox) -> Sandbox:
        """Open the sandbox again, once for all calls that find it lost."""
        async with self._changing:
            if self._sandbox is not None and self._sandbox is not lost:
                return self._sandbox
            self._sandbox = None
            await lost.detach()
            return await self._open_new()

    async def _open_new(self) -> Sandbox:
        sandbox = await self._opening()
        if sandbox.description.weak and not self._allow_weak:
            await sandbox.close()
            raise SandboxUnavailable(
                f"this sandbox isolates nothing, so its tools are not served: {sandbox.description.isolation} "
                "Install bubblewrap or Docker, or serve it all the same with --force"
            )
        self._sandbox = sandbox
        return sandbox


def mcp_server(served: ServedSandbox) -> Server[Any]:
    """Return the MCP server in front of a sandbox; it may serve any number of sessions."""

    async def list_tools(_context: Context, _params: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[_as_mcp(tool) for tool in await served.tools()])

    async def call_tool(context: Context, params: types.CallToolRequestParams) -> types.CallToolResult:
        meta = dict(context.meta or {})
        seconds, named = meta.get(SECONDS), meta.get(CALL_ID)
        limit = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None
        again = isinstance(named, str) and named != ""
        call_id = named if again and isinstance(named, str) else secrets.token_hex(16)
        try:
            async with _progress(context) as watch:
                outcome = await served.call(call_id, params.name, params.arguments or {}, limit, watch)
        except ToolServerError as error:
            outcome = ToolOutcome(ok=False, error="sandbox_unavailable", text=str(error))
        except asyncio.CancelledError:
            if not again:
                # nobody can ask for its result any more
                with anyio.move_on_after(CANCEL_SECONDS, shield=True):
                    await served.cancel(call_id)
            raise
        return _as_result(outcome)

    server: Server[Any] = Server(
        "plumbline-toolserver",
        version=__version__,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )
    # without an exporter its spans are only a cost
    server.middleware.clear()
    return server


@asynccontextmanager
async def _progress(context: Context) -> AsyncIterator[Watch | None]:
    """Give a watch that tells the client how its call gets on; None where it did not ask for that."""
    if not isinstance((context.meta or {}).get("progress_token"), str | int):
        yield None
        return
    newest: list[Progress] = []
    arrived = asyncio.Event()

    def watch(progress: Progress) -> None:
        # a slow client is told of the newest only
        newest[:] = [progress]
        arrived.set()

    async def report() -> None:
        while True:
            await arrived.wait()
            arrived.clear()
            await context.session.report_progress(newest[0].seconds, message=newest[0].line or None)

    reporting = asyncio.ensure_future(report())
    try:
        yield watch
    finally:
        reporting.cancel()
        # a client that is gone is met when it is answered
        await asyncio.gather(reporting, return_exceptions=True)


def _as_mcp(tool: NodeTool) -> types.Tool:
    effects = set(tool.effects)
    return types.Tool(
        name=tool.name,
        description=tool.description,
        input_schema=dict(tool.parameters),
        annotations=types.ToolAnnotations(
            read_only_hint=effects <= {"reads"}, open_world_hint=bool(effects & {"network", "outside"})
        ),
        _meta={EFFECTS: list(tool.effects)},
    )


def _as_result(outcome: ToolOutcome) -> types.CallToolResult:
    images = [types.ImageContent(data=image.data, mime_type=image.media_type) for image in outcome.images]
    return types.CallToolResult(
        content=[types.TextContent(text=outcome.text), *images],
        structured_content=outcome.data,
        is_error=not outcome.ok,
        _meta={ERROR: outcome.error} if outcome.error is not None else None,
    )
