"""The model of an Inspect task behind our port: its limits, its cache, its price list and its log hold."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Literal

from inspect_ai.model import GenerateConfig, Model, ModelOutput, ResponseSchema
from inspect_ai.tool import ToolChoice, ToolFunction
from inspect_ai.util import LimitExceededError

from agent.domain.budget import Usage
from agent.domain.errors import ModelUnavailable, RunPaused
from agent.domain.messages import CallOptions, Reply, ResponseFormat, TokenChoice, ToolCall, ToolSpec, Transcript
from agent.models.port import Profile, Watcher
from evals.inspect_log.messages import conversation
from evals.inspect_log.schemas import json_schema, tool_info

_FINISHED: Mapping[str, Literal["stop", "calls", "length", "filtered"]] = {
    "tool_calls": "calls",
    "max_tokens": "length",
    "model_length": "length",
    "content_filter": "filtered",
}


class InspectModel:
    """A model of Inspect. Implements ``ChatModel``.

    Attributes:
        limit: the limit of Inspect that a call met; a run that met one is paused.
    """

    def __init__(self, model: Model, profile: Profile | None = None) -> None:
        self._model = model
        self._profile = profile or Profile(tool_mode="native")
        self.limit: LimitExceededError | None = None

    @property
    def name(self) -> str:
        """What Inspect calls the model."""
        return str(self._model)

    @property
    def profile(self) -> Profile:
        """What the model can do, as the caller says."""
        return self._profile

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Return the model's reply.

        Raises:
            RunPaused: a limit of Inspect is reached.
            ModelUnavailable: Inspect got no reply, after its own retries.
        """
        config = GenerateConfig(max_tokens=options.max_tokens, temperature=options.temperature)
        if response_format is not None:
            schema = json_schema(response_format.json_schema)
            config.response_schema = ResponseSchema(name=response_format.name, json_schema=schema)
        if options.top_logprobs:
            config.logprobs, config.top_logprobs = True, options.top_logprobs
        try:
            output = await self._model.generate(
                await conversation(tuple(messages), None),
                tools=[tool_info(spec) for spec in tools],
                tool_choice=_choice(options.tool_choice) if tools else None,
                config=config,
            )
        except LimitExceededError as reached:
            self.limit = reached
            raise RunPaused(f"a limit of Inspect is reached: {reached.message}") from reached
        except Exception as error:
            raise ModelUnavailable(f"Inspect got no reply of {self.name}: {_line(error)}") from error
        if output.error is not None:
            raise ModelUnavailable(f"{self.name} failed: {_line(output.error)}")
        return _reply(output)

    async def close(self) -> None:
        """Do nothing: the model is Inspect's."""


def _reply(output: ModelOutput) -> Reply:
    if not output.choices:
        return Reply(model=output.model, usage=_usage(output))
    choice = output.choices[0]
    calls = tuple(
        ToolCall(id=call.id, name=call.function, arguments=json.dumps(call.arguments))
        for call in choice.message.tool_calls or ()
    )
    first = choice.logprobs.content[0] if choice.logprobs is not None and choice.logprobs.content else None
    return Reply(
        text=choice.message.text,
        calls=calls,
        finish="calls" if calls else _FINISHED.get(choice.stop_reason, "stop"),
        model=output.model,
        usage=_usage(output),
        first_token=tuple(
            TokenChoice(token=one.token, logprob=one.logprob) for one in (first.top_logprobs if first else None) or ()
        ),
    )


def _usage(output: ModelOutput) -> Usage:
    used = output.usage
    if used is None:
        return Usage(calls=1)
    cached = used.input_tokens_cache_read or 0
    return Usage(
        calls=1,
        input_tokens=used.input_tokens + cached + (used.input_tokens_cache_write or 0),
        cached_tokens=cached,
        output_tokens=used.output_tokens,
        cost=Decimal(str(used.total_cost or 0)),
    )


def _choice(choice: str) -> ToolChoice:
    match choice:
        case "auto":
            return "auto"
        case "required":
            return "any"
        case _:
            return ToolFunction(name=choice)


def _line(error: object) -> str:
    return " ".join(str(error).split())[:300] or type(error).__name__
