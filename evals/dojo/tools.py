"""Tools of a bridge's environment as tools of a run."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from agent.domain.messages import ToolOutcome, ToolSpec
from agent.execution.policy import Approval, ToolEffect
from agent.execution.toolbox import Tool
from evals.dojo.client import Room
from evals.dojo.protocol import DojoTool


class RoomTool:
    """A tool of an environment. Implements ``HostTool``.

    Args:
        tool: its description.
        room: the environment.

    Attributes:
        made: arguments of the calls that were made.
    """

    def __init__(self, tool: Tool, room: Room) -> None:
        self.tool = tool
        self.made: list[dict[str, Any]] = []
        self._room = room

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run it there."""
        self.made.append(dict(arguments))
        returned = await self._room.call(self.tool.spec.name, arguments)
        return ToolOutcome(ok=returned.ok, text=returned.text, error=None if returned.ok else "failed")


def room_tools(
    tools: Sequence[DojoTool],
    room: Room,
    effects: Callable[[str], tuple[ToolEffect, ...]],
    approval: Approval = "effects",
) -> tuple[RoomTool, ...]:
    """Return the tools of an environment, with declared effects; ``approval`` is the user's setting for all of them."""
    return tuple(
        RoomTool(
            Tool(
                spec=ToolSpec(name=tool.name, description=tool.description, parameters=tool.parameters),
                effects=effects(tool.name),
                where="host",
                approval=approval,
            ),
            room,
        )
        for tool in tools
    )
