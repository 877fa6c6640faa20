"""The worlds in which artefacts are made, looked at and tried out, as this machine has them."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Any

from agent.domain.artefacts import ArtefactKind
from agent.execution.workshops import Maker, Workshops
from agent.ledger.blobs import BlobStore
from agent.runtime.benches import NO_BENCHES, Benches
from agent.runtime.lazily import Lazily, LazyCad
from agent.verification.artefacts.pages.opening import PageBench
from agent.verification.artefacts.program_sandbox import ProgramSandbox
from agent.verification.artefacts.world import World

Read = Callable[[str], Awaitable[bytes]]
"""Returns the bytes of a file by its path; raises OSError where there is none."""


async def _no_file(path: str) -> bytes:
    raise FileNotFoundError(path)


def workshops_of(blobs: BlobStore, benches: Benches = NO_BENCHES, read: Read = _no_file) -> Workshops:
    """Return the worlds of a run or of a command. Nothing is opened by that, so replays have them too.

    Args:
        blobs: where pictures are kept.
        benches: opens sandboxes.
        read: reads files that an artefact may refer to, or that are one.
    """
    programs, pages, cad = ProgramSandbox(benches.programs), PageBench(benches.pages), LazyCad(benches.cad)
    documents = Lazily(benches.documents, "DOCX and PDF documents cannot be read")

    # what worlds need takes long to load
    def voxel() -> World[Any]:
        from agent.verification.artefacts.voxel.world import VoxelWorld

        return VoxelWorld(blobs)

    def data_file() -> World[Any]:
        from agent.verification.artefacts.data_file import DataFileWorld

        return DataFileWorld(read)

    def program() -> World[Any]:
        from agent.verification.artefacts.program import ProgramWorld

        return ProgramWorld(programs)

    def web_page() -> World[Any]:
        from agent.verification.artefacts.web_page import WebPageWorld

        return WebPageWorld(pages, blobs)

    def document() -> World[Any]:
        from agent.verification.artefacts.document import DocumentWorld
        from agent.verification.artefacts.documents.sandboxed import in_sandbox

        return DocumentWorld(read, lambda name, data: documents.use(lambda there: in_sandbox(there)(name, data)))

    def solids() -> World[Any]:
        from agent.verification.artefacts.cad import CadWorld

        return CadWorld(cad, blobs)

    async def close() -> None:
        async with AsyncExitStack() as stack:
            for bench in (programs, pages, documents, cad):
                stack.push_async_callback(bench.close)

    makers: dict[ArtefactKind, Maker] = {
        "voxel": voxel,
        "data_file": data_file,
        "program": program,
        "web_page": web_page,
        "document": document,
        "cad": solids,
    }
    return Workshops(makers, close=close)


def reader_of(files: Mapping[str, bytes] = MappingProxyType({})) -> Read:
    """Return what reads files that are at hand."""

    async def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    return read
