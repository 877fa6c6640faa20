"""Choose a deployment: Docker where it is ready to be used, else local, and say why."""

import asyncio
from pathlib import Path

from toolserver.deployment.config import AutoSandbox, DockerSandbox, LocalSandbox
from toolserver.deployment.local import LocalPlace
from toolserver.deployment.place import Place
from toolserver.errors import SandboxUnavailable
from toolserver.images.context import image_tag


async def open_place(config: AutoSandbox, sandbox_id: str, state_dir: Path) -> Place:
    """Open a sandbox in the best place that there is.

    Raises:
        SandboxUnavailable: the chosen place cannot be opened.
    """
    shared = config.model_dump(exclude={"kind", "engine_seconds"})
    obstacle = await _obstacle_to_docker(config.engine_seconds)
    if obstacle is not None:
        place = await LocalPlace.open(LocalSandbox(**shared), sandbox_id, state_dir)
        return place.because(f"chosen automatically: {obstacle}")
    from toolserver.deployment.docker import DockerPlace

    docker_place = await DockerPlace.open(DockerSandbox(**shared), sandbox_id, state_dir)
    return docker_place.because("chosen automatically: a Docker engine and the image are there")


async def _obstacle_to_docker(seconds: float) -> str | None:
    from toolserver.engine import Engine

    try:
        async with Engine.connect(seconds) as engine:
            tag = await asyncio.to_thread(image_tag)
            return None if await engine.image(tag) is not None else f"the image {tag} is not built"
    except SandboxUnavailable as error:
        return str(error)
