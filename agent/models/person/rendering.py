"""Requests in a form that people read. Control characters are dropped: tool results and pages are not to be trusted."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from agent.domain.messages import Message, ResponseFormat, ToolSpec


def printable(text: str) -> str:
    """Return text without anything that a terminal would obey instead of show."""
    return "".join(c if c.isprintable() or c in "\n\t" else "\N{REPLACEMENT CHARACTER}" for c in text)


def messages_text(messages: Iterable[Message]) -> str:
    """Return messages one below the other, each under its role."""
    return "\n\n".join(f"## {message['role']}\n\n{_content(message)}" for message in messages)


def tools_text(tools: Sequence[ToolSpec]) -> str:
    """Return numbered tools with their arguments."""
    return "\n".join(
        f"{number}. {tool.name}{_arguments(tool)}: {printable(' '.join(tool.description.split()))}"
        for number, tool in enumerate(tools, start=1)
    )


def request_text(messages: Iterable[Message], tools: Sequence[ToolSpec], response_format: ResponseFormat | None) -> str:
    """Return a whole request as Markdown."""
    sections = [messages_text(messages)]
    if tools:
        sections.append(f"# Tools\n\n{tools_text(tools)}")
    if response_format is not None:
        schema = json.dumps(response_format.json_schema, indent=2, ensure_ascii=False)
        sections.append(f"# The text must be JSON of this form\n\n{schema}")
    return "\n\n".join(sections) + "\n"


def _content(message: Message) -> str:
    content = message.get("content")
    lines = [printable(_text(content))] if content else []
    for call in message.get("tool_calls") or ():
        function = call["function"]
        lines.append(printable(f"calls {function['name']} {function['arguments']}"))
    return "\n".join(lines)


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(str(part["text"]) if part.get("type") == "text" else f"({part.get('type')})" for part in content)


def _arguments(tool: ToolSpec) -> str:
    properties = tool.parameters.get("properties")
    required = tool.parameters.get("required")
    names = properties if isinstance(properties, dict) else {}
    needed = required if isinstance(required, list) else []
    return "(" + ", ".join(name if name in needed else f"{name}?" for name in names) + ")"
