"""Sending a call again never runs it twice, whatever broke in between."""

import asyncio
import random
import sys
from pathlib import Path

import pytest

from tests.toolserver.asking import eventually
from tests.toolserver.node_process import node_process, short_folder
from tests.toolserver.relay import relay_to
from toolserver.client import SandboxLost
from toolserver.sandbox import Sandbox
from toolserver.testing import InProcessSandbox


def count_in(workspace: Path) -> int:
    return int((workspace / "counter").read_text())


async def test_a_repeated_call_returns_the_recorded_result(sandbox: InProcessSandbox) -> None:
    first = await sandbox.call("one", "counter", {})
    again = await sandbox.call("one", "counter", {})

    assert first == again
    assert count_in(sandbox.workspace) == 1


async def test_a_call_repeated_while_it_runs_waits_for_the_same_result(sandbox: InProcessSandbox) -> None:
    outcomes = await asyncio.gather(*(sandbox.call("one", "counter", {"seconds": 0.2}) for _ in range(5)))

    assert {outcome.text for outcome in outcomes} == {"1"}
    assert count_in(sandbox.workspace) == 1


async def test_an_id_used_for_other_arguments_is_refused(sandbox: InProcessSandbox) -> None:
    await sandbox.call("one", "counter", {})

    outcome = await sandbox.call("one", "counter", {"seconds": 0.1})

    assert outcome.error == "call_id_reused"
    assert count_in(sandbox.workspace) == 1


async def test_a_running_id_used_for_other_arguments_is_refused(sandbox: InProcessSandbox) -> None:
    running = asyncio.ensure_future(sandbox.call("one", "counter", {"seconds": 0.3}))
    await asyncio.sleep(0.1)

    outcome = await sandbox.call("one", "counter", {})

    assert outcome.error == "call_id_reused"
    assert (await running).text == "1"


async def test_a_failure_is_recorded_like_a_success(sandbox: InProcessSandbox) -> None:
    first = await sandbox.call("one", "read_file", {"path": "later"})
    (sandbox.workspace / "later").write_text("now it is there")

    assert await sandbox.call("one", "read_file", {"path": "later"}) == first
    assert first.error == "not_found"


async def test_cancelling_whoever_waits_leaves_the_call_running(sandbox: InProcessSandbox) -> None:
    waiting = asyncio.ensure_future(sandbox.call("one", "counter", {"seconds": 0.3}))
    await asyncio.sleep(0.1)
    waiting.cancel()

    assert (await sandbox.call("one", "counter", {"seconds": 0.3})).text == "1"
    assert count_in(sandbox.workspace) == 1


async def test_a_call_goes_on_when_its_client_leaves(sandbox: InProcessSandbox) -> None:
    waiting = asyncio.ensure_future(sandbox.call("one", "counter", {"seconds": 0.2}))
    await asyncio.sleep(0.1)
    waiting.cancel()
    await sandbox.detach()

    await eventually((sandbox.workspace / "counter").exists)

    assert (await sandbox.call("one", "counter", {"seconds": 0.2})).text == "1"


async def test_a_cancelled_call_stays_cancelled(sandbox: InProcessSandbox) -> None:
    running = asyncio.ensure_future(sandbox.call("one", "counter", {"seconds": 30}))
    await asyncio.sleep(0.1)

    await sandbox.cancel("one")

    assert (await running).error == "cancelled"
    assert (await sandbox.call("one", "counter", {"seconds": 30})).error == "cancelled"
    assert not (sandbox.workspace / "counter").exists()


async def test_a_call_cancelled_at_once_is_recorded(sandbox: InProcessSandbox) -> None:
    for i in range(50):
        running = asyncio.ensure_future(sandbox.call(f"c{i}", "counter", {"seconds": 30}))
        cancelled = asyncio.ensure_future(sandbox.cancel(f"c{i}"))

        assert (await running).error == "cancelled"
        await cancelled
        assert (await sandbox.call(f"c{i}", "counter", {"seconds": 30})).error == "cancelled"


async def test_a_call_cancelled_before_it_arrives_never_runs(sandbox: InProcessSandbox) -> None:
    await sandbox.cancel("one")

    assert (await sandbox.call("one", "counter", {})).error == "cancelled"
    assert not (sandbox.workspace / "counter").exists()


async def test_cancelling_a_finished_call_changes_nothing(sandbox: InProcessSandbox) -> None:
    first = await sandbox.call("one", "counter", {})

    await sandbox.cancel("one")

    assert await sandbox.call("one", "counter", {}) == first


