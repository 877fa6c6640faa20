"""While a program runs, whoever wants to can see how it gets on."""

import asyncio
import time

import pytest
from mcp.client import Client

from tests.toolserver.node_process import short_folder
from tests.toolserver.official import official_transport
from tests.toolserver.relay import relay_to
from toolserver.client import Progress
from toolserver.sandbox import Sandbox
from toolserver.testing import InProcessSandbox

COUNTING = "for i in 1 2 3 4 5; do echo line $i; sleep 0.3; done"


async def test_a_call_that_is_watched_tells_seconds_and_the_last_line(sandbox: InProcessSandbox) -> None:
    seen: list[Progress] = []
    began = time.monotonic()
    outcome = await sandbox.call("one", "shell", {"command": COUNTING}, watch=seen.append)
    took = time.monotonic() - began

    assert outcome.ok
    assert 2 <= len(seen) <= took * 4
    assert [one.seconds for one in seen] == sorted(one.seconds for one in seen)
    assert {"line 2", "line 4"} <= {one.line for one in seen}


async def test_what_moves_cursors_or_sets_colours_is_not_passed_on(sandbox: InProcessSandbox) -> None:
    seen: list[Progress] = []
    command = r"printf '50%%\r\033[31m99%%\033[0m \033]0;title\007done\000\n\n'; sleep 0.8"
    await sandbox.call("one", "shell", {"command": command}, watch=seen.append)

    assert seen
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
        call = asyncio.ensure_future(client.call("one", "shell", {"command": COUNTING}, watch=seen.append))
        await asyncio.sleep(0.6)
        relay.break_all()
        before = len(seen)
        outcome = await call
        await client.detach()

    assert relay.broken
    assert outcome.ok
    assert len(seen) > before
    assert seen[-1].seconds > 1


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

    async with Client(official_transport(sandbox.connect)) as client:
        await client.call_tool("shell", {"command": COUNTING}, progress_callback=watch)

    assert any(message == "line 3" for _, message in seen)
