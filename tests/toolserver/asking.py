"""Short ways to ask a sandbox."""

import asyncio
import itertools
from pathlib import Path
from typing import Any

from toolserver.client import Sandbox, ToolOutcome

_numbers = itertools.count()


async def ask(sandbox: Sandbox, tool: str, **arguments: Any) -> ToolOutcome:
    """Call a tool under an id of its own."""
    return await sandbox.call(f"ask-{next(_numbers)}", tool, arguments)


async def shell(sandbox: Sandbox, command: str, **arguments: Any) -> dict[str, Any]:
    """Run a command and return how it ended."""
    return dict((await ask(sandbox, "shell", command=command, **arguments)).data)


def processes_with(marker: str) -> list[int]:
    """Return the processes of this machine whose command line holds a marker."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if marker.encode() in line:
                found.append(int(entry.name))
    return found


def marked_sleep(marker: str) -> str:
    """Return a command that sleeps for long and whose command line holds a marker."""
    return f"bash -c 'sleep 600; true' {marker}"


async def under_way(sandbox: Sandbox, call_id: str) -> None:
    """Wait until the node of a sandbox runs a call."""
    async with asyncio.timeout(60):
        while call_id not in (await sandbox.health()).running:  # noqa: ASYNC110 - the node sets no events of ours
            await asyncio.sleep(0.02)


def counting(lines: int) -> str:
    """Return a command that prints numbered lines, and each only once ``seen-N`` is there for the one before it."""
    return f"for i in $(seq {lines}); do echo line $i; until [ -e seen-$i ]; do sleep 0.05; done; done"


async def eventually(condition: Any, seconds: float = 60.0) -> None:
    """Wait until a condition holds, for so long that only what never comes fails, however busy the machine is."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - other processes set no events of ours
            await asyncio.sleep(0.02)
