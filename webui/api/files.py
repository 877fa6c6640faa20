"""Files of a run: which there are, downloads, previews, and the blobs that its events name."""

from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from agent.domain.base import Fact
from agent.domain.errors import NotInRun
from agent.runtime.run_files import FileOrigin, files_of_run
from webui.api.cards import Here
from webui.files.belonging import belongs
from webui.files.previews.kinds import Preview
from webui.files.previews.showing import PAGE_WIDTH, Shower
from webui.files.sending import LARGEST_SHOWN, as_download, as_picture
from webui.files.workbench import Workbench, workbench_of
from webui.guard.runs import TheRun

router = APIRouter(prefix="/api/runs/{run_id}", tags=["files"])


class FileEntry(Fact):
    """A file of a run.

    Attributes:
        path: in the workspace; of pictures a name below ``pictures``.
        size: in bytes; None where its content is missing.
        kind: ``input``, ``artefact``, ``picture``, or ``workspace`` for what else the newest snapshot holds.
        since: number of the event since which it is known to be like this.
        address: where it is downloaded.
    """

    path: str
    kind: FileOrigin
    size: int | None
    media_type: str
    sha256: str
    since: int
    address: str


class FileList(Fact):
    """The files of a run, what it made first.

    Attributes:
        snapshot: number of the event with the newest snapshot of the workspace, since when the list of workspace files
            stands; None where there is none.
        left_out: what that snapshot could not keep, with the reason.
        more: how many files are not listed, since there are too many.
    """

    files: tuple[FileEntry, ...]
    snapshot: int | None
    left_out: tuple[str, ...]
    more: int


async def shower_of(run: TheRun, here: Here, bench: Annotated[Workbench, Depends(workbench_of)]) -> Shower:
    """Return what shows the files of a run; a dependency of routes."""
    files = await files_of_run(here.ledger, run.id)
    return Shower(run.id, files, here.ledger.blobs, bench)


Shows = Annotated[Shower, Depends(shower_of)]


@router.get("/files", operation_id="list_files")
async def list_files(run: TheRun, here: Here) -> FileList:
    """List the files of a run: artefacts, pictures, the newest snapshot of the workspace, and input files."""
    found = await files_of_run(here.ledger, run.id)
    entries = tuple(
        FileEntry(
            path=file.path,
            kind=file.origin,
            size=file.size,
            media_type=file.media_type,
            sha256=file.sha256,
            since=file.since,
            address=f"/api/runs/{run.id}/files/{quote(file.path, safe='/')}",
        )
        for file in found.files
    )
    return FileList(files=entries, snapshot=found.snapshot, left_out=found.left_out, more=found.more)


@router.get("/files/{path:path}", operation_id="download_file", response_class=Response)
async def download_file(path: str, here: Here, shows: Shows) -> Response:
    """Download a file of a run, or a part of it by ``Range``."""
    file = shows.found(path)
    return await as_download(here.ledger.blobs, file.sha256, file.path, file.media_type)


@router.get("/preview/{path:path}", operation_id="preview_file")
async def preview_file(
    path: str,
    shows: Shows,
    offset: Annotated[int, Query(ge=0, le=2**53, description="in bytes, as ``next`` of the piece before says")] = 0,
    row: Annotated[int, Query(ge=1, le=2**53, description="number of the row there")] = 1,
    page: Annotated[int, Query(ge=1, le=1_000_000, description="of a PDF document")] = 1,
) -> Preview:
    """Show a file of a run without downloading it; what is broken or too large says so in one line."""
    return await shows.preview(path, offset=offset, row=row, page=page)


@router.get("/shown/{path:path}", operation_id="show_file", response_class=Response)
async def show_file(
    path: str,
    shows: Shows,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    width: Annotated[int, Query(ge=64, le=2_400, description="of a page, in pixels")] = PAGE_WIDTH,
    cell: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
    output: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> Response:
    """Return what an address in a preview stands for: a picture, a page, a frame in which nothing runs, or a solid."""
    return await shows.shown(path, page=page, width=width, cell=cell, output=output)


@router.get("/blobs/{sha256}", operation_id="get_blob", response_class=Response)
async def get_blob(sha256: str, run: TheRun, here: Here) -> Response:
    """Return a blob of this run by its hash: a picture is shown, all else is downloaded."""
    if not await belongs(here.ledger, run.id, sha256):
        raise NotInRun(f"run {run.id} has no blob {sha256[:80]!r}")
    place = await here.ledger.blobs.place(sha256)
    if place.stat().st_size <= LARGEST_SHOWN:
        picture = as_picture(await here.ledger.blobs.get(sha256), sha256)
        if picture is not None:
            return picture
    return await as_download(here.ledger.blobs, sha256, f"{sha256[:12]}.bin", "application/octet-stream")
