"""How files are sent: as downloads that no browser takes for a page, or to be shown where nothing of them can run."""

import re
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from starlette.responses import FileResponse, Response

from agent.execution.picture_files import picture_size
from agent.ledger.blobs import BlobStore
from webui.guard.headers import FRAMED

LARGEST_SHOWN: Final = 24_000_000
"""Bytes of a file that is shown rather than downloaded."""

_HARMLESS: Final = frozenset(
    {"application/json", "application/pdf", "application/zip", "model/gltf-binary", "model/step", "text/csv"}
)
"""Types under which downloads are sent, beside plain text; all else is sent as bytes of no type."""


async def as_download(blobs: BlobStore, sha256: str, name: str, media_type: str) -> Response:
    """Return a response that saves a blob under a name; parts of it can be asked for by ``Range``.

    Raises:
        LedgerUnavailable: the blob is missing or damaged.
    """
    place = await blobs.place(sha256)
    plain = media_type.startswith("text/plain") or media_type in _HARMLESS
    return FileResponse(
        place,
        media_type=media_type if plain else "application/octet-stream",
        headers=_kept(sha256) | {"Content-Disposition": disposition(name)},
    )


def as_picture(data: bytes, sha256: str) -> Response | None:
    """Return a response that shows a picture; None where the bytes are no picture of the kinds that run nothing."""
    found = picture_size(data)
    if found is None:
        return None
    return Response(data, media_type=found[0], headers=_kept(sha256))


def as_frame(data: bytes, sha256: str, media_type: str) -> Response:
    """Return a response with a page or a drawing of a run, in which no script runs and nothing is loaded."""
    return Response(data, media_type=media_type, headers=_kept(sha256) | FRAMED)


def as_made(data: bytes, sha256: str, media_type: str) -> Response:
    """Return a response with what we made ourselves of a file, such as the picture of a page."""
    return Response(data, media_type=media_type, headers=_kept(sha256))


def disposition(name: str) -> str:
    """Return the header that has a browser save what comes under a name, whatever is in that name."""
    last = PurePosixPath(name).name or "file"
    plain = re.sub(r"[^A-Za-z0-9._ -]", "_", last)[:150].strip(" .") or "file"
    coded = quote(last.encode("utf-8", "replace").decode("utf-8")[:150], safe="")
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{coded}"


def _kept(sha256: str) -> dict[str, str]:
    """Return headers that let a browser keep what cannot change; the guard adds those that hold for all answers."""
    return {"Cache-Control": "private, max-age=3600", "ETag": f'"{sha256}"'}
