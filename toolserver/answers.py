"""What a node answers, as far as it can be believed: it may have been replaced by a program of the sandbox."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from msgspec import Struct, ValidationError, convert, field

from toolserver.connection import one_line
from toolserver.errors import SandboxLost, TransferRefused
from toolserver.protocol import EFFECTS, ERROR, INTERNAL, Effect, FileEntry, ToolOutcome

REFUSAL_SHOWN: Final = 1000
"""Characters of a node's reason for a refusal."""

StructT = TypeVar("StructT", bound=Struct)


class _Text(Struct, tag_field="type", tag="text"):
    text: str


class _Image(Struct, tag_field="type", tag="image", rename="camel"):
    data: str
    mime_type: str


class _CallResult(Struct, rename="camel"):
    content: list[_Text | _Image]
    structured_content: dict[str, Any]
    is_error: bool
    meta: dict[str, Any] = field(default_factory=dict, name="_meta")


class _CallAnswer(Struct):
    result: _CallResult


class _ToolMeta(Struct):
    effects: tuple[Effect, ...] = field(name=EFFECTS)
    internal: bool = field(name=INTERNAL)


class _ListedTool(Struct, kw_only=True):
    name: str
    description: str = ""
    parameters: dict[str, Any] = field(name="inputSchema")
    meta: _ToolMeta = field(name="_meta")


class _ListResult(Struct):
    tools: list[_ListedTool]


class ListAnswer(Struct):
    """The answer to ``tools/list``."""

    result: _ListResult


class Chunk(Struct):
    """A piece of a file; ``size`` and ``version`` are those of the whole."""

    size: int
    version: str
    data: bytes


class Known(Struct):
    """Whether the journal knows a call."""

    known: bool


class Manifest(Struct):
    """All names of the workspace that are no folders."""

    entries: tuple[FileEntry, ...]


def understood(message: Mapping[str, Any], form: type[StructT]) -> StructT:
    """Return what a node answered; a program of the sandbox may have taken the node's place and answer anything."""
    try:
        return convert(message, form)
    except ValidationError as error:
        raise SandboxLost(f"the node answers what it never would: {str(error)[:200]!r}") from error


def outcome_of(message: Mapping[str, Any]) -> ToolOutcome:
    """Return the outcome of a call from the answer to it.

    Raises:
        SandboxLost: it is none.
    """
    result = understood(message, _CallAnswer).result
    text = "\n".join(part.text for part in result.content if isinstance(part, _Text))
    images = [{"media_type": part.mime_type, "data": part.data} for part in result.content if isinstance(part, _Image)]
    outcome = {
        "ok": not result.is_error,
        "text": text,
        "data": result.structured_content,
        "images": images,
        "error": result.meta.get(ERROR),
    }
    return understood(outcome, ToolOutcome)


def required(outcome: ToolOutcome) -> None:
    """Raise what a call of ours must not end with.

    Raises:
        TransferRefused: the call failed.
    """
    if not outcome.ok:
        raise TransferRefused(one_line(outcome.text, REFUSAL_SHOWN), outcome.error or "")
