"""What OpenAI-compatible servers send: read leniently where servers differ, strictly where a reply would be wrong."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agent.domain.budget import Price, Usage
from agent.domain.messages import Message, Reply, TokenChoice, ToolCall


class _Wire(BaseModel):
    # servers add fields of their own, so unknown ones are the one thing not refused here
    model_config = ConfigDict(extra="ignore")


class WireFunction(_Wire):
    """Name and arguments of a call; some servers send the arguments as an object instead of as text."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class WireCall(_Wire):
    """A tool call, or a piece of one."""

    index: int | None = None
    id: str | None = None
    function: WireFunction | None = None


class WireMessage(_Wire):
    """An assistant message, or a piece of one."""

    content: str | list[dict[str, Any]] | None = None
    refusal: str | None = None
    tool_calls: list[WireCall] | None = None

    @property
    def text(self) -> str:
        """The text, whether sent as such, in parts, or as a refusal."""
        if isinstance(self.content, list):
            return "".join(str(part.get("text") or "") for part in self.content)
        return self.content or self.refusal or ""


class WireToken(_Wire):
    """A token of the reply, and the likeliest ones in its place."""

    token: str
    logprob: float
    top_logprobs: list["WireToken"] = Field(default_factory=list)


class WireLogprobs(_Wire):
    """Log-probabilities of the reply's tokens."""

    content: list[WireToken] | None = None


class WireChoice(_Wire):
    """A finished choice."""

    message: WireMessage = Field(default_factory=WireMessage)
    finish_reason: str | None = None
    logprobs: WireLogprobs | None = None


class WirePieceChoice(_Wire):
    """A piece of a streamed choice."""

    index: int = 0
    delta: WireMessage = Field(default_factory=WireMessage)
    finish_reason: str | None = None
    logprobs: WireLogprobs | None = None


class WireCachedTokens(_Wire):
    """How many tokens of the prompt came from the server's cache."""

    cached_tokens: int | None = None


class WireUsage(_Wire):
    """Token counts; any of them may be missing."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    prompt_tokens_details: WireCachedTokens | None = None


class WireCompletion(_Wire):
    """A whole answer. ``error`` is what some servers send with status 200."""

    model: str | None = None
    choices: list[WireChoice] | None = None
    usage: WireUsage | None = None
    error: Any = None


class WirePiece(_Wire):
    """One event of a streamed answer."""

    model: str | None = None
    choices: list[WirePieceChoice] | None = None
    usage: WireUsage | None = None


class WireVector(_Wire):
    """One vector of an answer, with the number of the text it stands for."""

    index: int
    embedding: list[float] = Field(min_length=1)


class WireEmbeddings(_Wire):
    """An answer with vectors."""

    data: list[WireVector]


def parse_completion(body: bytes) -> WireCompletion | None:
    """Return an answer, or None if the bytes are none."""
    try:
        return WireCompletion.model_validate_json(body)
    except ValidationError:
        return None


def reply_of(choice: WireChoice, *, model: str, usage: WireUsage | None, price: Price) -> Reply:
    """Return the reply that a finished choice stands for."""
    calls = tuple(_call(call) for call in choice.message.tool_calls or () if call.function and call.function.name)
    tokens = (choice.logprobs.content if choice.logprobs else None) or []
    return Reply(
        text=choice.message.text,
        calls=calls,
        finish=_finish(choice.finish_reason, calls),
        model=model,
        usage=usage_of(usage, price),
        first_token=tuple(TokenChoice(token=t.token, logprob=t.logprob) for t in tokens[0].top_logprobs)
        if tokens
        else (),
    )


def usage_of(wire: WireUsage | None, price: Price) -> Usage:
    """Return the usage of one call with its cost; counts that the server leaves out are zero."""
    wire = wire or WireUsage()
    details = wire.prompt_tokens_details
    used = Usage(
        calls=1,
        input_tokens=wire.prompt_tokens or 0,
        cached_tokens=(details.cached_tokens if details else None) or 0,
        output_tokens=wire.completion_tokens or 0,
    )
    return used.model_copy(update={"cost": price.cost(used)})


def with_unique_ids(reply: Reply, messages: Sequence[Message]) -> Reply:
    """Return the reply with ids that no other call of the conversation has.

    Missing and repeated ids are replaced by ones made of the call's position, so that the same conversation gives the
    same ids again.
    """
    if not reply.calls:
        return reply
    taken = {call["id"] for message in messages for call in message.get("tool_calls") or ()}
    calls = []
    for position, call in enumerate(reply.calls):
        new_id = call.id or f"call_{len(messages)}_{position}"
        while new_id in taken:
            new_id = f"{new_id}_{len(messages)}_{position}"
        taken.add(new_id)
        calls.append(call if new_id == call.id else call.model_copy(update={"id": new_id}))
    return reply.model_copy(update={"calls": tuple(calls)})


def _call(wire: WireCall) -> ToolCall:
    function = wire.function or WireFunction()
    arguments = function.arguments
    text = json.dumps(arguments, ensure_ascii=False) if isinstance(arguments, dict) else arguments or "{}"
    return ToolCall(id=wire.id or "", name=function.name or "", arguments=text)


def _finish(reason: str | None, calls: tuple[ToolCall, ...]) -> Literal["stop", "calls", "length", "filtered"]:
    if reason == "length":
        return "length"
    if reason == "content_filter":
        return "filtered"
    # some servers say "stop" beside tool calls
    return "calls" if calls else "stop"
