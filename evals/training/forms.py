"""Lines of files for fine-tuning, as they are written and read back.

``SftExample`` is a line of OpenAI's fine-tuning format for chats with tools: arguments of calls are JSON texts.
``PreferenceExample`` is a row of TRL's conversational preference format with tools: arguments are objects. Both carry
two fields of ours besides, ``role`` and ``provenance``.
"""

import json
from collections.abc import Sequence
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import Field, JsonValue, field_validator, model_validator

from agent.domain.base import Fact

ArgumentsT = TypeVar("ArgumentsT", str, dict[str, JsonValue])


class Function(Fact, Generic[ArgumentsT]):
    """The function that is called, and with what."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    arguments: ArgumentsT

    @field_validator("arguments")
    @classmethod
    def _an_object(cls, arguments: ArgumentsT) -> ArgumentsT:
        if isinstance(arguments, str) and not isinstance(_parsed(arguments), dict):
            raise ValueError("the arguments of a call are a JSON object")
        return arguments


class FunctionCall(Fact, Generic[ArgumentsT]):
    """A call that the assistant makes."""

    id: str = Field(min_length=1)
    type: Literal["function"] = "function"
    function: Function[ArgumentsT]


class Said(Fact):
    """What the system or the user says."""

    role: Literal["system", "user"]
    content: str = Field(min_length=1)


class Answered(Fact, Generic[ArgumentsT]):
    """What the assistant says or calls."""

    role: Literal["assistant"]
    content: str | None = None
    tool_calls: list[FunctionCall[ArgumentsT]] | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _something(self) -> "Answered[ArgumentsT]":
        if not self.content and not self.tool_calls:
            raise ValueError("an assistant's message has a text or calls")
        return self


class Returned(Fact):
    """What a call returned."""

    role: Literal["tool"]
    tool_call_id: str = Field(min_length=1)
    name: str | None = None
    content: str


class ToolFunction(Fact):
    """A function that may be called; ``parameters`` is a JSON Schema of type object."""

    name: str = Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")
    description: str = ""
    parameters: dict[str, JsonValue]


class Tool(Fact):
    """An entry of the tools of a chat."""

    type: Literal["function"] = "function"
    function: ToolFunction


ChatMessage = Annotated[Said | Answered[str] | Returned, Field(discriminator="role")]
"""A message of OpenAI's format."""

PreferenceMessage = Annotated[Said | Answered[dict[str, JsonValue]] | Returned, Field(discriminator="role")]
"""A message of TRL's format."""


class ScoreLine(Fact):
    """What a scorer said, without its detail, which names the right answer."""

    scorer: str
    value: float | None = None
    passed: bool | None = None


class Provenance(Fact):
    """Where an example comes from.

    Attributes:
        batch, run, sample, attempt: the attempt.
        suite: name, ``suite_version`` and ``suite_digest`` of what it was an attempt at.
        step: first model call of the conversation in the run.
        models: that answered.
        corrects: the failed run that was corrected; None for an attempt that passed by itself.
        reflector: the model whose advice it went by, which has been taken out.
        scores: of the run.
        product: version of Plumbline that exported it.
        digest: SHA-256 of the messages and tools.
    """

    batch: str
    run: str
    sample: str
    attempt: int
    suite: str
    suite_version: str
    suite_digest: str
    step: str
    models: list[str]
    corrects: str | None = None
    reflector: str | None = None
    scores: list[ScoreLine]
    product: str
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")


class SftExample(Fact):
    """A conversation to learn from: every message of the assistant in it."""

    messages: list[ChatMessage] = Field(min_length=2)
    tools: list[Tool] | None = None
    role: str
    provenance: Provenance

    @model_validator(mode="after")
    def _a_chat(self) -> "SftExample":
        require_chat(self.messages, self.tools or [])
        return self


class PreferenceExample(Fact):
    """A conversation up to a point, with how it went on well and how it went on badly."""

    prompt: list[PreferenceMessage] = Field(min_length=1)
    chosen: list[PreferenceMessage] = Field(min_length=1)
    rejected: list[PreferenceMessage] = Field(min_length=1)
    tools: list[Tool] | None = None
    role: str
    provenance: Provenance

    @model_validator(mode="after")
    def _two_chats(self) -> "PreferenceExample":
        # what is rejected may be rejected for calling what there is not
        for name, rest, tools in (("chosen", self.chosen, self.tools or []), ("rejected", self.rejected, None)):
            if rest[0].role != "assistant":
                raise ValueError(f"{name} begins with what the assistant says")
            if any(message.role == "system" for message in rest):
                raise ValueError(f"{name} has a message of the system")
            require_chat([*self.prompt, *rest], tools)
        if self.chosen == self.rejected:
            raise ValueError("chosen and rejected are the same")
        return self


def require_chat(messages: Sequence[ChatMessage | PreferenceMessage], tools: Sequence[Tool] | None) -> None:
    """Raise unless messages are a chat that a model can be trained on.

    The system speaks first or not at all, there is a user, every call but those of the last message is answered by the
    messages right after it, in any order and once, calls are of tools that there are where these are given, and the
    assistant has the last word.

    Raises:
        ValueError: they are none; the text says where.
    """
    known = None if tools is None else {tool.function.name for tool in tools}
    waiting: set[str] = set()
    for place, message in enumerate(messages):
        if isinstance(message, Returned):
            if message.tool_call_id not in waiting:
                raise ValueError(f"message {place} answers no open call")
            waiting.discard(message.tool_call_id)
            continue
        if waiting:
            raise ValueError(f"message {place} comes before the calls of the one before are answered")
        if message.role == "system" and place:
            raise ValueError(f"message {place} is of the system, which speaks first")
        if isinstance(message, Answered):
            calls = message.tool_calls or []
            waiting = {call.id for call in calls}
            if len(waiting) < len(calls):
                raise ValueError(f"message {place} has two calls of one id")
            names = [call.function.name for call in calls]
            if strange := [name for name in names if known is not None and name not in known]:
                raise ValueError(f"message {place} calls {strange[0]}, which is no tool there is")
    if not any(message.role == "user" for message in messages):
        raise ValueError("nobody asks anything")
    if messages[-1].role != "assistant":
        raise ValueError("the assistant does not have the last word")


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
