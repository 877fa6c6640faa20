"""What of a stranger's tool list is offered, and the digest by which a person accepts it."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any, Final

import mcp_types as types

from toolserver.attached.config import ServerConfig
from toolserver.attached.schemas import BadSchema, cleaned_schema, cleaned_text
from toolserver.protocol import Effect, Fact, NodeTool

MOST_TOOLS: Final = 64
LONGEST_DESCRIPTION: Final = 2000
SEPARATOR: Final = "__"

_TOOL_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,45}")


class VettedTool(Fact):
    """A tool of an attached server that can be offered.

    Attributes:
        name: as the server calls it.
        offered: as models see it.
        output: cleaned schema of its structured results; None where it declares none.
    """

    name: str
    offered: NodeTool
    output: dict[str, Any] | None = None


class Vetted(Fact):
    """A server's tools after they were looked at.

    Attributes:
        digest: changes with anything the server says of its tools, and with what is run or reached.
        tools: those that can be offered.
        refused: why others are not, a line for each.
    """

    digest: str
    tools: tuple[VettedTool, ...]
    refused: tuple[str, ...]


def vetted(name: str, config: ServerConfig, listed: Sequence[types.Tool]) -> Vetted:
    """Look at what a server lists."""
    tools: dict[str, VettedTool] = {}
    refused: list[str] = []
    for tool in listed:
        shown = cleaned_text(tool.name, 60)
        if (config.tools is not None and tool.name not in config.tools) or tool.name in config.without:
            continue
        if tool.name in tools:
            refused.append(f"{shown}: there are two of that name; the first is taken")
        elif len(tools) == MOST_TOOLS:
            refused.append(f"more than {MOST_TOOLS} tools; name those you want in mcp_servers.{name}.tools")
            break
        elif not _TOOL_NAME.fullmatch(tool.name) or SEPARATOR in tool.name:
            refused.append(f"{shown}: no name that can be offered")
        else:
            try:
                tools[tool.name] = _vetted(name, config, tool)
            except BadSchema as error:
                refused.append(f"{shown}: {error}")
    return Vetted(digest=_digest(name, config, listed), tools=tuple(tools.values()), refused=tuple(refused))


def _vetted(server: str, config: ServerConfig, tool: types.Tool) -> VettedTool:
    offered = NodeTool(
        name=f"{server}{SEPARATOR}{tool.name}",
        description=cleaned_text(tool.description or tool.name, LONGEST_DESCRIPTION),
        parameters=cleaned_schema(tool.input_schema),
        effects=_effects(config, tool.annotations),
        server=server,
        approval=config.approval,
    )
    output = None if tool.output_schema is None else cleaned_schema(tool.output_schema)
    return VettedTool(name=tool.name, offered=offered, output=output)


def _effects(config: ServerConfig, annotations: types.ToolAnnotations | None) -> tuple[Effect, ...]:
    if not config.trust_annotations or annotations is None or annotations.read_only_hint is not True:
        return config.effects
    return ("reads",) if annotations.open_world_hint is False else ("reads", "network")


def _digest(name: str, config: ServerConfig, listed: Sequence[types.Tool]) -> str:
    said = [tool.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"meta"}) for tool in listed]
    if config.transport == "stdio":
        where = [config.command, *config.args, config.where, sorted(config.env)]
        where += [list(config.packages)] if config.packages else []
    else:
        where = [config.url, sorted(config.headers)]
    text = json.dumps([name, config.transport, where, said], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
