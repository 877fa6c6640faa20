"""Files that people give to tasks."""

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import unquote_to_bytes

from fastapi import APIRouter, Header, Request
from starlette.requests import ClientDisconnect

from agent.domain.errors import TooLarge, UsageError
from agent.domain.task import WorkspaceFile, workspace_path
from agent.ledger.uploads import Uploads
from webui.api.cards import Here
from webui.guard.audited import audit_as
from webui.guard.runs import Who

router = APIRouter(prefix="/api", tags=["runs"])

_BODY = {"requestBody": {"required": True, "content": {"application/octet-stream": {"schema": {"type": "string"}}}}}


@router.post("/uploads", operation_id="upload_file", status_code=201, openapi_extra=_BODY)
async def upload_file(
    request: Request,
    here: Here,
    who: Who,
    x_filename: Annotated[str, Header(max_length=9_000, description="path in the workspace, UTF-8, percent-encoded")],
    content_length: Annotated[int | None, Header(include_in_schema=False)] = None,
) -> WorkspaceFile:
    """Take a file, as the body of the request, and return how a submission names it.

    It is stored while it comes. One that is too large is refused (413) as soon as that shows. Whoever uploaded it may
    name it for as long as the settings say (``web.upload_hours``); to others it is as if it were not there.
    """
    path = _path(x_filename)
    most = int(here.settings.web.upload_megabytes * 1_000_000)
    if content_length is not None and content_length > most:
        raise _too_large(path, most)
    sha256, size = await here.ledger.blobs.receive(_within(request.stream(), path, most))
    await Uploads(here.ledger).note(who.name, sha256, seconds=here.settings.web.upload_hours * 3_600)
    audit_as(request, path)
    return WorkspaceFile(path=path, sha256=sha256, size=size)


async def _within(pieces: AsyncIterator[bytes], path: str, most: int) -> AsyncIterator[bytes]:
    """Yield a body as long as it is within a bound."""
    size = 0
    try:
        async for piece in pieces:
            size += len(piece)
            if size > most:
                raise _too_large(path, most)
            yield piece
    except ClientDisconnect:
        raise UsageError(f"the upload of {path} broke off; send it again") from None


def _too_large(path: str, most: int) -> TooLarge:
    return TooLarge(f"{path} is larger than {most / 1_000_000:g} MB, the most that is taken; give less of it")


def _path(encoded: str) -> str:
    try:
        return workspace_path(unquote_to_bytes(encoded).decode())
    except ValueError as error:
        # a decoding error tells bytes, and says nothing to a person
        reason = "the file name is not UTF-8; rename the file" if isinstance(error, UnicodeError) else str(error)
        raise UsageError(reason) from error
