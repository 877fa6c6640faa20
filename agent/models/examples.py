"""Example arguments for a tool, made from its schema alone, the same ones every time."""

from typing import Any

_LONGEST = 200
_DEEPEST = 6


class _Unknown(Exception):
    """The schema does not say enough to make an example that satisfies it."""


def example_arguments(schema: dict[str, Any]) -> dict[str, Any] | None:
    """Return arguments that satisfy a tool's schema, or None where the schema does not say how.

    Only required properties are given. Values come from ``examples``, ``const``, ``enum`` and ``default``, else they
    are the plainest of their type; a text is the name of its property.
    """
    try:
        made = _example(schema, "value", schema.get("$defs", {}), 0)
    except _Unknown:
        return None
    return made if isinstance(made, dict) else None


def _example(schema: Any, name: str, definitions: dict[str, Any], depth: int) -> Any:
    if not isinstance(schema, dict) or depth > _DEEPEST:
        raise _Unknown
    for key in ("examples", "enum"):
        if schema.get(key):
            return schema[key][0]
    for key in ("const", "default"):
        if schema.get(key) is not None:
            return schema[key]
    if "$ref" in schema:
        return _example(definitions.get(str(schema["$ref"]).rpartition("/")[2]), name, definitions, depth + 1)
    for key in ("anyOf", "oneOf", "allOf"):
        if schema.get(key):
            return _example(schema[key][0], name, definitions, depth + 1)
    return _of_type(schema, name, definitions, depth)


def _of_type(schema: dict[str, Any], name: str, definitions: dict[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            properties = schema.get("properties", {})
            return {
                key: _example(properties.get(key), key, definitions, depth + 1) for key in schema.get("required", [])
            }
        case "array":
            items = max(1, int(schema.get("minItems", 0)))
            return [_example(schema.get("items"), name.removesuffix("s"), definitions, depth + 1)] * items
        case "string":
            return _text(schema, name)
        case "integer" | "number":
            return _number(schema)
        case "boolean":
            return True
        case "null":
            return None
    raise _Unknown


def _text(schema: dict[str, Any], name: str) -> str:
    if "pattern" in schema or "format" in schema or int(schema.get("minLength", 0)) > _LONGEST:
        raise _Unknown
    text = name.ljust(int(schema.get("minLength", 0)), ".")
    return text[: int(schema.get("maxLength", _LONGEST))]


def _number(schema: dict[str, Any]) -> Any:
    if "exclusiveMinimum" in schema:
        return schema["exclusiveMinimum"] + 1
    if "minimum" in schema:
        return schema["minimum"]
    return min(1, schema["maximum"]) if "maximum" in schema else 1
