"""The tools of an Inspect task as host tools of ours. Inspect runs them: its approval, limits and log hold."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageTool, execute_tools
from inspect_ai.tool import Tool as InspectTool
from inspect_ai.tool import ToolCall, ToolDef
from inspect_ai.util import LimitExceededError

from agent.domain.errors import RunPaused
from agent.domain.messages import ToolOutcome, ToolSpec
from agent.execution.toolbox import HostTool, Tool

_OURS = frozenset({"submit", "ask_person", "recall", "make_plan", "find_tools", "research"})
"""Functions of our own; a task's tool of such a name is offered as ``task_NAME``."""


class BridgedTool:
    """One tool of an Inspect task. Implements ``HostTool``.

    What it returns counts as text of unknown origin: a task may attack its agent through its tools.

    Attributes:
        limit: the limit of Inspect that a call met.
    """

    def __init__(self, inner: ToolDef) -> None:
        self._inner = inner
        name = f"task_{inner.name}" if inner.name in _OURS else inner.name
        parameters = {"type": "object", **inner.parameters.model_dump(mode="json", exclude_none=True)}
        self.tool = Tool(
            spec=ToolSpec(name=name, description=inner.description, parameters=parameters),
            effects=("network",),
            where="host",
            approval="never",
        )
        self.limit: LimitExceededError | None = None

    async def run(self, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Have Inspect run the tool.

        Raises:
            RunPaused: a limit of Inspect is reached.
        """
        call = ToolCall(id=f"call_{uuid.uuid4().hex[:20]}", function=self._inner.name, arguments=dict(arguments))
        try:
            done = await execute_tools([ChatMessageAssistant(content="", tool_calls=[call])], [self._inner])
        except LimitExceededError as reached:
            self.limit = reached
            raise RunPaused(f"a limit of Inspect is reached: {reached.message}") from reached
        answers = [message for message in done.messages if isinstance(message, ChatMessageTool)]
        failure = next((message.error for message in answers if message.error is not None), None)
        if failure is not None:
            return ToolOutcome(ok=False, error=failure.type, text=failure.message)
        unseen = [f"[{kind}, which cannot be shown here]" for message in answers for kind in not_text(message)]
        return ToolOutcome(text="\n".join([*(message.text for message in answers), *unseen]))


def not_text(message: ChatMessage) -> list[str]:
    """Return the kinds of what a message holds beside text, such as ``image``."""
    if isinstance(message.content, str):
        return []
    return [part.type for part in message.content if part.type not in ("text", "reasoning")]


def bridged(tools: Sequence[InspectTool | ToolDef], besides: Collection[HostTool] = ()) -> tuple[BridgedTool, ...]:
    """Return the tools of a task as ours, without those whose names are taken."""
    taken = {one.tool.spec.name for one in besides}
    found = [BridgedTool(tool if isinstance(tool, ToolDef) else ToolDef(tool)) for tool in tools]
    return tuple(one for one in found if one.tool.spec.name not in taken)
