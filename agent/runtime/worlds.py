"""Opening the world of an artefact: what makes it, looks at it and tries it out, in a sandbox where one is needed."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from agent.domain.artefacts import ArtefactKind
from agent.domain.errors import ConfigurationError
from agent.ledger.blobs import BlobStore
from agent.verification.artefacts.world import ScenarioTemplate, World


@asynccontextmanager
async def open_world_of(
    kind: ArtefactKind, *, blobs: BlobStore, files: Mapping[str, bytes] | None = None
) -> AsyncIterator[World[Any]]:
    """Give the world of a kind while a block works with it; what was opened for it is closed after.

    Args:
        kind: of artefacts.
        blobs: where pictures are kept.
        files: what programs may name, by path.

    Raises:
        ConfigurationError: there is no such world here; the message says what to install.
    """
    match kind:
        case "voxel":
            from agent.verification.artefacts.voxel.world import VoxelWorld

            yield VoxelWorld(blobs)
        case "data_file":
            from agent.verification.artefacts.data_file import DataFileWorld

            yield DataFileWorld.of(files or {})
        case _:
            raise ConfigurationError(f"artefacts of the kind {kind} cannot be inspected or tried out yet")


def templates_of(kind: ArtefactKind) -> tuple[ScenarioTemplate, ...]:
    """Return what can be tried with artefacts of a kind; nothing is opened for that.

    Raises:
        ConfigurationError: there is no such world here.
    """
    match kind:
        case "voxel":
            from agent.verification.artefacts.voxel.world import VoxelWorld

            return VoxelWorld().scenarios()
        case "data_file":
            from agent.verification.artefacts.data_file import DataFileWorld

            return DataFileWorld.of({}).scenarios()
        case "program":
            from agent.verification.artefacts import program

            return program.SCENARIOS
    raise ConfigurationError(f"artefacts of the kind {kind} cannot be tried out yet")
