"""Tools made of an OpenAPI document. Only what the document itself holds is used; nothing is fetched for it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from toolserver.attached.config import ServerName
from toolserver.attached.schemas import BadSchema, cleaned_schema, cleaned_text
from toolserver.attached.vetting import SEPARATOR
from toolserver.errors import ToolServerError
from toolserver.forms import Fact
from toolserver.own.api import ApiParameter, ApiTool, Place, Style
from toolserver.own.inlining import Bad, Inliner
from toolserver.secrets import SecretName, clean_host

MOST_OPERATIONS: Final = 64
LONGEST_NAME: Final = 46
LONGEST_TEXT: Final = 2000
LONGEST_PATH: Final = 500

_METHODS: Final = ("get", "head", "post", "put", "patch", "delete")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
_OURS: Final = frozenset({"accept", "authorization", "content-type", "host", "cookie"})
"""Headers that the format, or we, fill in by other means than parameters."""

_NAME: Final = TypeAdapter(ServerName)
_SECRET: Final = TypeAdapter(SecretName)


class CompiledApi(Fact):
    """What became of a document.

    Attributes:
        prefix: before the names of the tools.
        tools: its operations that can be tools.
        refused: why others are not, a line for each.
    """

    prefix: str
    tools: tuple[ApiTool, ...]
    refused: tuple[str, ...]


@dataclass(frozen=True)
class _Operation:
    """One operation as it stands in the document."""

    method: str
    path: str
    name: str
    item: Mapping[str, Any]
    content: Mapping[str, Any]

    @property
    def called(self) -> str:
        return self.name or f"{self.method.upper()} {self.path}"


def compiled_api(
    document: Mapping[str, Any],
    file: Path,
    *,
    prefix: str | None = None,
    only: Sequence[str] = (),
    secrets: Mapping[str, str] | None = None,
    server: str | None = None,
    seconds: float = 60,
) -> CompiledApi:
    """Return the tools that a document's operations are.

    Args:
        document: an OpenAPI document of version 3.
        file: where it came from.
        prefix: before the tools' names; by default made of the document's title.
        only: operations to take, by their ids, or as method and path; all where none is named.
        secrets: names of the secrets for the document's security schemes.
        server: address of the API, where it is not the one in the document.
        seconds: time limit of a call.

    Raises:
        ToolServerError: it is none, or none of its operations can be a tool.
    """
    if not str(document.get("openapi", "")).startswith("3."):
        raise ToolServerError(f"{file} is no OpenAPI document of version 3; convert it first")
    chosen = _prefix(prefix, document)
    for secret in (secrets or {}).values():
        try:
            _SECRET.validate_python(secret)
        except ValidationError as error:
            raise ToolServerError(f"{secret!r} is no name of a secret") from error
    operations = list(_operations(document))
    unknown = [name for name in only if not any(_is_named(operation, name) for operation in operations)]
    if unknown:
        raise ToolServerError(f"{file} has no operation {unknown[0]!r}")
    wanted = [one for one in operations if not only or any(_is_named(one, name) for name in only)]
    if len(wanted) > MOST_OPERATIONS:
        raise ToolServerError(
            f"{file} has {len(wanted):,} operations, more than {MOST_OPERATIONS}; name those you want with --only"
        )
    _require_schemes(document, file, secrets or {})
    compiler = _Compiler(document, chosen, file, dict(secrets or {}), server, seconds)
    tools: dict[str, ApiTool] = {}
    refused: list[str] = []
    for operation in wanted:
        try:
            tool = compiler.tool(operation)
        except (Bad, BadSchema) as error:
            refused.append(f"{cleaned_text(operation.called, 80)}: {error}")
            continue
        if tool.name in tools:
            refused.append(f"{cleaned_text(operation.called, 80)}: there are two of that name; the first is taken")
        else:
            tools[tool.name] = tool
    if not tools:
        why = f"; {refused[0]}" if refused else ""
        raise ToolServerError(f"{file} has no operation that can be a tool{why}")
    return CompiledApi(prefix=chosen, tools=tuple(tools.values()), refused=tuple(refused))


def _require_schemes(document: Mapping[str, Any], file: Path, secrets: Mapping[str, str]) -> None:
    components = document.get("components")
    schemes = components.get("securitySchemes") if isinstance(components, dict) else None
    there = sorted(map(str, schemes)) if isinstance(schemes, dict) else []
    for scheme in secrets:
        if scheme not in there:
            known = f"it has {cleaned_text(', '.join(there), 300)}" if there else "it has none"
            raise ToolServerError(f"{file} has no security scheme {scheme!r}; {known}")


def _prefix(given: str | None, document: Mapping[str, Any]) -> str:
    info = document.get("info")
    title = str(info.get("title", "")) if isinstance(info, dict) else ""
    text = given if given is not None else re.sub(r"[^a-z0-9]", "", title.lower())[:16].lstrip("0123456789")
    try:
        return _NAME.validate_python(text)
    except ValidationError as error:
        raise ToolServerError(
            f"{text!r} cannot stand before the names of tools; give --prefix, up to 16 small letters and digits"
        ) from error


def _operations(document: Mapping[str, Any]) -> Iterator[_Operation]:
    paths = document.get("paths")
    for path, item in paths.items() if isinstance(paths, dict) else ():
        if not isinstance(item, dict):
            continue
        for method in _METHODS:
            content = item.get(method)
            if isinstance(content, dict):
                yield _Operation(method, str(path), str(content.get("operationId", "")), item, content)


def _is_named(operation: _Operation, name: str) -> bool:
    return name in (operation.name, f"{operation.method.upper()} {operation.path}")


class _Compiler:
    """Makes tools of the operations of one document."""

    def __init__(
        self,
        document: Mapping[str, Any],
        prefix: str,
        file: Path,
        secrets: Mapping[str, str],
        server: str | None,
        seconds: float,
    ) -> None:
        self._document = document
        self._prefix = prefix
        self._file = file
        self._secrets = secrets
        self._server = server
        self._seconds = seconds

    def tool(self, operation: _Operation) -> ApiTool:
        """Return a tool.

        Raises:
            Bad: the operation cannot be one.
            BadSchema: its arguments cannot be described.
        """
        inliner = Inliner(self._document)
        if not re.fullmatch(r"/[^\s?#]*", operation.path) or len(operation.path) > LONGEST_PATH:
            raise Bad("its path is none")
        server = self._address(operation)
        arguments = _Arguments(inliner)
        for parameter in self._parameters(operation, inliner):
            arguments.add(parameter)
        named = {place.name for place in arguments.places if place.place == "path"}
        missing = set(re.findall(r"\{([^{}]*)\}", operation.path)) - named
        if missing:
            raise Bad(f"its path has {{{min(missing)}}}, which is no parameter of it")
        body = arguments.add_body(operation.content.get("requestBody"))
        host = urlsplit(server).hostname
        said = [str(operation.content.get(key) or "").strip() for key in ("summary", "description")]
        text = "\n\n".join(dict.fromkeys(part for part in said if part))
        where = f"{operation.method.upper()} {operation.path} of {host}"
        described = "\n\n".join(part for part in (cleaned_text(text, LONGEST_TEXT), cleaned_text(where, 300)) if part)
        try:
            return ApiTool.model_validate(
                {
                    "name": f"{self._prefix}{SEPARATOR}{_tool_name(operation)}",
                    "operation": cleaned_text(operation.called, 200),
                    "description": described,
                    "parameters": cleaned_schema(arguments.schema()),
                    "method": operation.method.upper(),
                    "server": server,
                    "path": operation.path,
                    "places": tuple(arguments.places),
                    "body": body,
                    "headers": self._secret_headers(operation, inliner, encrypted=server.startswith("https:")),
                    "seconds": self._seconds,
                    "file": str(self._file),
                }
            )
        except ValidationError as error:
            problem = error.errors(include_url=False, include_input=False)[0]
            raise Bad(f"{problem['loc'][0]}: {problem['msg']}") from error

    def _address(self, operation: _Operation) -> str:
        """Return the address of the API: the given one, else that of the operation, its path or the document."""
        address = self._server
        if address is None:
            for holder in (operation.content, operation.item, self._document):
                servers = holder.get("servers")
                if isinstance(servers, list) and servers and isinstance(servers[0], dict):
                    address = _filled(servers[0])
                    break
        try:
            parts = urlsplit(address or "")
            usable = parts.scheme in ("http", "https") and clean_host(parts.hostname or "") and parts.port != 0
        except ValueError:
            usable = False
        if address is None or not usable or not re.fullmatch(r"[!-~]{1,500}", address):
            raise Bad("it does not say at which address it is; give --server https://HOST/PATH")
        if parts.username is not None or parts.query or parts.fragment or "{" in address:
            raise Bad("its address has a user, a query or a part to fill in; give --server https://HOST/PATH")
        return address

    def _parameters(self, operation: _Operation, inliner: Inliner) -> list[dict[str, Any]]:
        """Return the parameters of an operation, and those of its path that it does not replace."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for holder in (operation.item, operation.content):
            listed = holder.get("parameters", [])
            for one in listed if isinstance(listed, list) else ():
                parameter = inliner.object(one)
                found[str(parameter.get("in")), str(parameter.get("name"))] = parameter
        return list(found.values())

    def _secret_headers(self, operation: _Operation, inliner: Inliner, *, encrypted: bool) -> dict[str, str]:
        """Return headers that refer to the secrets an operation needs: the first set of schemes we have them for."""
        needed = operation.content.get("security", self._document.get("security"))
        ways = [way for way in needed if isinstance(way, dict)] if isinstance(needed, list) else []
        if not ways:
            return {}
        usable = [way for way in ways if way and set(way) <= set(self._secrets)]
        if usable:
            if not encrypted:
                raise Bad("it takes a secret, and secrets are sent over https only")
            return dict(self._secret_header(scheme, inliner) for scheme in usable[0])
        if {} in ways:
            return {}
        scheme = cleaned_text(min(set(ways[0]) - set(self._secrets)), 60)
        raise Bad(f"it needs a secret; give --secret {scheme}=NAME, with the name of one in secrets of the settings")

    def _secret_header(self, scheme: str, inliner: Inliner) -> tuple[str, str]:
        components = self._document.get("components")
        schemes = components.get("securitySchemes") if isinstance(components, dict) else None
        found = inliner.object(schemes.get(scheme) if isinstance(schemes, dict) else None)
        value, shown = f"{{secret:{self._secrets[scheme]}}}", cleaned_text(scheme, 60)
        kind, place, name = found.get("type"), found.get("in"), str(found.get("name", ""))
        if kind in ("oauth2", "openIdConnect") or (kind == "http" and str(found.get("scheme")).lower() == "bearer"):
            return "authorization", f"Bearer {value}"
        if kind == "apiKey" and place in ("header", "cookie"):
            if not _HEADER.fullmatch(name) or (place == "header" and name.lower() in ("host", "content-type")):
                raise Bad(f"the security scheme {shown} names no header that could be sent")
            return (name.lower(), value) if place == "header" else ("cookie", f"{name}={value}")
        raise Bad(f"the security scheme {shown} is none of ours: an API key in a header or cookie, or a bearer token")


