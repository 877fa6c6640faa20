"""Arguments of a function call: parsed, repaired once where the repair is certain, and checked against the schema."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import json_repair
import orjson
from jsonschema import Draft202012Validator, SchemaError

from agent.domain.errors import ModelOutputError
from agent.domain.messages import ToolCall, ToolSpec, canonical
from agent.models.storable import unstorable

LONGEST_ARGUMENTS = 2_000_000
"""Longest arguments of one call, in characters."""
DEEPEST_ARGUMENTS = 64
"""Most objects and lists inside each other in the arguments of one call."""


def checked_arguments(call: ToolCall, spec: ToolSpec, *, cut: bool = False) -> dict[str, Any]:
    """Return the arguments of a call as its tool wants them.

    One deterministic repair is tried: trailing commas and the like, JSON inside a string, numbers and booleans written
    as strings, and enumerated values in another case. Nothing is evaluated. Where the reply was ``cut`` at its length
    limit, text that is not whole is not repaired, since its end is missing.

    Raises:
        ModelOutputError: what is wrong, in one line that the model can act on.
    """
    if len(call.arguments) > LONGEST_ARGUMENTS:
        raise ModelOutputError(
            f"{call.name}: the arguments have {len(call.arguments)} characters, the limit is {LONGEST_ARGUMENTS}; "
            "write large content to a file in several calls"
        )
    arguments = _usable(call, _parsed(call, cut=cut))
    validator = _validator(canonical(spec.parameters))
    if validator.is_valid(arguments):
        return arguments
    repaired = _usable(call, _coerced(arguments, spec.parameters))
    problems = sorted(validator.iter_errors(repaired), key=lambda error: [str(part) for part in error.absolute_path])
    if problems:
        text = "; ".join(
            f"{'.'.join(str(part) for part in problem.absolute_path) or 'arguments'}: {problem.message[:300]}"
            for problem in problems[:5]
        )
        raise ModelOutputError(f"{call.name}: {text}")
    return dict(repaired)


def _parsed(call: ToolCall, *, cut: bool) -> dict[str, Any]:
    text = call.arguments.strip() or "{}"
    value = _read(call, text, cut=cut)
    if not isinstance(value, dict):
        raise ModelOutputError(f"{call.name}: the arguments must be one JSON object, not {text[:80]!r}")
    return value


def _read(call: ToolCall, text: str, *, cut: bool) -> Any:
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise _too_deep(call) from error
    except ValueError as error:
        if cut:
            raise ModelOutputError(
                f"{call.name}: the reply reached its length limit and the arguments are cut off; use shorter ones"
            ) from error
        value = _repaired(call, text)
    # a string holds arguments that were turned into a string once too often
    return _repaired(call, value) if isinstance(value, str) else value


def _repaired(call: ToolCall, text: str) -> Any:
    try:
        return json_repair.loads(text)
    except (RecursionError, ValueError) as error:
        raise _too_deep(call) from error


def _usable(call: ToolCall, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return arguments that whatever works with them later can walk through and store."""
    level: list[Any] = [arguments]
    for _ in range(DEEPEST_ARGUMENTS):
        inner = [item.values() if isinstance(item, dict) else item for item in level if isinstance(item, dict | list)]
        level = [value for values in inner for value in values]
        if not level:
            if (problem := unstorable(arguments)) is not None:
                raise ModelOutputError(f"{call.name}: the arguments hold what cannot be used: {problem}")
            return arguments
    raise _too_deep(call)


def _too_deep(call: ToolCall) -> ModelOutputError:
    return ModelOutputError(f"{call.name}: the arguments are nested too deeply; use at most {DEEPEST_ARGUMENTS} levels")


@lru_cache(maxsize=512)
def _validator(schema: bytes) -> Draft202012Validator:
    parsed = orjson.loads(schema)
    try:
        Draft202012Validator.check_schema(parsed)
    except SchemaError as error:
        raise ModelOutputError(f"the tool's own schema is invalid: {error.message}") from error
    return Draft202012Validator(parsed)


def _coerced(value: Any, schema: Mapping[str, Any]) -> Any:
    """Return a value with those parts converted whose meaning is beyond doubt."""
    if isinstance(value, str) and "string" not in _types(schema):
        value = _from_string(value, schema)
    if isinstance(value, dict) and "properties" in schema:
        properties = schema["properties"]
        return {name: _coerced(item, properties.get(name, {})) for name, item in value.items()}
    if isinstance(value, list) and isinstance(schema.get("items"), dict):
        return [_coerced(item, schema["items"]) for item in value]
    if isinstance(value, str) and "enum" in schema and value not in schema["enum"]:
        alike = [choice for choice in schema["enum"] if isinstance(choice, str) and choice.lower() == value.lower()]
        return alike[0] if len(alike) == 1 else value
    return value


def _types(schema: Mapping[str, Any]) -> set[str]:
    """Return the JSON types a schema allows; a schema that does not say allows strings."""
    if "anyOf" in schema:
        return {name for option in schema["anyOf"] for name in _types(option)}
    found = schema.get("type", "string")
    return {found} if isinstance(found, str) else set(found)


def _from_string(text: str, schema: Mapping[str, Any]) -> Any:
    wanted = _types(schema)
    try:
        value = json.loads(text if text not in ("True", "False", "None") else text.lower().replace("none", "null"))
    except (ValueError, RecursionError):
        return text
    kind = {bool: "boolean", int: "integer", float: "number", dict: "object", list: "array", type(None): "null"}
    name = kind.get(type(value), "string")
    return value if name in wanted or (name == "integer" and "number" in wanted) else text
