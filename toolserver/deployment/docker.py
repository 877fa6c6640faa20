"""The Docker deployment: a node in a hardened container, its files on a volume of its own.

The files outlive the container, so a container that died is replaced without losing workspace or journal. A running
container of the same sandbox is adopted when it is just as wanted. A container that ended is never started again: its
volume may name a loop device that is somebody else's by now.
"""

import asyncio
import contextlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

from msgspec import structs

from toolserver.connection import Streams
from toolserver.deployment.config import DockerSandbox
from toolserver.deployment.control import SOCKETS, Control, ExecControl, SocketControl, choose_control
from toolserver.deployment.egress import egress_arguments
from toolserver.deployment.hardening import FILES, container_config, differences, host_config, shortcomings
from toolserver.deployment.leftovers import reap_once
from toolserver.deployment.ownership import hand_out, labels, owner_of
from toolserver.deployment.place import SOCKET_NAME, adoptable, delete_folder, exclusive, socket_folder, started
from toolserver.deployment.storage import Storage
from toolserver.engine import Engine, Image
from toolserver.errors import ImageError, SandboxUnavailable
from toolserver.images.context import BROWSING_REPOSITORY, CAD_REPOSITORY, image_tag
from toolserver.protocol import NodeHealth, SandboxDescription

SANDBOX_UID: Final = 10001
"""User id of a sandbox, unless we are no root and share a socket with it: then it has ours, so that we can reach it."""

GONE_SECONDS: Final = 1.0
"""How long the engine may take to tell whether a container runs."""

OWN_KERNEL: Final = ("runsc",)
"""Runtimes whose programs see another kernel than the machine's."""

