"""What a strategy may do while it works on a subtask."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolOutcome, ToolSpec, Transcript


class Steps(Protocol):
    """The verbs of the inner loop. Each call is an effect of the run, recorded under the given step name.

    Step names are unique within a subtask and the same on every re-run: ``model/3``, ``tool/3.0``, ``judge/2``.
    """

    async def ask(
        self,
        step: str,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        role: str = "executor",
        refusal_is_reply: bool = False,
    ) -> Reply:
        """Ask a model by role and return its reply.

        With ``refusal_is_reply`` a refusal by the server is a reply without calls that is ``filtered`` and says why.
        """

    async def call(self, step: str, tool: str, arguments: Mapping[str, Any]) -> ToolOutcome:
        """Run a tool and return its outcome; a failure the model can react to is an outcome with ``ok`` False."""
