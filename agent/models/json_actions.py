"""Tool calls as JSON replies, for models and servers that know no tools.

The tools are described in the system message, with one example turn each, and the reply must satisfy the JSON Schema
``anyOf`` of ``{"tool": <name>, "arguments": <that tool's schema>}``. With tools a reply is therefore always a call.
Everyone else sees ordinary calls: the transcript stays in its native form and is rewritten for the wire alone.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from agent.domain.messages import (
    CallOptions,
    Message,
    Reply,
    ResponseFormat,
    ToolCall,
    ToolSpec,
    Transcript,
    wire_json,
)
from agent.models.examples import example_arguments
from agent.models.port import ChatModel, Watcher
from agent.models.requests import PerTools
from agent.models.rescue import rescued
from agent.models.wire import with_unique_ids
from agent.models.wrapper import ModelWrapper

MOST_EXAMPLES = 12
"""Tools beyond this number get no example turn, which would fill a small context."""

_INSTRUCTIONS = """\
You act through tools. Answer with one JSON object and nothing else: {"tool": "<name>", "arguments": {...}}.
The result comes back in the next message. The tools:
"""


@dataclass
class _Rewritten:
    """A transcript as it goes over the wire, and how much of the original it covers."""

    tools: "_Wire"
    covered: int
    wire: Transcript


@dataclass(frozen=True)
class _Wire:
    """What a list of tools becomes on the wire."""

    instructions: str
    examples: tuple[Message, ...]
    response_format: ResponseFormat | None


class JsonActions(ModelWrapper):
    """A ``ChatModel`` that calls tools by JSON replies of the model beneath."""

    def __init__(self, model: ChatModel) -> None:
        super().__init__(model)
        self._wire_of = PerTools(_wire)
        self._rewritten: WeakKeyDictionary[Transcript, _Rewritten] = WeakKeyDictionary()

    async def complete(
        self,
        messages: Transcript,
        *,
        tools: Sequence[ToolSpec] = (),
        response_format: ResponseFormat | None = None,
        options: CallOptions = CallOptions(),
        watcher: Watcher | None = None,
    ) -> Reply:
        """Return the model's reply; with tools it is a call, unless a response format asks for something else."""
        wanted = () if response_format is not None else _chosen(tools, options.tool_choice)
        wire = self._wire_of(wanted)
        reply = await self._model.complete(
            self._for_wire(messages, wire),
            response_format=wire.response_format or response_format,
            options=options.model_copy(update={"tool_choice": "auto"}),
            watcher=watcher,
        )
        return _as_call(reply, wanted, messages) if wanted else reply

    def _for_wire(self, messages: Transcript, tools: _Wire) -> Transcript:
        """Return the transcript in plain messages, rewriting only what was added since the last call."""
        known = self._rewritten.get(messages)
        if known is not None and known.tools is tools:
            added = list(plain_messages(messages, known.covered))
            if not added:
                return known.wire
            # joined roles would change a message that is already written
            if added[0]["role"] != known.wire[-1]["role"]:
                known.wire.extend(added)
                known.covered = len(messages)
                return known.wire
        wire = Transcript(_with_tools(list(plain_messages(messages)), tools))
        self._rewritten[messages] = _Rewritten(tools, len(messages), wire)
        return wire


def plain_messages(messages: Sequence[Message], start: int = 0) -> Iterable[Message]:
    """Yield the messages from ``start`` on as system, user and assistant text.

    Calls become the JSON that stands for them and tool results become user messages; results that follow each other
    are one message, because many chat templates want the roles to take turns.
    """
    names = {call["id"]: call["function"]["name"] for m in messages for call in m.get("tool_calls") or ()}
    held: Message | None = None
    for message in messages[start:]:
        plain = _plain(message, names)
        if held is not None and _can_join(held, plain):
            held = {"role": "user", "content": f"{held['content']}\n\n{plain['content']}"}
            continue
        if held is not None:
            yield held
        held = plain
    if held is not None:
        yield held


def action_text(name: str, arguments: str) -> str:
    """Return the JSON by which a call is written."""
    try:
        given = json.loads(arguments)
    except (ValueError, RecursionError):
        given = arguments
    return wire_json({"tool": name, "arguments": given}).decode()


