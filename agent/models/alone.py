"""One model outside any run: it has all roles, and nothing is recorded."""

from collections.abc import Sequence

from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.asking import EXECUTOR, reply_or_failure
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