ISOLATION: Final = (
    "Docker container without network: user {uid}, no capabilities, no new privileges, read-only system, limits on "
    "memory, processors, processes and files, {disk}, a list of allowed system calls; {kernel}."
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class DockerPlace:
    """A node in a container."""

    name: str
    folder: Path
    control: Control
    description: SandboxDescription

    @classmethod
    async def open(cls, config: DockerSandbox, sandbox_id: str, state_dir: Path, engine: Engine | None = None) -> Self:
        """Adopt the container that is running for a sandbox, or start one on the files that the sandbox left.

        The first opening of a process also removes what dead managers of the same folder left behind.

        Args:
            config: what the container must be.
            sandbox_id: names the sandbox.
            state_dir: folder for locks and disks; part of the container's name, so that two of them do not meet.
            engine: to use; by default the one that the environment names.

        Raises:
            SandboxUnavailable: no container can be started, or it is not as wanted.
            ImageError: the image is missing.
        """
        if engine is None:
            async with Engine.connect() as connected:
                return await cls.open(config, sandbox_id, state_dir, connected)
        image = await _image(engine, config)
        _require_runtime(engine, config)
        try:
            await reap_once(engine, state_dir, sandbox_id)
        except SandboxUnavailable as error:
            log.warning("what dead managers left in %s could not be removed: %s", state_dir, error)
        folder = state_dir / sandbox_id
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        async with exclusive(folder):
            storage = await Storage.choose(engine, f"plumbline-{sandbox_id}-{owner_of(state_dir)}", folder)
            container = _Container(engine, config, sandbox_id, state_dir, image, storage)
            answer = await container.adopt() or await container.start()
            hand_out(folder)
        return cls(storage.volume, folder, container.control, _description(image, answer, storage, config))

    @property
    def shared_folder(self) -> Path | None:
        """The folder of the node's socket; None where the engine cannot share one."""
        return self.control.folder if isinstance(self.control, SocketControl) else None

    async def connect(self) -> Streams:
        """Make a new connection to the node."""
        return await self.control.connect()

    def because(self, reason: str) -> Self:
        """Return the place with the reason why it was chosen."""
        return replace(self, description=structs.replace(self.description, reason=reason))

    async def gone(self) -> bool:
        """Ask the engine whether the container runs no more."""
        with contextlib.suppress(SandboxUnavailable):
            async with Engine.connect(GONE_SECONDS) as engine:
                inspected = await engine.inspect(self.name)
                return inspected is None or not inspected["State"]["Running"]
        return False

    async def close(self, *, keep_workspace: bool) -> None:
        """Remove the container, and its files unless the workspace is to be kept."""
        async with Engine.connect() as engine:
            await engine.remove(self.name)
            storage = await Storage.choose(engine, self.name, self.folder)
            if storage.own_disk or not keep_workspace:
                await engine.remove_volume(self.name)
        await self.control.forget()
        if not keep_workspace:
            await asyncio.to_thread(delete_folder, self.folder)


class _Container:
    """One sandbox's container, wanted or real."""

    def __init__(
        self, engine: Engine, config: DockerSandbox, sandbox_id: str, state_dir: Path, image: Image, storage: Storage
    ) -> None:
        self.name = storage.volume
        self.control = choose_control(config.control, engine, self.name, socket_folder(state_dir, sandbox_id))
        self._engine = engine
        self._config = config
        self._storage = storage
        self._volume_labels = labels("volume", state_dir, sandbox_id)
        shared = os.getuid() != 0 and not isinstance(self.control, ExecControl)
        self._uid, self._gid = (os.getuid(), os.getgid()) if shared else (SANDBOX_UID, SANDBOX_UID)
        user = f"{self._uid}:{self._gid}"
        self._wanted = container_config(
            host_config(
                config.limits,
                self.name,
                self.control.host_config(user),
                runtime=config.runtime,
                apparmor="name=apparmor" in (engine.info.get("SecurityOptions") or ()),
            ),
            image=image.tag,
            user=user,
            command=_command(config, storage),
            labels=labels("container", state_dir, sandbox_id),
        )

    async def adopt(self) -> NodeHealth | None:
        """Return the answer of the running container; None when there is none, or not as wanted."""
        inspected = await self._engine.inspect(self.name)
        if inspected is None or not inspected["State"]["Running"] or differences(self._wanted, inspected):
            return None
        answer = await adoptable(self.control.connect)
        return None if answer is None or self._shortcomings(answer) else answer

    async def start(self) -> NodeHealth:
        """Start a container in place of whatever is left of an earlier one."""
        await self._engine.remove(self.name)
        await self.control.prepare(self._uid)
        try:
            async with self._storage.provided(
                self._engine, self._config.limits, self._volume_labels, self._uid, self._gid
            ):
                await self._engine.create(self.name, self._wanted)
                _refuse(differences(self._wanted, await self._engine.inspect(self.name) or _GONE))
                await self._engine.start(self.name)
            answer = await started(self.control.connect, self._config.start_seconds, self._failure)
            _refuse(self._shortcomings(answer))
        except BaseException:
            await asyncio.shield(self._engine.remove(self.name))
            await self.control.forget()
            raise
        return answer

    def _shortcomings(self, answer: NodeHealth) -> list[str]:
        return shortcomings(answer, self._uid, own_kernel=self._config.runtime in OWN_KERNEL)

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
        option = {BROWSING_REPOSITORY: " --browsing", CAD_REPOSITORY: " --cad"}.get(tag.split(":")[0], "")
        raise ImageError(
            f"the sandbox image {tag} is not on this machine; run: plumbline toolserver image build{option}"
        )
    return image


def _require_runtime(engine: Engine, config: DockerSandbox) -> None:
    known = sorted(engine.info.get("Runtimes") or ())
    if config.runtime is not None and config.runtime not in known:
        raise SandboxUnavailable(
            f"the Docker engine does not know the runtime {config.runtime!r}, only {', '.join(known)}; "
            "register it in the engine's daemon.json or leave runtime out"
        )


def _command(config: DockerSandbox, storage: Storage) -> list[str]:
    return [
        *("--workspace", f"{FILES}/workspace", "--state", f"{FILES}/state", "--socket", f"{SOCKETS}/{SOCKET_NAME}"),
        *("--exit-when-idle", str(config.idle_seconds)),
        *storage.node_options(config.limits),
        *egress_arguments(config.egress, SOCKETS),
        *(["--testing"] if config.testing else []),
    ]


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SandboxUnavailable(f"the container is not as it must be: {'; '.join(problems)}")


def _description(image: Image, answer: NodeHealth, storage: Storage, config: DockerSandbox) -> SandboxDescription:
    own_kernel = config.runtime in OWN_KERNEL
    kernel = "programs have a kernel of their own (gVisor)" if own_kernel else "the kernel is shared"
    return SandboxDescription(
        kind="docker",
        isolation=ISOLATION.format(uid=answer.uid, disk=storage.described(config.limits), kernel=kernel),
        image=f"{image.tag} ({image.id})",
        version=answer.version,
        absent=answer.absent,
    )