def action_schema(tools: Sequence[ToolSpec]) -> dict[str, Any]:
    """Return the JSON Schema of one call of any of the tools."""
    definitions: dict[str, Any] = {}
    branches = [
        {
            "type": "object",
            "properties": {
                "tool": {"type": "string", "const": tool.name},
                "arguments": _lifted(tool.parameters, f"{tool.name}.", definitions),
            },
            "required": ["tool", "arguments"],
            "additionalProperties": False,
        }
        for tool in tools
    ]
    schema = branches[0] if len(branches) == 1 else {"anyOf": branches}
    return {**schema, "$defs": definitions} if definitions else schema


def _wire(tools: Sequence[ToolSpec]) -> _Wire:
    if not tools:
        return _Wire("", (), None)
    lines = [_tool_line(tool) for tool in tools]
    examples = [turn for tool in tools[:MOST_EXAMPLES] for turn in _example_turn(tool)]
    return _Wire(
        _INSTRUCTIONS + "\n".join(lines),
        tuple(examples),
        ResponseFormat(name="action", json_schema=action_schema(tools)),
    )


def _tool_line(tool: ToolSpec) -> str:
    properties = tool.parameters.get("properties")
    required = tool.parameters.get("required")
    names = properties if isinstance(properties, dict) else {}
    needed = required if isinstance(required, list) else []
    arguments = ", ".join(name if name in needed else f"{name}?" for name in names)
    return f"- {tool.name}({arguments}): {' '.join(tool.description.split())}"


def _example_turn(tool: ToolSpec) -> tuple[Message, ...]:
    arguments = example_arguments(tool.parameters)
    if arguments is None:
        return ()
    purpose = tool.description.strip().partition("\n")[0] or tool.name
    return (
        {"role": "user", "content": f"Example: {purpose}"},
        {"role": "assistant", "content": wire_json({"tool": tool.name, "arguments": arguments}).decode()},
    )


def _with_tools(plain: list[Message], tools: _Wire) -> list[Message]:
    if not tools.instructions:
        return plain
    has_system = bool(plain) and plain[0]["role"] == "system"
    head = f"{plain[0]['content']}\n\n{tools.instructions}" if has_system else tools.instructions
    return [{"role": "system", "content": head}, *tools.examples, *plain[has_system:]]


def _plain(message: Message, names: dict[str, str]) -> Message:
    if message["role"] == "tool":
        name = names.get(message["tool_call_id"], "the call")
        return {"role": "user", "content": f"Result of {name}:\n{message['content']}"}
    if calls := message.get("tool_calls"):
        written = [action_text(call["function"]["name"], call["function"]["arguments"]) for call in calls]
        return {
            "role": "assistant",
            "content": "\n".join([message["content"], *written] if message["content"] else written),
        }
    return message


def _can_join(held: Message, message: Message) -> bool:
    both = (held, message)
    return all(m["role"] == "user" and isinstance(m["content"], str) for m in both)


def _chosen(tools: Sequence[ToolSpec], choice: str) -> Sequence[ToolSpec]:
    if choice == "none":
        return ()
    named = [tool for tool in tools if tool.name == choice]
    return named or tools


def _as_call(reply: Reply, tools: Sequence[ToolSpec], messages: Transcript) -> Reply:
    call = _parsed(reply.text) if reply.finish == "stop" else None
    if call is None:
        # a server that ignores the response format leaves the JSON inside other text
        return rescued(reply, tools, messages)
    changed = reply.model_copy(update={"calls": (call,), "text": "", "finish": "calls"})
    return with_unique_ids(changed, messages)


def _parsed(text: str) -> ToolCall | None:
    try:
        match json.loads(text):
            case {"tool": str(name), "arguments": dict(arguments)}:
                return ToolCall(id="", name=name, arguments=wire_json(arguments).decode())
    except (ValueError, RecursionError):
        pass
    return None


def _lifted(schema: Any, prefix: str, definitions: dict[str, Any]) -> Any:
    """Return a schema for use inside another one: its definitions move to the outer ``$defs`` under a prefix."""
    if isinstance(schema, list):
        return [_lifted(item, prefix, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    lifted = {key: _lifted(value, prefix, definitions) for key, value in schema.items() if key != "$defs"}
    for name, definition in schema.get("$defs", {}).items():
        definitions[prefix + name] = _lifted(definition, prefix, definitions)
    reference = lifted.get("$ref")
    if isinstance(reference, str) and reference.startswith("#/$defs/"):
        lifted["$ref"] = f"#/$defs/{prefix}{reference.removeprefix('#/$defs/')}"
    return lifted
