"""JSON Schemas of strangers: what of them is used, and values checked against them.

A schema may be made to keep its reader busy for ever: patterns that backtrack, definitions that refer to each other. So
patterns are dropped, references may only lead into the schema itself, and what they unfold to is counted.
"""

import json
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

LONGEST_SCHEMA: Final = 64 * 1024
MOST_NODES: Final = 4000
DEEPEST: Final = 24
LONGEST_TEXT: Final = 1000

_DROPPED: Final = frozenset({"pattern", "patternProperties", "$dynamicRef", "$recursiveRef", "$id", "$anchor"})
_BY_NAME: Final = frozenset({"properties", "$defs", "definitions", "dependentSchemas"})
_VALUES: Final = frozenset({"enum", "const", "default", "examples", "example", "required"})


class BadSchema(ValueError):
    """A schema that cannot be used; the message says why in a few words."""


def cleaned_text(text: str, limit: int) -> str:
    """Return text without control and invisible characters, at most ``limit`` long."""
    kept = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs", "Cn"))
    return kept if len(kept) <= limit else kept[:limit] + " [cut]"


def cleaned_schema(schema: object) -> dict[str, Any]:
    """Return a schema of an object as it can be used and shown.

    Raises:
        BadSchema: it is none, or it could harm its reader.
    """
    if not isinstance(schema, dict):
        raise BadSchema("the schema is no object")
    try:
        if len(json.dumps(schema)) > LONGEST_SCHEMA:
            raise BadSchema(f"the schema has more than {LONGEST_SCHEMA:,} characters")
        cleaned = _cleaned(schema)
        _unfolded(cleaned, cleaned, (), [0])
        Draft202012Validator.check_schema(cleaned)
    except SchemaError as error:
        raise BadSchema(f"the schema is not valid: {error.message[:200]}") from error
    except RecursionError as error:
        raise BadSchema("the schema is too deep") from error
    if not isinstance(cleaned, dict) or cleaned.get("type", "object") != "object":
        raise BadSchema("the schema is not that of an object")
    return {"type": "object", **cleaned}


def problems(schema: Mapping[str, Any], value: object) -> str:
    """Return in one line what of a value is against a cleaned schema; empty when nothing is."""
    found = []
    for error in Draft202012Validator(dict(schema)).iter_errors(value):
        place = ".".join(str(part) for part in error.absolute_path)
        found.append(f"{place or 'value'}: {cleaned_text(error.message, 200)}")
        if len(found) == 5:
            break
    return "; ".join(found)


def _cleaned(node: Any, *, by_name: bool = False) -> Any:
    if isinstance(node, list):
        return [_cleaned(item) for item in node]
    if isinstance(node, str):
        return cleaned_text(node, LONGEST_TEXT)
    if not isinstance(node, dict):
        return node
    if by_name:
        return {str(name): _cleaned(item) for name, item in node.items()}
    return {
        key: item if key in _VALUES else _cleaned(item, by_name=key in _BY_NAME and isinstance(item, dict))
        for key, item in node.items()
        if key not in _DROPPED
    }


def _unfolded(node: Any, root: Any, via: tuple[str, ...], count: list[int], depth: int = 0) -> None:
    """Count what a schema unfolds to when its references are followed."""
    count[0] += 1
    if count[0] > MOST_NODES or depth > DEEPEST:
        raise BadSchema("the schema is too large or too deep")
    if isinstance(node, list):
        for item in node:
            _unfolded(item, root, via, count, depth + 1)
    elif isinstance(node, dict):
        target = node.get("$ref")
        if isinstance(target, str):
            if target in via:
                raise BadSchema("the schema refers to itself")
            _unfolded(_target(target, root), root, (*via, target), count, depth + 1)
        for item in node.values():
            _unfolded(item, root, via, count, depth + 1)


def _target(reference: str, root: Any) -> Any:
    if not reference.startswith("#/"):
        raise BadSchema(f"the schema refers to {reference[:80]!r}, outside of itself")
    node = root
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(node, dict) or name not in node:
            raise BadSchema(f"the schema refers to {reference[:80]!r}, which is not there")
        node = node[name]
    return node
