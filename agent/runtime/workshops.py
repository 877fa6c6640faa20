"""The worlds in which artefacts are made, looked at and tried out, as this machine has them."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from types import MappingProxyType
from typing import Any

from agent.execution.workshops import Workshops
from agent.ledger.blobs import BlobStore
from agent.runtime.benches import NO_BENCHES, Benches
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
    programs = ProgramSandbox(benches.programs)

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

    async def close() -> None:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(programs.close)

    return Workshops({"voxel": voxel, "data_file": data_file, "program": program}, close=close)


def reader_of(files: Mapping[str, bytes] = MappingProxyType({})) -> Read:
    """Return what reads files that are at hand."""

    async def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(path)
        return files[path]

    return read
