"""The worlds in which runs make artefacts, as this machine has them."""

from typing import Any

from agent.execution.workshops import Workshops
from agent.ledger.blobs import BlobStore
from agent.verification.artefacts.world import World


def workshops_of(blobs: BlobStore) -> Workshops:
    """Return the worlds of a run. Nothing is opened by that, so replays have them too.

    Args:
        blobs: where pictures are kept.
    """

    def voxel() -> World[Any]:
        # its library takes long to load
        from agent.verification.artefacts.voxel.world import VoxelWorld

        return VoxelWorld(blobs)

    return Workshops({"voxel": voxel})
