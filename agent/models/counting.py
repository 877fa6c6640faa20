"""Adding up what a piece of work asked of models."""

from typing import Unpack

from agent.domain.budget import Usage
from agent.domain.messages import Reply, Transcript
from agent.models.asking import HowAsked, Models


class CountedModels:
    """Models by role, with the usage of all calls that were made through it.

    Attributes:
        usage: the sum, whatever became of the replies.
    """

    def __init__(self, models: Models) -> None:
        self._models = models
        self.usage = Usage()

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Ask a model by role and return its reply."""
        reply = await self._models.ask(step, messages, **how)
        self.usage += reply.usage
        return reply
