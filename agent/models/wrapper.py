"""The part that all models share which change another model's requests or replies."""

from agent.models.port import ChatModel, Profile


class ModelWrapper:
    """Has the name and the profile of the model beneath, and closes it."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """Name of the model beneath."""
        return self._model.name

    @property
    def profile(self) -> Profile:
        """What the model beneath can do."""
        return self._model.profile

    async def close(self) -> None:
        """Close the model beneath."""
        await self._model.close()
