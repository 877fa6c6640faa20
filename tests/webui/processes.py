"""``plumbline serve`` as a process of its own, which tests kill and start again on the same port."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from webui.guard.access import Access

_CONFIG = """\
model = "scripted"

[sandbox]
kind = "local"

[models.scripted]
backend = "openai"
model = "scripted"
base_url = "{base_url}"
"""


@dataclass
class Served:
    """A server as a process.

    Attributes:
        url: where it answers.
        said: what it wrote so far.
    """

    home: Path
    port: int
    process: asyncio.subprocess.Process
    said: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def link(self) -> str:
        """Return an address that signs a browser in, once."""
        return f"{self.url}/api/enter?token={Access(self.home).new_link('local', seconds=60)}"

    def client(self) -> httpx.AsyncClient:
        """Return a client that is signed in."""
        bearer = {"Authorization": f"Bearer {Access(self.home).own_token()}"}
        return httpx.AsyncClient(base_url=self.url, headers=bearer, timeout=30)

    async def kill(self) -> None:
        """End it as by kill -9."""
        self.process.kill()
        await self.process.wait()

    async def stop(self) -> int:
        """End it in good order and return its exit code."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()


def configured(home: Path, base_url: str) -> Path:
    """Write the settings of a data folder whose model is a scripted server, and return the folder."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "config.toml").write_text(_CONFIG.format(base_url=base_url))
    return home


@contextlib.asynccontextmanager
async def served(home: Path, *arguments: str, port: int = 0, allow_local_sandbox: bool = True) -> AsyncIterator[Served]:
    """Start a server, wait until it has printed its address, and stop it at the end."""
    environment = {**os.environ, "PLUMBLINE_HOME": str(home), "OPENAI_API_KEY": "none"}
    allowed = ("--allow-local-sandbox",) if allow_local_sandbox else ()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "agent.cli.main", "serve", "--port", str(port), *allowed, *arguments),
        env=environment,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    async with asyncio.timeout(180):
        line = (await process.stderr.readline()).decode()
    told = [part for part in line.split() if part.startswith("http://")]
    if not told:
        rest = (await process.stderr.read()).decode()
        await process.wait()
        raise RuntimeError(f"{line}{rest}".strip())
    # what it says later is read, so that it never waits for that
    reading = asyncio.create_task(process.stderr.read())
    one = Served(home, httpx.URL(told[0]).port or 0, process, line)
    try:
        yield one
    finally:
        await one.stop()
        one.said += (await reading).decode()
