"""Adding up what a piece of work asked of models."""

from collections.abc import Sequence

from agent.domain.budget import Usage
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.asking import Models


class CountedModels:
    """Models by role, with the usage of all calls that were made through it.

    Attributes:
        usage: the sum, whatever became of the replies.
    """

    def __init__(self, models: Models) -> None:
        self._models = models
        self.usage = Usage()

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
        outage_is_reply: bool = False,
    ) -> Reply:
        """Ask a model by role and return its reply."""
        reply = await self._models.ask(
            step,
            messages,
            tools=tools,
            response_format=response_format,
            options=options,
            role=role,
            refusal_is_reply=refusal_is_reply,
            outage_is_reply=outage_is_reply,
        )
        self.usage += reply.usage
        return reply
