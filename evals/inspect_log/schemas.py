"""Our functions as Inspect describes tools: JSON schemas without references."""

from collections.abc import Mapping
from typing import Any

from inspect_ai.tool import ToolInfo, ToolParams
from inspect_ai.util import JSONSchema

from agent.domain.messages import ToolSpec

_DEEPEST = 12
"""A schema that refers to itself is cut here."""

_KNOWN = frozenset(
    {"type", "format", "description", "default", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum"}
)


def tool_info(spec: ToolSpec) -> ToolInfo:
    """Return a function as Inspect shows it to models; what its form of schemas cannot say is left out."""
    schema = spec.parameters
    definitions = schema.get("$defs")
    known = definitions if isinstance(definitions, dict) else {}
    plain = _plain(schema, known, 0)
    return ToolInfo(
        name=spec.name,
        description=spec.description,
        parameters=ToolParams.model_validate(
            {
                "properties": plain.get("properties", {}),
                "required": plain.get("required", []),
                "additionalProperties": bool(schema.get("additionalProperties", False)),
            }
        ),
    )


def json_schema(schema: Mapping[str, Any]) -> JSONSchema:
    """Return a schema in Inspect's form; what that cannot say is left out."""
    definitions = schema.get("$defs")
    return JSONSchema.model_validate(_plain(schema, definitions if isinstance(definitions, dict) else {}, 0))


def _plain(schema: Any, definitions: Mapping[str, Any], depth: int) -> dict[str, Any]:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return {}
    reference = schema.get("$ref")
    if isinstance(reference, str):
        named = definitions.get(reference.rpartition("/")[2], {})
        schema = {**named, **{name: value for name, value in schema.items() if name != "$ref"}}
    plain: dict[str, Any] = {name: schema[name] for name in _KNOWN if name in schema}
    if "const" in schema:
        plain["enum"] = [schema["const"]]
    if isinstance(schema.get("properties"), dict):
        plain["properties"] = {
            name: _plain(value, definitions, depth + 1) for name, value in schema["properties"].items()
        }
        plain["required"] = schema.get("required", [])
    if "items" in schema:
        plain["items"] = _plain(schema["items"], definitions, depth + 1)
    if isinstance(schema.get("additionalProperties"), dict):
        plain["additionalProperties"] = _plain(schema["additionalProperties"], definitions, depth + 1)
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        plain["anyOf"] = [_plain(choice, definitions, depth + 1) for choice in choices]
    return plain
