"""Our messages, calls and replies in Inspect's types."""

import base64
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from inspect_ai.model import (
    ChatCompletionChoice,
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageTool,
    ChatMessageUser,
    Content,
    ContentImage,
    ContentText,
    ModelOutput,
    ModelUsage,
    StopReason,
)
from inspect_ai.tool import ToolCall

from agent.domain.budget import Usage
from agent.domain.messages import PICTURE, Message, Reply, canonical
from agent.domain.messages import ToolCall as OurCall
from agent.ledger.blobs import BlobStore

_STOPPED: Mapping[str, StopReason] = {
    "stop": "stop",
    "calls": "tool_calls",
    "length": "max_tokens",
    "filtered": "content_filter",
    "unavailable": "unknown",
}
_NO_OBJECT = "the arguments are no JSON object"


async def chat_message(
    message: Message, blobs: BlobStore | None, functions: Mapping[str, str] | None = None
) -> ChatMessage:
    """Return one message as Inspect has it. The same message has the same id wherever it stands.

    Args:
        message: in the shape of chat completions.
        blobs: holds the pictures that messages refer to; without it a picture is named only.
        functions: names of functions by the ids of calls that earlier messages made.
    """
    values: dict[str, Any] = {
        "id": hashlib.sha256(canonical(message)).hexdigest()[:22],
        "content": await _content(message.get("content"), blobs),
    }
    match message["role"]:
        case "system":
            return ChatMessageSystem(**values)
        case "assistant":
            calls = [tool_call(OurCall(id=call["id"], **call["function"])) for call in message.get("tool_calls") or ()]
            return ChatMessageAssistant(**values, tool_calls=calls or None)
        case "tool":
            call_id = message.get("tool_call_id", "")
            return ChatMessageTool(**values, tool_call_id=call_id, function=(functions or {}).get(call_id))
        case _:
            return ChatMessageUser(**values)


async def conversation(messages: tuple[Message, ...], blobs: BlobStore | None) -> list[ChatMessage]:
    """Return a conversation as Inspect has it."""
    functions = {
        call["id"]: call["function"]["name"] for message in messages for call in message.get("tool_calls") or ()
    }
    return [await chat_message(message, blobs, functions) for message in messages]


def tool_call(call: OurCall) -> ToolCall:
    """Return a call as Inspect has it; arguments that are no JSON object are told as what is wrong with them."""
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError as error:
        return ToolCall(id=call.id, function=call.name, arguments={}, parse_error=f"{error}: {call.arguments}")
    if not isinstance(arguments, dict):
        return ToolCall(id=call.id, function=call.name, arguments={}, parse_error=f"{_NO_OBJECT}: {call.arguments}")
    return ToolCall(id=call.id, function=call.name, arguments=arguments)


async def model_output(reply: Reply, *, seconds: float | None = None) -> ModelOutput:
    """Return a reply as Inspect has it."""
    message = await chat_message(reply.as_message(), None)
    assert isinstance(message, ChatMessageAssistant), "a reply is an assistant's"  # noqa: S101
    model = reply.model or reply.by
    message.model, message.source = model, "generate"
    return ModelOutput(
        model=model,
        choices=[ChatCompletionChoice(message=message, stop_reason=_STOPPED[reply.finish])],
        usage=model_usage(reply.usage),
        time=seconds,
    )


def model_usage(usage: Usage) -> ModelUsage:
    """Return what calls consumed as Inspect counts it: tokens read from a cache stand beside the other input."""
    return ModelUsage(
        input_tokens=usage.input_tokens - usage.cached_tokens,
        output_tokens=usage.output_tokens,
        total_tokens=usage.tokens,
        input_tokens_cache_read=usage.cached_tokens or None,
        total_cost=float(usage.cost) or None,
    )


async def _content(content: Any, blobs: BlobStore | None) -> str | list[Content]:
    if not isinstance(content, list):
        return content or ""
    return [await _part(part, blobs) for part in content]


async def _part(part: Mapping[str, Any], blobs: BlobStore | None) -> Content:
    if part.get("type") == "image_url":
        return ContentImage(image=part["image_url"]["url"])
    if part.get("type") != PICTURE:
        return ContentText(text=str(part.get("text", "")))
    if blobs is None:
        return ContentText(text=f"[a picture, {part['width']} x {part['height']}]")
    data = base64.b64encode(await blobs.get(part["sha256"])).decode()
    return ContentImage(image=f"data:{part['media_type']};base64,{data}")
