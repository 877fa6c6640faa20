"""The model of a run that has none."""

from collections.abc import Sequence

from agent.domain.errors import ModelNotConfigured
from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.config import NO_MODEL
from agent.models.port import Profile, Watcher


class NoModel:
    """A ``ChatModel`` that cannot be asked anything."""

    @property
    def name(self) -> str:
        """Name by which settings, events and reports call it."""
        return NO_MODEL

    @property
    def profile(self) -> Profile:
        """Nothing in particular."""
        return Profile()

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Refuse.

        Raises:
            ModelNotConfigured: always.
        """
        raise ModelNotConfigured("this run has no model (--model none); name one with --model to do what asks a model")

    async def close(self) -> None:
        """Nothing to free."""