class _Arguments:
    """The arguments of a tool while its operation is read."""

    def __init__(self, inliner: Inliner) -> None:
        self._inliner = inliner
        self._properties: dict[str, Any] = {}
        self._required: list[str] = []
        self.places: list[ApiParameter] = []

    def add(self, parameter: Mapping[str, Any]) -> None:
        """Take in a parameter; one that cannot be sent is left out where it may be."""
        name, place, required = str(parameter.get("name")), parameter.get("in"), parameter.get("required") is True
        if place == "header" and name.lower() in _OURS:
            return
        sendable = place in ("path", "query") or (place == "header" and _HEADER.fullmatch(name))
        if not sendable or len(name) > 200:
            if required:
                raise Bad(f"its parameter {cleaned_text(name, 60)} ({cleaned_text(str(place), 20)}) cannot be sent")
            return
        content = parameter.get("content")
        inner = next(iter(content.values()), {}) if isinstance(content, dict) else parameter
        schema = self._inliner.schema(inner.get("schema", {}) if isinstance(inner, dict) else {})
        argument = self._named(name, str(place))
        text = parameter.get("description")
        if isinstance(text, str) and isinstance(schema, dict):
            schema = {**schema, "description": text}
        self._properties[argument] = schema
        if required or place == "path":
            self._required.append(argument)
        default = "form" if place == "query" else "simple"
        style = "json" if isinstance(content, dict) else parameter.get("style", default)
        if style not in ("simple", "form", "spaceDelimited", "pipeDelimited", "deepObject", "json"):
            raise Bad(f"its parameter {cleaned_text(name, 60)} has a style of its own")
        self.places.append(
            ApiParameter(
                argument=argument,
                name=name,
                place=cast("Place", place),
                style=cast("Style", style),
                explode=parameter.get("explode", style == "form") is True,
            )
        )

    def add_body(self, body: Any) -> str | None:
        """Take in what is sent as JSON, and return the argument's name; None where nothing is."""
        if body is None:
            return None
        found = self._inliner.object(body)
        content, required = found.get("content"), found.get("required") is True
        kinds = content if isinstance(content, dict) else {}
        json_kind = next(
            (kind for kind in kinds if re.fullmatch(r"application/(?:[\w.-]+\+)?json(?:;.*)?", kind)), None
        )
        if json_kind is None:
            if required:
                raise Bad("what it takes is not JSON")
            return None
        holder = kinds[json_kind]
        argument = self._named("body", "json")
        self._properties[argument] = self._inliner.schema(holder.get("schema", {}) if isinstance(holder, dict) else {})
        if required:
            self._required.append(argument)
        return argument

    def schema(self) -> dict[str, Any]:
        """Return the schema of all arguments."""
        return {
            "type": "object",
            "properties": self._properties,
            "required": self._required,
            "additionalProperties": False,
        }

    def _named(self, name: str, place: str) -> str:
        """Return a name for an argument that providers of models take, and that is not taken."""
        clean = re.sub(r"[^A-Za-z0-9_-]+", "_", name).strip("_")[:50] or "value"
        for candidate in (clean, f"{place}_{clean}", *(f"{clean}_{number}" for number in range(2, 100))):
            if candidate not in self._properties:
                return candidate
        raise Bad("too many of its parameters have the same name")


def _filled(server: Mapping[str, Any]) -> str:
    """Return a server's address with the defaults of its variables."""
    address, variables = str(server.get("url", "")), server.get("variables")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if isinstance(variable, dict):
            address = address[:2000].replace(f"{{{name}}}", str(variable.get("default", ""))[:500])
    return address


def _tool_name(operation: _Operation) -> str:
    name = operation.name or f"{operation.method}_{operation.path}"
    clean = re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9-]+", "_", name)).strip("_-")[:LONGEST_NAME].rstrip("_-")
    if not clean:
        raise Bad("no name that can be offered")
    return clean