async def test_the_journal_outlives_the_sandbox_when_the_workspace_is_kept() -> None:
    async with short_folder() as folder:
        before = await InProcessSandbox.open(folder=folder)
        first = await before.call("one", "counter", {})
        await before.close(keep_workspace=True)

        after = await InProcessSandbox.open(folder=folder)
        again = await after.call("one", "counter", {})
        await after.close()

    assert again == first


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_a_hundred_calls_over_breaking_connections_each_run_once(sandbox: InProcessSandbox, seed: int) -> None:
    async with short_folder() as folder, relay_to(sandbox.workspace.parent / "node.sock", folder) as (relay, behind):
        client = Sandbox("behind", behind)
        breaking = asyncio.ensure_future(relay.break_at_random(seed))
        outcomes = await asyncio.gather(
            *(client.call(f"call-{i}", "counter", {"seconds": i % 7 / 100}) for i in range(100))
        )
        breaking.cancel()
        await client.detach()

    assert relay.broken > 3
    assert sorted(int(outcome.text) for outcome in outcomes) == list(range(1, 101))
    assert count_in(sandbox.workspace) == 100


@pytest.mark.slow
async def test_five_hundred_calls_of_clients_that_are_killed_each_run_once(sandbox: InProcessSandbox) -> None:
    chance = random.Random(7)  # noqa: S311 - a test that can be repeated
    waiting = {f"call-{i}": {"seconds": i % 5 / 100} for i in range(500)}
    killed = 0
    async with short_folder() as folder, relay_to(sandbox.workspace.parent / "node.sock", folder) as (relay, behind):
        breaking = asyncio.ensure_future(relay.break_at_random(7))
        while waiting:
            # a client that asks for what nobody has an answer to, and dies at some moment
            client = Sandbox("behind", behind)
            asking = {name: asyncio.ensure_future(client.call(name, "counter", form)) for name, form in waiting.items()}
            await asyncio.wait(asking.values(), timeout=chance.uniform(0.02, 0.6))
            for name, call in asking.items():
                if call.done() and call.result().ok:
                    del waiting[name]
                killed += call.cancel()
            await asyncio.gather(*asking.values(), return_exceptions=True)
            await client.detach()
        breaking.cancel()

    assert killed > 0
    assert relay.broken > 3
    assert count_in(sandbox.workspace) == 500


async def test_a_call_that_dies_with_its_node_is_reported_and_not_repeated() -> None:
    async with short_folder() as folder:
        async with node_process(folder) as first:
            await first.sandbox.call("done", "counter", {})
            running = asyncio.ensure_future(first.sandbox.call("cut", "shell", {"command": "touch began; sleep 60"}))
            await eventually((folder / "workspace" / "began").exists)
            await first.kill()
            with pytest.raises(SandboxLost):
                await running
        (folder / "workspace" / "began").unlink()

        async with node_process(folder) as second:
            done = await second.sandbox.call("done", "counter", {})
            cut = await second.sandbox.call("cut", "shell", {"command": "touch began; sleep 60"})

        assert done.text == "1"
        assert cut.error == "interrupted"
        assert not (folder / "workspace" / "began").exists()


async def test_nodes_killed_again_and_again_never_repeat_a_call() -> None:
    outcomes: dict[str, str] = {}
    async with short_folder() as folder:
        for lifetime in (0.08, 0.31, 0.15, 0.22):
            async with node_process(folder) as node:
                calls = {
                    f"c{i}": asyncio.ensure_future(node.sandbox.call(f"c{i}", "counter", {"seconds": i / 100}))
                    for i in range(40)
                }
                await asyncio.sleep(lifetime)
                await node.kill()
                await asyncio.gather(*calls.values(), return_exceptions=True)
        async with node_process(folder) as node:
            for i in range(40):
                outcome = await node.sandbox.call(f"c{i}", "counter", {"seconds": i / 100})
                outcomes[f"c{i}"] = outcome.error or "ran"
        counted = count_in(folder / "workspace")

    ran = list(outcomes.values()).count("ran")
    interrupted = list(outcomes.values()).count("interrupted")
    assert ran + interrupted == 40
    assert ran <= counted <= 40


async def test_two_nodes_cannot_share_a_journal() -> None:
    async with short_folder() as folder, node_process(folder):
        second = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "toolserver.node", "--socket", str(folder / "other.sock")),
            *("--workspace", str(folder / "workspace"), "--state", str(folder / "state")),
            stderr=asyncio.subprocess.PIPE,
        )
        _, stderr = await second.communicate()

    assert second.returncode == 3
    assert b"another node is running" in stderr
