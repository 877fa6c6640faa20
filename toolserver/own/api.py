"""Operations of an HTTP API as tools. They are requests of the sandbox, so they go where the sandbox may go."""

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

from msgspec.structs import replace
from pydantic import Field, JsonValue, StringConstraints

from toolserver.connection import Watch
from toolserver.egress.profiles import Egress, allows
from toolserver.forms import Form
from toolserver.protocol import Effect, NodeTool, ToolOutcome
from toolserver.sandbox import Sandbox
from toolserver.secrets import references

log = logging.getLogger(__name__)

LONGEST_DESCRIPTION: Final = 2500

ApiToolName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]{0,15}(-[a-z0-9]{1,15})?__[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=64)
]
Place = Literal["path", "query", "header"]
Style = Literal["simple", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"]

_DELIMITERS: Final = {"spaceDelimited": " ", "pipeDelimited": "|"}
_HEADER_VALUE: Final = re.compile(r"[\t\x20-\x7e]{0,4000}")


class ApiParameter(Form):
    """Where an argument stands in a request.

    Attributes:
        argument: its name among the tool's arguments.
        name: as the API calls it.
        place: part of the request.
        style: how lists and objects are written; ``json`` as JSON.
        explode: whether each item of a list is written on its own.
    """

    argument: str
    name: str
    place: Place
    style: Style
    explode: bool = False


class ApiTool(Form):
    """An operation of an API that a user made a tool of.

    Attributes:
        kind: what it is.
        name: of the tool.
        operation: as the document calls it.
        description: what models read.
        parameters: JSON Schema of its arguments.
        method: of the request.
        server: address before the path.
        path: with ``{NAME}`` for the parameters in it.
        places: where arguments go.
        body: the argument that is sent as JSON; None where nothing is.
        headers: sent with each request; values may refer to secrets.
        seconds: time limit of a call.
        file: where it came from, for people.
    """

    kind: Literal["operation"] = "operation"
    name: ApiToolName
    operation: str
    description: str = Field(min_length=1, max_length=LONGEST_DESCRIPTION)
    parameters: dict[str, JsonValue]
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
    server: str
    path: str
    places: tuple[ApiParameter, ...] = ()
    body: str | None = None
    headers: dict[str, str] = Field(default_factory=dict)
    seconds: float = Field(default=60, gt=0, le=1800)
    file: str

    @property
    def effects(self) -> tuple[Effect, ...]:
        """What it may do: what does not only read may change something outside."""
        return ("reads", "network") if self.method in ("GET", "HEAD") else ("reads", "network", "outside")

    @property
    def host(self) -> str:
        """The host of the API."""
        return _host_and_port(self.server)[0]

    def origin(self) -> str:
        """Return host and, where it is an unusual one, port."""
        host, port = _host_and_port(self.server)
        return host if port in (80, 443) else f"{host} at port {port}"

    def reachable(self, egress: Egress) -> bool:
        """Return whether a sandbox with this profile may reach its host."""
        return allows(egress, *_host_and_port(self.server))

    def secrets(self) -> set[str]:
        """Return the names of the secrets it uses."""
        return {name for value in self.headers.values() for name in references(value)}


class ApiTools:
    """Operations as a source of tools for a sandbox.

    Their calls are calls of the sandbox's ``http`` and ``http_send``: made once for each id, by the proxy's rules, with
    its secrets.

    Args:
        sandbox: makes the requests.
        tools: the operations.
        egress: what the sandbox may reach; operations of other hosts are not offered.
    """

    def __init__(self, sandbox: Sandbox, tools: Sequence[ApiTool], egress: Egress) -> None:
        self._sandbox = sandbox
        self._egress = egress
        self._tools = {tool.name: tool for tool in tools}
        self._told: set[str] = set()

    async def tools(self) -> tuple[NodeTool, ...]:
        """Return the tools whose host can be reached; of each other host is told once."""
        offered = []
        for tool in self._tools.values():
            if tool.reachable(self._egress):
                offered.append(
                    NodeTool(
                        name=tool.name, description=tool.description, parameters=tool.parameters, effects=tool.effects
                    )
                )
            elif tool.server not in self._told:
                self._told.add(tool.server)
                log.warning("tools of an API are not offered: %s", _unreachable(tool))
        return tuple(offered)

    def has(self, tool: str) -> bool:
        """Return whether there is a tool of that name."""
        return tool in self._tools

    async def call(
        self,
        call_id: str,
        tool: str,
        arguments: Mapping[str, Any],
        *,
        seconds: float | None = None,
        watch: Watch | None = None,
    ) -> ToolOutcome:
        """Make a request, once under this id.

        Raises:
            SandboxLost: the node is gone; the request may or may not have been made.
        """
        # loading the library takes a while
        from toolserver.attached.schemas import problems

        found = self._tools[tool]
        if not found.reachable(self._egress):
            return ToolOutcome(ok=False, error="egress_refused", text=f"{tool}: {_unreachable(found)}")
        against = problems(found.parameters, dict(arguments))
        if against:
            return ToolOutcome(ok=False, error="invalid_arguments", text=f"{tool}: {against}")
        try:
            request = _request(found, arguments)
        except ValueError as error:
            return ToolOutcome(ok=False, error="invalid_arguments", text=f"{tool}: {error}")
        sender = "http" if found.method in ("GET", "HEAD") else "http_send"
        return _outcome(tool, await self._sandbox.call(call_id, sender, request, seconds=seconds, watch=watch))

    async def cancel(self, call_id: str) -> None:
        """Do nothing: the sandbox ends its own calls."""

    async def close(self) -> None:
        """Do nothing: nothing runs outside of the sandbox."""


def _host_and_port(url: str) -> tuple[str, int]:
    """Return what an address leads to."""
    parts = urlsplit(url)
    return (parts.hostname or "").removesuffix("."), parts.port or (443 if parts.scheme == "https" else 80)


def _unreachable(tool: ApiTool) -> str:
    return f"the sandbox may not reach {tool.origin()}; put it into sandbox.egress of the settings"


def _request(tool: ApiTool, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of ``http``.

    Raises:
        ValueError: an argument cannot stand where it belongs.
    """
    path, query, headers = tool.path, list[tuple[str, str]](), dict(tool.headers)
    for place in tool.places:
        value = arguments.get(place.argument)
        if value is None:
            continue
        if place.place == "query":
            query += _in_query(place, value)
            continue
        text = _joined(place, value, ",")
        if place.place == "path":
            if text in ("", ".", ".."):
                raise ValueError(f"{place.argument}: {text!r} cannot stand in a path")
            path = path.replace(f"{{{place.name}}}", quote(text, safe=""))
        elif not _HEADER_VALUE.fullmatch(text):
            raise ValueError(f"{place.argument}: it cannot stand in a header")
        else:
            headers[place.name] = text
    asked = f"?{urlencode(query, quote_via=quote)}" if query else ""
    request: dict[str, Any] = {
        "url": f"{tool.server.rstrip('/')}{path}{asked}",
        "method": tool.method,
        "headers": {"accept": "application/json, */*;q=0.5", **headers},
        "seconds": tool.seconds,
    }
    if tool.body is not None and tool.body in arguments:
        # text, so that null and an absent body differ
        request |= {"body": json.dumps(arguments[tool.body])}
        request["headers"].setdefault("content-type", "application/json")
    return request


def _in_query(place: ApiParameter, value: Any) -> list[tuple[str, str]]:
    if place.style == "json" or not isinstance(value, list | dict):
        return [(place.name, _joined(place, value, ","))]
    if isinstance(value, dict):
        if place.style == "deepObject":
            return [(f"{place.name}[{key}]", _plain(item)) for key, item in value.items()]
        if place.explode:
            return [(str(key), _plain(item)) for key, item in value.items()]
    elif place.explode:
        return [(place.name, _plain(item)) for item in value]
    return [(place.name, _joined(place, value, _DELIMITERS.get(place.style, ",")))]


def _joined(place: ApiParameter, value: Any, delimiter: str) -> str:
    if place.style == "json":
        return json.dumps(value)
    if isinstance(value, list):
        return delimiter.join(_plain(item) for item in value)
    if isinstance(value, dict):
        return delimiter.join(
            f"{key}{'=' if place.explode else delimiter}{_plain(item)}" for key, item in value.items()
        )
    return _plain(value)


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _outcome(tool: str, outcome: ToolOutcome) -> ToolOutcome:
    """Return what a request gave; what the API answers with an error is a failure."""
    if not outcome.ok:
        return replace(outcome, text=f"{tool}: {outcome.text}")
    status, text = outcome.data.get("status"), outcome.data.get("text")
    data: dict[str, JsonValue] = {"status": status, "file": outcome.data.get("file")}
    if isinstance(text, str):
        try:
            data["body"] = json.loads(text)
        except (ValueError, RecursionError):
            data["body"] = text
    failed = isinstance(status, int) and status >= 400
    return ToolOutcome(ok=not failed, text=outcome.text, data=data, error="http_status" if failed else None)
