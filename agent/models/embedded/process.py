"""Starts and stops the child process of the embedded model."""

import asyncio
import importlib.util
import json
import secrets
import sys
import tempfile
from pathlib import Path
from typing import BinaryIO, Self

from agent.domain.errors import ConfigurationError, ModelUnavailable
from agent.models.embedded.server import ServerSettings

_STOP_SECONDS = 3.0
_DYING_SECONDS = 1.0


class ServerProcess:
    """A running child process.

    Attributes:
        base_url: address for an OpenAI client.
        key: what its requests must show.
    """

    def __init__(self, process: asyncio.subprocess.Process, address: str, key: str) -> None:
        self._process = process
        self.base_url = f"{address}/v1"
        self.key = key

    @property
    def pid(self) -> int:
        """Process id of the child."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the child is still running."""
        return self._process.returncode is None

    @classmethod
    async def start(
        cls, weights: Path, *, alias: str, context: int, threads: int, low_memory: bool, seconds: float
    ) -> Self:
        """Start a child and return it when its model is loaded.

        Args:
            weights: path of the GGUF file.
            alias: model name that the server answers to.
            context: longest prompt and reply together, in tokens.
            threads: threads that compute.
            low_memory: less memory, less speed.
            seconds: longest wait for the model to be loaded.

        Raises:
            ConfigurationError: the library that runs the model is not installed.
            ModelUnavailable: the child ended, or was not ready in time.
        """
        if importlib.util.find_spec("xllamacpp") is None:
            raise ConfigurationError("the embedded model needs an extra: pip install 'plumbline-agent[embedded]'")
        settings = ServerSettings(
            weights=str(weights),
            alias=alias,
            key=secrets.token_urlsafe(24),
            context=context,
            threads=threads,
            low_memory=low_memory,
        )
        with tempfile.TemporaryFile() as errors:
            process = await _spawn(errors)
            try:
                async with asyncio.timeout(seconds):
                    address = await _ready(process, settings)
            except TimeoutError as error:
                await _end(process)
                raise ModelUnavailable(f"the embedded model was not ready within {seconds:g} s") from error
            except asyncio.CancelledError:
                await _end(process)
                raise
            if address is None:
                await _end(process)
                raise ModelUnavailable(f"the embedded model did not start: {_last_line(errors)}")
        return cls(process, address, settings.key)

    async def ended(self) -> bool:
        """Return whether the child has ended, allowing a dying one a moment to be gone."""
        try:
            async with asyncio.timeout(_DYING_SECONDS):
                await self._process.wait()
        except TimeoutError:
            return False
        return True

    async def stop(self) -> None:
        """End the child and wait until it is gone."""
        await _end(self._process)


async def _spawn(errors: BinaryIO) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent.models.embedded.server"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=errors,
        # Ctrl-C at a terminal is for the parent, which ends its child in good order
        start_new_session=True,
    )


async def _ready(process: asyncio.subprocess.Process, settings: ServerSettings) -> str | None:
    """Send the settings and return the child's address, or None if it ended instead."""
    assert process.stdin is not None and process.stdout is not None  # noqa: S101, PT018 - opened as pipes
    try:
        process.stdin.write(settings.model_dump_json().encode() + b"\n")
        await process.stdin.drain()
    except ConnectionError:
        return None
    line = await process.stdout.readline()
    return str(json.loads(line)["address"]) if line else None


async def _end(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None  # noqa: S101 - opened as a pipe
    process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def _last_line(errors: BinaryIO) -> str:
    errors.seek(0)
    lines = [line.strip() for line in errors.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "it ended without a word"
