"""What a person answers in a model's place, and what may be wrong with it."""

import json
from collections.abc import Sequence
from typing import Any

import jsonschema
from jsonschema.exceptions import best_match
from pydantic import Field

from agent.domain.base import Form
from agent.domain.budget import Usage
from agent.domain.messages import Reply, ResponseFormat, ToolCall, ToolSpec, Transcript, wire_json
from agent.models.wire import with_unique_ids


class PersonCall(Form):
    """One function call."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)


class PersonAnswer(Form):
    """A reply: text, calls, or both."""

    text: str = ""
    calls: list[PersonCall] = Field(default_factory=list)

    def as_reply(self, name: str, messages: Transcript) -> Reply:
        """Return the answer as the reply of a model."""
        calls = tuple(
            ToolCall(id="", name=call.name, arguments=wire_json(call.arguments).decode()) for call in self.calls
        )
        reply = Reply(
            text=self.text, calls=calls, finish="calls" if calls else "stop", model=name, usage=Usage(calls=1)
        )
        return with_unique_ids(reply, messages)


def problem_of(
    answer: PersonAnswer, tools: Sequence[ToolSpec], response_format: ResponseFormat | None, tool_choice: str
) -> str | None:
    """Return in one line why an answer cannot be used, or None if it can."""
    if not answer.text.strip() and not answer.calls:
        return "the answer is empty; give text or a call"
    by_name = {tool.name: tool for tool in tools}
    for call in answer.calls:
        if call.name not in by_name:
            return f"there is no tool {call.name!r}; there are: {', '.join(by_name) or 'none'}"
        if problem := schema_problem(call.arguments, by_name[call.name].parameters):
            return f"arguments of {call.name}: {problem}"
    if tool_choice != "auto" and tools and not answer.calls:
        wanted = "a call" if tool_choice == "required" else f"a call of {tool_choice}"
        return f"{wanted} is required here, not text"
    if response_format is not None and not answer.calls:
        return _format_problem(answer.text, response_format)
    return None


def schema_problem(value: Any, schema: dict[str, Any]) -> str | None:
    """Return in one line where a value breaks a JSON Schema, or None if it does not."""
    error = best_match(jsonschema.validators.validator_for(schema)(schema).iter_errors(value))
    if error is None:
        return None
    return f"{error.json_path}: {error.message}"


def _format_problem(text: str, response_format: ResponseFormat) -> str | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        return f"the text must be JSON of the form {response_format.name}: {error}"
    return schema_problem(value, response_format.json_schema)
