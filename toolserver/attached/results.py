"""What a stranger's tool gave, as an outcome of ours: bounded, without control characters, checked."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

import mcp_types as types
import msgspec

from toolserver.attached.schemas import cleaned_text, problems
from toolserver.hiding import Hider
from toolserver.protocol import ToolImage, ToolOutcome

LONGEST_TEXT: Final = 64_000
LONGEST_DATA: Final = 1_000_000
LONGEST_IMAGE: Final = 8 * 1024 * 1024
MOST_IMAGES: Final = 8

_IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")


def outcome_of(
    tool: str, result: types.CallToolResult, schema: Mapping[str, Any] | None, values: Mapping[str, str]
) -> ToolOutcome:
    """Return the outcome of a call.

    Args:
        tool: name under which it was offered.
        result: what the server sent.
        schema: cleaned schema of its structured results, where it declares one.
        values: secrets that the server got, which are named and not shown.
    """
    texts: list[str] = []
    images: list[ToolImage] = []
    for part in result.content:
        if isinstance(part, types.TextContent):
            texts.append(part.text)
        elif isinstance(part, types.ImageContent) and _good_image(part) and len(images) < MOST_IMAGES:
            images.append(msgspec.convert({"media_type": part.mime_type, "data": part.data}, ToolImage))
        elif isinstance(part, types.EmbeddedResource) and isinstance(part.resource, types.TextResourceContents):
            texts.append(part.resource.text)
        else:
            texts.append(f"[{part.type}: not shown]")
    structured = hidden(result.structured_content, values)
    text = hidden_text("\n".join(texts), LONGEST_TEXT, values)
    if structured is not None and len(json.dumps(structured)) > LONGEST_DATA:
        return _invalid(tool, f"its structured result has more than {LONGEST_DATA:,} characters")
    if schema is not None and not result.is_error:
        against = "there is none" if structured is None else problems(schema, structured)
        if against:
            return _invalid(tool, f"its structured result is not as its schema says: {against}")
    data = structured if isinstance(structured, dict) else {} if structured is None else {"result": structured}
    return ToolOutcome(
        ok=not result.is_error,
        text=text,
        data=cast("dict[str, Any]", data),
        images=tuple(images),
        error="tool_failed" if result.is_error else None,
    )


def without_values(outcome: ToolOutcome, values: Mapping[str, str]) -> ToolOutcome:
    """Return an outcome in which secrets that a server gave back are named and not shown."""
    if not values:
        return outcome
    return msgspec.convert(hidden(msgspec.to_builtins(outcome), values), ToolOutcome)


def hidden(value: Any, values: Mapping[str, str]) -> Any:
    """Return a value of JSON in which secrets are named and not shown, in whatever form it holds them."""
    # the longest first: one may be a part of another
    ordered = sorted(values.items(), key=lambda item: (-len(item[1]), item[0]))
    return _hidden(value, [Hider([secret], f"[secret {name}]".encode()) for name, secret in ordered])


def _hidden(value: Any, hiders: Sequence[Hider]) -> Any:
    if isinstance(value, str):
        data = value.encode("utf-8", "surrogatepass")
        for hider in hiders:
            data = hider.clean(data)
        return data.decode("utf-8", "surrogatepass")
    if isinstance(value, dict):
        return {_hidden(key, hiders): _hidden(item, hiders) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_hidden(item, hiders) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        shown = _hidden(str(value), hiders)
        return value if shown == str(value) else shown
    return value


def hidden_text(text: str, limit: int, values: Mapping[str, str]) -> str:
    """Return what a server said, cleaned and without secrets; it is cut last, for half a secret would not be found."""
    return cleaned_text(hidden(cleaned_text(text, len(text)), values), limit)


def _good_image(part: types.ImageContent) -> bool:
    if part.mime_type not in _IMAGES or len(part.data) > LONGEST_IMAGE:
        return False
    try:
        base64.b64decode(part.data, validate=True)
    except binascii.Error:
        return False
    return True


def _invalid(tool: str, reason: str) -> ToolOutcome:
    return ToolOutcome(ok=False, error="invalid_result", text=f"{tool}: {reason}")
