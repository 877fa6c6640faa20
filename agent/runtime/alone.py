"""Models by role outside any run, which see pictures: nothing is recorded."""

from collections.abc import Mapping, Sequence

from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.execution.pictures import Illustrator
from agent.ledger.blobs import BlobStore
from agent.models.alone import ModelAlone
from agent.models.port import ChatModel


class ModelsAlone:
    """The models of a command that makes no run. Implements ``Models``.

    Args:
        models: by role.
        blobs: where the pictures of transcripts are.
    """

    def __init__(self, models: Mapping[str, ChatModel], blobs: BlobStore) -> None:
        self._models = {role: ModelAlone(model) for role, model in models.items()}
        self._pictures = Illustrator(blobs.get)

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
        """Ask the model of a role and return its reply."""
        return await self._models[role].ask(
            step,
            await self._pictures.illustrated(messages),
            tools=tools,
            response_format=response_format,
            options=options,
            refusal_is_reply=refusal_is_reply,
            outage_is_reply=outage_is_reply,
        )
