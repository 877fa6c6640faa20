"""Calls that a model printed as JSON inside its text, because its server does not parse them.

Recognised are objects of the shapes ``{"name", "arguments"}``, ``{"tool", "args"}``, ``{"function": {...}}`` and their
variants, alone, in fences, in ``<tool_call>`` tags or in lists. Two rules keep answers that merely speak of calls from
becoming calls: the name must be one of the offered tools, and an object must hold nothing but a call.
"""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any

from agent.domain.messages import CallOptions, Reply, ResponseFormat, ToolCall, ToolSpec, Transcript, wire_json
from agent.models.port import Watcher
from agent.models.wire import with_unique_ids
from agent.models.wrapper import ModelWrapper

_NAMES = ("name", "tool", "tool_name", "function", "action")
_ARGUMENTS = ("arguments", "args", "parameters", "input", "tool_input", "action_input")
_BESIDE = frozenset({"id", "type"})
_MOST_STARTS = 64
"""Places at which JSON is looked for; bounds the work that a hostile text can cause."""

_START = re.compile(r"(?:(?:\A\s*|^)(?:```[\w-]*\s*)?|<tool_call>\s*)(?=[{\[])", re.MULTILINE)
_END = re.compile(r"\s*(?:```(?!\w)|</tool_call>)|[ \t]*(?:$|(?=[\r\n{\[]))")
_EMPTY_SHELL = re.compile(r"```[\w-]*\s*```|<tool_call>\s*</tool_call>|^\s*</tool_call>\s*$", re.MULTILINE)
_DECODER = json.JSONDecoder(parse_constant=lambda name: _refuse(name))


def find_calls(text: str, names: Collection[str]) -> tuple[tuple[ToolCall, ...], str]:
    """Return the calls printed in a text, in order and without ids, and the text around them.

    Args:
        text: what the model wrote.
        names: the tools it was offered; a call of anything else is no call.
    """
    calls: list[ToolCall] = []
    around: list[str] = []
    position = 0
    for start in list(_START.finditer(text))[:_MOST_STARTS]:
        if start.start() < position:
            continue
        value, end = _decode(text, start.end())
        if end is None:
            continue
        try:
            found = _calls_in(value, names)
        except RecursionError:
            found = []
        if found:
            around.append(text[position : start.start()])
            calls += found
            position = end
        else:
            # what is inside a whole JSON value that is no call is data
            around.append(text[position:end])
            position = end
    if not calls:
        return (), text
    rest = "".join(around) + text[position:]
    return tuple(calls), _EMPTY_SHELL.sub("", rest).strip()


def rescued(reply: Reply, tools: Sequence[ToolSpec], messages: Transcript) -> Reply:
    """Return the reply with the calls printed in its text, or the reply itself where there are none to rescue."""
    if reply.calls or reply.finish != "stop" or not tools:
        return reply
    calls, rest = find_calls(reply.text, {tool.name for tool in tools})
    if not calls:
        return reply
    changed = reply.model_copy(update={"calls": calls, "text": rest, "finish": "calls"})
    return with_unique_ids(changed, messages)


class Rescued(ModelWrapper):
    """A ``ChatModel`` whose replies are searched for printed calls."""

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Return the reply of the model beneath, with printed calls made real ones."""
        reply = await self._model.complete(
            messages, tools=tools, response_format=response_format, options=options, watcher=watcher
        )
        return reply if response_format is not None else rescued(reply, tools, messages)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _decode(text: str, start: int) -> tuple[Any, int | None]:
    """Return the JSON value at a position and where it ends, with what closes it; None if there is no whole one."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None, None
    closing = _END.match(text, end)
    return (value, closing.end()) if closing else (None, None)


def _calls_in(value: Any, names: Collection[str]) -> list[ToolCall]:
    """Return the calls that a JSON value consists of; nothing if it is, or holds, anything else."""
    if isinstance(value, dict) and set(value) == {"tool_calls"}:
        value = value["tool_calls"]
    items = value if isinstance(value, list) else [value]
    calls = [_call(item, names) for item in items]
    return [call for call in calls if call] if all(calls) else []


def _call(item: Any, names: Collection[str]) -> ToolCall | None:
    if not isinstance(item, dict):
        return None
    function = item.get("function")
    if isinstance(function, dict) and set(item) <= {"function"} | _BESIDE:
        return _call(function, names)
    name_keys = [key for key in _NAMES if key in item]
    argument_keys = [key for key in _ARGUMENTS if key in item]
    if len(name_keys) != 1 or len(argument_keys) != 1 or set(item) - _BESIDE - {name_keys[0], argument_keys[0]}:
        return None
    name = item[name_keys[0]]
    arguments = _arguments(item[argument_keys[0]])
    if not isinstance(name, str) or name not in names or arguments is None:
        return None
    return ToolCall(id="", name=name, arguments=wire_json(arguments).decode())


def _arguments(value: Any) -> dict[str, Any] | None:
    if isinstance(value, str):
        decoded, end = _decode(value, 0)
        value = decoded if end == len(value) else None
    if not isinstance(value, dict):
        return None
    # a tool's schema, recited, is not a call of the tool
    is_schema = value.get("type") == "object" and isinstance(value.get("properties"), dict)
    return None if is_schema else value
