"""Replies as an OpenAI-compatible server writes them: one completion, or the pieces of a stream."""

from collections.abc import Iterator
from typing import Any

from agent.domain.budget import Usage
from agent.domain.messages import Reply, wire_json

FINISH = {"stop": "stop", "calls": "tool_calls", "length": "length", "filtered": "content_filter"}
PIECE = 8
"""Characters of text in one streamed piece."""


def completion(reply: Reply, model: str = "scripted") -> dict[str, Any]:
    """Return the body of a chat completion."""
    choice: dict[str, Any] = {"index": 0, "message": reply.as_message(), "finish_reason": FINISH[reply.finish]}
    if reply.first_token:
        choice["logprobs"] = _logprobs(reply)
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion",
        "created": 0,
        "model": reply.model or model,
        "choices": [choice],
        "usage": _usage(reply.usage),
    }


def pieces(reply: Reply, model: str = "scripted", *, ending: bool = True) -> Iterator[bytes]:
    """Yield the server-sent events of a streamed reply; ``ending`` adds usage and ``[DONE]``."""
    yield _event(reply, model, {"role": "assistant"}, None)
    for start in range(0, len(reply.text), PIECE):
        yield _event(reply, model, {"content": reply.text[start : start + PIECE]}, None)
    for index, call in enumerate(reply.calls):
        head = {"index": index, "id": call.id, "type": "function", "function": {"name": call.name, "arguments": ""}}
        yield _event(reply, model, {"tool_calls": [head]}, None)
        for start in range(0, len(call.arguments), PIECE):
            part = {"index": index, "function": {"arguments": call.arguments[start : start + PIECE]}}
            yield _event(reply, model, {"tool_calls": [part]}, None)
    yield _event(reply, model, {}, FINISH[reply.finish])
    if ending:
        yield _sse({**_envelope(reply, model), "choices": [], "usage": _usage(reply.usage)})
        yield b"data: [DONE]\n\n"


def _event(reply: Reply, model: str, delta: dict[str, Any], finish: str | None) -> bytes:
    choice: dict[str, Any] = {"index": 0, "delta": delta, "finish_reason": finish}
    if reply.first_token and "role" in delta:
        choice["logprobs"] = _logprobs(reply)
    return _sse({**_envelope(reply, model), "choices": [choice]})


def _envelope(reply: Reply, model: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-scripted",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": reply.model or model,
    }


def _sse(value: dict[str, Any]) -> bytes:
    return b"data: " + wire_json(value) + b"\n\n"


def _logprobs(reply: Reply) -> dict[str, Any]:
    alternatives = [{"token": choice.token, "logprob": choice.logprob} for choice in reply.first_token]
    return {"content": [{**alternatives[0], "top_logprobs": alternatives}]}


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }
