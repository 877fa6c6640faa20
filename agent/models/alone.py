"""Models outside any run: one that has all roles, of which nothing is recorded, and a count of what is used."""

from collections.abc import Sequence
from typing import Unpack

from agent.domain.budget import Usage
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.asking import EXECUTOR, HowAsked, Models, reply_or_failure
from agent.models.port import ChatModel


class ModelAlone:
    """A chat model in all roles. Implements ``Models``.

    Attributes:
        model: who is asked.
    """

    def __init__(self, model: ChatModel) -> None:
        self.model = model

    async def ask(
        self,
        step: str,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        role: str = EXECUTOR,
        refusal_is_reply: bool = False,
        outage_is_reply: bool = False,
    ) -> Reply:
        """Ask the model and return its reply."""
        coming = self.model.complete(messages, tools=tools, response_format=response_format, options=options)
        return await reply_or_failure(coming, refusal_is_reply=refusal_is_reply, outage_is_reply=outage_is_reply)


class Counted:
    """Models of which it is counted what they use. Implements ``Models``.

    Attributes:
        usage: of all replies so far.
    """

    def __init__(self, models: Models) -> None:
        self._models = models
        self.usage = Usage()

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Ask a model and return its reply."""
        reply = await self._models.ask(step, messages, **how)
        self.usage += reply.usage
        return reply
