"""Build the image of a sandbox, from a base image or from nothing but Debian's packages."""

import asyncio
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, Literal

from toolserver.engine import Engine
from toolserver.errors import ImageError
from toolserver.images.context import browsing_context, browsing_tag, build_context, cad_context, cad_tag, image_tag

Progress = Callable[[str], None]

DEFAULT_BASE: Final = "python:3.12-slim"
DEBIAN: Final = "bookworm"
BASE_REPOSITORY: Final = "plumbline-base"
IMAGE_LABELS: Final = {"plumbline.kind": "image"}
"""An image belongs to nobody's state folder; who made it is of no account."""


async def build_image(
    base: str | None = None,
    bootstrap: Literal["debian"] | None = None,
    progress: Progress = lambda _line: None,
    *,
    browsing: bool = False,
    cad: bool = False,
) -> str:
    """Build the image that ``DockerSandbox`` uses and return its tag.

    Args:
        base: image to build on, of the Debian family; None for Python's official slim image.
        bootstrap: make the base from Debian's packages instead, for machines that cannot pull images. Needs root and
            debootstrap.
        progress: receives the lines of the build.
        browsing: build the image of browsing sandboxes on top of it, and return that one's tag.
        cad: the same with the image of CAD sandboxes; not both.

    Raises:
        SandboxUnavailable: no engine answers.
        ImageError: the image cannot be built.
    """
    async with Engine.connect() as engine:
        tag = await asyncio.to_thread(image_tag)
        above = (browsing_tag, browsing_context) if browsing else (cad_tag, cad_context) if cad else None
        if above is None or await engine.image(tag) is None:
            if bootstrap is not None:
                base = await _bootstrapped(engine, progress)
            context = await asyncio.to_thread(build_context)
            await engine.build(context, tag, {"BASE_IMAGE": base or DEFAULT_BASE}, IMAGE_LABELS, progress)
        if above is None:
            return tag
        own_tag = await asyncio.to_thread(above[0])
        context = await asyncio.to_thread(above[1])
        await engine.build(context, own_tag, {"SANDBOX_IMAGE": tag}, IMAGE_LABELS, progress)
    return own_tag


async def _bootstrapped(engine: Engine, progress: Progress) -> str:
    """Return the tag of a minimal Debian, which is made unless it is there."""
    tag = f"{BASE_REPOSITORY}:{DEBIAN}"
    if await engine.image(tag) is not None:
        progress(f"using {tag}")
        return tag
    if os.getuid() != 0 or shutil.which("debootstrap") is None:
        raise ImageError("--bootstrap debian needs root and the program debootstrap")
    with tempfile.TemporaryDirectory(prefix="plumbline-base-") as folder:
        root = Path(folder) / "root"
        await asyncio.to_thread(_debootstrap, root, progress)
        archive = root.with_suffix(".tar")
        await asyncio.to_thread(subprocess.run, ["tar", "-C", str(root), "-cf", str(archive), "."], check=True)
        with archive.open("rb") as file:
            await engine.import_image(file, BASE_REPOSITORY, DEBIAN)
    return tag


def _debootstrap(root: Path, progress: Progress) -> None:
    command = ["debootstrap", "--variant=minbase", DEBIAN, str(root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        last = ""
        for line in process.stdout or ():
            last = line.strip()
            progress(last)
    if process.returncode != 0:
        raise ImageError(f"debootstrap failed: {last}")
