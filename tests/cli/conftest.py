"""The command line, run as a user runs it, with a data folder and a model server of the test's own."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.cli.main import main
from agent.models.testing.script import Script
from agent.models.testing.scripted_server import ScriptedServer


@dataclass(frozen=True)
class Outcome:
    """What a command did: exit code, and what it printed for programs and for people."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Plumbline = Callable[..., Outcome]
Serve = Callable[[Script], str]


def command(*arguments: str) -> list[str]:
    """Return how to run a command in a process of its own."""
    return [sys.executable, "-m", "agent.cli.main", *arguments]


def awaited(path: Path, process: "subprocess.Popen[str]") -> str:
    """Return the text of a file as soon as a process has made it."""
    deadline = time.monotonic() + 60
    while not path.exists():
        assert process.poll() is None, "the process ended before it made the file"
        assert time.monotonic() < deadline, f"{path.name} was never made"
        time.sleep(0.05)
    return path.read_text()


@pytest.fixture
def user(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user with an empty data folder and nothing configured, who works in the test's folder."""
    monkeypatch.setenv("PLUMBLINE_HOME", str(folder / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "PLUMBLINE_MODEL", "PLUMBLINE_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    monkeypatch.chdir(folder)


@pytest.fixture
def plumbline(user: None, capsys: pytest.CaptureFixture[str]) -> Plumbline:
    """Runs a command of that user in this process."""

    def run(*arguments: str) -> Outcome:
        capsys.readouterr()
        try:
            code = main(list(arguments))
        except SystemExit as ending:
            code = int(ending.code or 0)
        printed = capsys.readouterr()
        return Outcome(code, printed.out, printed.err)

    return run


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts scripted model servers, each in a thread of its own, and returns how ``--model`` names them."""
    stops: list[Callable[[], None]] = []

    def start(script: Script) -> str:
        ready: list[str] = []
        up = threading.Event()
        loop = asyncio.new_event_loop()
        stop = asyncio.Event()

        async def main() -> None:
            async with ScriptedServer(script) as server:
                ready.append(server.base_url)
                up.set()
                await stop.wait()

        thread = threading.Thread(target=lambda: loop.run_until_complete(main()))
        thread.start()
        assert up.wait(60), "the scripted server did not come up"

        def end() -> None:
            loop.call_soon_threadsafe(stop.set)
            thread.join(60)
            loop.close()

        stops.append(end)
        return f"scripted@{ready[0]}"

    yield start
    for stop in stops:
        stop()
