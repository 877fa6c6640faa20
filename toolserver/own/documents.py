"""Reading an OpenAPI document, which may have been made to keep its reader busy."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from toolserver.errors import ToolServerError

LONGEST_DOCUMENT: Final = 16 * 1024 * 1024
DEEPEST: Final = 100
MOST_EVENTS: Final = 2_000_000

_PLAIN: Final = {
    "tag:yaml.org,2002:null": r"^(?:null|~|)$",
    "tag:yaml.org,2002:bool": r"^(?:true|false)$",
    "tag:yaml.org,2002:int": r"^-?(?:0|[1-9][0-9]{0,17})$",
    "tag:yaml.org,2002:float": r"^-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,3})?$",
}
"""What plain YAML texts mean beside texts: the values of JSON, so that no date or number in base 60 comes about."""


def read_document(file: Path) -> dict[str, Any]:
    """Return the object that a JSON or YAML file holds.

    Raises:
        ToolServerError: it is too large, too deep, not readable, or none.
    """
    try:
        if file.stat().st_size > LONGEST_DOCUMENT:
            raise ToolServerError(f"{file} has more than {LONGEST_DOCUMENT:,} bytes")
        text = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ToolServerError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ToolServerError(f"cannot read {file}: it is not UTF-8") from error
    load: Callable[[str], Any] = json.loads if text.lstrip().startswith("{") else _yaml
    try:
        found = load(text)
        # keys become texts, and what is too deep for the json module is too deep for us
        found = json.loads(json.dumps(found, allow_nan=False))
    except (ValueError, TypeError, RecursionError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ToolServerError(f"{file} cannot be read as JSON or YAML: {reason}") from error
    if not isinstance(found, dict):
        raise ToolServerError(f"{file} holds no object")
    if _depth(found) > DEEPEST:
        raise ToolServerError(f"{file} is nested more than {DEEPEST} deep")
    return found


def _yaml(text: str) -> Any:
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # the fast one, where it is
        yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - replaces the library's

    for tag, pattern in _PLAIN.items():
        Loader.add_implicit_resolver(tag, re.compile(pattern), None)
    depth = count = 0
    try:
        for event in yaml.parse(text, Loader=Loader):
            count += 1
            if isinstance(event, yaml.AliasEvent):
                raise ValueError("aliases are not followed; write the document without them")
            if isinstance(event, yaml.NodeEvent) and getattr(event, "tag", None) not in (None, "!"):
                raise ValueError("tags are not followed; write the document without them")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST or count > MOST_EVENTS:
                raise ValueError("it is too large or too deep")
        return yaml.load(text, Loader=Loader)  # noqa: S506 - a safe loader with fewer kinds of values
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _depth(value: Any) -> int:
    """Return how deep a value is nested, without recursion."""
    depth, level = 0, [value]
    while level:
        depth += 1
        level = [
            item
            for node in level
            for item in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        ]
    return depth
