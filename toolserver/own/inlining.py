"""Schemas of an OpenAPI document with their references replaced by what they mean, as far as that is bounded."""

from collections.abc import Mapping
from typing import Any, Final

MOST_NODES: Final = 4000
DEEPEST: Final = 20

_DROPPED: Final = frozenset({"xml", "externalDocs", "discriminator", "example", "examples", "$schema", "readOnly"})
_NAMED: Final = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_VALUES: Final = frozenset({"enum", "const", "default", "required"})


class Bad(ValueError):
    """An operation that cannot be a tool; the message says why in a few words."""


class Inliner:
    """Resolves the references of one operation; all of it together is bounded."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._left = MOST_NODES

    def object(self, node: Any) -> dict[str, Any]:
        """Return an object, found where its reference leads if it is one.

        Raises:
            Bad: there is none.
        """
        for _ in range(8):
            if not isinstance(node, dict):
                break
            if not isinstance(node.get("$ref"), str):
                return node
            node = self._target(node["$ref"])
        raise Bad("a part of it is missing")

    def schema(self, node: Any, via: tuple[str, ...] = (), depth: int = 0) -> Any:
        """Return a JSON Schema without references; where one leads back into itself, anything is allowed.

        Raises:
            Bad: it becomes too large, or refers to what is not there.
        """
        self._left -= 1
        if self._left < 0:
            raise Bad("its schema is too large")
        if depth > DEEPEST:
            return {}
        if isinstance(node, list):
            return [self.schema(item, via, depth + 1) for item in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str):
            if reference in via:
                return {}
            found = self.schema(self._target(reference), (*via, reference), depth + 1)
            beside = {key: item for key, item in node.items() if key == "description" and isinstance(item, str)}
            return {**found, **beside} if isinstance(found, dict) else found
        return _of_today(self._members(node, via, depth))

    def _members(self, node: Mapping[str, Any], via: tuple[str, ...], depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        hidden: set[str] = set()
        for key, item in node.items():
            if key in _DROPPED or key.startswith("x-"):
                continue
            if key in _VALUES:
                members[key] = item
            elif key in _NAMED and isinstance(item, dict):
                # what only the API fills in is not asked for
                hidden |= {name for name, one in item.items() if isinstance(one, dict) and one.get("readOnly") is True}
                members[key] = {
                    name: self.schema(one, via, depth + 1) for name, one in item.items() if name not in hidden
                }
            else:
                members[key] = self.schema(item, via, depth + 1)
        if hidden and isinstance(members.get("required"), list):
            members["required"] = [name for name in members["required"] if name not in hidden]
        return members

    def _target(self, reference: str) -> Any:
        if not reference.startswith("#/"):
            raise Bad("it refers to another document")
        node: Any = self._document
        for part in reference[2:].split("/")[:20]:
            name = part.replace("~1", "/").replace("~0", "~")
            if not isinstance(node, dict) or name not in node:
                raise Bad("it refers to what is not there")
            node = node[name]
        return node


def _of_today(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema of OpenAPI 3.0 as JSON Schema has it since."""
    for bound, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(schema.get(bound), bool) and schema.pop(bound) and limit in schema:
            schema[bound] = schema.pop(limit)
    if schema.pop("nullable", False) is True:
        kind, values = schema.get("type"), schema.get("enum")
        if isinstance(kind, str):
            schema["type"] = [kind, "null"]
        if isinstance(values, list) and None not in values:
            schema["enum"] = [*values, None]
    return schema
