"""Choose a deployment: Docker where it is ready to be used, else local, and say why.

The choice is made once for a sandbox and lies in its folder: elsewhere it would have other files and another journal,
and perhaps less isolation than what it did before.
"""

import asyncio
import os
import secrets
from pathlib import Path
from typing import Final

from toolserver.deployment.config import AutoSandbox, DockerSandbox, LocalSandbox
from toolserver.deployment.local import LocalPlace
from toolserver.deployment.place import Place
from toolserver.errors import SandboxUnavailable
from toolserver.images.context import image_tag

CHOICE: Final = "deployment"
"""File in a sandbox's folder that says where it was first opened."""


async def open_place(config: AutoSandbox, sandbox_id: str, state_dir: Path) -> Place:
    """Open a sandbox in the best place that there is.

    Raises:
        SandboxUnavailable: the chosen place cannot be opened, or not any more.
    """
    mark = state_dir / sandbox_id / CHOICE
    chosen = await asyncio.to_thread(_chosen, mark)
    obstacle = None if chosen == "local" else await docker_obstacle(config.engine_seconds)
    if chosen == "docker" and obstacle is not None:
        raise SandboxUnavailable(f"sandbox {sandbox_id} has its files in Docker, which cannot be used now: {obstacle}")
    if not config.or_local and (chosen == "local" or obstacle is not None):
        reason = obstacle or f"sandbox {sandbox_id} has its files in a local one"
        raise SandboxUnavailable(f"a local sandbox is not allowed here, and there is no other: {reason}")
    if chosen is not None:
        return await _opened(config, chosen, sandbox_id, state_dir, "it was chosen when the sandbox was first opened")
    reason = obstacle or "a Docker engine and the image are there"
    kind = await asyncio.to_thread(_choose, mark, "docker" if obstacle is None else "local")
    try:
        return await _opened(config, kind, sandbox_id, state_dir, reason)
    except BaseException:
        # nothing is there yet that the next opening would have to find
        mark.unlink(missing_ok=True)
        raise


async def _opened(config: AutoSandbox, kind: str, sandbox_id: str, state_dir: Path, reason: str) -> Place:
    shared = config.model_dump(exclude={"kind", "engine_seconds", "or_local"})
    if kind == "local":
        place = await LocalPlace.open(LocalSandbox(**shared), sandbox_id, state_dir)
        return place.because(f"chosen automatically: {reason}")
    from toolserver.deployment.docker import DockerPlace

    docker_place = await DockerPlace.open(DockerSandbox(**shared), sandbox_id, state_dir)
    return docker_place.because(f"chosen automatically: {reason}")


def _chosen(mark: Path) -> str | None:
    """Return what was chosen before, if anything was."""
    try:
        chosen = mark.read_text()
    except FileNotFoundError:
        return None
    if chosen not in ("local", "docker"):
        raise SandboxUnavailable(f"{mark} names no deployment; write local or docker into it, whichever has the files")
    return chosen


def _choose(mark: Path, kind: str) -> str:
    """Note a choice and return it, or the one that somebody else has made meanwhile."""
    mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = mark.with_name(f"{CHOICE}.{secrets.token_hex(6)}")
    draft.write_text(kind)
    try:
        os.link(draft, mark)
    except FileExistsError:
        return mark.read_text()
    finally:
        draft.unlink()
    return kind


async def docker_obstacle(seconds: float) -> str | None:
    """Return why sandboxes cannot be opened in Docker; None where its engine answers in time and the image is there."""
    from toolserver.engine import Engine

    try:
        async with Engine.connect(seconds) as engine:
            tag = await asyncio.to_thread(image_tag)
            return None if await engine.image(tag) is not None else f"the image {tag} is not built"
    except SandboxUnavailable as error:
        return str(error)
