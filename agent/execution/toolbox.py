"""All tools a run can use: ours on the host side, and those of its sandbox."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from agent.domain.base import Fact
from agent.domain.errors import ModelOutputError
from agent.domain.messages import ToolOutcome, ToolSpec
from agent.execution.policy import Approval, ToolEffect

_MOST_NAMED = 60


class Tool(Fact):
    """A tool as the executor sees it: what the model is shown, what it does to the world, and where it runs.

    Attributes:
        where: on our side, in the run's sandbox, or on an attached server.
        approval: when a person is asked before a call; ``decide`` says what each value means.
        sends: it runs programs that can send something to others.
    """

    spec: ToolSpec
    effects: tuple[ToolEffect, ...] = ("reads",)
    where: Literal["host", "sandbox", "server"] = "sandbox"
    approval: Approval = "effects"
    sends: bool = False

    @property
    def untrusted(self) -> bool:
        """Whether what it returns may come from people whom the user does not know."""
        return self.where == "server" or "network" in self.effects


class HostTool(Protocol):
    """A tool that runs on our side of the border, such as searching the user's documents."""

    @property
    def tool(self) -> Tool:
        """Its description."""

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run it with checked arguments. What the model can react to is an outcome with ``ok`` False."""


ProgressListener = Callable[[float, str], None]
"""Takes how a call gets on: for how many seconds it has run, and the last line its program printed."""

SandboxCall = Callable[[str, str, Mapping[str, Any], ProgressListener | None], Awaitable[ToolOutcome]]
"""Runs a tool in the sandbox: call id, tool, arguments, and who is told meanwhile how it gets on."""


@dataclass(frozen=True)
class Toolbox:
    """The tools of one run by name."""

    tools: Mapping[str, Tool]
    host: Mapping[str, HostTool]
    sandbox: SandboxCall

    def find(self, name: str) -> Tool:
        """Return a tool by name.

        Raises:
            ModelOutputError: there is none; the text names those there are.
        """
        if name not in self.tools:
            raise ModelOutputError(f"there is no tool {name!r}; the tools are: {_some(self.tools)}")
        return self.tools[name]

    async def run(
        self, call_id: str, name: str, arguments: Mapping[str, Any], listener: ProgressListener | None = None
    ) -> ToolOutcome:
        """Run a tool where it belongs; ``listener`` is told how a call of the sandbox gets on."""
        if name in self.host:
            try:
                return await self.host[name].run(arguments)
            except ModelOutputError as error:
                return ToolOutcome(ok=False, error="invalid", text=str(error))
        return await self.sandbox(call_id, name, arguments, listener)


def _some(names: Iterable[str]) -> str:
    """Return names as text, of very many the first ones."""
    known = sorted(names)
    more = f" and {len(known) - _MOST_NAMED} more" if len(known) > _MOST_NAMED else ""
    return ", ".join(known[:_MOST_NAMED]) + more
