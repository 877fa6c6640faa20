"""How tool calls travel to and from a model, chosen by its profile."""

from collections.abc import Sequence
from datetime import UTC, datetime

from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolSpec, Transcript
from agent.models.failures import ToolsRefused
from agent.models.json_actions import JsonActions
from agent.models.port import ChatModel, Retry, Watcher
from agent.models.rescue import Rescued, rescued
from agent.models.wrapper import ModelWrapper


def with_tool_mode(model: ChatModel) -> ChatModel:
    """Return the model with the tool mode of its profile."""
    match model.profile.tool_mode:
        case "native":
            return model
        case "json":
            return JsonActions(model)
        case "rescued":
            return Rescued(model)
        case "auto":
            return AutomaticTools(model)


class AutomaticTools(ModelWrapper):
    """A ``ChatModel`` that calls tools natively and, once its server has refused that, by JSON replies."""

    def __init__(self, model: ChatModel) -> None:
        super().__init__(model)
        self._by_json = JsonActions(model)
        self._refused = False

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Return the model's reply; calls printed in its text are rescued."""
        if not self._refused:
            try:
                reply = await self._model.complete(
                    messages, tools=tools, response_format=response_format, options=options, watcher=watcher
                )
            except ToolsRefused as refusal:
                self._refused = True
                if watcher is not None:
                    watcher.retry(_fallback_notice(refusal))
            else:
                return reply if response_format is not None else rescued(reply, tools, messages)
        return await self._by_json.complete(
            messages, tools=tools, response_format=response_format, options=options, watcher=watcher
        )


def _fallback_notice(refusal: ToolsRefused) -> Retry:
    return Retry(
        attempt=1,
        reason=f"tools are called by JSON replies from now on: {refusal}",
        wait_seconds=0,
        next_at=datetime.now(UTC),
    )
