"""DOCX and PDF documents are taken apart by the tool of a sandbox: they may have been made to break who reads them."""

import secrets
from pathlib import PurePosixPath
from typing import Any, Final

from agent.domain.errors import SandboxUnavailable
from agent.verification.artefacts.documents.reading import TakeApart, TextPart
from agent.verification.artefacts.world import BuildFailed
from toolserver.client import Sandbox, SandboxLost, ToolServerError

_AT_ONCE: Final = 400
"""Units that are asked for at first: pages or paragraphs; fewer where they are long."""

_MOST: Final = 20_000


def in_sandbox(sandbox: Sandbox) -> TakeApart:
    """Return what takes documents apart in a sandbox that has the tool ``read_document``; raises SandboxLost."""

    async def take_apart(name: str, data: bytes) -> tuple[TextPart, ...]:
        path = f"document-{secrets.token_hex(8)}{PurePosixPath(name).suffix.lower()}"
        try:
            await sandbox.upload(path, data)
            return await _parts(sandbox, name, path)
        except SandboxLost:
            raise  # whoever opened it opens it anew
        except ToolServerError as error:
            raise SandboxUnavailable(f"{name} cannot be read: {error}") from error

    return take_apart


async def _parts(sandbox: Sandbox, name: str, path: str) -> tuple[TextPart, ...]:
    parts: list[TextPart] = []
    start, count = 1, _AT_ONCE
    while start <= _MOST:
        asked = {"path": path, "start": start, "count": count}
        outcome = await sandbox.call(f"read-{secrets.token_hex(16)}", "read_document", asked)
        if not outcome.ok:
            raise BuildFailed(f"{name} cannot be read: {' '.join(outcome.text.split())[:200]}")
        content: dict[str, Any] = outcome.data
        if content.get("output") is not None and count > 1:
            # more than is told at once
            count = max(1, count // 4)
            continue
        parts += [_part(part) for part in content["parts"]]
        if content["total"] is None or content["end"] >= content["total"] or content["end"] < start:
            return tuple(parts)
        start = content["end"] + 1
    raise BuildFailed(f"{name} has more than {_MOST:,} pages or paragraphs; write less")


def _part(part: dict[str, Any]) -> TextPart:
    rows = part["rows"]
    return TextPart(part["name"], part["text"], None if rows is None else tuple(tuple(row) for row in rows))
