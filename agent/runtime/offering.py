"""Which tools of a sandbox models may use, and what each of them can do there."""

from collections.abc import Collection, Sequence
from typing import Final

from agent.execution.toolbox import Tool
from toolserver.client import Effect, NodeTool, Sandbox

_PRINTED = frozenset({"read_output"})
"""Tools that run nothing, and show what programs of other calls have printed."""

_SENDING = frozenset({"allow-list", "open"})
"""Networks through which programs can send something to others."""


_ELSEWHERE: Final = "workspace_"
"""Begins the names of a sandbox's own tools whose names others have; no tool of a sandbox is called so by itself."""


def named_apart(tools: Sequence[Tool], taken: Collection[str]) -> tuple[Tool, ...]:
    """Return tools of a sandbox, each by a name that is not taken: its own ones get another, those of servers go.

    ``read_document`` over a person's documents and the one over the workspace's files are two tools.
    """
    return tuple(_apart(tool) if tool.spec.name in taken else tool for tool in tools if _can_be_had(tool, taken))


def own_name(name: str, where: str) -> str:
    """Return what a sandbox itself calls a tool that models know by this name."""
    return name.removeprefix(_ELSEWHERE) if where == "sandbox" else name


def _can_be_had(tool: Tool, taken: Collection[str]) -> bool:
    return tool.spec.name not in taken or tool.where == "sandbox"


def _apart(tool: Tool) -> Tool:
    return tool.model_copy(update={"spec": tool.spec.model_copy(update={"name": f"{_ELSEWHERE}{tool.spec.name}"})})


async def offered_tools(sandbox: Sandbox) -> tuple[Tool, ...]:
    """Return the tools of a sandbox that models may use."""
    return tuple(
        Tool.model_validate(
            {
                "spec": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
                "effects": _effects(sandbox, tool),
                "where": "sandbox" if tool.server is None else "server",
                "approval": tool.approval,
                "sends": sends(sandbox, tool),
            }
        )
        for tool in await sandbox.tools()
        if not tool.internal
    )


def _effects(sandbox: Sandbox, tool: NodeTool) -> tuple[Effect, ...]:
    """Return what a tool does here: where programs reach a network, what runs them or shows what they print uses it."""
    programs = tool.server is None and ("executes" in tool.effects or tool.name in _PRINTED)
    reaches = programs and sandbox.description.network != "none"
    return tuple(dict.fromkeys((*tool.effects, "network"))) if reaches else tool.effects


def sends(sandbox: Sandbox, tool: NodeTool) -> bool:
    """Return whether a tool runs programs that can send something to others."""
    return sandbox.description.network in _SENDING and tool.server is None and "executes" in tool.effects
