"""What a stranger's tool gave, as an outcome of ours: bounded, without control characters, checked."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, Final, cast

import mcp_types as types
import msgspec

from toolserver.attached.schemas import cleaned_text, problems
from toolserver.protocol import ToolImage, ToolOutcome

LONGEST_TEXT: Final = 64_000
LONGEST_DATA: Final = 1_000_000
LONGEST_IMAGE: Final = 8 * 1024 * 1024
MOST_IMAGES: Final = 8

_IMAGES: Final = ("image/png", "image/jpeg", "image/gif", "image/webp")


def outcome_of(tool: str, result: types.CallToolResult, schema: Mapping[str, Any] | None) -> ToolOutcome:
    """Return the outcome of a call.

    Args:
        tool: name under which it was offered.
        result: what the server sent.
        schema: cleaned schema of its structured results, where it declares one.
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
    structured = result.structured_content
    text = cleaned_text("\n".join(texts), LONGEST_TEXT)
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
    text = msgspec.json.encode(outcome).decode()
    for name, value in values.items():
        text = text.replace(json.dumps(value, ensure_ascii=False)[1:-1], f"[secret {name}]")
    return msgspec.json.decode(text, type=ToolOutcome)


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
