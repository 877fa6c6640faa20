"""Previews of a run's files, and the addresses from which pictures, pages, frames and solids of them are loaded."""

import asyncio
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from agent.domain.errors import NotDrawn, NotInRun, UsageError
from agent.execution.picture_files import picture_size
from agent.ledger.blobs import BlobStore
from agent.runtime.drawing import LARGEST as LARGEST_DRAWN
from agent.runtime.run_files import RunFile, RunFiles
from webui.files.previews import models, notebooks
from webui.files.previews.kinds import (
    ImagePreview,
    ModelPreview,
    NoPreview,
    PdfPreview,
    Preview,
)
from webui.files.previews.pieces import frame_preview, text_preview
from webui.files.previews.tables import table_preview
from webui.files.sending import LARGEST_SHOWN, as_frame, as_made, as_picture
from webui.files.workbench import Workbench

PAGE_WIDTH: Final = 1_200
"""Pixels of the width of a page of a PDF document."""

_TABLES: Final = frozenset({".csv", ".tsv"})
_FRAMES: Final = {".html": "html", ".htm": "html", ".xhtml": "html", ".svg": "svg"}
_FRAME_TYPES: Final = {"html": "text/html; charset=utf-8", "svg": "image/svg+xml"}
_PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp"})
_HEAD: Final = 65_536


class Shower:
    """Shows the files of one run.

    Args:
        run_id: of the run.
        files: what it has.
        blobs: hold their content.
        workbench: draws pages and makes GLB of solids.
    """

    def __init__(self, run_id: str, files: RunFiles, blobs: BlobStore, workbench: Workbench) -> None:
        self._run_id = run_id
        self._files = files
        self._blobs = blobs
        self._workbench = workbench

    def found(self, path: str) -> RunFile:
        """Return a file of the run.

        Raises:
            NotInRun: it has none of that path.
        """
        file = self._files.find(path)
        if file is None:
            raise NotInRun(f"run {self._run_id} has no file {path[:200]!r}")
        return file

    async def preview(self, path: str, *, offset: int, row: int, page: int) -> Preview:
        """Return the preview of a file.

        Args:
            path: of the file.
            offset: of a text or a table, in bytes, as ``next`` of the piece before says.
            row: of a table, the number of the row at that offset.
            page: of a PDF document, counted from 1.

        Raises:
            NotInRun: there is no such file.
            LedgerUnavailable: its content is missing or damaged.
        """
        file = self.found(path)
        place = await self._blobs.place(file.sha256)
        size = await asyncio.to_thread(lambda: place.stat().st_size)
        if size == 0:
            return NoPreview(reason="the file is empty", size=0)
        ending = PurePosixPath(path).suffix.lower()
        head = await asyncio.to_thread(_head, place)
        if head.startswith(b"%PDF-") or ending == ".pdf":
            return await self._pdf(path, place, size, page)
        if picture_size(head) is not None or ending in _PICTURES:
            return self._image(path, head, size)
        if models.is_model(path):
            return await self._model(path, place, size)
        if ending == ".ipynb":
            if size > notebooks.LARGEST:
                return _too_large(size, notebooks.LARGEST)
            data = await asyncio.to_thread(place.read_bytes)
            return await asyncio.to_thread(notebooks.notebook_preview, data, lambda c, o: self._address(path, c, o))
        if ending in _FRAMES:
            return await asyncio.to_thread(frame_preview, place, _FRAMES[ending], offset, self._address(path))
        if ending in _TABLES:
            return await asyncio.to_thread(table_preview, place, path, offset, row)
        return await asyncio.to_thread(text_preview, place, path, offset)

    async def shown(self, path: str, *, page: int, width: int, cell: int | None, output: int) -> Response:
        """Return what an address in a preview stands for: a picture, a page, a frame or a solid.

        Raises:
            NotInRun: there is no such file, or nothing of it is shown.
            NotDrawn: a page cannot be drawn.
            UsageError: it is no solid that can be read, or too large to be shown.
        """
        file = self.found(path)
        place = await self._blobs.place(file.sha256)
        size = await asyncio.to_thread(lambda: place.stat().st_size)
        if size > max(LARGEST_SHOWN, LARGEST_DRAWN):
            raise UsageError(f"{path[:200]!r} is too large to be shown; download it instead")
        data = await asyncio.to_thread(place.read_bytes)
        ending = PurePosixPath(path).suffix.lower()
        if data.startswith(b"%PDF-") or ending == ".pdf":
            drawn = await self._workbench.pdf_page(data, page, width=width)
            return as_made(drawn.data, f"{file.sha256}-{page}-{width}", drawn.media_type)
        if ending == ".ipynb" and cell is not None:
            drawn_there = await asyncio.to_thread(notebooks.picture_of_output, data, cell, output)
            data = drawn_there or b""
        if (picture := as_picture(data, file.sha256)) is not None:
            return picture
        if models.is_model(path):
            return await self._solid(file, data)
        if ending in _FRAMES:
            return as_frame(data, file.sha256, _FRAME_TYPES[_FRAMES[ending]])
        raise NotInRun(f"there is no picture of {path[:200]!r} to be shown; download it instead")

    async def _solid(self, file: RunFile, data: bytes) -> Response:
        if not models.is_glb(file.path):
            data = await self._workbench.converter.glb(file.sha256, file.path, data)
        if why := models.trouble_with(data):
            raise UsageError(f"{file.path[:200]!r} cannot be shown: {why}")
        return as_made(data, file.sha256, "model/gltf-binary")

    async def _pdf(self, path: str, place: Path, size: int, page: int) -> Preview:
        if size > LARGEST_DRAWN:
            return _too_large(size, LARGEST_DRAWN)
        try:
            drawn = await self._workbench.pdf_page(await asyncio.to_thread(place.read_bytes), page, width=PAGE_WIDTH)
        except NotDrawn as error:
            return NoPreview(reason=str(error), size=size)
        address = f"{self._address(path)}?page={page}&width={PAGE_WIDTH}"
        return PdfPreview(pages=drawn.pages, page=page, address=address, width=drawn.width, height=drawn.height)

    def _image(self, path: str, head: bytes, size: int) -> Preview:
        known = picture_size(head)
        if known is None or not (known[1] and known[2]):
            return NoPreview(reason="its content is no picture of a kind that is shown here", size=size)
        if size > LARGEST_SHOWN:
            return _too_large(size, LARGEST_SHOWN)
        media_type, width, height = known
        return ImagePreview(address=self._address(path), media_type=media_type, width=width, height=height)

    async def _model(self, path: str, place: Path, size: int) -> Preview:
        if size > LARGEST_SHOWN:
            return _too_large(size, LARGEST_SHOWN)
        if models.is_glb(path):
            why = models.trouble_with(await asyncio.to_thread(place.read_bytes))
            return (
                NoPreview(reason=why, size=size) if why else ModelPreview(address=self._address(path), source="itself")
            )
        neighbour = models.beside(path)
        if self._files.find(neighbour) is not None:
            return ModelPreview(address=self._address(neighbour), source="beside", beside=neighbour)
        return ModelPreview(address=self._address(path), source="converted")

    def _address(self, path: str, cell: int | None = None, output: int = 0) -> str:
        query = "" if cell is None else f"?cell={cell}&output={output}"
        return f"/api/runs/{self._run_id}/shown/{quote(path, safe='/')}{query}"


def _head(place: Path) -> bytes:
    with place.open("rb") as file:
        return file.read(_HEAD)


def _too_large(size: int, limit: int) -> NoPreview:
    return NoPreview(reason=f"it has {size:,} bytes, and at most {limit:,} are shown; download it instead", size=size)
