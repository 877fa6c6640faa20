"""The node as an MCP server: JSON-RPC in lines, one session for each client, all in front of the same calls.

MCP's revision 2026-07-28 has no handshake: each request carries its own envelope. Its few messages are served here
directly, because importing an MCP library would more than double the memory and the start-up time of every sandbox.
Clients of the earlier revisions, which begin with ``initialize``, are served too.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from msgspec import json

from toolserver import __version__
from toolserver.errors import ToolServerError
from toolserver.node.node import Node
from toolserver.protocol import CALL_ID, EFFECTS, ERROR, INTERNAL, SECONDS, NodeTool, ToolOutcome

INSTRUCTIONS: Final = (
    "Tools that work on the files of one sandbox and run programs in it. Paths are relative to the workspace, which is "
    "also the folder in which programs start."
)

REVISION: Final = "2026-07-28"

HANDSHAKE_REVISIONS: Final = ("2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05")
"""Earlier revisions, newest first."""

VERSION_KEY: Final = "io.modelcontextprotocol/protocolVersion"
CAPABILITIES_KEY: Final = "io.modelcontextprotocol/clientCapabilities"
SERVER_KEY: Final = "io.modelcontextprotocol/serverInfo"

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = -32601
INVALID_PARAMS: Final = -32602
INTERNAL_ERROR: Final = -32603
UNSUPPORTED_REVISION: Final = -32022

PROGRESS_SECONDS: Final = 0.25
"""Pause between two notifications of how a call gets on."""

_SERVER_INFO: Final = {"name": "plumbline-toolserver", "version": __version__}
_CAPABILITIES: Final = {"tools": {"listChanged": False}}
_ID_IN_FRONT: Final = re.compile(rb'\s*\{\s*"jsonrpc"\s*:\s*"2\.0"\s*,\s*"id"\s*:\s*(\d{1,15}|"[\w.-]{1,200}")\s*,')

NextLine = Callable[[], Awaitable[bytes]]
Send = Callable[[bytes], Awaitable[None]]
RequestId = str | int

log = logging.getLogger(__name__)


class Refused(ToolServerError):
    """A request is answered with an error of JSON-RPC."""

    def __init__(self, code: int, message: str, data: object = None) -> None:
        super().__init__(message)
        self.code = code
        self.data = data


class Session:
    """Serves one client. Calls belong to the node: they go on when the client leaves."""

    def __init__(self, node: Node, send: Send) -> None:
        self._node = node
        self._send = send
        self._requests: dict[RequestId, asyncio.Task[None]] = {}
        self._anonymous: dict[RequestId, str] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._shook_hands = False

    async def run(self, next_line: NextLine) -> None:
        """Answer requests until ``next_line`` returns nothing."""
        try:
            while line := await next_line():
                await self._take(line)
        finally:
            for task in self._requests.values():
                task.cancel()

    async def _take(self, line: bytes) -> None:
        try:
            message = json.decode(line)
        except (ValueError, RecursionError) as error:
            if line.strip():
                # who sent something too deep or too odd waits for an answer all the same
                found = _ID_IN_FRONT.match(line)
                await self._refuse(None if found is None else json.decode(found[1]), _unreadable(error))
            return
        if not isinstance(message, dict):
            await self._refuse(None, Refused(INVALID_REQUEST, "a message is one object"))
            return
        method, params = message.get("method"), message.get("params", {})
        if "id" not in message:
            if method == "notifications/cancelled" and isinstance(params, dict):
                self._cancelled(params.get("requestId"))
            return
        request_id = message["id"]
        if method is None and ("result" in message or "error" in message):
            return  # an answer, though we never ask
        if not isinstance(request_id, str | int) or isinstance(request_id, bool):
            await self._refuse(None, Refused(INVALID_REQUEST, "an id is a text or a whole number"))
        elif message.get("jsonrpc") != "2.0" or not isinstance(method, str) or not isinstance(params, dict):
            await self._refuse(request_id, Refused(INVALID_REQUEST, "this is no request of JSON-RPC 2.0"))
        elif request_id in self._requests:
            await self._refuse(request_id, Refused(INVALID_REQUEST, "a request with this id is being served"))
        else:
            task = asyncio.ensure_future(self._serve(request_id, method, params))
            self._requests[request_id] = task
            task.add_done_callback(lambda _task: self._requests.pop(request_id))

    async def _serve(self, request_id: RequestId, method: str, params: dict[str, Any]) -> None:
        try:
            line = _line(request_id, "result", await self._result(request_id, method, params))
        except Refused as refusal:
            line = _refusal(request_id, refusal)
        except RecursionError as error:
            # it could be read, but not what is made of it be written
            line = _refusal(request_id, _unreadable(error))
        except Exception:  # one request's fault must not end the node
            log.exception("a request failed: %.100s", method)
            line = _refusal(request_id, Refused(INTERNAL_ERROR, "the node failed; its log tells why"))
        await self._write(line)

    async def _result(self, request_id: RequestId, method: str, params: dict[str, Any]) -> dict[str, Any]:
        if method == "initialize":
            return self._shake_hands(params)
        if method == "ping":
            return {}
        meta = params.get("_meta", {})
        stateless = isinstance(meta, dict) and VERSION_KEY in meta
        if stateless or not self._shook_hands:
            _check_envelope(meta)
        match method:
            case "server/discover" if stateless:
                result = _discovered()
            case "tools/list":
                result = self._listed(bool(meta.get(INTERNAL)), stateless=stateless)
            case "tools/call":
                result = _as_result(await self._call(request_id, params, meta))
            case _:
                raise Refused(METHOD_NOT_FOUND, "Method not found", method[:100])
        if stateless:
            result["resultType"] = "complete"
            result.setdefault("_meta", {})[SERVER_KEY] = _SERVER_INFO
        return result

    def _shake_hands(self, params: Mapping[str, Any]) -> dict[str, Any]:
        wanted = params.get("protocolVersion")
        if not isinstance(wanted, str):
            raise Refused(INVALID_PARAMS, "protocolVersion: must be a text")
        self._shook_hands = True
        return {
            "protocolVersion": wanted if wanted in HANDSHAKE_REVISIONS else HANDSHAKE_REVISIONS[0],
            "capabilities": _CAPABILITIES,
            "serverInfo": _SERVER_INFO,
            "instructions": INSTRUCTIONS,
        }

    def _listed(self, with_internal: bool, *, stateless: bool) -> dict[str, Any]:
        tools = [_as_mcp(tool) for tool in self._node.toolbox.described() if with_internal or not tool.internal]
        return {"tools": tools, **({"ttlMs": 0, "cacheScope": "private"} if stateless else {})}

    async def _call(self, request_id: RequestId, params: Mapping[str, Any], meta: Mapping[str, Any]) -> ToolOutcome:
        name, arguments = params.get("name"), params.get("arguments")
        if not isinstance(name, str):
            raise Refused(INVALID_PARAMS, "name: must be a text")
        if arguments is not None and not isinstance(arguments, dict):
            raise Refused(INVALID_PARAMS, "arguments: must be an object")
        seconds, call_id = meta.get(SECONDS), meta.get(CALL_ID)
        limit = float(seconds) if isinstance(seconds, int | float) and seconds > 0 else None
        if not (isinstance(call_id, str) and call_id):
            self._anonymous[request_id] = call_id = secrets.token_hex(16)
        token = meta.get("progressToken")
        telling = None
        if isinstance(token, str | int) and not isinstance(token, bool):
            telling = asyncio.ensure_future(self._tell_progress(token, call_id))
        try:
            return await self._node.calls.call(call_id, name, arguments or {}, limit)
        finally:
            self._anonymous.pop(request_id, None)
            if telling is not None:
                telling.cancel()

    async def _tell_progress(self, token: RequestId, call_id: str) -> None:
        while True:
            await asyncio.sleep(PROGRESS_SECONDS)
            glimpse = self._node.calls.glimpse(call_id)
            if glimpse is not None:
                line = await asyncio.to_thread(lambda seen: seen.line, glimpse)
                told = {"progressToken": token, "progress": round(glimpse.seconds, 3), "message": line}
                message = {"jsonrpc": "2.0", "method": "notifications/progress", "params": told}
                await self._write(json.encode(message) + b"\n")

    def _cancelled(self, request_id: object) -> None:
        """Forget a request, and end its call if nobody can ask for it again; a call with an id has its own way."""
        if not isinstance(request_id, str | int) or request_id not in self._requests:
            return
        call_id = self._anonymous.get(request_id)
        self._requests[request_id].cancel()
        if call_id is not None:
            ending = asyncio.ensure_future(self._node.calls.cancel(call_id))
            self._endings.add(ending)
            ending.add_done_callback(self._endings.discard)

    async def _refuse(self, request_id: RequestId | None, refusal: Refused) -> None:
        await self._write(_refusal(request_id, refusal))

    async def _write(self, line: bytes) -> None:
        try:
            await self._send(line)
        except ConnectionError:
            return  # the client left; the end of its lines tells


def _check_envelope(meta: object) -> None:
    missing = [key for key in (VERSION_KEY, CAPABILITIES_KEY) if not isinstance(meta, dict) or key not in meta]
    if missing or not isinstance(meta, dict):
        raise Refused(INVALID_PARAMS, f"params._meta lacks {' and '.join(missing)}")
    wanted = meta[VERSION_KEY]
    if not isinstance(wanted, str):
        raise Refused(INVALID_PARAMS, f"{VERSION_KEY}: must be a text")
    if wanted != REVISION:
        data = {"supported": [REVISION], "requested": wanted[:100]}
        raise Refused(UNSUPPORTED_REVISION, "Unsupported protocol version", data)


def _discovered() -> dict[str, Any]:
    return {
        "supportedVersions": [REVISION],
        "capabilities": _CAPABILITIES,
        "instructions": INSTRUCTIONS,
        "ttlMs": 0,
        "cacheScope": "private",
    }


def _as_mcp(tool: NodeTool) -> dict[str, Any]:
    effects = set(tool.effects)
    return {
        "name": tool.name,
        "description": tool.description,
        "inputSchema": tool.parameters,
        "annotations": {
            "readOnlyHint": effects <= {"reads"},
            "openWorldHint": bool(effects & {"network", "outside"}),
        },
        "_meta": {EFFECTS: list(tool.effects), INTERNAL: tool.internal},
    }


def _as_result(outcome: ToolOutcome) -> dict[str, Any]:
    images = [{"type": "image", "data": image.data, "mimeType": image.media_type} for image in outcome.images]
    return {
        "content": [{"type": "text", "text": outcome.text}, *images],
        "structuredContent": outcome.data,
        "isError": not outcome.ok,
        **({} if outcome.error is None else {"_meta": {ERROR: outcome.error}}),
    }


def _unreadable(error: Exception) -> Refused:
    return Refused(PARSE_ERROR, "it is nested too deep" if isinstance(error, RecursionError) else str(error))


def _refusal(request_id: RequestId | None, refusal: Refused) -> bytes:
    error = {"code": refusal.code, "message": str(refusal)}
    if refusal.data is not None:
        error["data"] = refusal.data
    return _line(request_id, "error", error)


def _line(request_id: RequestId | None, kind: str, content: Mapping[str, Any]) -> bytes:
    message = {"jsonrpc": "2.0", "id": request_id, kind: content}
    try:
        return json.encode(message) + b"\n"
    except (TypeError, ValueError) as error:
        raise ValueError("an answer is not JSON") from error
