"""Marks of pooled sandboxes: which sandbox a warm one was handed out as, and what is left of dead pools.

A warm sandbox has an id of its own. Handing it out makes a folder under the id that was asked for, with the warm one's
id in it; whoever opens that id follows the mark. The folder appears all at once, so no two can be handed out as one.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from toolserver.connection import Streams
from toolserver.deployment.ownership import Manager, owner_of
from toolserver.deployment.place import Place, SharesFolder, delete_folder, socket_folder
from toolserver.errors import SandboxUnavailable
from toolserver.forms import Fact
from toolserver.protocol import SandboxDescription

log = logging.getLogger(__name__)

PREFIX: Final = "pool-"
ALIAS: Final = "alias"
RECORD: Final = "pooled"


class Pooled(Fact):
    """What the folder of a warm sandbox tells of it.

    Attributes:
        manager: who started it.
        kind: of its deployment.
        sandbox_id: what it was handed out as; None while it waits.
    """

    manager: str
    kind: str
    sandbox_id: str | None = None


@dataclass(frozen=True)
class AliasedPlace:
    """The place of a warm sandbox that was handed out under another id."""

    place: Place
    folder: Path

    @property
    def description(self) -> SandboxDescription:
        """What the place is and what it isolates."""
        return self.place.description

    @property
    def shared_folder(self) -> Path | None:
        """The folder of the node's socket; None where there is none."""
        return self.place.shared_folder if isinstance(self.place, SharesFolder) else None

    async def connect(self) -> Streams:
        """Make a new connection to the node."""
        return await self.place.connect()

    async def gone(self) -> bool:
        """Return whether the node has certainly ended."""
        return await self.place.gone()

    async def close(self, *, keep_workspace: bool) -> None:
        """End the node; the mark goes with the workspace."""
        await self.place.close(keep_workspace=keep_workspace)
        if not keep_workspace:
            await asyncio.to_thread(delete_folder, self.folder)


def alias_of(state_dir: Path, sandbox_id: str) -> str | None:
    """Return the id of the warm sandbox that was handed out as another; None where there is none."""
    try:
        return (state_dir / sandbox_id / ALIAS).read_text()
    except (FileNotFoundError, NotADirectoryError):
        return None


def new_pooled(state_dir: Path, kind: str) -> str:
    """Make the folder of a new warm sandbox and return its id."""
    pooled_id = f"{PREFIX}{secrets.token_hex(8)}"
    folder = state_dir / pooled_id
    folder.mkdir(parents=True, mode=0o700)
    try:
        _write(folder / RECORD, Pooled(manager=str(Manager.current()), kind=kind).model_dump_json())
    except BaseException:
        shutil.rmtree(folder)
        raise
    return pooled_id


async def throw_away_with_us(state_dir: Path, sandbox_id: str, kind: str) -> None:
    """Mark a sandbox as one that nobody comes back to, and remove those of dead managers."""
    folder = state_dir / sandbox_id
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
    await asyncio.to_thread(
        _write, folder / RECORD, Pooled(manager=str(Manager.current()), kind=kind).model_dump_json()
    )
    # on an engine that does not answer they stay until one does
    with contextlib.suppress(SandboxUnavailable):
        await reap_pooled(state_dir)


async def forget_pooled(state_dir: Path, pooled_id: str, kind: str) -> None:
    """Remove all of a warm sandbox that could not be started; what its engine does not give up goes with us."""
    folder = state_dir / pooled_id
    try:
        await _discard(state_dir, folder, kind)
    except SandboxUnavailable as error:
        log.warning("what was begun of %s could not be removed: %s", pooled_id, error)
        await asyncio.to_thread(delete_folder, folder)


def assign(state_dir: Path, pooled_id: str, sandbox_id: str) -> bool:
    """Hand a warm sandbox out under an id; returns False where there is a sandbox of that id already."""
    record = state_dir / pooled_id / RECORD
    pooled = Pooled.model_validate_json(record.read_text())
    # noted first: a warm one whose mark is missing is known to belong to nobody
    _write(record, pooled.model_copy(update={"sandbox_id": sandbox_id}).model_dump_json())
    draft = state_dir / f".{pooled_id}.new"
    draft.mkdir(mode=0o700)
    _write(draft / ALIAS, pooled_id)
    try:
        draft.rename(state_dir / sandbox_id)
    except OSError:
        shutil.rmtree(draft)
        _write(record, pooled.model_dump_json())
        return False
    return True


async def reap_pooled(state_dir: Path) -> tuple[str, ...]:
    """Remove warm sandboxes of dead managers that were handed out to nobody, and those to throw away; return their ids.

    Raises:
        SandboxUnavailable: the engine that has one of them does not answer.
    """
    reaped = []
    for folder in await asyncio.to_thread(_unneeded, state_dir):
        pooled = Pooled.model_validate_json((folder / RECORD).read_text())
        await _discard(state_dir, folder, pooled.kind)
        reaped.append(folder.name)
    return tuple(reaped)


def drop_dangling(state_dir: Path) -> tuple[str, ...]:
    """Remove marks whose warm sandbox is gone and drafts of marks of dead managers; return the ids. Blocks."""
    dropped = []
    for mark in sorted(state_dir.glob(f"*/{ALIAS}")):
        warm = alias_of(state_dir, mark.parent.name)
        if warm is not None and not (state_dir / warm).exists():
            delete_folder(mark.parent)
            dropped.append(mark.parent.name)
    for draft in state_dir.glob(f".{PREFIX}*.new"):
        record = state_dir / draft.name.removeprefix(".").removesuffix(".new") / RECORD
        with contextlib.suppress(ValueError):
            manager = _manager_of(record)
            if manager is None or manager.is_dead():
                delete_folder(draft)
    return tuple(dropped)


def _manager_of(record: Path) -> Manager | None:
    try:
        return Manager.parse(Pooled.model_validate_json(record.read_text()).manager)
    except FileNotFoundError:
        return None


def _unneeded(state_dir: Path) -> list[Path]:
    found = []
    for record in sorted(state_dir.glob(f"*/{RECORD}")):
        with contextlib.suppress(FileNotFoundError, ValueError):
            pooled = Pooled.model_validate_json(record.read_text())
            manager, name = Manager.parse(pooled.manager), record.parent.name
            handed_out = pooled.sandbox_id is not None and alias_of(state_dir, pooled.sandbox_id) == name
            if not handed_out and (manager is None or manager.is_dead()):
                found.append(record.parent)
    return found


async def _discard(state_dir: Path, folder: Path, kind: str) -> None:
    from toolserver.deployment.local import end_node

    if kind != "local":
        from toolserver.engine import Engine

        name = f"plumbline-{folder.name}-{owner_of(state_dir)}"
        try:
            async with Engine.connect() as engine:
                await engine.remove(name)
                await engine.remove_volume(name)
        except SandboxUnavailable:
            if kind == "docker":
                raise
    await asyncio.to_thread(end_node, folder)
    await asyncio.to_thread(delete_folder, socket_folder(state_dir, folder.name))
    await asyncio.to_thread(delete_folder, folder)


def _write(path: Path, text: str) -> None:
    fresh = path.with_suffix(".new")
    with fresh.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
