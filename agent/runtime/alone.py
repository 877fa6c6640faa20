"""Models by role outside any run, which see pictures: nothing is recorded."""

from collections.abc import Mapping
from typing import Unpack

from agent.domain.messages import Reply, Transcript
from agent.execution.pictures import Illustrator
from agent.ledger.blobs import BlobStore
from agent.models.alone import ModelAlone
from agent.models.asking import EXECUTOR, HowAsked
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

    async def ask(self, step: str, messages: Transcript, **how: Unpack[HowAsked]) -> Reply:
        """Ask the model of a role and return its reply."""
        model = self._models[how.get("role", EXECUTOR)]
        return await model.ask(step, await self._pictures.illustrated(messages), **how)
