"""While a program runs, whoever wants to can see how it gets on."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from mcp.client import Client

from tests.toolserver.asking import counting, eventually
from tests.toolserver.node_process import short_folder
from tests.toolserver.official import official_transport
from tests.toolserver.relay import relay_to
from toolserver.client import Progress
from toolserver.sandbox import Sandbox
from toolserver.testing import InProcessSandbox

COUNTING = "for i in 1 2 3; do echo line $i; sleep 0.3; done"


def acknowledged(folder: Path, lines: str) -> None:
    """Let a program go on that counts, from the line that was seen of it."""
    name, _, number = lines.partition(" ")
    if name == "line":
        (folder / f"seen-{number}").touch()


def watching(seen: list[Progress], folder: Path) -> Callable[[Progress], None]:
    """Return what keeps all that it is told, and lets the program go on from each line."""

    def watch(progress: Progress) -> None:
        seen.append(progress)
        acknowledged(folder, progress.line)

    return watch


async def test_a_call_that_is_watched_tells_seconds_and_the_last_line(sandbox: InProcessSandbox) -> None:
    seen: list[Progress] = []
    began = time.monotonic()
    outcome = await sandbox.call("one", "shell", {"command": counting(4)}, watch=watching(seen, sandbox.workspace))
    took = time.monotonic() - began

    assert outcome.ok
    assert 2 <= len(seen) <= took * 4
    assert [one.seconds for one in seen] == sorted(one.seconds for one in seen)
    assert list(dict.fromkeys(one.line for one in seen if one.line)) == ["line 1", "line 2", "line 3", "line 4"]


async def test_what_moves_cursors_or_sets_colours_is_not_passed_on(sandbox: InProcessSandbox) -> None:
    seen: list[Progress] = []
    command = r"printf '50%%\r\033[31m99%%\033[0m \033]0;title\007done\000\n\n'; until [ -e seen ]; do sleep 0.05; done"

    def watch(progress: Progress) -> None:
        seen.append(progress)
        if progress.line:
            (sandbox.workspace / "seen").touch()

    await sandbox.call("one", "shell", {"command": command}, watch=watch)

    assert seen[-1].line in {"99% done", "99% done\ufffd"}


async def test_a_call_without_a_program_tells_its_seconds(sandbox: InProcessSandbox) -> None:
    seen: list[Progress] = []
    await sandbox.call("one", "counter", {"seconds": 0.7}, watch=seen.append)

    assert seen
    assert seen[0].seconds > 0
    assert seen[0].line == ""


async def test_watching_goes_on_after_a_reconnect(sandbox: InProcessSandbox) -> None:
    seen: list[Progress] = []
    async with short_folder() as folder, relay_to(sandbox.workspace.parent / "node.sock", folder) as (relay, behind):
        client = Sandbox("behind", behind)
        call = asyncio.ensure_future(client.call("one", "shell", {"command": counting(2)}, watch=seen.append))
        await eventually(lambda: seen and seen[-1].line == "line 1")
        relay.break_all()
        before = seen[-1].seconds
        acknowledged(sandbox.workspace, "line 1")
        await eventually(lambda: seen[-1].line == "line 2")
        acknowledged(sandbox.workspace, "line 2")
        outcome = await call
        await client.detach()

    assert relay.broken
    assert outcome.ok
    assert seen[-1].seconds > before


async def test_an_error_of_the_watcher_reaches_the_caller_and_the_call_goes_on(sandbox: InProcessSandbox) -> None:
    def refuse(_progress: Progress) -> None:
        raise LookupError("not wanted")

    with pytest.raises(LookupError):
        await sandbox.call("one", "shell", {"command": COUNTING}, watch=refuse)

    assert (await sandbox.call("one", "shell", {"command": COUNTING})).ok


async def test_progress_is_no_part_of_the_journal(sandbox: InProcessSandbox) -> None:
    await sandbox.call("one", "shell", {"command": COUNTING}, watch=lambda _progress: None)

    journal = (sandbox.workspace.parent / "state" / "journal.jsonl").read_text().splitlines()

    assert len(journal) == 2


async def test_the_official_client_is_told_too(sandbox: InProcessSandbox) -> None:
    seen: list[tuple[float, str | None]] = []

    async def watch(progress: float, total: float | None, message: str | None) -> None:
        seen.append((progress, message))
        acknowledged(sandbox.workspace, message or "")

    async with Client(official_transport(sandbox.connect)) as client:
        await client.call_tool("shell", {"command": counting(3)}, progress_callback=watch)

    assert any(message == "line 3" for _, message in seen)
