"""The Docker deployment: a node in a hardened container, its files on a volume, its socket in a shared folder.

The volume outlives the container, so a container that died is replaced without losing workspace or journal. A running
container of the same sandbox is adopted when it is just as wanted.
"""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from toolserver.connection import Streams, connect_to_socket
from toolserver.deployment.config import DockerSandbox
from toolserver.deployment.hardening import (
    FILES,
    SOCKETS,
    container_config,
    differences,
    host_config,
    shortcomings,
)
from toolserver.deployment.ownership import labels, owner_of
from toolserver.deployment.place import SOCKET_NAME, delete_folder, exclusive, health, socket_folder, started
from toolserver.engine import Engine, Image
from toolserver.errors import ImageError, SandboxUnavailable
from toolserver.images.context import image_tag
from toolserver.protocol import NodeHealth, SandboxDescription

SANDBOX_UID: Final = 10001
"""User id of a sandbox when we are root; otherwise it has ours, so that we can reach its socket."""
GONE_SECONDS: Final = 1.0
"""How long the engine may take to tell whether a container runs."""

ISOLATION: Final = (
    "Docker container without network: user {uid}, no capabilities, no new privileges, read-only system, limits on "
    "memory, processors, processes and files, a list of allowed system calls; the kernel is shared."
)


@dataclass(frozen=True)
class DockerPlace:
    """A node in a container."""

    name: str
    folder: Path
    socket: Path
    description: SandboxDescription

    @classmethod
    async def open(cls, config: DockerSandbox, sandbox_id: str, state_dir: Path, engine: Engine | None = None) -> Self:
        """Adopt the container that is running for a sandbox, or start one on the volume that the sandbox left.

        Args:
            config: what the container must be.
            sandbox_id: names the sandbox.
            state_dir: folder for locks; part of the container's name, so that two of them do not meet.
            engine: to use; by default the one that the environment names.

        Raises:
            SandboxUnavailable: no container can be started, or it is not as wanted.
            ImageError: the image is missing.
        """
        if engine is None:
            async with Engine.connect() as connected:
                return await cls.open(config, sandbox_id, state_dir, connected)
        image = await _image(engine, config)
        sockets = socket_folder(state_dir, sandbox_id)
        container = _Container(engine, config, sandbox_id, state_dir, image, sockets)
        folder = state_dir / sandbox_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        async with exclusive(folder):
            answer = await container.adopt() or await container.start()
        return cls(container.name, folder, sockets / SOCKET_NAME, _description(image, answer))

    def because(self, reason: str) -> Self:
        """Return the place with the reason why it was chosen."""
        return replace(self, description=self.description.model_copy(update={"reason": reason}))

    async def connect(self) -> Streams:
        """Make a new connection to the node."""
        return await connect_to_socket(self.socket)

    async def gone(self) -> bool:
        """Ask the engine whether the container runs no more."""
        with contextlib.suppress(SandboxUnavailable):
            async with Engine.connect(GONE_SECONDS) as engine:
                inspected = await engine.inspect(self.name)
                return inspected is None or not inspected["State"]["Running"]
        return False

    async def close(self, *, keep_workspace: bool) -> None:
        """Remove the container, and its volume unless the workspace is to be kept."""
        async with Engine.connect() as engine:
            await engine.remove(self.name)
            if not keep_workspace:
                await engine.remove_volume(self.name)
        await asyncio.to_thread(delete_folder, self.socket.parent)
        if not keep_workspace:
            await asyncio.to_thread(delete_folder, self.folder)


class _Container:
    """One sandbox's container, wanted or real."""

    def __init__(
        self, engine: Engine, config: DockerSandbox, sandbox_id: str, state_dir: Path, image: Image, sockets: Path
    ) -> None:
        self.name = f"plumbline-{sandbox_id}-{owner_of(state_dir)}"
        self._engine = engine
        self._sockets = sockets
        self._start_seconds = config.start_seconds
        self._uid = SANDBOX_UID if os.getuid() == 0 else os.getuid()
        self._volume_labels = labels("volume", state_dir, sandbox_id)
        self._wanted = container_config(
            host_config(config.limits, self.name, sockets),
            image=image.tag,
            user=f"{self._uid}:{SANDBOX_UID if os.getuid() == 0 else os.getgid()}",
            command=_command(config),
            labels=labels("container", state_dir, sandbox_id),
        )

    async def adopt(self) -> NodeHealth | None:
        """Return the answer of the running container; None when there is none, or not as wanted."""
        inspected = await self._engine.inspect(self.name)
        if inspected is None or not inspected["State"]["Running"] or differences(self._wanted, inspected):
            return None
        return await health(self._connect)

    async def start(self) -> NodeHealth:
        """Start a container in place of whatever is left of an earlier one."""
        await self._engine.remove(self.name)
        await self._engine.ensure_volume(self.name, self._volume_labels)
        if os.getuid() == 0:
            os.chown(self._sockets, self._uid, self._uid)
        with contextlib.suppress(FileNotFoundError):
            (self._sockets / SOCKET_NAME).unlink()
        await self._engine.create(self.name, self._wanted)
        try:
            await self._verify_settings()
            await self._engine.start(self.name)
            answer = await started(self._connect, self._start_seconds, self._failure)
            _refuse(shortcomings(answer, self._uid))
        except BaseException:
            await asyncio.shield(self._engine.remove(self.name))
            await asyncio.to_thread(delete_folder, self._sockets)
            raise
        return answer

    async def _connect(self) -> Streams:
        return await connect_to_socket(self._sockets / SOCKET_NAME)

    async def _verify_settings(self) -> None:
        _refuse(differences(self._wanted, await self._engine.inspect(self.name) or _GONE))

    async def _failure(self) -> str | None:
        inspected = await self._engine.inspect(self.name) or _GONE
        if inspected["State"]["Running"]:
            return None
        lines = (await self._engine.logs(self.name)).strip().splitlines()
        return lines[-1][:300] if lines else f"it ended with code {inspected['State']['ExitCode']}"


_GONE: Final[Mapping[str, Any]] = {
    "State": {"Running": False, "ExitCode": None},
    "HostConfig": {},
    "Config": {},
    "Mounts": [],
}


async def _image(engine: Engine, config: DockerSandbox) -> Image:
    tag = await asyncio.to_thread(image_tag) if config.image is None else config.image
    image = await engine.image(tag)
    if image is None:
        raise ImageError(f"the sandbox image {tag} is not on this machine; run: plumbline toolserver image build")
    return image


def _command(config: DockerSandbox) -> list[str]:
    return [
        *("--workspace", f"{FILES}/workspace", "--state", f"{FILES}/state", "--socket", f"{SOCKETS}/{SOCKET_NAME}"),
        *("--exit-when-idle", str(config.idle_seconds)),
        *(["--testing"] if config.testing else []),
    ]


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SandboxUnavailable(f"the container is not as it must be: {'; '.join(problems)}")


def _description(image: Image, answer: NodeHealth) -> SandboxDescription:
    return SandboxDescription(
        kind="docker",
        isolation=ISOLATION.format(uid=answer.uid),
        image=f"{image.tag} ({image.id})",
        version=answer.version,
    )
