"""Examples made of the conversations of runs: what a student sees is the task alone, without any advice."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from pydantic import ValidationError

from agent.domain.messages import Message, ToolSpec, digest_of
from agent.runtime.conversations import Conversation
from evals.training.forms import PreferenceExample, Provenance, SftExample
from evals.training.texts import tool_arguments


class Unfit(ValueError):
    """A conversation that no example can be made of; the text says why, in a few words that can be counted."""


def plain(conversation: Conversation, advice: Collection[str]) -> list[Message]:
    """Return a conversation's messages as they are trained on, without those that gave advice.

    Raises:
        Unfit: it has pictures, or a reply was cut off.
    """
    if any(reply.finish in ("length", "filtered", "unavailable") for reply in conversation.replies):
        raise Unfit("a reply was cut off")
    told = {f"[person] {text}" for text in advice}
    kept = [one for one in conversation.messages if not (one["role"] == "user" and one.get("content") in told)]
    if any(not isinstance(one.get("content"), str | None) for one in kept):
        raise Unfit("there are pictures in it")
    # an answer without calls has a text, a call needs none
    return [{name: value for name, value in one.items() if value is not None} for one in kept]


def sft_example(
    messages: Sequence[Message], tools: Sequence[ToolSpec], role: str, provenance: dict[str, Any]
) -> SftExample:
    """Return the example of a conversation.

    Raises:
        Unfit: it is no chat that a model can be trained on.
    """
    offered = [tool.as_function() for tool in tools] or None
    try:
        return SftExample.model_validate(
            {
                "messages": list(messages),
                "tools": offered,
                "role": role,
                "provenance": {**provenance, "digest": digest_of([list(messages), offered])},
            }
        )
    except ValidationError as error:
        raise Unfit(_problem(error)) from error


def preference_example(
    good: Sequence[Message], bad: Sequence[Message], tools: Sequence[ToolSpec], role: str, provenance: dict[str, Any]
) -> PreferenceExample:
    """Return the example of two conversations that part at some point.

    Raises:
        Unfit: they have no point in common from which the model went on in two ways, or are no chats to be trained on.
    """
    point = parting(good, bad)
    if not any(message["role"] == "user" for message in good[:point]):
        raise Unfit("the two have no point in common")
    offered = [tool.as_function() for tool in tools] or None
    try:
        parts = {
            "prompt": _with_objects(good[:point]),
            "chosen": _with_objects(good[point:], good[:point]),
            "rejected": _with_objects(bad[point:], good[:point]),
        }
        return PreferenceExample.model_validate(
            {
                **parts,
                "tools": offered,
                "role": role,
                "provenance": {**provenance, "digest": digest_of([parts, offered])},
            }
        )
    except ValidationError as error:
        raise Unfit(_problem(error)) from error


def parting(one: Sequence[Message], other: Sequence[Message]) -> int:
    """Return how many messages two conversations share before the model goes on in two ways; 0 where it never does."""
    if list(one) == list(other):
        return 0
    shared = next(
        (place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    both = range(min(shared, len(one) - 1, len(other) - 1), 0, -1)
    return next((place for place in both if one[place]["role"] == other[place]["role"] == "assistant"), 0)


def provenance_of(models: Iterable[str], **known: Any) -> dict[str, Any]:
    """Return the provenance of an example, but for its digest."""
    fields = {name for name in Provenance.model_fields if name != "digest"}
    found = {**known, "models": sorted(set(models))}
    return {name: value for name, value in found.items() if name in fields}


def _with_objects(messages: Sequence[Message], before: Sequence[Message] = ()) -> list[Message]:
    """Return messages whose calls have objects for arguments, and whose results name their function.

    Raises:
        Unfit: the arguments of a call are no JSON object.
    """
    names = {call["id"]: call["function"]["name"] for message in before for call in message.get("tool_calls") or ()}
    found = []
    for message in messages:
        calls = []
        for call in message.get("tool_calls") or ():
            arguments = tool_arguments(call["function"]["arguments"])
            if not isinstance(arguments, dict):
                raise Unfit("a call is no JSON")
            names[call["id"]] = call["function"]["name"]
            calls.append({**call, "function": {**call["function"], "arguments": arguments}})
        one = {**message, "tool_calls": calls} if calls else dict(message)
        if message["role"] == "tool":
            one["name"] = names.get(message["tool_call_id"], "")
        found.append(one)
    return found


def _problem(error: ValidationError) -> str:
    """Return the kind of a problem, without what it is in, so that like ones are counted together."""
    first = error.errors(include_url=False)[0]["msg"]
    if "JSON object" in first:
        return "a call is no JSON"
    if "no tool there is" in first:
        return "a call of a tool that there is not"
    return "it is no valid chat"
