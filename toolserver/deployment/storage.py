"""Where a container's files are: on a disk of its own that ends at the quota, or on a volume that its node watches.

A disk of its own needs root and loop devices on the engine's machine. Elsewhere the node looks at what its files take
while calls run, which is weaker: what is written between two looks goes beyond the quota.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from toolserver.deployment import disk
from toolserver.deployment.config import Limits
from toolserver.deployment.hardening import volume_differences
from toolserver.deployment.watching import watch_options, watched
from toolserver.engine import Engine
from toolserver.errors import SandboxUnavailable


@dataclass(frozen=True)
class Storage:
    """The files of one sandbox.

    Attributes:
        volume: name of the engine's volume.
        folder: the sandbox's folder on this machine.
        own_disk: whether they are on a disk of their own.
    """

    volume: str
    folder: Path
    own_disk: bool

    @classmethod
    async def choose(cls, engine: Engine, volume: str, folder: Path) -> Self:
        """Return what a sandbox has, or for a new one the best that is possible here.

        Raises:
            SandboxUnavailable: it has a disk of its own, which cannot be used any more.
        """
        obstacle = engine.foreign or await asyncio.to_thread(disk.obstacle)
        if (folder / disk.IMAGE).exists():
            if obstacle is not None:
                raise SandboxUnavailable(f"this sandbox has a disk of its own, which cannot be used here: {obstacle}")
            return cls(volume, folder, own_disk=True)
        if obstacle is not None:
            return cls(volume, folder, own_disk=False)
        there = await engine.volume(volume)
        return cls(volume, folder, own_disk=there is None or bool(there.get("Options")))

    @asynccontextmanager
    async def provided(
        self, engine: Engine, limits: Limits, labels: Mapping[str, str], uid: int, gid: int
    ) -> AsyncIterator[None]:
        """Have the volume ready for a container that is started within the block.

        Raises:
            SandboxUnavailable: it cannot be made, or is not as it must be.
        """
        if not self.own_disk:
            made = await engine.ensure_volume(self.volume, labels)
            _refuse(volume_differences(None, made))
            yield
            return
        await engine.remove_volume(self.volume)
        attaching = asyncio.ensure_future(
            asyncio.to_thread(
                disk.attach,
                self.folder / disk.IMAGE,
                disk_mb=limits.disk_mb,
                files=limits.disk_files,
                uid=uid,
                gid=gid,
            )
        )
        try:
            device = await asyncio.shield(attaching)
            options = {"type": "ext4", "device": device, "o": "nosuid,nodev"}
            made = await engine.ensure_volume(self.volume, labels, options)
            _refuse(volume_differences(options, made))
            yield
        finally:
            # a container that runs keeps the device until it ends
            await asyncio.shield(_let_go(attaching))

    def node_options(self, limits: Limits) -> list[str]:
        """Return what the node must be told."""
        return [] if self.own_disk else watch_options(limits)

    def described(self, limits: Limits) -> str:
        """Return the quota in a few words; a disk of its own keeps the size that it was made with."""
        if not self.own_disk:
            return watched(limits)
        return f"a disk of its own of {(self.folder / disk.IMAGE).stat().st_size // disk.MB} MB"


async def _let_go(attaching: "asyncio.Future[str]") -> None:
    """Detach a device, be it that it is only just being made."""
    await asyncio.wait({attaching})
    if not attaching.cancelled() and attaching.exception() is None:
        await asyncio.to_thread(disk.detach, attaching.result())


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SandboxUnavailable(f"the container is not as it must be: {'; '.join(problems)}")
