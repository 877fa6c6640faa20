"""What dead managers left on the engine and on this machine, and how it is removed.

A sandbox that its run may come back to is no leftover: a container that runs is adopted or ends by itself when nobody
has come for its idle time, and files stay as long as the sandbox's folder does.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from toolserver.deployment import disk
from toolserver.deployment.ownership import (
    OWNER,
    SANDBOX,
    STATE,
    Manager,
    handed_out_to,
    is_orphan,
    owner_of,
)
from toolserver.deployment.place import LOCK_NAME
from toolserver.deployment.reports import Leftovers
from toolserver.engine import Engine
from toolserver.errors import SandboxUnavailable
from toolserver.images.build import BASE_REPOSITORY
from toolserver.images.context import BROWSING_REPOSITORY, CAD_REPOSITORY, REPOSITORY, browsing_tag, cad_tag, image_tag

MANAGERS: Final = ".managers"
"""Folder with a file for each manager that has looked for leftovers; no sandbox can have this id."""


async def reap_once(engine: Engine, state_dir: Path, opening: str | None = None) -> None:
    """Remove what dead managers of a state folder left, if this process has not done so yet.

    Args:
        engine: to look at.
        state_dir: folder of the sandboxes.
        opening: a sandbox that is about to be opened, and left alone.

    Raises:
        SandboxUnavailable: the engine failed.
    """
    mark = state_dir / MANAGERS / str(Manager.current()).replace("/", "_")
    if mark.exists():
        return
    mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.touch()
    for other in mark.parent.iterdir():
        manager = Manager.parse(other.name.replace("_", "/"))
        if manager is None or manager.is_dead():
            other.unlink(missing_ok=True)
    await remove_leftovers(engine, state_dir, spare=opening)


async def remove_leftovers(
    engine: Engine, state_dir: Path | None = None, *, everything: bool = False, spare: str | None = None
) -> Leftovers:
    """Remove containers, volumes, networks and loop devices that nobody needs any more.

    Args:
        engine: to look at.
        state_dir: only what belongs to this folder; None for all folders.
        everything: what is in use as well, with the files in it.
        spare: id of a sandbox to leave alone.

    Raises:
        SandboxUnavailable: the engine failed.
    """
    label = OWNER if state_dir is None else f"{OWNER}={owner_of(state_dir)}"
    sweep = _Sweep(engine, everything=everything, spare=spare)
    return Leftovers(
        containers=await sweep.containers(label),
        volumes=await sweep.volumes(label),
        networks=await sweep.networks(label),
        loop_devices=() if engine.foreign else await sweep.loop_devices(state_dir),
    )


async def state_folders(engine: Engine) -> frozenset[Path]:
    """Return the folders on this machine that things of ours on the engine belong to.

    Raises:
        SandboxUnavailable: the engine failed.
    """
    things = [*await engine.containers(OWNER), *await engine.volumes(OWNER)]
    named = {Path(marks[STATE]) for thing in things if STATE in (marks := thing.get("Labels") or {})}
    return frozenset({folder for folder in named if folder.is_dir()})


async def remove_images(engine: Engine, *, everything: bool = False, repository: str = REPOSITORY) -> tuple[str, ...]:
    """Remove images of other versions of this package that no container uses, and return their tags.

    Args:
        engine: to look at.
        everything: the image of this version and the base made from Debian's packages as well.
        repository: of the images.

    Raises:
        SandboxUnavailable: the engine failed.
    """
    keep = () if everything else await asyncio.to_thread(lambda: (image_tag(), browsing_tag(), cad_tag()))
    tags = [tag for tag in await engine.tags(repository) if tag not in keep]
    if repository == REPOSITORY:
        # what stands on another image goes before it
        above = [*await engine.tags(BROWSING_REPOSITORY), *await engine.tags(CAD_REPOSITORY)]
        tags = [tag for tag in above if tag not in keep] + tags
    if everything and repository == REPOSITORY:
        tags += await engine.tags(BASE_REPOSITORY)
    return tuple([tag for tag in tags if await engine.remove_image(tag)])


class _Sweep:
    def __init__(self, engine: Engine, *, everything: bool, spare: str | None) -> None:
        self._engine = engine
        self._everything = everything
        self._spare = spare

    async def containers(self, label: str) -> tuple[str, ...]:
        removed = []
        for found in await self._engine.containers(label):
            marks, name = found.get("Labels") or {}, str(found["Names"][0]).lstrip("/")
            async with self._claimed(marks) as ours:
                if ours and (self._everything or _is_leftover(marks, running=found["State"] == "running")):
                    await self._engine.remove(name)
                    removed.append(name)
        return tuple(removed)

    async def volumes(self, label: str) -> tuple[str, ...]:
        removed = []
        for found in await self._engine.volumes(label):
            marks, name = found.get("Labels") or {}, str(found["Name"])
            async with self._claimed(marks) as ours:
                # a volume on a disk of its own holds nothing: it is made anew over the disk's file
                needed = _folder(marks) is not None and not found.get("Options")
                if ours and (self._everything or (_is_orphan(marks) and not needed)):
                    removed += [name] if await self._dropped(self._engine.remove_volume(name)) else []
        return tuple(removed)

    async def networks(self, label: str) -> tuple[str, ...]:
        removed = []
        for found in await self._engine.networks(label):
            if self._everything or _is_orphan(found.get("Labels") or {}):
                name = str(found["Name"])
                removed += [name] if await self._dropped(self._engine.remove_network(name)) else []
        return tuple(removed)

    async def loop_devices(self, state_dir: Path | None) -> tuple[str, ...]:
        detached = []
        for device, file in await asyncio.to_thread(disk.devices):
            folder = _disk_folder(Path(file.removesuffix(" (deleted)")), state_dir)
            if folder is None:
                continue
            async with _locked(folder) as free:
                if free and folder.name != self._spare:
                    # one that a container uses stays until that ends
                    await asyncio.to_thread(disk.detach, device)
                    detached.append((device, file))
        left = await asyncio.to_thread(disk.devices)
        return tuple(device for device, file in detached if (device, file) not in left)

    @asynccontextmanager
    async def _claimed(self, marks: Mapping[str, str]) -> AsyncIterator[bool]:
        """Keep a sandbox from being opened meanwhile; give False where it is being opened just now."""
        if marks.get(SANDBOX) is not None and marks.get(SANDBOX) == self._spare:
            yield False
            return
        async with _locked(_folder(marks)) as free:
            yield free

    @staticmethod
    async def _dropped(removing: Any) -> bool:
        """Return whether something could be removed; what is in use cannot."""
        with contextlib.suppress(SandboxUnavailable):
            await removing
            return True
        return False


@asynccontextmanager
async def _locked(folder: Path | None) -> AsyncIterator[bool]:
    """Hold the lock of a sandbox's folder, if nobody has it."""
    if folder is None or not await asyncio.to_thread(folder.is_dir):
        yield True
        return
    descriptor = _lock(folder)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _disk_folder(file: Path, state_dir: Path | None) -> Path | None:
    """Return the folder of the sandbox whose disk a file is; None where it is somebody else's file."""
    folder = file.parent
    if file.name != disk.IMAGE or (state_dir is not None and folder.parent != state_dir.resolve()):
        return None
    # a folder that is gone took its lock with it
    return folder if not folder.exists() or (folder / LOCK_NAME).exists() else None


def _lock(folder: Path) -> int | None:
    """Return a descriptor that holds the lock of a folder; None where another has it."""
    descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _is_leftover(marks: Mapping[str, str], *, running: bool) -> bool:
    """Return whether nobody will come back for a container; its files are another matter."""
    if not _is_orphan(marks):
        return False
    folder = _folder(marks)
    handed_out = folder is not None and handed_out_to(folder) is not None
    return not (running and handed_out)


def _is_orphan(marks: Mapping[str, str]) -> bool:
    folder = _folder(marks)
    last = handed_out_to(folder) if folder is not None else None
    return last.is_dead() if last is not None else is_orphan(marks)


def _folder(marks: Mapping[str, str]) -> Path | None:
    """Return the folder of a thing's sandbox; None where it is gone."""
    if STATE not in marks or SANDBOX not in marks:
        return None
    folder = Path(marks[STATE]) / marks[SANDBOX]
    return folder if folder.is_dir() else None
